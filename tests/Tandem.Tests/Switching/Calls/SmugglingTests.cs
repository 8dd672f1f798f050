using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Identity;

namespace Tandem.Tests.Switching.Calls;

/// <summary>
/// What one leg says must not show on the other beyond what the operator permits, however it is said. Every text of a leg bears a mark;
/// messages are read back by plain text means (<see cref="WireMessage"/>), none of the parser under test.
/// </summary>
public sealed class SmugglingTests
{
    private const string CallerMark = "ZQZ", CalleeMark = "YWY";

    /// <summary>What the switch writes of itself.</summary>
    private static readonly HashSet<string> Own = new(StringComparer.Ordinal)
    {
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Length", "Content-Type", "Allow", "Supported", "Require", "Session-Expires", "Min-SE",
        "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Privacy", "Reason", "Retry-After", "RSeq", "RAck",
        "Record-Route", // the caller's own, told back to him
    };

    /// <summary>Harmless names that may pass when permitted; whatever else is in <see cref="Names"/> never may.</summary>
    private static readonly string[] Free = ["X-Ok", "x-oK", "X-Other", "Subject", "Call-Info", "P-Charging-Vector", "Organization", "X-Via", "Via-X", "Content-Length-X", "X.Odd%Name!", "Alert-Info"];

    private static readonly string[] Names =
    [
        .. Free, "j", "z", "User-Agent", "Server", "Warning", "Reason", "Record-Route", "Path", "Diversion", "History-Info", "P-Asserted-Identity", "p-asserted-identity",
        "P-Preferred-Identity", "Remote-Party-ID", "Privacy", "In-Reply-To", "Session-ID", "Content-Disposition", "MIME-Version", "Authentication-Info", "Geolocation-Routing",
        "Accept-Language", "Allow-Events", "Timestamp", "s", "Supported", "Accept", "Refer-Sub",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    [InlineData(2001)]
    [InlineData(3001)]
    public void Nothing_of_one_leg_shows_on_the_other_but_what_is_permitted(int first)
    {
        int talked = 0, passed = 0;
        for (int seed = first; seed < first + 100; seed++) talked += Run(new Random(seed), seed, ref passed) ? 1 : 0;
        Assert.True(talked > 60, $"only {talked} of 100 calls came through");
        Assert.True(passed > 60, $"only {passed} header fields passed");
    }

    private static bool Run(Random chance, int seed, ref int passed)
    {
        string[] toCarrier = Permitted(chance), toCaller = Permitted(chance);
        IdentityRules rules = new()
        {
            RemotePartyId = chance.Next(2) == 0,
            Privacy = (PrivacyMode)chance.Next(4),
            PAssertedIdentity = (IdentityMode)chance.Next(3),
            PPreferredIdentity = (IdentityMode)chance.Next(3),
        };
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(
            SwitchFixture.ChangeCarrier(said, "carrier-a", g => g with { Identity = rules, ExtraHeaders = [.. toCarrier] }), g => g with { ExtraHeaders = [.. toCaller] }));
        var asked = Draw(chance, CallerMark);
        var caller = new CallerLeg(world) { FromValue = $"\"{CallerMark} name\" <sip:4930123456@{CallerMark}.example>", ToValue = $"\"{CallerMark}\" <sip:442079460123@{CallerMark}.example;p={CallerMark}>" };
        caller.CallId = CallerMark + caller.CallId;
        caller.Tag = CallerMark + caller.Tag;
        caller.Sdp = caller.Sdp.Replace("secret name", CallerMark, StringComparison.Ordinal).Replace("a=sendrecv", $"a=x-{CallerMark}:1\r\na=sendrecv", StringComparison.Ordinal);
        caller.Invite(extra: Lines(asked));
        if (world.Waiting(SwitchFixture.CarrierA) == 0)
        {
            Assert.True(caller.Next().Status is 100 or >= 400); // refused, not misread
            return false;
        }
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Tag = CalleeMark + callee.Tag;
        callee.Contact = $"<sip:{CalleeMark}@{SwitchFixture.CarrierA}>";
        callee.Sdp = callee.Sdp.Replace("secret name", CalleeMark, StringComparison.Ordinal);
        passed += AssertClean(callee.Invite, CallerMark, asked, toCarrier, seed);

        var said = Draw(chance, CalleeMark);
        bool answers = chance.Next(2) == 0;
        callee.Respond(chance.Next(2) == 0 ? 180 : 183, extra: Lines(said));
        WireMessage? provisional = world.Waiting(SwitchFixture.Customer) > 0 ? caller.Next() : null;
        if (provisional is not null) passed += AssertClean(provisional, CalleeMark, said, toCaller, seed);
        callee.Respond(answers ? 200 : 486, sdp: answers, extra: Lines(said));
        if (world.Waiting(SwitchFixture.Customer) == 0) return false; // a defect: dropped
        WireMessage final = caller.Next();
        passed += AssertClean(final, CalleeMark, said, toCaller, seed);
        Assert.DoesNotContain(CallerMark, callee.ExpectAck().Text, StringComparison.Ordinal);
        if (!answers)
        {
            caller.AckFailure();
            return true;
        }
        caller.Ack();
        Legs.End(caller, callee);
        Assert.All(world.Sent.Where(static m => m.To == SwitchFixture.CarrierA && m != null && m.Method != "INVITE"), static m => Assert.DoesNotContain(CallerMark, m.Text, StringComparison.Ordinal));
        return true;
    }

    private static string[] Permitted(Random chance) => chance.Next(3) switch { 0 => [], 1 => ["*"], _ => ["X-Ok", "Subject", "Via-X"] };

    private static int AssertClean(WireMessage message, string mark, List<(string Name, string Value)> said, string[] permitted, int seed)
    {
        int passed = 0;
        string about = $"seed {seed}: {message.Text}";
        Assert.DoesNotContain(mark, message.Start, StringComparison.Ordinal);
        Assert.DoesNotContain(mark, message.Body, StringComparison.Ordinal);
        Assert.True(message.Text[..message.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Replace("\r\n", "", StringComparison.Ordinal).All(static c => c >= ' ' && c != '\u007f'), about);
        foreach ((string name, string value) in message.Headers)
        {
            if (Own.Contains(name))
            {
                Assert.False(value.Contains(mark, StringComparison.Ordinal), about);
                continue;
            }
            Assert.Contains(name, Free.Concat(permitted), StringComparer.OrdinalIgnoreCase);
            Assert.True(permitted.Contains("*") || permitted.Contains(name), about);
            Assert.True(said.Exists(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase) && Clean(s.Value) == value), about);
            passed++;
        }
        foreach (string once in (string[])["From", "To", "Call-ID", "CSeq", "Content-Length", "Content-Type", "Max-Forwards", "Contact"]) Assert.True(message.All(once).Length <= 1, about);
        Assert.Equal("Content-Length", message.Headers[^1].Name);
        return passed;
    }

    private static List<(string Name, string Value)> Draw(Random chance, string mark)
    {
        List<(string, string)> headers = [];
        for (int i = chance.Next(9); i >= 0; i--)
        {
            string name = Names[chance.Next(Names.Length)];
            headers.Add((name, name switch
            {
                "Record-Route" => $"<sip:{mark}.example;lr>",
                "Privacy" => chance.Next(2) == 0 ? "id" : mark,
                "P-Asserted-Identity" or "p-asserted-identity" or "P-Preferred-Identity" or "Remote-Party-ID" => $"\"{mark}\" <sip:{(chance.Next(2) == 0 ? "49301" : "al.ice")}@{mark}.example>",
                _ => Value(chance, mark),
            }));
        }
        return headers;
    }

    private static string Value(Random chance, string mark)
    {
        var value = new StringBuilder(mark);
        for (int i = chance.Next(6); i > 0; i--)
        {
            value.Append(chance.Next(14) switch
            {
                0 => "\r\n ", 1 => "\r\n\t ", 2 => "\n ", 3 => "\rVia: SIP/2.0/UDP " + mark, 4 => "\u0007", 5 => "\u007f", 6 => "\"", 7 => "<sip:" + mark + ">", 8 => ", ",
                9 => "é李", 10 => ";tag=" + mark, 11 => "\t", 12 => new string('y', chance.Next(1200)), _ => " Content-Length: 5 ",
            });
        }
        return value.Append('!').ToString();
    }

    private static string Lines(List<(string Name, string Value)> headers) => string.Concat(headers.Select(static h => $"{h.Name}: {h.Value}\r\n"));

    // What a fold and a bare carriage return become: one space.
    private static string Clean(string value) => string.Join(' ', value.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
