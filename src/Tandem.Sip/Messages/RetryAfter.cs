namespace Tandem.Sip.Messages;

/// <summary>The value of a Retry-After header field: seconds, then a comment and parameters that mean nothing here (RFC 3261 §20.33).</summary>
public static class RetryAfter
{
    /// <summary>False for what does not begin with a number of seconds; one too large for an int counts as the largest.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out int seconds)
    {
        value = Grammar.TrimStart(value);
        int end = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        bool read = Grammar.TryNumber(end < 0 ? value : value[..end], uint.MaxValue, out uint number);
        seconds = (int)Math.Min(number, int.MaxValue);
        return read;
    }
}
