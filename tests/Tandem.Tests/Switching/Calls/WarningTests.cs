using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Switching.Audio;
using Tandem.Switching.Calls;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who pays hears that the money ends (docs/prompts.md). To 1: 0.12 a minute by the second, 0.12 for a slice.</summary>
public sealed class WarningTests
{
    private const string Usa = "15551234";

    [Fact]
    public void A_minute_before_the_money_ends_the_caller_hears_a_tone_and_then_the_other_end_again()
    {
        SwitchFixture world = With(AccountIndication.PromptDuration, balance: 0.3m); // 150 s
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(89.9);
        Assert.Empty(world.Relay.Playing);
        world.Advance(0.2);
        Assert.Equal(1.2, Seconds(Playing(world)!), 2); // no sounds: the tone alone
        Assert.NotNull(world.Relay.Plans.Values.Single());
        world.Advance(1.3);
        Assert.Null(Playing(world));
        Assert.Null(world.Relay.Plans.Values.Single());
        Legs.End(caller, callee);
        DecisionEntry told = Assert.Single(Log(world), static e => e.Kind == DecisionKind.Warned);
        Assert.Equal(((long)MediaSide.Caller, 60L, 1L, "account-duration"), (told.Numbers[0], told.Numbers[1], told.Numbers[2], told.Texts[0]));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Where_there_are_sounds_the_words_follow()
    {
        SwitchFixture world = With(AccountIndication.PromptBalance, balance: 0.3m);
        world.Shard.Prompts = Sounds("account-balance", "0", "1", "2", "point", "USD"); // a second each
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(90.1);
        Assert.Equal(1.2 + 6, Seconds(Playing(world)!), 2); // 0.12 are left
        Legs.End(caller, callee);
        Assert.Equal("", Assert.Single(Log(world), static e => e.Kind == DecisionKind.Warned).Texts[0]);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_payment_ends_the_end_and_the_next_one_is_told_again()
    {
        SwitchFixture world = With(AccountIndication.PromptDuration, balance: 0.151m); // 75.5 s
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(16);
        Assert.NotNull(Playing(world));
        world.Ledger.Pay("more", world.Account("1001").Id, SwitchFixture.Nanos(1.2m), "", "test", world.Now); // ten minutes
        world.Advance(590);
        Assert.Null(Playing(world));
        world.Advance(10);
        Assert.NotNull(Playing(world));
        Legs.End(caller, callee);
        Assert.Equal(2, Log(world).Count(static e => e.Kind == DecisionKind.Warned));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void With_the_setting_off_or_money_enough_nothing_is_said()
    {
        foreach (SwitchFixture world in (SwitchFixture[])[With(AccountIndication.Off, 0.151m), With(AccountIndication.PromptDuration, 100m)])
        {
            (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
            world.Advance(70);
            Legs.End(caller, callee);
            Assert.Empty(world.Relay.Playing);
            Assert.DoesNotContain(Log(world), static e => e.Kind == DecisionKind.Warned);
        }
    }

    [Fact]
    public void A_caller_whose_media_does_not_pass_the_switch_is_not_told_and_the_story_says_so()
    {
        SwitchFixture world = new(static said => said with
        {
            Settings = said.Settings with { Media = said.Settings.Media with { ProxyMode = MediaProxyMode.Off }, Billing = said.Settings.Billing with { AccountIndication = AccountIndication.PromptDuration } },
        }, 0.151m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(70);
        Legs.End(caller, callee);
        Assert.Equal(0, Assert.Single(Log(world), static e => e.Kind == DecisionKind.Warned).Numbers[2]);
    }

    [Theory]
    [InlineData(59, "account-duration 5 9 seconds")]
    [InlineData(119, "account-duration 1 1 9 seconds")]
    [InlineData(120, "account-duration 2 minutes")]
    [InlineData(2_599, "account-duration 43 minutes")]
    public void Time_is_said_in_minutes_or_in_seconds(int seconds, string words) => Assert.Equal(words, string.Join(' ', AccountPrompt.OfTime(seconds, Sounds("43"), "")));

    [Theory]
    [InlineData("0.129", "account-balance 0 point 1 2 USD")]
    [InlineData("43.05", "account-balance 43 point 0 5 USD")]
    [InlineData("-1", "account-balance 0 point 0 0 USD")]
    public void Money_is_said_with_two_decimals_and_never_more_than_there_is(string amount, string words)
    {
        Assert.True(Money.TryParse(amount, Currency.Usd, out Money money));
        Assert.Equal(words, string.Join(' ', AccountPrompt.OfMoney(money, Sounds("43"), "")));
    }

    [Fact]
    public void A_sound_of_the_language_comes_before_the_one_of_none()
    {
        PromptBook book = new(new Dictionary<(string, string), short[]> { [("minutes", "")] = [1], [("minutes", "de")] = [2] });
        Assert.Equal([2], book.Find("minutes", "de"));
        Assert.Equal([1], book.Find("minutes", "fr"));
        Assert.Null(book.Find("seconds", "de"));
    }

    private static SwitchFixture With(AccountIndication method, decimal balance) =>
        SwitchFixture.WithSettings(said => said with { Billing = said.Billing with { AccountIndication = method } }, balance);

    private static PromptBook Sounds(params string[] names) => new(names.Select(static n => KeyValuePair.Create((n, ""), new short[8_000])));

    private static IAudioSource? Playing(SwitchFixture world) => Assert.Single(world.Relay.Playing, static p => p.Key.To == MediaSide.Caller).Value;

    private static double Seconds(IAudioSource source)
    {
        short[] packet = new short[160];
        int packets = 0;
        while (source.Read(packet)) packets++;
        return packets * 0.02;
    }

    private static List<DecisionEntry> Log(SwitchFixture world) => [.. DecisionLogReader.Read(world.Cdrs[0].DecisionLog)];
}
