namespace Tandem.Server.Network.Streams;

/// <summary>What is asked of a peer that connects over TLS.</summary>
public enum ClientCertificates : byte
{
    /// <summary>Nothing: a phone is believed by digest, a gateway by its address.</summary>
    None = 0,

    /// <summary>A certificate, if it has one; a wrong one ends the handshake.</summary>
    Request = 1,

    /// <summary>A certificate of the authorities given, else no connection (mutual TLS).</summary>
    Require = 2,
}

/// <summary>The certificates of the switch and whom it believes (docs/transports.md).</summary>
public sealed record TlsOptions
{
    /// <summary>PEM files: a certificate with its chain behind it, and its key, which may be in the same file. The first answers when no name asked for is of another. None: one is made.</summary>
    public IReadOnlyList<(string Certificate, string Key)> Certificates { get; init; } = [];

    /// <summary>PEM file of the authorities whose certificates are believed; null: those of the machine.</summary>
    public string? Authorities { get; init; }

    public ClientCertificates Clients { get; init; }
}

/// <summary>A certificate or its peer does not do; the message is one sentence for the operator.</summary>
public sealed class TlsRefusedException(string message) : Exception(message);
