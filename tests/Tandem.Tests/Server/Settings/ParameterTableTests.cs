using Tandem.Primitives.Settings;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.Settings;

/// <summary>Holds the declared settings against the table of parameters operators know (Data/parameters.tsv).</summary>
public sealed class ParameterTableTests
{
    /// <summary>
    /// Names of the table that the switch does not obey yet. The list only shrinks: a name that is declared must go from
    /// here, and a name of the table that is neither here nor declared fails.
    /// </summary>
    private static readonly string[] Missing =
    [
        "SERVER_ALARM_CUSTOMER_BALANCE_MAX_SIZE", "SERVER_ALARM_DATABASE_IGNORE_ERROR_CODE", "SERVER_ALARM_E164S",
        "SERVER_ALARM_EMAIL", "SERVER_ALARM_EMAIL_DELAY", "SERVER_ALARM_ENABLE_EMAIL", "SERVER_ALARM_ENABLE_VOICE",
        "SERVER_DATABASE_VERSION", "SERVER_DISPLAY_MONEY_PRECISION",
        "SERVER_NTP_SERVER",
        "SERVER_REPORT_AGENT_INCOME", "SERVER_REPORT_CLEARING_CUSTOMER_FEE", "SERVER_REPORT_CUSTOMER_FEE",
        "SERVER_REPORT_GATEWAY_FEE", "SERVER_REPORT_PHONE_FEE", "SERVER_REPORT_GATEWAY_ROUTING_LOCATION_ASR_ACD", "SERVER_SOFTSWITCH_CLUSTER",
        "SERVER_TRACE_FILE_LENGTH",
       
       
        "SS_H245_PORT_RANGE", "SS_H323_DTMF_METHOD",
        "SS_H323_NUMBERING_PLAN", "SS_H323_NUMBER_TYPE", "SS_H323_TIMEOUT_ALERTING",
        "SS_H323_TIMEOUT_CALLPROCEEDING", "SS_H323_TIMEOUT_CALLPROCEEDING_OLC", "SS_H323_TIMEOUT_SETUP",
       
        "IVR_ALARM_CALLER_E164", "IVR_ALARM_CONFIRM_KEY", "IVR_ALARM_PERIOD", "IVR_ALARM_PRE_AUDIO", "IVR_ALARM_RETRY", "IVR_ALARM_RETRY_INTERVAL",
        "IVR_CALL_REPORT_IP", "IVR_CALL_REPORT_PORT", "IVR_CALL_REPORT_RETRY", "IVR_CALL_REPORT_RETRY_INTERVAL", "IVR_CALLBACK_KEEP_LINE_RING_TIME",
        "IVR_CALLBACK_KEEP_LINE_TIME", "IVR_CODEC_PRIORITY", "IVR_DEFAULT_LANGUAGE", "IVR_MEDIA_CHECK_TIMEOUT", "IVR_PARSE_DTMF_MODE",
        "IVR_RINGING_TIMEOUT", "IVR_RTP_PORT", "IVR_SETUP_TIMEOUT", "IVR_SIP_SESSION_TTL", "IVR_VOICEMAIL_MAX_TIME", "IVR_VOICEMAIL_EXPIRE_DAY",
        "IVR_VOICEMAIL_MAX_NUMBER", "IVR_VOICEMAILWELCOME",
    ];

    // Where the table's default is a remark, not a value.
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
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
    public void Every_name_of_the_table_is_declared_or_listed_as_missing() =>
        Assert.Equal([], Own().Select(static r => r.Name).Where(static n => !IsDeclared(n)).Except(Missing));

    [Fact]
    public void What_is_listed_as_missing_is_in_the_table_and_not_declared()
    {
        HashSet<string> names = [.. Own().Select(static r => r.Name)];
        Assert.Equal([], Missing.Where(n => !names.Contains(n) || IsDeclared(n)));
        Assert.Equal(Missing.Length, Missing.Distinct().Count());
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
