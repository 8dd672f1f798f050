using Tandem.Primitives.Settings;
using Tandem.Server.Settings;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.Settings;

/// <summary>Holds the declared settings against the table of parameters operators know (Data/parameters.tsv).</summary>
public sealed class ParameterTableTests
{
    // Where the table's default is a remark, not a value.
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["SERVER_ALARM_DATABASE_IGNORE_ERROR_CODE"] = "", // "empty"; likewise the next five
        ["SERVER_ALARM_E164S"] = "",
        ["SERVER_ALARM_EMAIL"] = "",
        ["SERVER_SOFTSWITCH_CLUSTER"] = "",
        ["IVR_ALARM_CALLER_E164"] = "",
        ["IVR_CALL_REPORT_IP"] = "",
        ["IVR_ALARM_CONFIRM_KEY"] = "", // "?"
        ["SERVER_DATABASE_VERSION"] = "6", // "build value"
        ["SS_H323_DTMF_METHOD"] = "H245 Alphanumeric", // "H.245 alphanumeric"
        ["SS_H323_NUMBERING_PLAN"] = "0", // "UnknownPlan(0)"
        ["SS_H323_NUMBER_TYPE"] = "0", // "UnknownType(0)"
        ["SS_BLACK_LIST_CALLER_CONCURRENT_LIMIT"] = "None", // "?": a call centre calls by one number
        ["SS_BLACK_LIST_CALLER_CONCURRENT_EXPIRE"] = "3600", // "?": as the other kinds
        ["SS_BLACK_LIST_CALLER_MALICIOUS_CALL_CHECK_INTERVAL"] = "60", // "?"
        ["SS_BLACK_LIST_NO_ANSWER_PERIODS"] = "86400", // "?"
        ["SS_LRN_SERVER_IP"] = "", // "empty"
        ["SS_LRN_SERVER_PORT"] = "", // "empty"
        ["SERVER_BILLING_PROFIT_CALCULATE"] = "Sale Less Agents Less Cost", // in words
        ["SERVER_BILLING_FEE_PRECISION"] = "0.00", // "0.0000000"
        ["SERVER_BILLING_FEE_UNIT"] = "0.00", // "0.0000000"
        ["SERVER_BILLING_FORWARD_PREFIX"] = "", // "empty"
        ["SERVER_BILLING_FREE_E164S"] = "", // "empty"
        ["SERVER_BILLING_GATEWAY_ROUTE_PREFIX"] = "", // "empty"
        ["SERVER_BILLING_NO_CDR_E164S"] = "", // "empty"
        ["SERVER_BILLING_RECORD_ILLEGAL_CALL"] = "On", // "On (B: 1)"
        ["SERVER_BILLING_RECORD_SERVER_HANG_UP"] = "On", // "On (B: 1)"
        ["SERVER_BILLING_RECORD_ZERO_HOLD_TIME"] = "On", // "On (assumed)"
        ["SS_CALL_FORWARD_USING_ORIGINAL_CALLER"] = "On", // "?"
        ["SS_CALL_TRANSFER_NORMAL_DISPLAY"] = "Original", // the reference does not say
        ["SS_CALL_TRANSFER_ASK_DISPLAY"] = "Original", // nor here
        ["SERVER_CDR_FILE_WRITE_INTERVAL"] = "None", // "None (off)"
        ["SERVER_CDR_REAL_TIME_REPORT_SERVER"] = "", // "empty"
        ["SERVER_QUERY_CDR_DENY_TIME"] = "", // "empty"
        ["SERVER_PASSWORD_TERMINAL_ADDITIONAL_CHARACTERS"] = "", // "empty"
        ["SS_MAX_CALL_DURATION"] = "None", // "0 = None"
        ["SERVER_GATEWAY_ROUTE_FEE_RATE_BEFORE_QUALITY"] = "Off", // the reference does not say; likewise the next six
        ["SERVER_GATEWAY_ROUTE_FEE_RATE_SORT_CONFIG"] = "None",
        ["SS_GATEWAY_ASR_ROUTE_SORT_CONFIG"] = "None",
        ["SS_GATEWAY_FEE_RATE_ROUTE_SORT_CONFIG"] = "None",
        ["SS_GATEWAY_FEE_RATE_ROUTE_BEFORE_ASR"] = "Off",
        ["SS_GATEWAY_ASR_RESERVE_SEPARATE"] = "10",
        ["SS_TRY_PROTECT_ROUTE_DELAY"] = "180",
        ["SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT"] = "0.00", // "0.0"
        ["SS_MEDIA_PROXY_BETWEEN_NET"] = "On", // "?"
        ["SS_MEDIA_PROXY_SAME_NAT"] = "On", // "?"
        ["SS_SIP_AUTHENTICATION_CODE"] = "401", // "Unauthorized(401)"
        ["SS_SIP_AUTHENTICATION_REALM"] = "", // "empty"
        ["SS_SIP_REGISTRATION_LIGTHWEIGHT"] = "Off", // "0 / Off"
        ["SS_TCP_CLOSE_RESET"] = "Off", // "0 (FIN)"
        ["SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT"] = "Off", // "?"
    };

    private sealed record Row(string Name, string Default, string Unit, string[] Aliases);

    [Fact]
    public void Every_name_and_alias_of_the_table_is_declared() =>
        Assert.Equal([], Own().SelectMany(static r => r.Aliases.Prepend(r.Name)).Where(static n => !IsDeclared(n)));

    [Fact]
    public void The_version_of_the_database_is_its_own_and_cannot_be_changed()
    {
        Assert.Equal(CdrSchema.Format, new SwitchSettings().Server.DatabaseVersion);
        Assert.False(SwitchSettings.Catalogue.TrySet(new SwitchSettings(), "SERVER_DATABASE_VERSION", $"{CdrSchema.Format + 1}", out _, out string error));
        Assert.Contains($"must be {CdrSchema.Format}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_later_capability_obeys_says_so_in_the_manual()
    {
        string manual = SettingsManual.Write();
        Setting[] later = [.. SwitchSettings.Catalogue.All.Where(static s => s.ObeyedBy.Length > 0)];
        Assert.Equal(later.Length, manual.Split("- Takes effect: not yet: kept for ").Length - 1);
        Assert.All(later, s => Assert.Contains($"not yet: kept for {s.ObeyedBy}", manual, StringComparison.Ordinal));
        Assert.Contains(later, static s => s.Name == "IVR_RINGING_TIMEOUT");
        Assert.DoesNotContain(later, static s => s.Name == "SS_SIP_TIMEOUT_INVITE");
    }

    [Fact]
    public void Every_declared_setting_is_in_the_table_with_its_aliases_unit_and_default()
    {
        Dictionary<string, Row> rows = Own().ToDictionary(static r => r.Name);
        foreach (Setting setting in SwitchSettings.Catalogue.All)
        {
            Assert.True(rows.TryGetValue(setting.Name, out Row? row), $"{setting.Name} is not in the table.");
            Assert.Equal(row.Aliases, setting.Aliases);
            string expected = Defaults.GetValueOrDefault(setting.Name, row.Default);
            Assert.Equal($"{setting.Name}={expected}", $"{setting.Name}={setting.DefaultText}");
            if (row.Unit is "s" or "ms" or "min" or "days" or "rows" or "tries") Assert.Equal($"{setting.Name} {row.Unit}", $"{setting.Name} {setting.UnitText}");
        }
    }

    [Fact]
    public void The_table_here_is_the_one_the_operators_reference_has()
    {
        string? reference = FindReference();
        if (reference is null) Assert.Skip("shared/reference/parameters.tsv is not beside the checkout.");
        string[] here = [.. Own().SelectMany(static r => r.Aliases.Prepend(r.Name))];
        Assert.Equal([], Read(reference).SelectMany(static r => r.Aliases.Prepend(r.Name)).Except(here));
    }

    private static bool IsDeclared(string name) => SwitchSettings.Catalogue.TryFind(name, out _);

    private static List<Row> Own() => Read(Checkout.Path("tests", "Tandem.Tests", "Data", "parameters.tsv"));

    private static List<Row> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.StartsWith("name\tgroup\tdefault\trange\tunit\tin_seed\taliases\tmeaning", lines[0]);
        return [.. lines.Skip(1).Select(static line => line.Split('\t')).Select(static c => new Row(c[0], c[2], c[4], c[6].Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
    }

    private static string? FindReference()
    {
        for (DirectoryInfo? folder = new(Checkout.Root); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "reference", "parameters.tsv");
            if (File.Exists(path)) return path;
        }
        return null;
    }
}
