using System.Text.Json;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Server.Hosting;

// Settings as they are, as they were, and back again. How they were is folded from the journal.
public sealed partial class SwitchControl
{
    private const string SettingChange = "settings."; // how changes of settings begin in the audit

    private static readonly SettingCatalogue<SwitchSettings> Known = SwitchSettings.Catalogue;

    public async Task<Answer<SettingsView>> SettingsAsync(Instant? at, CancellationToken stop)
    {
        if (at is null) return new SettingsView([.. Known.All.Select(View)]);
        Answer<SwitchSettings> then = await SettingsOf(at.Value, stop);
        return then.Value is { } settings ? new SettingsView([.. Known.All.Select(s => View(s, settings))]) : then.Fault!;
    }

    public async Task<Answer<SettingView>> SettingAsync(string name, Instant? at, CancellationToken stop)
    {
        if (!Known.TryFind(name, out Setting? setting)) return NoSuchSetting(name);
        if (at is null) return View(setting);
        Answer<SwitchSettings> then = await SettingsOf(at.Value, stop);
        return then.Value is { } settings ? View(setting, settings) : then.Fault!;
    }

    public async Task<Answer<SettingDifferenceView>> SettingDifferenceAsync(Instant from, Instant? to, CancellationToken stop)
    {
        Answer<SwitchSettings> first = await SettingsOf(from, stop);
        if (first.Value is not { } before) return first.Fault!;
        Answer<SwitchSettings> second = await SettingsOf(to ?? host.Clock.Now(), stop);
        if (second.Value is not { } after) return second.Fault!;
        return new SettingDifferenceView([.. Differing(before, after).Select(s => new SettingChangeView(s.Name, Known.Read(before, s), Known.Read(after, s)))]);
    }

    public async Task<Answer<ApplyView>> RevertSettingsAsync(string? name, Instant at, bool dryRun, string by, CancellationToken stop, int? onRevision = null)
    {
        Setting? only = null;
        if (name is not null && !Known.TryFind(name, out only)) return NoSuchSetting(name);
        // Who changes a setting meanwhile is not overruled unseen: then the revision looked at is no longer the one in force.
        int inForce = onRevision ?? host.Configuration.Revision;
        Answer<SwitchSettings> then = await SettingsOf(at, stop);
        if (then.Value is not { } wanted) return then.Fault!;
        using MemoryStream document = new();
        using (Utf8JsonWriter to = new(document))
        {
            to.WriteStartObject();
            to.WriteStartObject("settings");
            foreach (Setting setting in Differing(host.Configuration.Current.Configuration.Settings, wanted).Where(s => only is null || s == only)) to.WriteString(setting.Name, Known.Read(wanted, setting));
            to.WriteEndObject();
            to.WriteEndObject();
        }
        return await ApplyAsync(document.ToArray(), dryRun, by, stop, inForce);
    }

    public async Task<Answer<SettingView>> SetSettingAsync(string name, string value, string by, CancellationToken stop, int? onRevision = null)
    {
        if (!Known.TryFind(name, out Setting? setting)) return NoSuchSetting(name);
        await _oneChange.WaitAsync(stop);
        try
        {
            if (Stale(onRevision) is { } stale) return stale;
            ApplyResult prepared = host.Configuration.PrepareSetting(name, value, by, host.Clock.Now());
            if (Refused(prepared) is { } fault) return fault;
            if (prepared.Changed && await Enact(prepared) is { } unable) return unable;
            return View(setting);
        }
        finally
        {
            _oneChange.Release();
        }
    }

    public Task<Answer<SettingHistoryView>> SettingHistoryAsync(string? name, CancellationToken stop)
    {
        Setting? only = null;
        if (name is not null && !Known.TryFind(name, out only)) return Task.FromResult<Answer<SettingHistoryView>>(NoSuchSetting(name));
        Answer<SettingHistoryView> history = new SettingHistoryView(
        [
            .. host.Configuration.Audit
                .Where(e => only is null ? e.What.StartsWith(SettingChange, StringComparison.Ordinal) : IsOf(e, only))
                .Reverse()
                .Select(static e => new AuditView(e.Revision, e.At, e.By, e.What[SettingChange.Length..], e.From ?? "", e.To ?? "")),
        ]);
        return Task.FromResult(history);
    }

    private static Fault NoSuchSetting(string name) => new(FaultKind.NotFound, $"There is no setting {name}.");

    private async Task<Answer<SwitchSettings>> SettingsOf(Instant at, CancellationToken stop)
    {
        if (host.Configuration.Revision == 0 || host.Past.IsCurrent(at)) return host.Configuration.Current.Configuration.Settings;
        Answer<PastRevision> past = await host.Past.AtAsync(at, stop);
        return past.Value is { } revision ? revision.Configuration.Settings : past.Fault!;
    }

    private static IEnumerable<Setting> Differing(SwitchSettings a, SwitchSettings b) => Known.All.Where(s => Known.Read(a, s) != Known.Read(b, s));

    private static bool IsOf(AuditEntry change, Setting setting) => change.What.StartsWith(SettingChange, StringComparison.Ordinal) && change.What.AsSpan(SettingChange.Length).SequenceEqual(setting.Name);

    private SettingView View(Setting setting)
    {
        AuditEntry? last = host.Configuration.Audit.LastOrDefault(e => IsOf(e, setting));
        return View(setting, host.Configuration.Current.Configuration.Settings) with { ChangedAt = last?.At, ChangedBy = last?.By };
    }

    private static SettingView View(Setting setting, SwitchSettings settings) => new()
    {
        Name = setting.Name,
        Aliases = setting.Aliases,
        Value = Known.Read(settings, setting),
        Default = setting.DefaultText,
        Unit = setting.UnitText,
        Range = setting.RangeText,
        Applies = setting.Applies.ToString(),
        Says = setting.Says,
        ObeyedBy = setting.ObeyedBy.Length > 0 ? setting.ObeyedBy : null,
    };
}
