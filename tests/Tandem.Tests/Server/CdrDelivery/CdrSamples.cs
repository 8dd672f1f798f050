using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

/// <summary>Finished calls for tests: number n ended n seconds after midnight, and every field is different from the others.</summary>
internal static class CdrSamples
{
    public static readonly Instant Midnight = Instant.FromUtc(new DateTime(2026, 4, 26, 0, 0, 0, DateTimeKind.Utc));

    public static Cdr Call(int n, Action<Cdr>? change = null)
    {
        Instant stop = Midnight + TimeSpan.FromSeconds(n);
        var cdr = new Cdr
        {
            Call = CallId.Mint(stop - TimeSpan.FromSeconds(30), 0, n),
            CallerE164 = $"1212555{n:D4}",
            CalleeE164 = $"44207946{n:D4}",
            CallerAccessE164 = $"212555{n:D4}",
            CalleeAccessE164 = $"01144207946{n:D4}",
            CallerToGatewayE164 = $"+1212555{n:D4}",
            CalleeToGatewayE164 = $"0044207946{n:D4}",
            Start = stop - TimeSpan.FromSeconds(30),
            Answered = stop - TimeSpan.FromSeconds(20),
            Stop = stop,
            EndReason = 200,
            EndDirection = EndDirection.Callee,
            CallerGateway = n % 2 == 0 ? "even" : "odd",
            CalleeGateway = "carrier-1",
            CallerAddress = NetAddress.Parse("192.0.2.10:5060"),
            CalleeAddress = NetAddress.Parse("[2001:db8::7]:5062"),
            BillingMode = BillingMode.MappingGateway,
            CallerPddMillis = 1200,
            CalleePddMillis = 900,
            Revision = 7,
            Attempts = 2,
            CallerMedia = new LegMedia { Packets = 1001, Bytes = 172_172, RtcpPackets = 4, First = stop - TimeSpan.FromSeconds(19), Last = stop, Lost = 5, Late = 6, JitterMicros = 7, RoundTripMicros = 8, MosHundredths = 409 },
            CalleeMedia = new LegMedia { Packets = 1002 },
            DecisionLog = [1, 2, 3, (byte)n],
            Sale = Charge(11, "1001", 0.012m, n),
            Cost = Charge(12, "9001", 0.009m, n),
        };
        change?.Invoke(cdr);
        return cdr;
    }

    private static CallCharge Charge(int account, string number, decimal rate, int n) => new()
    {
        Account = new AccountId(account),
        AccountNumber = number,
        Deck = $"deck-{number}",
        DeckVersion = $"version-{number}",
        RatePrefix = "44",
        Area = "United Kingdom",
        Tariff = new Tariff((long)(rate * Money.NanosPerUnit), 1_000_000, 30, 6, Currency.Usd),
        BilledSeconds = 30,
        Nanos = 7_000_000 + n,
    };
}

/// <summary>A journal of finished calls in memory: call n stands at position n to n + 1.</summary>
internal sealed class CallsInMemory : IFinishedCalls
{
    public List<Cdr> Calls { get; } = [];

    public long End => Calls.Count;

    public Exception? Broken { get; set; }

    public long Read(long position, int most, List<Cdr> into, long until = long.MaxValue)
    {
        if (Broken is not null) throw Broken;
        int count = (int)Math.Min(most, Math.Min(Calls.Count, until) - position);
        into.AddRange(Calls.GetRange((int)position, count));
        return position + count;
    }
}

/// <summary>A clock that moves when told; what it measures never goes back.</summary>
internal sealed class HandClock : TimeProvider
{
    private long _elapsed;

    public DateTimeOffset Now
    {
        get;
        set
        {
            _elapsed += Math.Max(0, (value - field).Ticks);
            field = value;
        }
    } = new(2026, 4, 26, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tandem-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
