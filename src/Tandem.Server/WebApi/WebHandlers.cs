using System.Collections.Frozen;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>Which piece of code answers which method. Each method of <see cref="WebMethods"/> is here once: answered, or refused with the reason.</summary>
internal static class WebHandlers
{
    /// <summary>Methods that are refused, since the switch would not do what they ask, and why.</summary>
    public static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["CallBack"] = "the switch places no calls of its own yet",
        ["PlayAudio"] = "the switch places no calls of its own yet",
        ["DisconnectIvrCall"] = "the switch places no calls of its own yet, so there is none to end",
        ["ReserveCalleeE164"] = "there are no access numbers yet for a call to come to",
        ["GetIvrSecondAvailableTime"] = "there is no second leg of an IVR call yet",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static FrozenDictionary<string, WebHandler> Make(ApiParts parts)
    {
        WebConfiguration configuration = new(parts.Control);
        IEnumerable<(string Name, WebHandler Handler)> all =
        [
            .. new CustomerMethods(parts, configuration).All,
            .. new DeviceMethods(parts, configuration).All,
            .. new CallMethods(parts).All,
            .. new CdrMethods(parts, configuration).All,
            .. new MoneyMethods(parts, configuration).All,
            .. new SystemMethods(parts).All,
            .. Refused.Select(static r => (r.Key, (WebHandler)((_, _) => Task.FromResult(WebReply.Refuse(WebCode.NotServed, r.Value))))),
        ];
        return all.ToFrozenDictionary(static p => p.Name, static p => p.Handler, StringComparer.Ordinal);
    }
}
