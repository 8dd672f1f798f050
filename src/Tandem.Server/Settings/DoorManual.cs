using System.Text;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/door.md from the table of <see cref="Door"/>; a test holds the page true, another sends a request for each cell.</summary>
internal static class DoorManual
{
    private const string Head = """
        # The door

        This page is generated from the table in `src/Tandem.Switching/Admission/Door.cs`; do not edit it. Every request passes it before anything
        is kept of it. `served` means that whoever handles the method decides; all else is answered without a transaction, or not at all (–).
        401 stands for the challenge, which is 407 where `SS_SIP_AUTHENTICATION_CODE` says so. [security.md](security.md) tells the rest.
        What the flags of a gateway change is said under the tables.

        | Who | is |
        | --- | --- |
        | stranger | an unknown address without credentials; the number it gives is no phone's |
        | unproven phone | the same, but the number is a phone's: it gets what a stranger gets, so that nobody learns which numbers there are; or the address of a mapping gateway that must show its password |
        | registered address | no credentials, from where the phone it names is registered |
        | wrong credentials | an answer to a challenge of ours that does not hold, or one for a phone that is blocked |
        | carrier | the address of a routing gateway |
        | gateway, locked gateway | the address of a mapping gateway, or one that showed its password ([callers.md](callers.md)) |
        | phone, locked phone | a phone that proved itself by digest with this request, or a static phone at its address; of REGISTER a mapping gateway that proved itself, too |
        | blocked | an address blocked after too many wrong passwords |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        Grid(page, "Outside dialogs", Place.Outside, replyUnauthorized: true);
        Grid(page, "With a To tag of no dialog", Place.StrayTag, replyUnauthorized: true);
        Grid(page, "In a dialog (tags and Call-ID are right, and it comes from the dialog's peer)", Place.InDialog, replyUnauthorized: true);
        Grid(page, "In a phone's dialog, but from another address than the phone's", Place.Moved, replyUnauthorized: true);
        page.Append("\n## With allowPublish\n\nThese differ for a gateway that may publish its calls ([routing.md](routing.md), Published calls).\n\n| Place | Who | Answer |\n| --- | --- | --- |\n");
        foreach (Place place in Enum.GetValues<Place>())
        {
            foreach (Standing who in Enum.GetValues<Standing>())
            {
                foreach (SipMethod method in Methods().Where(m => Door.Decide(who, m, place, true) != Door.Decide(who, m, place, true, publishes: true)))
                    page.Append($"| {Words(place)} | {Words(who)} | {Name(method)} is {Words(Door.Decide(who, method, place, true, publishes: true))} |\n");
            }
        }
        page.Append("\n## Where SS_REPLY_UNAUTHORIZED is Off\n\nThese differ; in a dialog nothing does for what is served there.\n\n| Place | Who | Answer |\n| --- | --- | --- |\n");
        foreach (Place place in Enum.GetValues<Place>())
        {
            foreach (Standing who in Enum.GetValues<Standing>())
            {
                string[] methods = [.. Methods().Where(m => Door.Decide(who, m, place, true) != Door.Decide(who, m, place, false)).Select(Name)];
                if (methods.Length > 0) page.Append($"| {Words(place)} | {Words(who)} | – to {string.Join(", ", methods)} |\n");
            }
        }
        return page.ToString();
    }

    private static void Grid(StringBuilder page, string title, Place place, bool replyUnauthorized)
    {
        Standing[] all = Enum.GetValues<Standing>();
        page.Append($"\n## {title}\n\n| |");
        foreach (Standing who in all) page.Append($" {Words(who)} |");
        page.Append("\n| --- |").Append(string.Concat(Enumerable.Repeat(" --- |", all.Length))).Append('\n');
        foreach (SipMethod method in Methods())
        {
            page.Append($"| {Name(method)} |");
            foreach (Standing who in all) page.Append($" {Words(Door.Decide(who, method, place, replyUnauthorized))} |");
            page.Append('\n');
        }
    }

    private static IEnumerable<SipMethod> Methods() => Enum.GetValues<SipMethod>().OrderBy(static m => m == SipMethod.Unknown);

    private static string Name(SipMethod method) => method == SipMethod.Unknown ? "any other" : Encoding.ASCII.GetString(method.Token());

    private static string Words(Place place) => place switch { Place.Outside => "outside", Place.StrayTag => "stray tag", Place.Moved => "a phone's dialog, from elsewhere", _ => "in a dialog" };

    private static string Words(Standing who) => who switch
    {
        Standing.UnprovenPhone => "unproven phone",
        Standing.RegisteredAddress => "registered address",
        Standing.WrongCredentials => "wrong credentials",
        Standing.LockedGateway => "locked gateway",
        Standing.LockedPhone => "locked phone",
        _ => who.ToString().ToLowerInvariant(),
    };

    private static string Words(DoorVerdict verdict) => verdict switch
    {
        DoorVerdict.Silence => "–",
        DoorVerdict.Serve => "served",
        DoorVerdict.Challenge => "401",
        DoorVerdict.Forbid => "403",
        DoorVerdict.NoDialog => "481",
        _ => "405",
    };
}
