using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Numbers;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing.Selection;

/// <summary>What one selection of gateways is made of.</summary>
public readonly struct RouteQuery
{
    public RouteQuery()
    {
    }

    /// <summary>The number gateways are found by: the called number, behind a proportion's prefix where one was drawn.</summary>
    public required DialString Number { get; init; }

    /// <summary>The number costs are found by; also the called number of pairs and periods.</summary>
    public DialString Callee { get; init; }

    public DialString Caller { get; init; }

    /// <summary>Groups the caller names; empty: every gateway.</summary>
    public GroupSet Groups { get; init; }

    /// <summary>Those are the only ones permitted, or the only ones not.</summary>
    public bool GroupsAllow { get; init; }

    /// <summary>Which lines are in use, which rests over, which periods open.</summary>
    public Instant Now { get; init; }

    public WorkCalendar Calendar { get; init; } = WorkCalendar.Utc;

    public RoutePolicy Policy { get; init; } = RoutePolicy.Usual;

    public RoutingSettings Settings { get; init; } = RoutingSettings.Usual;

    /// <summary>Which gateways take the call's numbers; null: all.</summary>
    public GatewayJudge? Judge { get; init; }

    /// <summary>What the payer is charged, nanos a minute; below 0: not known.</summary>
    public long SalePerMinute { get; init; } = -1;

    /// <summary>Of the sale; costs are compared in it.</summary>
    public Currency Currency { get; init; }

    /// <summary>What accounts have; null: nobody knows, and it is not asked.</summary>
    public IAccountMoney? Money { get; init; }

    /// <summary>What quality is kept by: an area code or the first digits; empty: only of gateways as a whole.</summary>
    public string Destination { get; init; } = "";

    /// <summary>Chance, drawn once for the call.</summary>
    public uint Draw { get; init; }

    /// <summary>A call, not a question: a breaker whose pause is over takes its step.</summary>
    public bool Live { get; init; }
}

/// <summary>What accounts have, as far as is known at this moment; read by every shard without a lock.</summary>
public interface IAccountMoney
{
    /// <summary>Balance and credit that nobody holds, nanos of the account's currency.</summary>
    long Available(AccountId id);
}
