using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Where number portability is asked about; docs/lrn.md shows it at work.</summary>
public sealed record LrnSettings
{
    [Setting("SS_LRN_SERVER_IP", Max = 64, Applies = Applies.NextCall,
        Says = "Address of the server that is asked by HTTP whom a number was ported to, for callers with lrnEnable. Empty: only the local table is.")]
    public string ServerIp { get; init; } = "";

    [Setting("SS_LRN_SERVER_PORT", Min = 1, Max = 65_535, Applies = Applies.NextCall, HasNone = true, None = 0, NoneWord = "",
        Says = "Its port. Empty: 80.")]
    public int ServerPort { get; init; }

    [Setting("SS_LRN_TIMEOUT", Min = 50, Max = 10_000, Unit = Unit.Milliseconds, Applies = Applies.NextCall,
        Says = "How long a call waits for its answer; then the caller's lrnFailureAction decides.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(1_000);

    [Setting("SS_LRN_CACHE_TTL", Min = 0, Max = 31_536_000, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "How long an answer is used again without asking; 0: never.")]
    public TimeSpan CacheTtl { get; init; } = TimeSpan.FromSeconds(86_400);
}
