using System.Text;
using Tandem.Primitives;
using Tandem.Server.DeckSheets;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.DeckSheets;

/// <summary>A carrier's file laid over a deck: which lines there are then, and how each code fares.</summary>
public sealed class DeckMergeTests
{
    private static readonly Instant Now = At("2026-11-26");

    [Theory]
    [InlineData("code,rate\n44,0.03\n46,0.01", "44:0.03 46:0.01", "44 Increase 0.02>0.03; 45 Deleted 0.02>; 46 New >0.01")]
    [InlineData("code,rate,effective date\n44,0.01,2026-12-01\n45,0.02,", "44:0.02<2026-12-01 44:0.01@2026-12-01 45:0.02", "44 Decrease 0.02>0.01 from 2026-12-01")]
    [InlineData("code,rate,effective date\n44,0.01,2026-01-01\n45,0.02,2026-01-01", "44:0.01 45:0.02", "44 Decrease 0.02>0.01")]
    [InlineData("code,rate,effective date\n44,0.03,2026-12-01\n44,0.04,2027-01-01\n45,0.02,", "44:0.02<2026-12-01 44:0.03@2026-12-01<2027-01-01 44:0.04@2027-01-01 45:0.02", "44 Increase 0.02>0.04 from 2027-01-01")]
    [InlineData("code,rate,effective date,end date\n44,0.03,2026-12-01,2026-12-24\n45,0.02,,", "44:0.02<2026-12-01 44:0.03@2026-12-01<2026-12-24 45:0.02", "44 Increase 0.02>0.03 from 2026-12-01")]
    [InlineData("code,rate,status,effective date\n44,,deleted,2026-12-01\n45,,blocked,2026-12-01", "44:0.02<2026-12-01 45:0.02<2026-12-01 45:0.02!@2026-12-01", "44 Deleted 0.02> from 2026-12-01; 45 Blocked 0.02> from 2026-12-01")]
    [InlineData("code,rate,increment\n44,0.02,60/60\n45,0.02,1/1", "44:0.02/60 45:0.02", "44 Increase 0.02>0.02")]
    [InlineData("code,rate,destination\n44,0.02,Great Britain\n45,0.02,", "44:0.02 45:0.02", "44 Renamed 0.02>0.02")]
    [InlineData("code,rate\n44,0.02\n45,0.02", "44:0.02 45:0.02", "")]
    [InlineData("code,rate\n44,0.02\n45,0.02\n4420,0.05", "44:0.02 4420:0.05 45:0.02", "4420 New 0.02>0.05")]
    [InlineData("code,rate\n44,0.02\n45,zero", "44:0.02 45:0.02", "")] // what could not be read stays
    [InlineData("code,rate\n44,0.03\n45,0.02\n44,0.04\n46,0.01\n46,0.02", "44:0.02 45:0.02", "")] // and so does what is said twice and differently
    public void A_whole_list_replaces_the_deck(string file, string lines, string changes) => Check("44:0.02 45:0.02", file, "", lines, changes);

    [Theory]
    [InlineData("code,rate\n44,0.03", "44:0.03 45:0.02", "44 Increase 0.02>0.03")]
    [InlineData("code,rate,status\n45,,deleted", "44:0.02", "45 Deleted 0.02>")]
    [InlineData("code,rate,status\n47,,deleted", "44:0.02 45:0.02", "")]
    public void Changes_leave_the_rest_as_it_is(string file, string lines, string changes) => Check("44:0.02 45:0.02", file, "changes", lines, changes);

    [Theory]
    [InlineData("code,rate\n44,0.02", "44:0.02", "44 Unblocked >0.02")]
    [InlineData("code,rate\n44,0.02\n4420,0.02", "44:0.02 4420:0.02", "44 Unblocked >0.02; 4420 New >0.02")]
    public void A_blocked_line_is_opened_by_a_plain_row(string file, string lines, string changes) => Check("44:0.02!", file, "", lines, changes);

    [Fact]
    public void A_code_that_goes_is_priced_by_the_shorter_one_that_stays() => Check("44:0.02 4420:0.01", "code,rate\n44,0.02", "", "44:0.02", "4420 Deleted 0.01>0.02");

    [Fact]
    public void What_was_prepared_for_later_gives_way_to_the_file_and_what_is_past_goes()
    {
        Deck before = DeckOf([Line("44", 20) with { Until = At("2026-11-01") }, Line("44", 30) with { From = At("2026-11-01"), Until = At("2027-01-01") }, Line("44", 40) with { From = At("2027-01-01") }]);
        Check(before, "code,rate,effective date\n44,0.05,2026-12-01", "", "44:0.03<2026-12-01 44:0.05@2026-12-01", "44 Increase 0.03>0.05 from 2026-12-01");
        Check(before, "code,rate,effective date\n45,0.05,2026-12-01", "changes", "44:0.03<2027-01-01 44:0.04@2027-01-01 45:0.05@2026-12-01", "45 New >0.05 from 2026-12-01");
    }

    [Fact]
    public void The_file_does_not_say_type_area_code_and_announced_fee_so_they_are_kept_and_periods_are_not()
    {
        RateDetails details = RateDetails.None with { AreaCode = "GB", Level = Tandem.Switching.Numbers.CallLevel.International, IvrFeeNanos = 7, IvrSeconds = 60 };
        Assert.True(Tandem.Switching.Routing.Selection.WeekPeriod.TryParse("mon-fri 18:00-24:00", out var when, out _));
        Deck before = DeckOf([Line("44", 20) with { Area = "UK", Details = details with { Periods = [new RatePeriod(when!, Line("44", 10).Tariff)] } }]);
        Rate line = Assert.Single(DeckMerge.Lay(before, Read("code,rate\n44,0.03", ""), default, Now));
        Assert.Equal(("UK", details), (line.Area, line.Details));
    }

    [Fact]
    public void Rows_without_a_date_hold_from_the_time_that_is_stated_and_codes_left_out_end_then()
    {
        SheetRead sheet = Read("code,rate\n44,0.03", "", At("2026-12-01"));
        Assert.Equal("44:0.02<2026-12-01 44:0.03@2026-12-01 45:0.02<2026-12-01", Shown(DeckMerge.Lay(Deck("44:0.02 45:0.02"), sheet, At("2026-12-01"), Now)));
    }

    private static void Check(string before, string file, string rows, string lines, string changes) => Check(Deck(before), file, rows, lines, changes);

    private static void Check(Deck before, string file, string rows, string lines, string changes)
    {
        List<Rate> laid = DeckMerge.Lay(before, Read(file, rows), default, Now);
        Deck after = DeckOf(laid);
        Assert.Equal(lines, Shown(after.Rates));
        Assert.Equal(changes, string.Join("; ", DeckRisk.Compare(before, after, Now).OrderBy(static c => c.Code.ToString(), StringComparer.Ordinal)
            .Select(static c => $"{c.Code} {c.Kind} {Price(c.Before)}>{Price(c.After)}{(c.From == default ? "" : $" from {Day(c.From)}")}")));
        // A second time the same file changes nothing.
        Assert.Equal(after.Version, DeckOf(DeckMerge.Lay(after, Read(file, rows), default, Now)).Version);
    }

    private static SheetRead Read(string file, string rows, Instant from = default) => SheetReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(file)), new SheetOrder("d", Currency.Usd) { Rows = rows, From = from }, []);

    private static Deck Deck(string lines) => DeckOf([.. lines.Split(' ').Select(static l => l.Split(':')).Select(static l => Line(l[0], (int)(decimal.Parse(l[1].TrimEnd('!'), System.Globalization.CultureInfo.InvariantCulture) * 1000)) with { Locked = l[1].EndsWith('!') })]);

    private static Deck DeckOf(IReadOnlyList<Rate> rates)
    {
        Assert.True(Tandem.Switching.Billing.Deck.TryCreate("d", Currency.Usd, rates, out Deck? deck, out string? error), error);
        return deck;
    }

    private static Rate Line(string code, int thousandths) => new(DialString.Parse(code), "", new Tariff(thousandths * 1_000_000L, 0, 1, 1, Currency.Usd), Locked: false);

    private static string Shown(IEnumerable<Rate> rates) => string.Join(' ', rates.Select(static r =>
        $"{r.Prefix}:{Plain(r)}{(r.Tariff.NextSeconds == 1 ? "" : $"/{r.Tariff.NextSeconds}")}{(r.Locked ? "!" : "")}{(r.From == default ? "" : "@" + Day(r.From))}{(r.Until == default ? "" : "<" + Day(r.Until))}"));

    private static string Price(Rate? rate) => rate is { Locked: false } r ? Plain(r) : "";

    private static string Plain(in Rate rate) => (rate.Tariff.RatePerMinuteNanos / 1_000_000_000m).ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture);

    private static string Day(Instant at) => at.ToUtc().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static Instant At(string day) => Instant.FromUtc(DateTime.SpecifyKind(DateTime.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc));
}
