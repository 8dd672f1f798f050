namespace Tandem.Server.WebApi;

/// <summary>What a method does here.</summary>
internal enum WebStanding : byte
{
    /// <summary>It does what its name says.</summary>
    Served,
    /// <summary>What it stores is kept and given back; the capability that acts on it comes later.</summary>
    Kept,
    /// <summary>It is refused, since the switch would not do it.</summary>
    Refused,
}

/// <summary>One method of the Web API.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Says">What it does, in words, for the manual.</param>
/// <param name="Request">What it takes.</param>
/// <param name="Reply">What it answers beside retCode and exception.</param>
internal sealed record WebMethod(string Name, string Says, WebShape Request, WebShape Reply)
{
    /// <summary>It changes nothing.</summary>
    public bool IsQuery => Name.StartsWith("Get", StringComparison.Ordinal);

    /// <summary>The largest body it takes, bytes.</summary>
    public int MostBytes { get; init; } = 1024 * 1024;
}
