namespace Tandem.Sip.Dialogs;

/// <summary>Which address of a peer is used: the one its messages come from, or what it writes in Via (for responses) and Contact (for requests).</summary>
public enum AddressMethod : sbyte
{
    /// <summary>By the RFCs: responses as RFC 3261 §18.2.2 and RFC 3581 say; requests to route or Contact, unless that is a private address behind NAT.</summary>
    Standard = -1,

    /// <summary>Where the message came from, whatever it says.</summary>
    Socket = 0,

    /// <summary>The host it came from, the port it says.</summary>
    SocketWithPort = 1,

    /// <summary>What it says, where that is an address; never followed for a name.</summary>
    Stated = 2,
}
