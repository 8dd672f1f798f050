using Tandem.Primitives;
using Tandem.Sip.Digest;

namespace Tandem.Tests.Sip.Digest;

public sealed class NonceSourceTests
{
    private static readonly Instant Noon = new(1_700_000_000_000_000);
    private static readonly NetAddress Phone = NetAddress.Parse("203.0.113.5:5060");
    private static readonly NonceSource Nonces = new("0123456789abcdef0123456789abcdef"u8, TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(0, NonceVerdict.Good)]
    [InlineData(60, NonceVerdict.Good)]
    [InlineData(61, NonceVerdict.Stale)]
    [InlineData(86_400, NonceVerdict.Stale)]
    [InlineData(-1, NonceVerdict.Forged)]
    public void A_nonce_is_good_for_its_age_then_stale(int secondsLater, NonceVerdict expected) =>
        Assert.Equal(expected, Verify(Mint(), Noon + TimeSpan.FromSeconds(secondsLater), Phone));

    [Fact]
    public void Another_port_is_the_same_phone_behind_its_NAT_and_another_address_is_not()
    {
        Assert.Equal(NonceVerdict.Good, Verify(Mint(), Noon, Phone.WithPort(61_000)));
        Assert.Equal(NonceVerdict.Forged, Verify(Mint(), Noon, NetAddress.Parse("203.0.113.6:5060")));
    }

    [Fact]
    public void Another_key_forges_nothing() =>
        Assert.Equal(NonceVerdict.Forged, new NonceSource("another key"u8, TimeSpan.FromSeconds(60)).Verify(Mint(), Noon, Phone, out _, out _));

    [Fact]
    public void A_nonce_changed_in_any_place_is_forged()
    {
        byte[] nonce = Mint();
        for (int i = 0; i < nonce.Length; i++)
        {
            byte[] changed = [.. nonce];
            changed[i] = changed[i] == '0' ? (byte)'1' : (byte)'0';
            Assert.Equal(NonceVerdict.Forged, Verify(changed, Noon + TimeSpan.FromSeconds(1), Phone));
            changed[i] = (byte)'x';
            Assert.Equal(NonceVerdict.Forged, Verify(changed, Noon + TimeSpan.FromSeconds(1), Phone));
        }
        Assert.Equal(NonceVerdict.Forged, Verify(nonce.AsSpan(0, 54), Noon, Phone));
        Assert.Equal(NonceVerdict.Forged, Verify(default, Noon, Phone));
    }

    [Fact]
    public void Minting_and_verifying_allocate_nothing()
    {
        byte[] nonce = Mint();
        Verify(nonce, Noon, Phone);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Nonces.Write(nonce, Noon, Phone);
                Verify(nonce, Noon, Phone);
            }
        }));
    }

    [Fact]
    public void No_two_nonces_are_the_same_even_of_one_moment_and_address()
    {
        byte[] one = Mint(), two = Mint();
        Assert.NotEqual(one, two);
        Nonces.Verify(one, Noon, Phone, out Instant made, out ulong first);
        Nonces.Verify(two, Noon, Phone, out _, out ulong second);
        Assert.Equal(Noon, made);
        Assert.NotEqual(first, second);
    }

    private static NonceVerdict Verify(ReadOnlySpan<byte> nonce, Instant now, in NetAddress source) => Nonces.Verify(nonce, now, source, out _, out _);

    private static byte[] Mint()
    {
        byte[] nonce = new byte[NonceSource.Length];
        Nonces.Write(nonce, Noon, Phone);
        return nonce;
    }
}
