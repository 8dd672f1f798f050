using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Bench.Micro;

/// <summary>The order of attempts for a number, each gateway with prefixes of its own and every tenth with all numbers.</summary>
internal sealed class SelectRoute : IMicro
{
    private readonly RouteTable _table;
    private readonly CandidateList _candidates = new();
    private readonly DialString[] _numbers;
    private readonly string _name;

    public SelectRoute(int gateways, int prefixes)
    {
        _name = prefixes == 1 ? $"route over {gateways:N0} gateways" : $"route over {gateways:N0} gateways of {gateways * prefixes:N0} prefixes";
        var entropy = new SeededEntropy(1);
        var serves = new List<IReadOnlyList<string>>();
        var all = new List<RoutingGateway>();
        for (int i = 0; i < gateways; i++)
        {
            all.Add(new RoutingGateway
            {
                Name = $"carrier-{i}", Target = new SipTarget("203.0.113.1"), PrefixStyle = i % 3 == 0 ? PrefixStyle.CarryOn : PrefixStyle.Terminate, Priority = i % 7, Capacity = 0, Locked = false,
                ClearingAccount = null, CalleeRules = DialPlan.Empty, CallerRules = DialPlan.Empty, Groups = GroupSet.Empty, SipTimer = true, TalkLimit = TalkLimit.System, Patience = default,
                State = new GatewayState(),
            });
            serves.Add(i % 10 == 0 ? [""] : [.. Enumerable.Range(0, prefixes).Select(_ => $"{1 + entropy.Below(9)}{entropy.Below(prefixes == 1 ? 100 : 100_000)}").Distinct()]);
        }
        _table = new RouteTable(all, serves);
        _numbers = [.. Enumerable.Range(0, 1024).Select(_ => DialString.Parse($"{1 + entropy.Below(9)}{entropy.Below(100_000):D5}{entropy.Below(100_000):D5}"))];
    }

    public string Name => _name;

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) _table.Select(_numbers[i & 1023], GroupSet.Empty, true, _candidates);
        return Stopwatch.GetElapsedTime(began);
    }
}

internal sealed class FindRate : IMicro
{
    private readonly RateTable _table;
    private readonly DialString[] _numbers;

    public FindRate(int rates)
    {
        var entropy = new SeededEntropy(2);
        var prefixes = new HashSet<string>(StringComparer.Ordinal);
        while (prefixes.Count < rates) prefixes.Add($"{1 + entropy.Below(9)}{entropy.Below(10_000_000):D7}"[..(3 + entropy.Below(6))]);
        if (!Deck.TryCreate("bench", Currency.Usd, prefixes.Select(static p => new Rate(DialString.Parse(p), "Somewhere", new Tariff(10_000_000, 0, 1, 1, Currency.Usd), Locked: false)), out Deck? deck, out string? error))
            throw new BenchException(error);
        _table = new RateTable(deck);
        _numbers = [.. Enumerable.Range(0, 4096).Select(_ => DialString.Parse($"{1 + entropy.Below(9)}{entropy.Below(10_000_000):D7}{entropy.Below(1000):D3}"))];
    }

    public string Name => $"find the rate of a number among {_table.Count:N0}";

    public TimeSpan Run(int count)
    {
        int found = 0;
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) found += (int)_table.Find(_numbers[i & 4095], out _);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        return found < 0 ? TimeSpan.Zero : took;
    }
}

internal sealed class RateAgain : IMicro
{
    private readonly Cdr _cdr;
    private readonly Account _account;

    public RateAgain()
    {
        Tariff tariff = new(12_345_678, 0, 60, 6, Currency.Usd, new TariffTerms { TaxMillionths = 190_000, Stages = [new TariffStage(600, 60, 9_000_000)] });
        if (!Deck.TryCreate("bench", Currency.Usd, [new Rate(DialString.Parse("44"), "UK", tariff, Locked: false)], out Deck? deck, out string? error)) throw new InvalidOperationException(error);
        _account = new Account { Id = new AccountId(1), Number = "1", Currency = Currency.Usd, Locked = false, Rates = new RateTable(deck), DeckName = "bench", DeckVersion = deck.Version };
        (int billed, long nanos) = Pricing.Price(tariff, 700);
        _cdr = new Cdr
        {
            CalleeE164 = "442079460123", Start = new Instant(1), Answered = new Instant(1), Stop = new Instant(700_000_001),
            Sale = new CallCharge { Account = _account.Id, Deck = "bench", RatePrefix = "44", Tariff = tariff, BilledSeconds = billed, Nanos = nanos },
        };
    }

    public string Name => "rate a call again (two prices with sections and tax, one look-up)";

    public TimeSpan Run(int count)
    {
        string[] prefixes = [""];
        long sum = 0, began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            if (Rerating.Price(_cdr, _cdr.Sale!, _account, prefixes, out long nanos) == RerateOutcome.Priced) sum += nanos;
        }
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        return sum <= 0 ? throw new InvalidOperationException("nothing was priced") : took;
    }
}

internal sealed class PriceCall : IMicro
{
    public string Name => "price a call (60/6, connect fee)";

    public TimeSpan Run(int count)
    {
        var tariff = new Tariff(12_345_678, 10_000_000, 60, 6, Currency.Usd);
        long sum = 0;
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) sum += Pricing.Price(tariff, i & 4095).Nanos;
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        return sum < 0 ? TimeSpan.Zero : took;
    }
}
