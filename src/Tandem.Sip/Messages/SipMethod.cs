namespace Tandem.Sip.Messages;

/// <summary>The methods the switch knows by name; <see cref="Unknown"/> is any other token (RFC 3261 §7.1).</summary>
public enum SipMethod : byte
{
    Unknown, Invite, Ack, Bye, Cancel, Register, Options, Info, Prack, Update, Message, Notify, Subscribe, Refer, Publish,
}

public static class SipMethods
{
    private static readonly byte[][] Tokens =
    [
        [], [.. "INVITE"u8], [.. "ACK"u8], [.. "BYE"u8], [.. "CANCEL"u8], [.. "REGISTER"u8], [.. "OPTIONS"u8], [.. "INFO"u8],
        [.. "PRACK"u8], [.. "UPDATE"u8], [.. "MESSAGE"u8], [.. "NOTIFY"u8], [.. "SUBSCRIBE"u8], [.. "REFER"u8], [.. "PUBLISH"u8],
    ];

    /// <summary>The token on the wire; empty for <see cref="SipMethod.Unknown"/>.</summary>
    public static ReadOnlySpan<byte> Token(this SipMethod method) => Tokens[(int)method];

    /// <summary>Methods are case-sensitive (RFC 3261 §7.1).</summary>
    public static SipMethod Of(ReadOnlySpan<byte> token)
    {
        SipMethod guess = token.Length switch
        {
            3 => token[0] == 'A' ? SipMethod.Ack : SipMethod.Bye,
            4 => SipMethod.Info,
            5 => token[0] == 'P' ? SipMethod.Prack : SipMethod.Refer,
            6 => token[0] switch { (byte)'I' => SipMethod.Invite, (byte)'C' => SipMethod.Cancel, (byte)'U' => SipMethod.Update, _ => SipMethod.Notify },
            7 => token[0] switch { (byte)'O' => SipMethod.Options, (byte)'M' => SipMethod.Message, _ => SipMethod.Publish },
            8 => SipMethod.Register,
            9 => SipMethod.Subscribe,
            _ => SipMethod.Unknown,
        };
        return token.SequenceEqual(Tokens[(int)guess]) ? guess : SipMethod.Unknown;
    }
}
