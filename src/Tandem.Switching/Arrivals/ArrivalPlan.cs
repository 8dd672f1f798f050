using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

/// <summary>What was decided of a call. Used again from call to call by its owner; <see cref="Begin"/> leaves nothing of the last.</summary>
public sealed class ArrivalPlan
{
    /// <summary>None: the call may go on to its money and its first attempt.</summary>
    public Refusal Refusal { get; internal set; }

    public Account? Payer { get; internal set; }

    /// <summary>The numbers after the caller's dial plans: what is billed and routed.</summary>
    public DialString Caller { get; internal set; }

    public DialString Callee { get; internal set; }

    /// <summary>Where they are at home.</summary>
    public Area CallerArea { get; internal set; } = Area.Unknown;

    public Area CalleeArea { get; internal set; } = Area.Unknown;

    /// <summary>A server is to be asked whom this number was ported to, and the call waits; empty: none is.</summary>
    public DialString Asks { get; internal set; }

    /// <summary>The number gateways are chosen and their costs found by: the callee's, or whom it was ported to.</summary>
    public DialString RoutedBy { get; internal set; }

    /// <summary>The number the payer's rate is found by.</summary>
    public DialString RatedBy { get; internal set; }

    /// <summary>The dynamic black list the call is counted in; null: none. Who is on a white list is not counted.</summary>
    public string? CountedIn { get; internal set; }

    internal bool CallerIsWhite { get; set; }

    internal bool CalleeIsWhite { get; set; }

    /// <summary>Asked of each gateway in selection.</summary>
    internal GatewayJudge Judge { get; } = new();

    /// <summary>The phone that is called; null: gateways are tried.</summary>
    public Phone? TargetPhone { get; internal set; }

    /// <summary>Where the phone's calls go in its place, without its being asked; null: the phone is called.</summary>
    public ForwardPlan? Forward { get; internal set; }

    public ForwardCause ForwardCause { get; internal set; }

    /// <summary>Of a callee that was reserved for this call (<see cref="ForwardCause.Reserved"/>): the calling number it was reserved for.</summary>
    public DialString ReservedFor { get; internal set; }

    /// <summary>The gateways considered; none for a call to a phone.</summary>
    public CandidateList Candidates { get; } = new();

    /// <summary>The number gateways were found by: <see cref="RoutedBy"/>, behind the prefix of the share the call fell into.</summary>
    public DialString SelectedBy { get; internal set; }

    /// <summary>What the quality of gateways is kept by: area code or first digits.</summary>
    public string Destination { get; internal set; } = "";

    /// <summary>What the payer is charged by; null: nobody pays.</summary>
    public CallCharge? Sale { get; internal set; }

    /// <summary>What the agents above the payer are charged by, from below.</summary>
    public IReadOnlyList<CallCharge> Further { get; internal set; } = [];

    /// <summary>Whose account pays.</summary>
    public BillingMode BillingMode { get; internal set; }

    public CalleeBilling CalleeBilling { get; internal set; }

    /// <summary>The phone whose account pays although it is not who calls.</summary>
    public Phone? PayingPhone { get; internal set; }

    /// <summary>What the phone that pays may spend in a month, nanos; 0: it has no limit.</summary>
    public long MonthlyLimitNanos { get; internal set; }

    /// <summary>Seconds the caller is asked to wait before trying again; 0: nothing is said.</summary>
    public int RetryAfter { get; internal set; }

    internal void Begin(in ArrivalFacts facts)
    {
        Refusal = Refusal.None;
        Payer = null;
        Caller = facts.Caller;
        Callee = facts.Callee;
        CallerArea = CalleeArea = Area.Unknown;
        CountedIn = null;
        CallerIsWhite = CalleeIsWhite = false;
        Asks = RoutedBy = RatedBy = SelectedBy = default;
        TargetPhone = null;
        Forward = null;
        Sale = null;
        Further = [];
        BillingMode = facts.Gateway is null ? BillingMode.Phone : BillingMode.MappingGateway;
        CalleeBilling = CalleeBilling.CallerPays;
        PayingPhone = null;
        MonthlyLimitNanos = 0;
        RetryAfter = 0;
        Candidates.Clear();
    }
}
