namespace Tandem.Sip.Messages;

/// <summary>What Q.850 causes mean, for people (ITU-T Q.850, table 1).</summary>
public static class CauseNames
{
    public static IReadOnlyList<(int Cause, string Says)> All { get; } =
    [
        (1, "Unallocated number"), (2, "No route to the transit network"), (3, "No route to the destination"), (6, "Channel unacceptable"), (16, "Normal call clearing"), (17, "User busy"),
        (18, "No user responding"), (19, "No answer from the user"), (20, "Subscriber absent"), (21, "Call rejected"), (22, "Number changed"), (25, "Exchange routing error"),
        (26, "Non-selected user clearing"), (27, "Destination out of order"), (28, "Invalid number format"), (29, "Facility rejected"), (31, "Normal, unspecified"), (34, "No circuit available"),
        (38, "Network out of order"), (41, "Temporary failure"), (42, "Switching equipment congestion"), (43, "Access information discarded"), (44, "Requested circuit not available"),
        (47, "Resource unavailable, unspecified"), (49, "Quality of service not available"), (50, "Requested facility not subscribed"), (55, "Incoming calls barred"), (57, "Bearer capability not authorised"),
        (58, "Bearer capability not available now"), (63, "Service or option not available, unspecified"), (65, "Bearer capability not implemented"), (69, "Requested facility not implemented"),
        (79, "Service or option not implemented, unspecified"), (81, "Invalid call reference"), (88, "Incompatible destination"), (95, "Invalid message, unspecified"),
        (96, "Mandatory information element missing"), (97, "Message type not implemented"), (99, "Information element not implemented"), (100, "Invalid information element contents"),
        (101, "Message not compatible with the call's state"), (102, "Recovery on timer expiry"), (111, "Protocol error, unspecified"), (127, "Interworking, unspecified"),
    ];
}
