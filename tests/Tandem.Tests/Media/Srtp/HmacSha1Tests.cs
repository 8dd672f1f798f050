using System.Security.Cryptography;
using System.Text;
using Tandem.Media.Srtp;

namespace Tandem.Tests.Media.Srtp;

public class HmacSha1Tests
{
    // RFC 2202 §3
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There", "B617318655057264E28BC0B6FB378C8EF146BE00")]
    [InlineData("4a656665", "what do ya want for nothing?", "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79")]
    [InlineData("0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "Test With Truncation", "4C1A03424B55E07FE7F27BE1D58BB9324A9A5A04")]
    public void Codes_are_those_of_RFC_2202(string key, string message, string expected)
    {
        byte[] tag = new byte[HmacSha1.TagBytes];
        new HmacSha1(Convert.FromHexString(key)).Tag(Encoding.ASCII.GetBytes(message), [], tag);
        Assert.Equal(expected, Convert.ToHexString(tag));
    }

    [Fact]
    public void Of_every_length_with_and_without_more_behind_it_is_the_code_that_of_the_runtime()
    {
        byte[] key = [.. Enumerable.Range(1, 20).Select(static i => (byte)(i * 53))];
        byte[] message = [.. Enumerable.Range(0, 1600).Select(static i => (byte)((i * 7) ^ (i >> 3)))];
        var hash = new HmacSha1(key);
        byte[] tag = new byte[HmacSha1.TagBytes];
        for (int length = 0; length < message.Length - 32; length += length < 300 ? 1 : 97)
        {
            foreach (int more in (int[])[0, 4, 32])
            {
                hash.Tag(message.AsSpan(0, length), message.AsSpan(length, more), tag);
                Assert.Equal(HMACSHA1.HashData(key, message.AsSpan(0, length + more)), tag);
            }
        }
    }

    [Fact]
    public void A_key_longer_than_a_block_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(static () => new HmacSha1(new byte[65]));
}
