using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/refusals.md from the tables of refusals, statuses and causes; a test holds the page true.</summary>
internal static class RefusalsManual
{
    private const string Head = """
        # Refusals and end reasons

        This page is generated from the tables in `src/Tandem.Primitives/Refusal.cs` and `src/Tandem.Sip/Messages`; do not edit it. The end reason of a CDR is one number: negative for what
        the switch itself decided, otherwise the SIP status as it came from the far end; 200 is a call that ended as calls do. Who ended it is beside it: 0 the caller, 1 the called end, 2 the
        switch, which goes with every negative reason.

        ## What the switch decides

        Every "no" of the switch is one of these. The caller hears the SIP status with the Q.850 cause in a Reason header (RFC 3326).

        | End reason | Name | SIP status | Q.850 | What happened |
        | ---: | --- | --- | ---: | --- |

        """;

    private const string Statuses = """

        ## What comes from the far end

        The SIP status, and the Q.850 cause that stands for it where the far end says none (RFC 3398). A caller who gives up leaves 487. A status that is not here is recorded as it came.

        | End reason | SIP | Q.850 | |
        | ---: | --- | ---: | --- |
        | 200 | OK | 16 | Normal call clearing |

        """;

    private const string Causes = """

        ## Q.850 causes

        As they stand in Reason headers, of the far end or ours.

        | Cause | Meaning |
        | ---: | --- |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (RefusalMeaning meaning in Refusals.All.Where(static m => m.Refusal != Refusal.None))
            page.Append($"| {meaning.EndReason} | {meaning.Refusal} | {meaning.SipStatus} {meaning.Reason} | {meaning.Q850} | {meaning.Says} |\n");
        page.Append(Statuses);
        for (int status = 300; status < 700; status++)
        {
            string phrase = Phrase(status);
            if (phrase == Phrase((status / 100 * 100) + 99)) continue; // nobody registered it
            int cause = CauseOfStatus.Of(status);
            page.Append($"| {status} | {phrase} | {cause} | {CauseNames.All.First(c => c.Cause == cause).Says} |\n");
        }
        page.Append(Causes);
        foreach ((int cause, string says) in CauseNames.All) page.Append($"| {cause} | {says} |\n");
        return page.ToString();
    }

    private static string Phrase(int status) => Encoding.ASCII.GetString(ReasonPhrases.Of(status));
}
