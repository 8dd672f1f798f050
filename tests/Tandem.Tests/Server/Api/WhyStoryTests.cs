using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Identity;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Server.Api;

public class WhyStoryTests
{
    private static readonly Instant Start = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));
    private static readonly Tariff Retail = new(600_000_000, 20_000_000, 6, 6, Currency.Usd);

    [Fact]
    public void A_call_that_switched_carriers_once_is_told_whole() => Assert.Equal(
        """
        call 0baavrh000001, finished
        4930123456 called 442079460123 by carrier-b: 61.400 s, charged 0.68 USD to 1001; ended by the caller.

        what was decided, and why
           +0.000 s  revision    Decided by revision 7 of the configuration.
           +0.000 s  identified  The caller is acme (mapping gateway by address).
           +0.000 s  rewritten   acme rewrites 00442079460123 to 442079460123 (rule 1).
           +0.000 s  candidate   carrier-a may be tried (prefix of 2 digits).
           +0.000 s  candidate   carrier-b may be tried (it serves every number).
           +0.000 s  candidate   carrier-c is locked (prefix of 2 digits).
           +0.000 s  rated       retail: prefix 44 (United Kingdom), 0.60 USD a minute, 0.02 USD for connecting, intervals 6/6 s.
           +0.001 s  money       0.62 USD held: good for 60 s of talk.
           +0.001 s  media       Media ports: 198.51.100.7:20000 towards the caller, 198.51.100.7:20002 towards the called end.
           +0.001 s  attempt     Attempt 1: carrier-a at 203.0.113.1:5060, number sent 442079460123.
           +0.020 s  attempt     Attempt 1 failed: 503 Service Unavailable; the next gateway is tried.
           +0.020 s  attempt     Attempt 2: carrier-b at 203.0.113.2:5060, number sent 442079460123.
          +54.000 s  money       0.60 USD more held: good for 120 s of talk.
          +64.400 s  charged     1001: 61.400 s of talk, 61 s count, 66 s billed, 0.68 USD.
          +64.400 s  ended       Ended by the caller: hung up.

        SIP ladder
                               acme                  switch                carrier-a              carrier-b
               0 ms              |------ INVITE ------->|                      |                      |
               0 ms              |<--- 100 Trying ------|                      |                      |
               1 ms              |                      |------ INVITE ------->|                      |
              20 ms              |                      |<- 503 Service U~ ----|                      |
              20 ms              |                      |------------------ INVITE ------------------>|
            1500 ms              |                      |<--------------- 180 Ringing ----------------|
            1500 ms              |<--- 180 Ringing -----|                      |                      |
            3000 ms              |                      |<----------------- 200 OK -------------------|
            3000 ms              |                      |-------------------- ACK ------------------->|
            3000 ms              |<----- 200 OK --------|                      |                      |
            3010 ms              |-------- ACK -------->|                      |                      |
           64400 ms              |-------- BYE -------->|                      |                      |
           64400 ms              |                      |-------------------- BYE ------------------->|

        price
          sale: account 1001, deck retail version 0123456789ab, prefix 44 United Kingdom
            talked 61.400 s: 61 s count
            66 s billed (6/6) × 0.60 USD/60 s = 0.66 USD
            + 0.02 USD for connecting
            = 0.68 USD

        """.ReplaceLineEndings("\n"),
        WhyText.Of(WhyStory.Of(Switched())));

    [Fact]
    public void A_refused_call_says_why_in_its_first_line()
    {
        var log = new DecisionLog(new BytePool());
        log.Begin(Start);
        log.Identified(Start, "acme", "mapping gateway by address"u8);
        log.Refused(Start, Refusal.BalanceTooLow);
        log.Ended(Start, (int)EndDirection.Server, Refusal.BalanceTooLow.Meaning().EndReason);
        var cdr = new Cdr { Call = CallId.Mint(Start, 0, 1), Start = Start, Stop = Start, CallerE164 = "1", CalleeE164 = "2", CallerGateway = "acme", Refusal = Refusal.BalanceTooLow, EndReason = -21, EndDirection = EndDirection.Server, DecisionLog = log.Written.ToArray() };
        WhyView why = WhyStory.Of(cdr);
        Assert.Equal("1 called 2: not answered (The payer's balance and credit do not cover the first slice of talk time).", why.Summary);
        Assert.Equal(["identified", "refused", "ended"], why.Steps.Select(static s => s.Kind));
        Assert.Equal("Ended by the server: BalanceTooLow (-21).", why.Steps[^1].Says);
        Assert.Equal("", LadderText.Render(why));
        Assert.Empty(why.Price);
    }

    [Fact]
    public void Where_numbers_came_from_and_what_was_shown_is_told_in_the_words_of_the_headers()
    {
        var log = new DecisionLog(new BytePool());
        log.Begin(Start);
        log.NumbersRead(Start, (int)CallerSource.PAssertedIdentity, (int)CallerSource.From, (int)CalleeSource.To, (int)CalleeSource.To);
        log.Diverted(Start, DialString.Parse("4930555"));
        log.Shown(Start, CallerShown.Anonymous | CallerShown.AssertedIdentity | CallerShown.PrivacyHeader, passed: 2, leftOut: 1);
        log.StatusChanged(Start, 503, 480);
        var cdr = new Cdr { Call = CallId.Mint(Start, 0, 1), Start = Start, CallerE164 = "1", CalleeE164 = "2" };
        Assert.Equal(
            [
                "The calling number is from From (P-Asserted-Identity has none), the called number from To.",
                "The call was diverted: 4930555 was called first.",
                "It is shown an anonymous caller, P-Asserted-Identity, Privacy, 2 header fields of the caller; 1 more were too long, too many or unclean.",
                "The customer hears 480 Temporarily Unavailable in place of 503 Service Unavailable.",
            ], WhyStory.OfLive(cdr, default, log.Written).Steps.Select(static s => s.Says));
    }

    [Fact]
    public void A_call_in_progress_is_told_so_far()
    {
        var log = new DecisionLog(new BytePool());
        log.Begin(Start);
        log.Message(Start, MediaSide.Caller, sent: false, "INVITE"u8, 1);
        var cdr = new Cdr { Call = CallId.Mint(Start, 0, 1), Start = Start, CallerE164 = "1", CalleeE164 = "2", CallerAccessE164 = "1" };
        WhyView why = WhyStory.OfLive(cdr, default, log.Written);
        Assert.True(why.Live);
        Assert.Equal("1 called 2; not answered yet.", why.Summary);
        Assert.Equal(["phone 1"], why.Legs);
        Assert.Equal(new LadderStep(Start, 0, Received: true, "INVITE"), Assert.Single(why.Ladder));
        Assert.Empty(why.Steps);
    }

    [Fact]
    public void A_log_cut_anywhere_or_damaged_is_told_as_far_as_it_goes()
    {
        Cdr cdr = Switched();
        byte[] whole = cdr.DecisionLog;
        for (int length = 0; length < whole.Length; length++)
        {
            cdr.DecisionLog = whole[..length];
            WhyView why = WhyStory.Of(cdr);
            Assert.True(length < 20 || why.Steps[^1].Kind == "cut");
        }
        var random = new SeededEntropy(3);
        for (int i = 0; i < 2000; i++)
        {
            cdr.DecisionLog = [.. whole];
            for (int n = 0; n < 3; n++) cdr.DecisionLog[random.Below(whole.Length)] = (byte)random.Below(256);
            Assert.NotEmpty(WhyText.Of(WhyStory.Of(cdr)));
        }
    }

    private static Cdr Switched()
    {
        Instant At(double ms) => Start + TimeSpan.FromMilliseconds(ms);
        var log = new DecisionLog(new BytePool());
        DialString callee = DialString.Parse("442079460123");
        NetAddress a = NetAddress.Parse("203.0.113.1:5060"), b = NetAddress.Parse("203.0.113.2:5060"), us = NetAddress.Parse("198.51.100.7:20000");
        log.Begin(Start);
        log.Revision(Start, 7);
        log.Message(Start, MediaSide.Caller, sent: false, "INVITE"u8, 1);
        log.Message(Start, MediaSide.Caller, sent: true, 100, 1);
        log.Identified(Start, "acme", "mapping gateway by address"u8);
        log.Rewrote(Start, "acme", DialString.Parse("00442079460123"), callee, 0);
        log.Candidate(Start, "carrier-a", (byte)RouteVerdict.Eligible, 2);
        log.Candidate(Start, "carrier-b", (byte)RouteVerdict.Eligible, 0);
        log.Candidate(Start, "carrier-c", (byte)RouteVerdict.Locked, 2);
        log.Rated(Start, new Rate(DialString.Parse("44"), "United Kingdom", Retail, false), "retail");
        log.Reserved(At(1), 620_000_000, 60);
        log.MediaLent(At(1), us, us.WithPort(20002));
        log.Attempt(At(1), 1, "carrier-a", callee, a);
        log.Message(At(1), MediaSide.Callee, sent: true, "INVITE"u8, 1);
        log.Message(At(20), MediaSide.Callee, sent: false, 503, 1);
        log.Outcome(At(20), 1, 503, Refusal.None, next: true);
        log.Attempt(At(20), 2, "carrier-b", callee, b);
        log.Message(At(20), MediaSide.Callee, sent: true, "INVITE"u8, 1);
        log.Message(At(1500), MediaSide.Callee, sent: false, 180, 1);
        log.Message(At(1500), MediaSide.Caller, sent: true, 180, 1);
        log.Message(At(3000), MediaSide.Callee, sent: false, 200, 1);
        log.Message(At(3000), MediaSide.Callee, sent: true, "ACK"u8, 1);
        log.Message(At(3000), MediaSide.Caller, sent: true, 200, 1);
        log.Message(At(3010), MediaSide.Caller, sent: false, "ACK"u8, 1);
        log.Extended(At(54_000), 600_000_000, 120);
        log.Message(At(64_400), MediaSide.Caller, sent: false, "BYE"u8, 2);
        log.Message(At(64_400), MediaSide.Callee, sent: true, "BYE"u8, 2);
        log.Charged(At(64_400), TimeSpan.FromSeconds(61.4), 61, 66, 680_000_000, "1001");
        log.Ended(At(64_400), (int)EndDirection.Caller, 200);
        return new Cdr
        {
            Call = CallId.Mint(Start, 0, 1),
            Start = Start,
            Answered = At(3000),
            Stop = At(64_400),
            CallerE164 = "4930123456",
            CalleeE164 = "442079460123",
            CallerGateway = "acme",
            CalleeGateway = "carrier-b",
            EndReason = 200,
            Sale = new CallCharge { AccountNumber = "1001", Deck = "retail", DeckVersion = "0123456789abcdef", RatePrefix = "44", Area = "United Kingdom", Tariff = Retail, BilledSeconds = 66, Nanos = 680_000_000 },
            DecisionLog = log.Written.ToArray(),
        };
    }
}
