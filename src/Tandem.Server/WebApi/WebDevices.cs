using System.Collections.Frozen;
using System.Text.Json;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>How the devices of the Web API and ours are the same thing: names, and values that only this switch's way is served.</summary>
internal static class WebDevices
{
    public static WebEntity<PhoneConfig> Phones() => new(EntityKinds.Phones, Names(
        ("rtpRelay", "rtpForwardType"), ("sip100RelSupport", "sip100Rel"), ("able", "audioCodecTranscodingEnable")), WebKept.Phones)
    {
        Only = Values(("protocol", "1"), ("registerType", "1")),
    };

    public static WebEntity<MappingGatewayConfig> MappingGateways(Func<string, string> accountName) => new(EntityKinds.MappingGateways, Names(
        ("eaccount", "account"), ("account", "account"), ("able", "audioCodecTranscodingEnable")), WebKept.MappingGateways)
    {
        Texts = new Dictionary<string, WebTexts>(StringComparer.Ordinal) { ["proportionCalleePrefixs"] = WebTexts.Proportion }.ToFrozenDictionary(StringComparer.Ordinal),
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, MappingGatewayConfig>>(StringComparer.Ordinal)
        {
            ["accountName"] = (to, name, g) => to.WriteString(name, g.Account is { } account ? accountName(account) : ""),
            ["softswitchName"] = static (to, name, _) => to.WriteString(name, ""),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    public static WebEntity<RoutingGatewayConfig> RoutingGateways() => new(EntityKinds.RoutingGateways, Names(("able", "audioCodecTranscodingEnable")), WebKept.RoutingGateways)
    {
        Texts = new Dictionary<string, WebTexts>(StringComparer.Ordinal) { ["scheduledCallinPrefixes"] = WebTexts.Period }.ToFrozenDictionary(StringComparer.Ordinal),
        Only = Values(("protocol", "1")),
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, RoutingGatewayConfig>>(StringComparer.Ordinal)
        {
            ["remoteIp"] = static (to, name, g) => to.WriteString(name, Split(g.RemoteIp).Host),
            ["signalPort"] = static (to, name, g) => to.WriteNumber(name, Split(g.RemoteIp) is { Port: > 0 and var port } ? port : 5060),
            ["softswitchName"] = static (to, name, _) => to.WriteString(name, ""),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    /// <summary>192.0.2.1:5070, [2001:db8::1]:5070 or sip.example.com as host and port; port 0: none stated.</summary>
    public static (string Host, int Port) Split(string place)
    {
        int colon = place.LastIndexOf(':');
        if (place.StartsWith('['))
        {
            int end = place.IndexOf(']', StringComparison.Ordinal);
            return end < 0 ? (place, 0) : (place[1..end], colon > end && int.TryParse(place[(colon + 1)..], out int p) ? p : 0);
        }
        if (colon < 0 || place.IndexOf(':', StringComparison.Ordinal) != colon) return (place, 0);
        return int.TryParse(place[(colon + 1)..], out int port) ? (place[..colon], port) : (place, 0);
    }

    private static FrozenDictionary<string, string> Names(params (string Theirs, string Ours)[] names) => names.ToFrozenDictionary(static n => n.Theirs, static n => n.Ours, StringComparer.Ordinal);

    private static FrozenDictionary<string, string> Values(params (string Name, string Value)[] values) => values.ToFrozenDictionary(static n => n.Name, static n => n.Value, StringComparer.Ordinal);
}
