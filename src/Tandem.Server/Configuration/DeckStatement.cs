using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>Reads a deck of a document: by version (stored already), by file, or by rates written out in place.</summary>
internal static class DeckStatement
{
    private const int DefaultMinute = 60;
    private const int MostMinute = 3_600;
    private const int MostMemo = 256;
    private static readonly string[] Fields = ["name", "currency", "version", "file", "rates", "zone", "fakeMinute", "memo", "validFrom", "validUntil", "timeline"];
    private static readonly string[] RateFields = ["prefix", "area", "ratePerMinute", "connectFee", "firstInterval", "nextInterval", "lockType", .. RateText.Fields];

    /// <summary>The reference, and the deck itself where the document brings it; null with faults.</summary>
    /// <param name="node">The object.</param>
    /// <param name="path">Its path, as in decks[0].</param>
    /// <param name="shelf">Null when folding the journal: versions were checked when they were applied.</param>
    /// <param name="faults">Gets what is wrong.</param>
    /// <param name="brought">The deck to be stored before the change counts; null when the version is stored already.</param>
    /// <param name="before">Of the same name, as it is in force; null for a new one.</param>
    /// <param name="now">From when on a version holds that is stated without a time.</param>
    public static DeckRef? Read(DocumentNode node, string path, IDeckShelf? shelf, Func<string, DeckRef?> before, Instant now, FaultList faults, out Deck? brought)
    {
        brought = null;
        bool ok = Known(node, path, Fields, faults);
        string? name = Text(node, path, "name", faults);
        if (name is not null && EntityKinds.WrongName(name) is { } wrong)
        {
            faults.Add(node.Member("name")!.Line, $"{path}.name", wrong);
            name = null;
        }
        string? code = Text(node, path, "currency", faults);
        Currency currency = default;
        if (code is not null && !Currency.TryParse(code, out currency))
        {
            faults.Add(node.Member("currency")!.Line, $"{path}.currency", $"'{DocumentNode.Printable(code)}' is not a currency of three capital letters, as in USD");
            code = null;
        }
        (string Name, DocumentNode Value)[] sources = [.. node.Members.Where(static m => m.Name is "version" or "file" or "rates")];
        if (sources.Length != 1)
        {
            faults.Add(node.Line, path, "a deck needs exactly one of version, file and rates");
            return null;
        }
        (int fakeMinute, string memo) = Described(node, path, faults, ref ok);
        string zone = "";
        if (node.Member("zone") is { } zoneNode)
        {
            zone = zoneNode.Text;
            if (sources[0].Name == "version" || zoneNode.Kind != JsonValueKind.String || !Deck.IsZone(zone))
            {
                faults.Add(zoneNode.Line, $"{path}.zone", sources[0].Name == "version" ? "a stored version has its own" : $"{zoneNode.Shown} is no time zone: its IANA name is needed, as in Europe/Paris");
                return null;
            }
        }
        if (!ok || name is null || code is null) return null;
        DocumentNode source = sources[0].Value;
        string sourcePath = $"{path}.{sources[0].Name}";
        switch (sources[0].Name)
        {
            case "version":
                if (source.Kind != JsonValueKind.String || source.Text.Length != 64 || !source.Text.All(char.IsAsciiHexDigitLower))
                {
                    faults.Add(source.Line, sourcePath, $"{source.Shown} is no deck version: 64 lower-case hexadecimal digits");
                    return null;
                }
                if (shelf is null) return Made(source.Text);
                if (!shelf.TryFind(source.Text, out Currency stored))
                {
                    faults.Add(source.Line, sourcePath, $"no deck of version {source.Text[..12]}… is stored");
                    return null;
                }
                if (stored != currency)
                {
                    faults.Add(source.Line, sourcePath, $"the stored deck is in {stored}, not {currency}");
                    return null;
                }
                return Made(source.Text);
            case "file":
                if (source.Kind != JsonValueKind.String || source.Text.Length is 0 or > 4096 || source.Text.Any(char.IsControl) || shelf is null)
                {
                    faults.Add(source.Line, sourcePath, $"{source.Shown} is no file name");
                    return null;
                }
                brought = shelf.ReadFile(source.Text, name, currency, zone, out IReadOnlyList<FieldFault> found);
                foreach (FieldFault fault in found) faults.Add(source.Line, sourcePath, $"{DocumentNode.Printable(source.Text)}: {fault}");
                if (brought is null && found.Count == 0) faults.Add(source.Line, sourcePath, $"{source.Shown} cannot be read");
                break;
            default:
                brought = ReadRates(source, sourcePath, name, currency, zone, faults);
                break;
        }
        return brought is null ? null : Made(brought.Version);

        DeckRef? Made(string version) => DeckTimes.Read(node, path, new DeckRef(name, currency, version) { FakeMinute = fakeMinute, Memo = memo }, before(name), shelf, now, faults);
    }

    public static void Write(Utf8JsonWriter to, DeckRef deck) => Write(to, deck, default, default);

    /// <summary>Likewise, as a version that holds from a time on and until a time.</summary>
    public static void Write(Utf8JsonWriter to, DeckRef deck, Instant from, Instant until)
    {
        to.WriteStartObject();
        to.WriteString("name", deck.Name);
        to.WriteString("currency", deck.Currency.ToString());
        to.WriteString("version", deck.Version);
        DeckTimes.Write(to, deck);
        if (from != default) to.WriteString("validFrom", RateText.Date(from));
        if (until != default) to.WriteString("validUntil", RateText.Date(until));
        if (deck.FakeMinute != DefaultMinute) to.WriteNumber("fakeMinute", deck.FakeMinute);
        if (deck.Memo.Length > 0) to.WriteString("memo", deck.Memo);
        to.WriteEndObject();
    }

    private static (int FakeMinute, string Memo) Described(DocumentNode node, string path, FaultList faults, ref bool ok)
    {
        int minute = DefaultMinute;
        if (node.Member("fakeMinute") is { } said && (said.Kind != JsonValueKind.Number || !int.TryParse(said.Text, NumberStyles.None, CultureInfo.InvariantCulture, out minute) || minute is < 1 or > MostMinute))
        {
            faults.Add(said.Line, $"{path}.fakeMinute", $"{said.Shown} is not a whole number of seconds from 1 to {MostMinute}");
            ok = false;
        }
        if (node.Member("memo") is not { } memo) return (minute, "");
        if (memo.Kind == JsonValueKind.String && memo.Text.Length <= MostMemo && !memo.Text.Any(char.IsControl)) return (minute, memo.Text);
        faults.Add(memo.Line, $"{path}.memo", $"{memo.Shown} is not a text of at most {MostMemo} characters");
        ok = false;
        return (minute, "");
    }

    private static Deck? ReadRates(DocumentNode list, string path, string name, Currency currency, string zone, FaultList faults)
    {
        if (list.Kind != JsonValueKind.Array)
        {
            faults.Add(list.Line, path, $"{list.Shown} is not a list");
            return null;
        }
        List<Rate> rates = new(list.Items.Length);
        Dictionary<DialString, int> seen = new(list.Items.Length);
        bool ok = true;
        for (int i = 0; i < list.Items.Length; i++)
        {
            DocumentNode item = list.Items[i];
            string at = $"{path}[{i}]";
            if (!ReadRate(item, at, currency, faults, out Rate rate))
            {
                ok = false;
            }
            else if (!seen.TryAdd(rate.Prefix, item.Line) && rate.From == default && rate.Until == default)
            {
                faults.Add(item.Line, $"{at}.prefix", $"'{rate.Prefix}' has a rate already, on line {seen[rate.Prefix]}");
                ok = false;
            }
            else
            {
                rates.Add(rate);
            }
        }
        if (!ok) return null;
        if (Deck.TryCreate(name, currency, zone, rates, out Deck? deck, out string? error)) return deck;
        faults.Add(list.Line, path, error);
        return null;
    }

    private static bool ReadRate(DocumentNode node, string path, Currency currency, FaultList faults, out Rate rate)
    {
        rate = default;
        if (node.Kind != JsonValueKind.Object)
        {
            faults.Add(node.Line, path, $"{node.Shown} is not an object");
            return false;
        }
        bool ok = Known(node, path, RateFields, faults);
        string? prefixText = Text(node, path, "prefix", faults);
        DialString prefix = default;
        if (prefixText is not null && (!DialString.TryParse(prefixText.AsSpan(), out prefix) || !Deck.IsPrefix(prefix)))
        {
            faults.Add(node.Member("prefix")!.Line, $"{path}.prefix", $"'{DocumentNode.Printable(prefixText)}' is no prefix: 1 to {Deck.MaxPrefixLength} of 0-9 * #");
            ok = false;
        }
        ok &= prefixText is not null;
        string area = "";
        if (node.Member("area") is { } areaNode)
        {
            area = areaNode.Text;
            if (areaNode.Kind != JsonValueKind.String || area.Length > Deck.MaxAreaLength || area.Any(char.IsControl))
            {
                faults.Add(areaNode.Line, $"{path}.area", $"{areaNode.Shown} is not a text of at most {Deck.MaxAreaLength} characters");
                ok = false;
            }
        }
        ok &= Amount(node, path, "ratePerMinute", required: node.Member("fee") is null, faults, out long perMinute);
        ok &= Amount(node, path, "connectFee", required: false, faults, out long connectFee);
        ok &= Seconds(node, path, "firstInterval", faults, out int first);
        ok &= Seconds(node, path, "nextInterval", faults, out int next);
        bool locked = false;
        if (node.Member("lockType") is { } lockNode)
        {
            locked = lockNode.Text is "locked" or "1";
            if (!locked && lockNode.Text is not ("none" or "0"))
            {
                faults.Add(lockNode.Line, $"{path}.lockType", $"{lockNode.Shown} is not 'none' (0) or 'locked' (1)");
                ok = false;
            }
        }
        rate = new Rate(prefix, area, new Tariff(perMinute, connectFee, first, next, currency), locked);
        bool read = true;
        RateText.Read(name => MoreText(node, name), ref rate, (name, says) =>
        {
            faults.Add((node.Member(name) ?? node).Line, $"{path}.{name}", says);
            read = false;
        });
        ok &= read;
        if (ok && Pricing.Fault(rate.Tariff) is { } wrong)
        {
            faults.Add(node.Line, path, wrong);
            ok = false;
        }
        return ok;
    }

    // A list as one text.
    private static string MoreText(DocumentNode node, string name) => node.Member(name) switch
    {
        null => "",
        { Kind: JsonValueKind.Array } list => string.Join(';', list.Items.Select(static i => i.Text)),
        { Kind: JsonValueKind.String or JsonValueKind.Number } value => value.Text.Trim(),
        { } other => other.Shown,
    };

    private static bool Known(DocumentNode node, string path, string[] fields, FaultList faults)
    {
        bool ok = true;
        foreach ((string name, DocumentNode value) in node.Members)
        {
            if (fields.Contains(name)) continue;
            faults.Add(value.Line, $"{path}.{DocumentNode.Printable(name)}", $"there is no such field; there are {string.Join(", ", fields)}");
            ok = false;
        }
        return ok;
    }

    private static string? Text(DocumentNode node, string path, string name, FaultList faults)
    {
        DocumentNode? value = node.Member(name);
        if (value is null) faults.Add(node.Line, $"{path}.{name}", "it is missing");
        else if (value.Kind != JsonValueKind.String) faults.Add(value.Line, $"{path}.{name}", $"{value.Shown} is not a text");
        return value?.Kind == JsonValueKind.String ? value.Text : null;
    }

    private static bool Amount(DocumentNode node, string path, string name, bool required, FaultList faults, out long nanos)
    {
        nanos = 0;
        DocumentNode? value = node.Member(name);
        if (value is null)
        {
            if (required) faults.Add(node.Line, $"{path}.{name}", "it is missing");
            return !required;
        }
        if (value.Kind is JsonValueKind.String or JsonValueKind.Number && Money.TryParseNanos(value.Text, out nanos)) return true;
        faults.Add(value.Line, $"{path}.{name}", $"{value.Shown} is not an amount such as 0.0125, with at most nine decimals");
        return false;
    }

    // Left out: a second, as wholesale is billed.
    private static bool Seconds(DocumentNode node, string path, string name, FaultList faults, out int seconds)
    {
        seconds = 1;
        DocumentNode? value = node.Member(name);
        if (value is null) return true;
        if (value.Kind == JsonValueKind.Number && int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)) return true;
        faults.Add(value.Line, $"{path}.{name}", $"{value.Shown} is not a whole number of seconds");
        return false;
    }
}
