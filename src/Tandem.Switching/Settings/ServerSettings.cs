using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>What concerns the server as a whole.</summary>
public sealed record ServerSettings
{
    /// <summary>A test holds it to the CDR database's own.</summary>
    private const int DatabaseFormat = 6;

    [Setting("SERVER_DATABASE_VERSION", OneOf = [DatabaseFormat], Applies = Applies.Restart, Says = "The version of the CDR database's tables. It is this program's; it can be read and not be changed.")]
    public int DatabaseVersion { get; init; } = DatabaseFormat;

    [Setting("SERVER_DISPLAY_MONEY_PRECISION", Min = 0, Max = 9, ObeyedBy = "the console", Says = "Decimals of amounts on screens. The API and the command line always show amounts exactly.")]
    public int MoneyDecimals { get; init; } = 3;

    [Setting("SERVER_NTP_SERVER", Max = 255, ObeyedBy = "a clock of the switch's own", Says = "Where the time would be asked for. The switch goes by the machine's clock; the machine's time service (chrony, systemd-timesyncd) keeps it right.")]
    public string TimeServer { get; init; } = "time-a.nist.gov";

    [Setting("SERVER_SOFTSWITCH_CLUSTER", Max = 4000, ObeyedBy = "the cluster", Says = "Addresses of the cluster's nodes.")]
    public string Cluster { get; init; } = "";

    [Setting("SERVER_TRACE_FILE_LENGTH", Min = 1, Max = 2_000_000, ObeyedBy = "trace files", Says = "KB a trace file may grow to. Why a call went as it did is asked with 'tandem why'.")]
    public int TraceFileKilobytes { get; init; } = 40_960;
}
