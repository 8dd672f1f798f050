using System.Text;
using Tandem.Primitives.Settings;
using Tandem.Switching.Settings;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/settings.md from the catalogue; a test holds the page true.</summary>
internal static class SettingsManual
{
    private const string Head = """
        # Settings

        This page is generated from the declarations in `src/Tandem.Switching/Settings`; do not edit it. Names, defaults and meanings
        are those VOS3000 operators know. A setting is changed with `tandem settings NAME VALUE`, in the `settings` section of an
        applied document (`docs/configuration.md`), or over the API; each change makes a new revision and stands in the audit. On/Off may
        be written On, Off, 1, 0, true or false. Names and aliases are accepted in any case. `tandem settings NAME` shows its value, default, unit and range,
        when a change takes effect, and who changed it last; "Takes effect: not yet" says which capability of a later version it is kept for.
        How settings were at another time, what differs and how one goes back is in [settings-history.md](settings-history.md).

        | When it takes effect | |
        | --- | --- |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (Applies applies in Enum.GetValues<Applies>()) page.Append($"| {ApplyText(applies)} | {Meaning(applies)} |\n");
        foreach (IGrouping<string, Setting> group in SwitchSettings.Catalogue.All.GroupBy(static s => s.GroupName))
        {
            page.Append($"\n## {group.Key}\n");
            foreach (Setting setting in group)
            {
                page.Append($"\n### {setting.Name}\n\n{setting.Says}\n\n- Default: {DefaultText(setting)}\n- Permitted: {setting.RangeText}\n- Takes effect: {Takes(setting)}\n");
                if (setting.Aliases.Count > 0) page.Append($"- Also known as: {string.Join(", ", setting.Aliases)}\n");
            }
        }
        return page.ToString();
    }

    /// <summary>"with the next call", as API and manual say it.</summary>
    public static string ApplyText(Applies applies) => applies switch
    {
        Applies.NextCall => "with the next call",
        Applies.NextRegistration => "with the next registration",
        Applies.NextRequest => "with the next request",
        Applies.Now => "at once",
        _ => "after a restart",
    };

    private static string Takes(Setting setting) => setting.ObeyedBy.Length == 0 ? ApplyText(setting.Applies) : $"not yet: kept for {setting.ObeyedBy}";

    private static string DefaultText(Setting setting) =>
        setting.DefaultText.Length == 0 ? "empty"
        : char.IsAsciiDigit(setting.DefaultText[0]) && setting.Unit is not (Unit.None or Unit.Ports) ? $"{setting.DefaultText} {setting.UnitText}"
        : setting.DefaultText;

    private static string Meaning(Applies applies) => applies switch
    {
        Applies.NextCall => "Calls that are being set up or talked on keep the value they began with.",
        Applies.NextRegistration => "Registrations that stand keep what they were granted.",
        Applies.NextRequest => "The next SIP request or query is answered by it.",
        Applies.Now => "What happens from now on obeys it, also for calls that began before.",
        _ => "It is used as the server starts, and kept until it stops.",
    };
}
