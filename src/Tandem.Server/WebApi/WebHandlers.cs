using System.Collections.Frozen;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>Which piece of code answers which method. Each method of <see cref="WebMethods"/> is here once: answered, or refused with the reason.</summary>
internal static class WebHandlers
{
    /// <summary>Methods that are refused, since the switch would not do what they ask, and why.</summary>
    public static readonly FrozenDictionary<string, string> Refused = Reasons(
        ("the switch plays announcements in calls only, and calls nobody to play one to", "PlayAudio"));

    public static FrozenDictionary<string, WebHandler> Make(ApiParts parts)
    {
        WebConfiguration configuration = new(parts.Control);
        IEnumerable<(string Name, WebHandler Handler)> all =
        [
            .. new CustomerMethods(parts, configuration).All,
            .. new DeviceMethods(parts, configuration).All,
            .. new CallMethods(parts).All,
            .. new CallbackMethods(parts).All,
            .. new CdrMethods(parts, configuration).All,
            .. new MoneyMethods(parts, configuration).All,
            .. new RateMethods(parts, configuration).All,
            .. new BilledCallMethods(parts, configuration).All,
            .. new ReportMethods(parts, configuration).All,
            .. new NumberMethods(configuration).All,
            .. new PackageMethods(configuration).All,
            .. new CardMethods(parts, configuration).All,
            .. new PhoneBookMethods(parts, configuration).All,
            .. new IvrAudioMethods(parts, configuration).All,
            .. new AlarmMethods(parts).All,
            .. new SystemMethods(parts).All,
            .. Refused.Select(static r => (r.Key, (WebHandler)((_, _) => Task.FromResult(WebReply.Refuse(WebCode.NotServed, r.Value))))),
        ];
        return all.ToFrozenDictionary(static p => p.Name, static p => p.Handler, StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, string> Reasons(params (string Says, string Methods)[] reasons) =>
        reasons.SelectMany(static r => r.Methods.Split(' ').Select(m => (Method: m, r.Says))).ToFrozenDictionary(static p => p.Method, static p => p.Says, StringComparer.Ordinal);
}
