using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>What is told of what goes wrong; docs/alarms.md.</summary>
public sealed record AlarmSettings
{
    [Setting("SERVER_ALARM_DISABLE", Applies = Applies.Now,
        Says = "On: the switch raises no alarms of its own, and those that stand are cleared. What programs state is still kept.")]
    public bool Disabled { get; init; }

    [Setting("SERVER_ALARM_DATABASE_IGNORE_ERROR_CODE", Max = 1000, Applies = Applies.Now,
        Says = "Error codes of the CDR database that raise no alarm, with commas between: SQLSTATEs of PostgreSQL (57P03) or result codes of SQLite (5). What it says stands in the status and the log all the same.")]
    public string IgnoredDatabaseErrors { get; init; } = "";

    [Setting("SERVER_ALARM_ENABLE_EMAIL", Applies = Applies.Now, Says = "On: alarms that are raised and those that are over are mailed to SERVER_ALARM_EMAIL.")]
    public bool Mailed { get; init; }

    [Setting("SERVER_ALARM_EMAIL", Max = 1000, Applies = Applies.Now, Says = "Addresses alarms are mailed to, with commas between.")]
    public string MailTo { get; init; } = "";

    [Setting("SERVER_ALARM_EMAIL_DELAY", Min = 0, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "The least time from one alarm mail to the next; what happens meanwhile stands in the next.")]
    public TimeSpan MailEvery { get; init; } = TimeSpan.FromSeconds(300);

    [Setting("SERVER_ALARM_ENABLE_VOICE", ObeyedBy = "alarm calls", Says = "On: who is named by SERVER_ALARM_E164S is called and told of alarms.")]
    public bool Called { get; init; }

    [Setting("SERVER_ALARM_E164S", Max = 1000, ObeyedBy = "alarm calls", Says = "Numbers that are called about alarms.")]
    public string CallTo { get; init; } = "";

    [Setting("SERVER_ALARM_CUSTOMER_BALANCE_MAX_SIZE", Min = 1, Max = 1_000_000, ObeyedBy = "alarms of accounts' balances", Says = "So many accounts may have an alarm of their balance.")]
    public int MostBalances { get; init; } = 1000;
}
