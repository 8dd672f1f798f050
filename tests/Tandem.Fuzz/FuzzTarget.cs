using Tandem.Fuzz.Targets;

namespace Tandem.Fuzz;

/// <summary>What a parser owes to every input whatever; throws <see cref="BrokenInvariantException"/> when it does not keep it.</summary>
public delegate void Check(ReadOnlySpan<byte> input);

/// <summary>One parser under fuzz. Its corpus, in tests/Tandem.Tests/Data/corpus/NAME, is replayed by the tests.</summary>
public sealed record FuzzTarget(string Name, Check Check)
{
    /// <summary>Longer inputs are cut: the largest message, and one byte more.</summary>
    public const int MaxBytes = 65_536;

    public static readonly FuzzTarget[] All =
    [
        new("message", MessageTarget.Check),
        new("sdp", SdpTarget.Check),
        new("digest", DigestTarget.Check),
        new("uri", UriTarget.Check),
        new("address", AddressTarget.Check),
        new("via", ViaTarget.Check),
        new("framing", FramingTarget.Check),
    ];

    public static FuzzTarget? Find(string name) => Array.Find(All, t => t.Name == name);
}

/// <summary>A parser did not keep what it owes.</summary>
public sealed class BrokenInvariantException(string says) : Exception(says);
