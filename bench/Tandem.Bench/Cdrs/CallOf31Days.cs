using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Bench.Cdrs;

/// <summary>Calls as a wholesale switch has them, spread over 31 days: 50 customers, 20 carriers, 200 destinations, half of them answered; a decision log of 600 bytes each.</summary>
internal static class CallOf31Days
{
    public static readonly Instant First = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));

    private static readonly byte[] Log = [.. Enumerable.Range(0, 600).Select(static i => (byte)(i * 31))];
    private static readonly string[] Customers = [.. Enumerable.Range(0, 50).Select(static i => string.Create(CultureInfo.InvariantCulture, $"customer-{i}"))];
    private static readonly string[] Carriers = [.. Enumerable.Range(0, 20).Select(static i => string.Create(CultureInfo.InvariantCulture, $"carrier-{i}"))];
    private static readonly string[] Areas = [.. Enumerable.Range(0, 200).Select(static i => string.Create(CultureInfo.InvariantCulture, $"Area {i}"))];
    private static readonly NetAddress Caller = NetAddress.Parse("192.0.2.10:5060"), Callee = NetAddress.Parse("198.51.100.7:5060");

    public static Cdr Make(int n, int of)
    {
        uint dice = unchecked((uint)n * 2_654_435_761);
        Instant stop = First + (TimeSpan.FromDays(31) * ((n + 0.5) / of));
        bool answered = dice % 2 == 0;
        int talk = answered ? 5 + (int)(dice % 170) : 0;
        string caller = string.Create(CultureInfo.InvariantCulture, $"1212{dice % 10_000_000:D7}"), callee = string.Create(CultureInfo.InvariantCulture, $"{20 + (dice % 79)}20{dice / 7 % 100_000_000:D8}");
        var start = stop - TimeSpan.FromSeconds(talk + 5);
        return new Cdr
        {
            Call = CallId.Mint(start, 0, n),
            CallerE164 = caller, CalleeE164 = callee, CallerAccessE164 = caller, CalleeAccessE164 = $"00{callee}", CallerToGatewayE164 = caller, CalleeToGatewayE164 = callee,
            Start = start,
            Answered = answered ? start + TimeSpan.FromSeconds(5) : Instant.Never,
            Stop = stop,
            EndReason = answered ? 200 : dice % 3 == 0 ? 486 : 503,
            EndDirection = (EndDirection)(dice / 3 % 2),
            CallerGateway = Customers[dice % 50],
            CalleeGateway = Carriers[dice / 50 % 20],
            CallerAddress = Caller,
            CalleeAddress = Callee,
            BillingMode = BillingMode.MappingGateway,
            CallerPddMillis = 900,
            CalleePddMillis = 850,
            Revision = 1,
            Attempts = 1,
            Tried = [new CdrAttempt(Carriers[dice / 50 % 20], callee, Callee, start, 850, answered ? 200 : 503, Refusal.None)],
            CallerMedia = new LegMedia { Packets = talk * 50, Bytes = talk * 8_600, First = start, Last = stop, JitterMicros = 700, MosHundredths = 430 },
            CalleeMedia = new LegMedia { Packets = talk * 50, Bytes = talk * 8_600, First = start, Last = stop, JitterMicros = 800, MosHundredths = 430 },
            Sale = Charge(Customers[dice % 50], Areas[dice / 1000 % 200], talk, 12_000_000),
            Cost = Charge(Carriers[dice / 50 % 20], Areas[dice / 1000 % 200], talk, 9_000_000),
            DecisionLog = Log,
        };
    }

    private static CallCharge Charge(string account, string area, int seconds, long nanosAMinute) => new()
    {
        Account = new AccountId(1),
        AccountNumber = account,
        Deck = "deck",
        DeckVersion = "0123456789abcdef",
        RatePrefix = "44",
        Area = area,
        Tariff = new Tariff(nanosAMinute, 0, 1, 1, Currency.Usd),
        BilledSeconds = seconds,
        Nanos = seconds * nanosAMinute / 60,
    };
}
