using System.Globalization;
using System.Text;
using Tandem.Sip.Messages;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/limits.md from the one table of limits; a test holds the page true.</summary>
internal static class LimitsManual
{
    private const string Head = """
        # Limits

        This page is generated from the table in `src/Tandem.Sip/Messages/SipLimit.cs`; do not edit it. What goes beyond a limit is never cut to fit: the
        message is refused as the table says, and counted: `tandem status` shows the counters. A response beyond a
        limit is dropped, unless the table says otherwise; an ACK is never answered. No reading takes longer than its input is long: 64 KB of the
        worst are read in the time that four times 16 KB take (`tests/Tandem.Tests/Sip/GrowthTests.cs`).

        | Counter | At most | Of what | Beyond it | Why |
        | --- | ---: | --- | --- | --- |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (SipLimit limit in SipLimit.All)
            page.Append(CultureInfo.InvariantCulture, $"| `{limit.Counter}` | {limit.Value:N0} | {limit.Of} | {limit.Answer} | {limit.Why} |\n");
        return page.ToString();
    }
}
