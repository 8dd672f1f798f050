using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>What a gateway said by PUBLISH (RFC 3903) of the calls it carries outside this switch (docs/routing.md, Published calls).</summary>
/// <param name="Tag">The value of SIP-ETag, minted anew with each PUBLISH that is granted.</param>
/// <param name="Calls">0 to <see cref="MostCalls"/>.</param>
/// <param name="Until">From then on it counts no more.</param>
public sealed record Publication(ulong Tag, int Calls, Instant Until)
{
    public const int MostCalls = 1_000_000;

    /// <summary>Less is refused: 423.</summary>
    public const int ShortestSeconds = 30;

    /// <summary>Reads a body: the one line "concurrency=N", with or without its line end.</summary>
    public static bool TryReadBody(ReadOnlySpan<byte> body, out int calls)
    {
        calls = 0;
        if (body.EndsWith("\n"u8)) body = body[..^1];
        if (body.EndsWith("\r"u8)) body = body[..^1];
        ReadOnlySpan<byte> name = "concurrency="u8;
        if (!body.StartsWith(name)) return false;
        body = body[name.Length..];
        if (body.IsEmpty || body.Length > 7) return false;
        foreach (byte b in body)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            calls = (calls * 10) + (b - '0');
        }
        return calls <= MostCalls;
    }
}
