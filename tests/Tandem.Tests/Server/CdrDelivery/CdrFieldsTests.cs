using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Server.CdrDelivery;

/// <summary>The one list of CDR fields against all that shows CDRs.</summary>
public sealed class CdrFieldsTests : IDisposable
{
    // What only the API says of a field that is in the list: the reason in words, the rate in full.
    private static readonly string[] InWords =
    [
        "refused.endReason", "refused.sipStatus", "refused.reason", "refused.q850", "refused.says", "callerMedia.packets", "calleeMedia.packets",
        .. new[] { "sale", "cost" }.SelectMany(static s => new[] { "ratePerMinute", "connectFee", "firstSeconds", "nextSeconds", "currency", "terms" }.Select(f => $"{s}.rate.{f}")), "sale.corrected", "cost.corrected",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public void Names_columns_and_places_in_the_line_are_each_there_once()
    {
        Assert.Equal(CdrFields.All.Length, CdrFields.All.Select(static f => f.Name).Distinct().Count());
        Assert.Equal(CdrFields.All.Length, CdrFields.All.Select(static f => f.Column).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, CdrText.Fields), CdrFields.Line.Select(static f => f.TextColumn));
        Assert.All(CdrFields.All, static f => Assert.NotEqual("", f.Says));
    }

    [Fact]
    public void The_api_has_every_field_under_its_name_with_its_value_and_nothing_the_list_does_not_know()
    {
        Cdr cdr = Whole();
        JsonNode view = JsonSerializer.SerializeToNode(CdrView.Of(cdr), ApiJson.Options)!;
        foreach (CdrField field in CdrFields.All)
        {
            JsonNode? shown = At(view, field.Name);
            Assert.True(shown is not null, $"{field.Name} is not in the API's answer.");
            if (field.Type == CdrType.List) Assert.Equal(field.Of(cdr).Text!.Split("; ").Length, ((JsonArray)shown).Count);
            else Assert.Equal($"{field.Name}={Known(CdrExport.Text(field, cdr, mask: false))}", $"{field.Name}={Known(shown.ToString())}");
        }
        HashSet<string> names = [.. CdrFields.All.Select(static f => f.Name), .. InWords];
        Assert.Equal([], Leaves(view, "").Where(n => !names.Contains(n)));
    }

    [Fact]
    public void Where_nobody_was_charged_and_nothing_heard_the_api_has_null_where_the_list_has_none()
    {
        Cdr cdr = new() { Call = CdrSamples.Call(1).Call, Start = CdrSamples.Midnight, Stop = CdrSamples.Midnight };
        JsonNode view = JsonSerializer.SerializeToNode(CdrView.Of(cdr), ApiJson.Options)!;
        Assert.All(CdrFields.All.Where(f => f.Of(cdr).IsNone && f.Type != CdrType.List), f => Assert.True(At(view, f.Name) is null, f.Name));
    }

    [Fact]
    public void The_database_has_every_field_in_its_column_with_its_value()
    {
        Cdr cdr = Whole();
        using (CdrStore store = CdrStore.Open(_folder["cdr.db"], 10, new HandClock(), static says => Assert.Fail(says))) store.Take([cdr], 1);
        using var connection = new SqliteConnection($"Data Source={_folder["cdr.db"]}");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM cdr";
        using SqliteDataReader row = command.ExecuteReader();
        Assert.True(row.Read());
        Assert.Equal(["call", .. CdrFields.All.Select(static f => f.Column), "record"], Enumerable.Range(0, row.FieldCount).Select(row.GetName));
        foreach (CdrField field in CdrFields.All)
        {
            CdrValue value = field.Of(cdr);
            object expected = field.IsText ? value.Text! : value.Number;
            Assert.Equal((field.Column, expected), (field.Column, row[field.Column]));
        }
    }

    [Fact]
    public void The_text_line_is_the_listed_fields_in_their_places()
    {
        Cdr cdr = Whole();
        var writer = new ByteWriter(new byte[2048]);
        CdrText.Write(ref writer, cdr, TimeZoneInfo.Utc);
        string[] parts = System.Text.Encoding.UTF8.GetString(writer.Written).TrimEnd('\n').Split('|');
        Assert.Equal(CdrFields.Line.Length, parts.Length);
        foreach (CdrField field in CdrFields.Line)
        {
            CdrValue value = (field.Line ?? field.Of)(cdr);
            string expected = field.Type == CdrType.Time ? new Instant(value.Number).ToUtc().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : value.Text ?? value.Number.ToString(CultureInfo.InvariantCulture);
            Assert.Equal((field.Name, expected), (field.Name, parts[field.TextColumn - 1]));
        }
    }

    [Fact]
    public void A_masked_export_shows_the_end_of_no_number()
    {
        Cdr cdr = Whole();
        string all = string.Join('\n', CdrFields.All.Select(f => CdrExport.Text(f, cdr, mask: true)));
        foreach (string number in (string[])[cdr.CallerE164, cdr.CalleeE164, cdr.CallerAccessE164, cdr.CalleeToGatewayE164, cdr.Tried[0].Number, cdr.Tried[1].To])
            Assert.DoesNotContain(number, all, StringComparison.Ordinal);
        Assert.Contains("carrier-1", all, StringComparison.Ordinal);
    }

    /// <summary>A CDR with something in every field.</summary>
    internal static Cdr Whole() => CdrSamples.Call(1, static c =>
    {
        c.Refusal = Refusal.AccountLocked;
        c.EndReason = Refusal.AccountLocked.Meaning().EndReason;
        c.CallerAreaCode = "1212";
        c.CalleeAreaCode = "4420";
        c.Recording = "20260426/000001-x.wav";
        c.CalleeMedia = c.CallerMedia with { Packets = 77 };
        c.Sale = c.Sale! with { GiftSeconds = 61, GiftNanos = 5_000_000, Level = CallLevel.National, Period = "night" };
        c.Cost = c.Cost! with { Level = CallLevel.International, Period = "day" };
        c.Further = [c.Sale with { AccountNumber = "7001", IncomeNanos = 3 }, c.Sale with { AccountNumber = "7002" }];
        c.Tried =
        [
            new CdrAttempt("carrier-1", "00442079460001", NetAddress.Parse("198.51.100.7:5060"), c.Start, 0, 503, Refusal.None),
            new CdrAttempt("100234567", "9442079460001", NetAddress.Parse("198.51.100.8:5060"), c.Start, 900, 200, Refusal.None),
        ];
    });

    // Numbers and money as the API writes them, with or without a point, are compared as numbers; directions and modes by their numbers.
    private static string Known(string text) => Enum.TryParse(text, out EndDirection direction) && char.IsLetter(text[0]) ? Known($"{(int)direction}")
        : Enum.TryParse(text, out BillingMode mode) && char.IsLetter(text[0]) ? Known($"{(int)mode}")
        : Enum.TryParse(text, ignoreCase: true, out CallLevel level) && char.IsLetter(text[0]) ? Known($"{(int)level}")
        : Enum.TryParse(text, out CalleeBilling pays) && char.IsLetter(text[0]) ? Known($"{(int)pays}")
        : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number) && !text.StartsWith('+') && text.Length < 12 ? number.ToString("0.#########", CultureInfo.InvariantCulture) : text;

    private static JsonNode? At(JsonNode node, string path)
    {
        JsonNode? at = node;
        foreach (string name in path.Split('.')) at = (at as JsonObject)?[name];
        return at;
    }

    private static IEnumerable<string> Leaves(JsonNode node, string prefix) => node is JsonObject inner
        ? inner.SelectMany(p => p.Value is JsonObject deeper ? Leaves(deeper, $"{prefix}{p.Key}.") : [$"{prefix}{p.Key}"])
        : [prefix];
}
