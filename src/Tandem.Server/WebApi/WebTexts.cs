using System.Globalization;
using System.Text.Json;
using Tandem.Server.Configuration;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Server.WebApi;

/// <summary>An object of a list there that is one text here.</summary>
/// <param name="Read">The text of an object.</param>
/// <param name="Write">The object of a text.</param>
internal sealed record WebTexts(Func<DocumentNode, string> Read, Action<Utf8JsonWriter, string> Write)
{
    private const int DayLength = 86_400;
    private const int Sunday = 6;
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Shares of calls: "30:77".</summary>
    public static readonly WebTexts Proportion = new(
        static node => $"{node.Member("proportion")!.Text}:{node.Member("addPrefix")!.Text}",
        static (to, text) =>
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            to.WriteStartObject();
            to.WriteNumber("proportion", int.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture));
            to.WriteString("addPrefix", text[(colon + 1)..]);
            to.WriteEndObject();
        });

    /// <summary>Prefixes in a part of the week, days from 0 (Sunday) and seconds of the day there: "mon+tue 08:00:00-18:00:00 = deny callee 44 49".</summary>
    public static readonly WebTexts Period = new(ReadPeriod, WritePeriod);

    private static string ReadPeriod(DocumentNode node)
    {
        string days = string.Join('+', node.Member("days")!.Items.Select(static d => d.Text is [>= '0' and <= '6'] ? Days[d.Text[0] - '0'] : d.Text).Distinct());
        string prefixes = string.Join(' ', node.Member("prefixes")!.Items.Select(static p => p.Text));
        return $"{(days.Length == 0 ? "all" : days)} {Time("beginTime")}-{Time("endTime")} = {(node.Member("action")!.Text == "0" ? "deny" : "allow")} {(node.Member("type")!.Text == "0" ? "caller" : "callee")} {prefixes}";

        string Time(string name)
        {
            string text = node.Member(name)!.Text;
            return int.Parse(text, CultureInfo.InvariantCulture) is >= 0 and <= DayLength and var second ? $"{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}" : text;
        }
    }

    private static void WritePeriod(Utf8JsonWriter to, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] words = text[(equals + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!WeekPeriod.TryParse(text[..equals], out WeekPeriod? when, out string error)) throw new InvalidOperationException(error);
        to.WriteStartObject();
        to.WriteStartArray("days");
        for (int day = 0; day < Days.Length; day++)
        {
            if ((when.Days & (1 << (day == 0 ? Sunday : day - 1))) != 0) to.WriteNumberValue(day);
        }
        to.WriteEndArray();
        to.WriteNumber("beginTime", when.Begin);
        to.WriteNumber("endTime", when.End);
        to.WriteNumber("action", words[0] == "allow" ? 1 : 0);
        to.WriteNumber("type", words[1] == "callee" ? 1 : 0);
        WebJson.Texts(to, "prefixes", words.Skip(2));
        to.WriteEndObject();
    }
}
