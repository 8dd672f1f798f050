using System.Text;
using Tandem.Sip.Sdp;

namespace Tandem.Tests.Sip.Sdp;

public class CryptoAttributeTests
{
    [Theory]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20", 1)]
    [InlineData("crypto:142 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", 142)]
    [InlineData("crypto:1  AES_CM_128_HMAC_SHA1_80   inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz WSH=128 KDR=0 -X=1", 1)]
    public void A_line_with_one_key_is_read(string attribute, int tag)
    {
        Assert.True(CryptoAttribute.TryParse(Encoding.ASCII.GetBytes(attribute), out CryptoAttribute crypto));
        Assert.Equal((tag, "AES_CM_128_HMAC_SHA1_80", "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"), (crypto.Tag, Encoding.ASCII.GetString(crypto.Suite), Encoding.ASCII.GetString(crypto.Key)));
    }

    [Theory]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA|2^20|1:4")] // an MKI
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA|1:4")]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA;inline:BBBB")]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA UNENCRYPTED_SRTP")]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA KDR=1")]
    [InlineData("crypto:x AES_CM_128_HMAC_SHA1_80 inline:AAAA")]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80 uri:AAAA")]
    [InlineData("crypto:1 AES_CM_128_HMAC_SHA1_80")]
    [InlineData("crypto:")]
    [InlineData("rtpmap:8 PCMA/8000")]
    public void What_asks_for_more_than_we_do_is_none(string attribute) => Assert.False(CryptoAttribute.TryParse(Encoding.ASCII.GetBytes(attribute), out _));
}
