using Tandem.Server.DeckSheets;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>How carriers lay out the files they send, as documents state it (docs/deck-import.md).</summary>
internal static class DeckTemplateKind
{
    private const int MostWords = 64;

    public static readonly EntityKind<DeckTemplateConfig> DeckTemplates = new()
    {
        List = "deckTemplates",
        Noun = "deck template",
        Blank = new DeckTemplateConfig { Name = "" },
        Of = static c => c.DeckTemplates,
        With = static (c, all) => c with { DeckTemplates = all },
        Fields =
        [
            Field<DeckTemplateConfig>.Text("name", static t => t.Name, static (t, v) => t with { Name = v }, 1, 64, static name => SheetHeadings.BuiltIn.Any(b => b.Name == name) ? $"'{name}' is a template that is always there" : EntityKinds.WrongName(name)).Required(),
            Field<DeckTemplateConfig>.List("columns", static t => t.Columns, static (t, v) => t with { Columns = v }, 0, MostWords, static one => SheetHeadings.Of([one], out string error) is null ? error : null, static all => SheetHeadings.Wrong(all)),
            Field<DeckTemplateConfig>.Text("sheet", static t => t.Sheet, static (t, v) => t with { Sheet = v }, 0, 64),
            Field<DeckTemplateConfig>.Text("decimal", static t => t.Decimal, static (t, v) => t with { Decimal = v }, 0, 5, static v => OneOf(v, "point", "comma")),
            Field<DeckTemplateConfig>.Text("dates", static t => t.Dates, static (t, v) => t with { Dates = v }, 0, 3, static v => OneOf(v, "dmy", "mdy", "ymd")),
            Field<DeckTemplateConfig>.Text("codes", static t => t.Codes, static (t, v) => t with { Codes = v }, 0, 5, static v => OneOf(v, "whole", "split")),
            Field<DeckTemplateConfig>.Text("rows", static t => t.Rows, static (t, v) => t with { Rows = v }, 0, 7, static v => OneOf(v, "all", "changes")),
            Field<DeckTemplateConfig>.Text("unit", static t => t.Unit, static (t, v) => t with { Unit = v }, 0, 6, static v => OneOf(v, "minute", "second")),
            Field<DeckTemplateConfig>.Number("firstInterval", static t => t.FirstInterval, static (t, v) => t with { FirstInterval = v }, 1, Pricing.MaxIntervalSeconds),
            Field<DeckTemplateConfig>.Number("nextInterval", static t => t.NextInterval, static (t, v) => t with { NextInterval = v }, 1, Pricing.MaxIntervalSeconds),
            Field<DeckTemplateConfig>.List("blocked", static t => t.Blocked, static (t, v) => t with { Blocked = v }, 0, MostWords, WrongWord),
            Field<DeckTemplateConfig>.List("deleted", static t => t.Deleted, static (t, v) => t with { Deleted = v }, 0, MostWords, WrongWord),
        ],
    };

    private static string? OneOf(string value, params string[] words) => value.Length == 0 || words.Contains(value) ? null : $"'{DocumentNode.Printable(value)}' is none of {string.Join(", ", words)}";

    private static string? WrongWord(string word) => SheetHeadings.Plain(word).Length > 0 ? null : $"'{DocumentNode.Printable(word)}' has no letter";
}
