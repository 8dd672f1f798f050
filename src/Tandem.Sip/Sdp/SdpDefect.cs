namespace Tandem.Sip.Sdp;

/// <summary>What is wrong with a session description; the first thing found.</summary>
public enum SdpDefect : byte
{
    None, Empty, TooLarge, TooManyLines, TooManyMedia, TooManyFormats, BadLine, BadVersion, MissingOrigin, BadOrigin, BadConnection,
    MissingConnection, BadMedia, BadPort,
}

public enum MediaKind : byte { Other, Audio, Video, Image, Text, Application, Message }

/// <summary>Which way media flows, seen by the side that wrote the description (RFC 3264 §5.1).</summary>
public enum MediaDirection : byte { SendRecv, SendOnly, RecvOnly, Inactive }

/// <summary>The hard limits of what is read; <see cref="Messages.SipLimit"/> gives each its reason and its answer (docs/limits.md).</summary>
public static class SdpLimits
{
    public const int Bytes = 16_384;
    public const int Lines = 512;
    public const int Media = 16;
    public const int Formats = 64;
}

public static class SdpDefects
{
    public const int Count = (int)SdpDefect.BadPort + 1;

    /// <summary>The defect in words, fit for a Warning or a decision log.</summary>
    public static string ReasonText(this SdpDefect defect) => defect switch
    {
        SdpDefect.None => "Well formed",
        SdpDefect.Empty => "Empty session description",
        SdpDefect.TooLarge => "Session description too large",
        SdpDefect.TooManyLines => "Too many lines in session description",
        SdpDefect.TooManyMedia => "Too many media lines",
        SdpDefect.TooManyFormats => "Too many formats in a media line",
        SdpDefect.BadLine => "Line that is not 'letter=value'",
        SdpDefect.BadVersion => "Session description does not start with v=0",
        SdpDefect.MissingOrigin => "Missing o= line",
        SdpDefect.BadOrigin => "Bad o= line",
        SdpDefect.BadConnection => "Bad c= line",
        SdpDefect.MissingConnection => "Media without a c= line",
        SdpDefect.BadMedia => "Bad m= line",
        _ => "Bad port in session description",
    };
}
