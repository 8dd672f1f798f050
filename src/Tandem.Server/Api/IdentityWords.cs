using Tandem.Switching.Calls;
using Tandem.Switching.Identity;

namespace Tandem.Server.Api;

/// <summary>Where numbers were read from and what an endpoint was shown, in the words of the headers.</summary>
internal static class IdentityWords
{
    public static string Of(CallerSource source) => source switch
    {
        CallerSource.RemotePartyId => "Remote-Party-ID",
        CallerSource.Display => "the display name of From",
        CallerSource.PAssertedIdentity => "P-Asserted-Identity",
        CallerSource.PPreferredIdentity => "P-Preferred-Identity",
        _ => "From",
    };

    public static string Of(CalleeSource source) => source switch
    {
        CalleeSource.To => "To",
        CalleeSource.Diversion => "Diversion",
        _ => "the request line",
    };

    public static string Read(CallerSource wanted, CallerSource taken) => wanted == taken ? Of(taken) : $"{Of(taken)} ({Of(wanted)} has none)";

    public static string Read(CalleeSource wanted, CalleeSource taken) => wanted == taken ? Of(taken) : $"{Of(taken)} ({Of(wanted)} has none)";

    public static string Shown(CallerShown shown, long passed, long leftOut)
    {
        List<string> what = [(shown & CallerShown.Anonymous) != 0 ? "an anonymous caller" : "the caller"];
        if ((shown & CallerShown.Display) != 0) what.Add("a display name");
        if ((shown & CallerShown.AssertedIdentity) != 0) what.Add("P-Asserted-Identity");
        if ((shown & CallerShown.PreferredIdentity) != 0) what.Add("P-Preferred-Identity");
        if ((shown & CallerShown.RemotePartyId) != 0) what.Add("Remote-Party-ID");
        if ((shown & CallerShown.PrivacyHeader) != 0) what.Add("Privacy");
        if ((shown & CallerShown.OriginalTo) != 0) what.Add("the dialled number in To");
        if (passed > 0) what.Add(passed == 1 ? "one header field of the caller" : $"{passed} header fields of the caller");
        return $"It is shown {string.Join(", ", what)}{(leftOut > 0 ? $"; {leftOut} more were too long, too many or unclean" : "")}.";
    }
}
