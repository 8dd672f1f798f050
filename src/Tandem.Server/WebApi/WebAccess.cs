using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>The one place that says who may call a method of the Web API. Nobody, unless an entry of the access list says so.</summary>
internal static class WebAccess
{
    public const string Everything = "/external/server";

    /// <summary>Null when the caller may; else why not, in words that tell an operator what to add and a stranger nothing he does not know.</summary>
    /// <param name="configuration">Its access list.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="from">The caller's address, as the connection has it; no header is believed.</param>
    /// <param name="bearer">The token of the request; null for none.</param>
    public static string? Refuse(SwitchConfiguration configuration, string method, IPAddress from, string? bearer)
    {
        NetAddress source = NetAddress.From(new IPEndPoint(from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from, 0));
        bool wantsToken = false;
        foreach (WebAccessConfig entry in configuration.WebAccess.Values)
        {
            if (!entry.Directories.Any(d => d == Everything || d[(Everything.Length + 1)..] == method) || !entry.AllowedIps.Any(ip => Covers(ip, source))) continue;
            if (entry.Token.Length == 0 || (bearer is not null && Same(entry.Token, bearer))) return null;
            wantsToken = true;
        }
        return wantsToken ? $"{from} may call {method} with a bearer token only, and this one is not it" : $"{from} may not call {method}: no entry of the web access list allows it";
    }

    /// <summary>What is wrong with a directory of an entry; null: nothing.</summary>
    public static string? Wrong(string directory) =>
        directory == Everything || (directory.StartsWith(Everything + "/", StringComparison.Ordinal) && WebMethods.Find(directory[(Everything.Length + 1)..]) is not null) ? null
        : $"'{directory}' is neither {Everything} nor {Everything}/ and the name of a method";

    private static bool Covers(string ip, in NetAddress source) =>
        SourcePattern.TryParse(ip, out SourcePattern pattern, out _) && pattern.Address.IsV6 == source.IsV6
        && (pattern.PrefixLength < 0 ? pattern.Address.WithPort(0) == source : SourcePattern.Mask(source, pattern.PrefixLength) == pattern.Address);

    private static bool Same(string a, string b) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(a)), SHA256.HashData(Encoding.UTF8.GetBytes(b)));
}
