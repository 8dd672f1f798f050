using System.Net;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Tests.Server.Api;

public sealed class LoginGuardTests
{
    private static readonly Instant Now = new(1_800_000_000_000_000);
    private static readonly TimeSpan Disable = TimeSpan.FromSeconds(120);
    private static readonly IPAddress Guesser = IPAddress.Parse("192.0.2.7"), Other = IPAddress.Parse("192.0.2.8");
    private readonly LoginGuard _guard = new();

    [Fact]
    public void Five_wrong_tokens_within_the_time_block_an_address_for_the_time_and_no_other()
    {
        for (int i = 0; i < LoginGuard.MostTries; i++)
        {
            Assert.Equal(TimeSpan.Zero, _guard.Blocked(Guesser, Now));
            _guard.Failed(Guesser, Disable, Now);
        }
        Assert.Equal(Disable, _guard.Blocked(Guesser, Now));
        Assert.Equal(TimeSpan.Zero, _guard.Blocked(Other, Now));
        Assert.Equal(TimeSpan.FromSeconds(1), _guard.Blocked(Guesser, Now + TimeSpan.FromSeconds(119)));
        Assert.Equal(TimeSpan.Zero, _guard.Blocked(Guesser, Now + Disable));
        _guard.Failed(Guesser, Disable, Now + Disable); // it begins to count anew
        Assert.Equal(TimeSpan.Zero, _guard.Blocked(Guesser, Now + Disable));
    }

    [Fact]
    public void A_right_token_forgives_the_wrong_ones_before_it()
    {
        for (int i = 0; i < LoginGuard.MostTries - 1; i++) _guard.Failed(Guesser, Disable, Now);
        _guard.Passed(Guesser);
        for (int i = 0; i < LoginGuard.MostTries - 1; i++) _guard.Failed(Guesser, Disable, Now);
        Assert.Equal(TimeSpan.Zero, _guard.Blocked(Guesser, Now));
    }

    [Fact]
    public void A_flood_of_addresses_takes_no_more_room_than_is_set_aside()
    {
        for (int i = 0; i < LoginGuard.MostTries; i++) _guard.Failed(Guesser, Disable + Disable, Now);
        for (int i = 0; i < LoginGuard.MostAddresses + 500; i++) _guard.Failed(new IPAddress(0x0a000000L + i), Disable, Now);
        Assert.NotEqual(TimeSpan.Zero, _guard.Blocked(Guesser, Now)); // the oldest are forgotten first
    }
}
