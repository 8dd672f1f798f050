using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/refusals.md from the one table of refusals; a test holds the page true.</summary>
internal static class RefusalsManual
{
    private const string Head = """
        # Refusals

        This page is generated from the table in `src/Tandem.Primitives/Refusal.cs`; do not edit it. Every "no" of the switch is one of
        these. The caller hears the SIP status with the Q.850 cause in a Reason header (RFC 3326); the CDR has the end reason: negative
        for what the switch itself decided, otherwise the SIP status or Q.850 cause as it came from the far end.

        | End reason | Name | SIP status | Q.850 | What happened |
        | ---: | --- | --- | ---: | --- |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (RefusalMeaning meaning in Refusals.All.Where(static m => m.Refusal != Refusal.None))
            page.Append($"| {meaning.EndReason} | {meaning.Refusal} | {meaning.SipStatus} {meaning.Reason} | {meaning.Q850} | {meaning.Says} |\n");
        return page.ToString();
    }
}
