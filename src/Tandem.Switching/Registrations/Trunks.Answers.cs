using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Switching.Registrations;

// What a registrar says, and what it means for the table (RFC 3261 §10.2.4, §10.2.8).
internal sealed partial class Trunks
{
    // A registrar that wants longer than a day means something else.
    private const int MostSeconds = 86_400;

    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromHours(1);

    private TrunkInput Judge(Trunk trunk, SipMessage response, Instant now)
    {
        int status = response.Status;
        if (status < 300) return Grant(trunk, response, now);
        trunk.Trouble = $"{status} {Encoding.ASCII.GetString(ReasonPhrases.Of(status))} from {trunk.Hop.Address}";
        if (SecondsOf(response.Header(HeaderName.RetryAfter)) is var pause and > 0)
        {
            var asked = TimeSpan.FromSeconds(pause);
            trunk.RetryAfter = asked > MostRetryAfter ? MostRetryAfter : asked > trunk.RetryAfter ? asked : trunk.RetryAfter;
        }
        switch (status)
        {
            case 401 or 407:
                return Challenged(trunk, response);
            case 423 when trunk.State != TrunkState.Leaving:
                // RFC 3261 §10.3 step 7: asked again with the time the registrar wants at least.
                int least = SecondsOf(response.Header(HeaderName.MinExpires));
                if (least <= trunk.AskedSeconds || least > MostSeconds)
                {
                    trunk.Trouble += $", and Min-Expires '{Encoding.ASCII.GetString(response.Header(HeaderName.MinExpires))}' is no time to ask for";
                    return TrunkInput.Failed;
                }
                trunk.LeastSeconds = trunk.AskedSeconds = least;
                return TrunkInput.AskedForMore;
            case 503 when HasMoreHops(trunk):
                return TrunkInput.HopFailed;
            default:
                return TrunkInput.Failed;
        }
    }

    private TrunkInput Challenged(Trunk trunk, SipMessage response)
    {
        if (trunk.Rounds >= _tables!.Settings.Authentication.Retry)
        {
            trunk.Trouble += "; it was answered as often as SS_SIP_AUTHENTICATION_RETRY permits";
            return TrunkInput.Failed;
        }
        switch (trunk.Signer.Take(response))
        {
            case ChallengeVerdict.Wrong:
                trunk.Trouble += ": registerName or password are wrong";
                return TrunkInput.Failed;
            case ChallengeVerdict.Unsupported:
                trunk.Trouble += ": the challenge is of no kind the switch can answer";
                return TrunkInput.Failed;
            default:
                trunk.Rounds++;
                return TrunkInput.AskedForMore;
        }
    }

    private TrunkInput Grant(Trunk trunk, SipMessage response, Instant now)
    {
        if (trunk.AskedSeconds == 0) return TrunkInput.Granted;
        int granted = Math.Min(GrantedSeconds(trunk, response), MostSeconds);
        if (granted <= 0)
        {
            trunk.Trouble = $"{trunk.Hop.Address} said 200 and granted no time";
            return TrunkInput.Failed;
        }
        (ImmutableArray<byte[]> routes, Hop serviceHop) = ServiceRoutesOf(trunk, response);
        trunk.Status = trunk.Status with
        {
            Registrar = trunk.Hop,
            Expires = now + TimeSpan.FromSeconds(granted),
            ServiceRoutes = routes,
            ServiceHop = serviceHop,
        };
        return TrunkInput.Granted;
    }

    // Ours among the contacts (another switch may be registered by the same name); its expires, else the Expires of all, else what was asked
    // for (RFC 3261 §10.2.4). A registrar that rewrote our contact shows it alone.
    private int GrantedSeconds(Trunk trunk, SipMessage response)
    {
        Span<byte> room = stackalloc byte[400];
        var ours = new SipWriter(room);
        listeners[trunk.Listener].WriteContactUri(ref ours, trunk.Gateway.RegisterName, trunk.Gateway.LocalDomain);
        int all = SecondsOf(response.Header(HeaderName.Expires)), contacts = 0, last = -1;
        foreach (ReadOnlySpan<byte> value in response.Values(HeaderName.Contact))
        {
            if (!NameAddress.TryParse(value, out NameAddress contact)) continue;
            int seconds = contact.TryGetParam("expires"u8, out ReadOnlySpan<byte> text) ? SecondsOf(text) : all;
            contacts++;
            last = seconds;
            if (Ascii.EqualsIgnoreCase(contact.Uri, ours.Written[1..^1])) return seconds < 0 ? trunk.AskedSeconds : seconds;
        }
        return contacts == 1 && last >= 0 ? last : all >= 0 ? all : trunk.AskedSeconds;
    }

    private static (ImmutableArray<byte[]> Routes, Hop First) ServiceRoutesOf(Trunk trunk, SipMessage response)
    {
        if (!response.Has(HeaderName.ServiceRoute)) return ([], default);
        var routes = ImmutableArray.CreateBuilder<byte[]>();
        foreach (ReadOnlySpan<byte> route in response.Values(HeaderName.ServiceRoute)) routes.Add(route.ToArray());
        return (routes.ToImmutable(), FirstHop(routes, trunk));
    }

    // Of a first route stated by name none: names are not looked up here, and the registrar is on the way.
    private static Hop FirstHop(ImmutableArray<byte[]>.Builder routes, Trunk trunk) =>
        routes.Count > 0 && NameAddress.TryParse(routes[0], out NameAddress first) && SipUri.TryParse(first.Uri, out SipUri uri) && Hop.TryRead(uri, trunk.Hop.Transport, out Hop hop) ? hop : default;

    // Whole seconds at the beginning of a value; −1 when there is none.
    private static int SecondsOf(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        ReadOnlySpan<byte> digits = end < 0 ? value : value[..end];
        return digits.Length is > 0 and <= 9 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : -1;
    }
}
