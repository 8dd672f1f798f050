using System.Collections.Immutable;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.Configuration;

public sealed class ConfigurationBookTests
{
    private static readonly Instant Now = new(1_000_000);
    private readonly DeckShelf _shelf = new();
    private readonly ConfigurationBook _book;

    public ConfigurationBookTests() => _book = new ConfigurationBook(_shelf);

    [Fact]
    public void The_same_document_twice_changes_nothing_and_makes_no_revision()
    {
        Assert.Equal(1, Apply(ApplyDocumentTests.Good).Revision);
        SwitchConfiguration first = _book.Current.Configuration;
        ApplyResult again = Apply(ApplyDocumentTests.Good);
        Assert.Equal((true, false, 1), (again.Succeeded, again.Changed, again.Revision));
        Assert.Empty(again.JournalPayload);
        Assert.Same(first, _book.Current.Configuration);
    }

    [Fact]
    public void Removing_what_is_gone_already_is_no_error_and_no_change()
    {
        Apply(ApplyDocumentTests.Good);
        const string remove = """{ "remove": { "phones": ["100"], "routingGateways": ["two"], "mappingGateways": ["alpha"], "settings": ["SS_CDR_RECORD_TO_FILE"] } }""";
        Assert.Equal(["mappingGateways[alpha]", "routingGateways[two]", "phones[100]", "settings.SS_CDR_RECORD_TO_FILE"], Apply(remove).Changes.Select(static c => c.What));
        Assert.False(Apply(remove).Changed);
        Assert.Equal(2, _book.Revision);
    }

    [Fact]
    public void The_audit_says_who_changed_what_when_from_and_to()
    {
        Apply(ApplyDocumentTests.Good);
        ApplyResult result = Apply("""{ "accounts": [ { "account": "1001", "currency": "USD", "limitMoney": "60", "feeRateGroup": "retail", "name": "Älpha" } ], "settings": { "SS_SIP_TIMEOUT_INVITE": "20" } }""", "eve");
        Assert.Equal([new AuditEntry(2, Now, "eve", "accounts[1001].limitMoney", "50.000000001", "60.00"), new AuditEntry(2, Now, "eve", "settings.SS_SIP_TIMEOUT_INVITE", "15", "20")], result.Changes);
        Assert.Equal(result.Changes, _book.Audit.TakeLast(2));
    }

    [Fact]
    public void A_field_left_out_goes_back_to_its_default()
    {
        Apply(ApplyDocumentTests.Good);
        Apply("""{ "routingGateways": [ { "name": "one", "remoteIp": "203.0.113.5" } ] }""");
        RoutingGatewayConfig one = _book.Current.Configuration.RoutingGateways["one"];
        Assert.Equal((0, null), (one.Priority, one.ClearingAccount));
        Assert.Equal([""], one.Prefixes);
    }

    [Fact]
    public void Passwords_are_kept_when_left_out_and_shown_nowhere()
    {
        Apply(ApplyDocumentTests.Good);
        Apply("""{ "phones": [ { "e164": "100", "account": "1001" } ] }""");
        Assert.Equal("se\"cret", _book.Current.Configuration.Phones["100"].Password);
        ApplyResult changed = Apply("""{ "phones": [ { "e164": "100", "account": "1001", "password": "hunter2" } ] }""");
        Assert.Equal("phones[100].password", Assert.Single(changed.Changes).What);
        string shown = string.Concat(_book.Audit) + Encoding.UTF8.GetString(_book.ToDocument()) + _book.Current.Configuration.Phones["100"];
        Assert.DoesNotContain("hunter2", shown);
        Assert.DoesNotContain("cret", shown.Replace("(secret)", "", StringComparison.Ordinal).Replace("(another secret)", "", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_book_shows_can_be_applied_again_and_changes_nothing()
    {
        Store(Apply(ApplyDocumentTests.Good));
        ApplyResult again = _book.Apply(_book.ToDocument(), "admin", Now);
        Assert.Equal([], again.Errors);
        Assert.False(again.Changed);
    }

    [Theory]
    [InlineData("""{ "accounts": [ { "account": "1001", "currency": "EUR" } ] }""", "line 1, accounts[0].currency: it is 'USD' for ever and cannot become 'EUR'")]
    [InlineData("""{ "accounts": [ { "account": "9001", "currency": "USD" } ] }""", "line 1, accounts[0].type: it is 'clearing' for ever and cannot become 'ordinary'")]
    [InlineData("""{ "remove": { "decks": ["retail"] } }""", "line 1, remove.decks[0]: the deck 'retail' prices the account '1001'")]
    [InlineData("""{ "phones": [ { "e164": "100" } ], "remove": { "phones": ["100"] } }""", "line 1, remove.phones[0]: '100' is stated and removed in one document")]
    [InlineData("""{ "mappingGateways": [ { "name": "beta", "remoteIps": "192.0.2.10" } ] }""", "line 1, mappingGateways[0].remoteIps: '192.0.2.10' belongs to the mapping gateway 'alpha'")]
    [InlineData("""{ "decks": [ { "name": "retail", "currency": "EUR", "rates": [] } ] }""", "line 1, decks[0].currency: the account '1001' that uses it is in USD, and exchangeRates has no rate between them")]
    public void What_would_break_what_stands_is_refused(string document, string says)
    {
        Apply(ApplyDocumentTests.Good);
        Assert.Equal([says], Apply(document).Errors.Select(static e => e.ToString()));
        Assert.Equal(1, _book.Revision);
    }

    [Fact]
    public void A_source_may_move_from_one_gateway_to_another_in_one_document()
    {
        Apply(ApplyDocumentTests.Good);
        Assert.True(Apply("""{ "mappingGateways": [ { "name": "beta", "remoteIps": "192.0.2.10" } ], "remove": { "mappingGateways": ["alpha"] } }""").Succeeded);
        Assert.True(Apply("""{ "mappingGateways": [ { "name": "beta", "remoteIps": "192.0.2.11" }, { "name": "alpha", "remoteIps": "192.0.2.10" } ] }""").Succeeded);
    }

    [Fact]
    public void The_ledger_hears_of_new_accounts_and_of_changed_credit_and_locks_only()
    {
        ApplyResult first = Apply(ApplyDocumentTests.Good);
        Assert.Equal(["1001", "9001"], first.AccountsOpened.Select(static a => a.Number));
        Assert.Empty(first.AccountsChanged);
        ApplyResult second = Apply("""{ "accounts": [ { "account": "1001", "currency": "USD", "limitMoney": "50.000000001", "feeRateGroup": "retail", "name": "renamed" }, { "account": "9001", "currency": "USD", "type": 2, "feeRateGroup": "cost", "lockType": 1 } ] }""");
        Assert.Empty(second.AccountsOpened);
        Assert.Equal("9001", Assert.Single(second.AccountsChanged).Number);
    }

    [Fact]
    public void Decks_the_document_brought_are_handed_out_until_they_are_stored()
    {
        ApplyResult first = Apply(ApplyDocumentTests.Good);
        Assert.Equal(2, first.Decks.Count);
        Store(first);
        ApplyResult dearer = Apply("""{ "decks": [ { "name": "cost", "currency": "USD", "rates": [ { "prefix": "4", "ratePerMinute": "0.011" } ] } ] }""");
        Assert.Equal(_book.Current.Configuration.Decks["cost"].Version, Assert.Single(dearer.Decks).Version);
        Assert.True(_book.PrepareDeck(new DeckRef("cost", Currency.Usd, first.Decks.First(static d => d.Name == "cost").Version), "admin", Now).Changed);
        Assert.Equal("line 1, decks[0].version: no deck of version 000000000000… is stored", Assert.Single(_book.PrepareDeck(new DeckRef("cost", Currency.Usd, new string('0', 64)), "admin", Now).Errors).ToString());
    }

    [Fact]
    public void Folding_the_journal_gives_the_same_book()
    {
        List<byte[]> journal = [];
        foreach (string document in new[] { ApplyDocumentTests.Good, """{ "settings": { "SS_QOS_RTP": "0xb8" } }""", """{ "remove": { "phones": ["100"], "settings": ["SS_CDR_RECORD_TO_FILE"] } }""", """{ "phones": [ { "e164": "200", "password": "päß" } ] }""" })
            journal.Add(Apply(document, "admin \"x\"").JournalPayload);
        ConfigurationBook folded = new(new DeckShelf());
        foreach (byte[] payload in journal) Assert.True(folded.TryFold(payload, out string error), error);
        AssertSame(_book, folded);
        Assert.Equal("0xb8", folded.Audit.Single(static a => a.What == "settings.SS_QOS_RTP").To);
    }

    [Fact]
    public void A_snapshot_and_the_records_after_it_give_the_same_book()
    {
        Apply(ApplyDocumentTests.Good);
        byte[] snapshot = _book.ToSnapshot();
        byte[] later = Apply("""{ "settings": { "SS_QOS_RTP": "0xb8" } }""").JournalPayload;
        ConfigurationBook restored = new(new DeckShelf());
        Assert.True(restored.TryRestore(snapshot, out string error), error);
        Assert.True(restored.TryFold(later, out error), error);
        AssertSame(_book, restored);
    }

    [Theory]
    [InlineData("""{"format":1,"revision":3,"document":{"accounts":[{"account":"1","currency":"USD"},{"account":"2","currency":"USD","name":"x"}]},"audit":[]}""", "", "x")]
    [InlineData("""{"format":2,"revision":3,"blanks":{"accounts":[{"name":"as it was"}]},"document":{"accounts":[{"account":"1","currency":"USD"},{"account":"2","currency":"USD","name":"x"}]},"audit":[]}""", "as it was", "x")]
    public void What_a_snapshot_leaves_out_is_what_it_says_it_is_or_else_the_default(string snapshot, string first, string second)
    {
        Assert.True(_book.TryRestore(Encoding.UTF8.GetBytes(snapshot), out string error), error);
        Assert.Equal((first, second, 3), (_book.Current.Configuration.Accounts["1"].Name, _book.Current.Configuration.Accounts["2"].Name, _book.Revision));
    }

    [Theory]
    [InlineData("""{"format":3,"revision":3,"document":{},"audit":[]}""", "this is no snapshot of a configuration")]
    [InlineData("""{"format":2,"revision":3,"blanks":{"accounts":[{"name":7}]},"document":{},"audit":[]}""", "the snapshot of the configuration does not hold: line 1, blanks.accounts.name: '7' is not a text")]
    [InlineData("""{"format":2,"revision":3,"document":{"accounts":[{"account":"1","currency":"USD"},{"account":"1","currency":"USD"}]},"audit":[]}""", "the snapshot of the configuration does not hold: line 1, accounts[1]: the account '1' is stated twice; first on line 1")]
    [InlineData("""{"format":2,"revision":3,"document":{"accounts":[{"account":"1","currency":"USD","feeRateGroup":"x"}]},"audit":[]}""", "the snapshot of the configuration does not hold: line 1, accounts[0].feeRateGroup: there is no deck 'x'")]
    public void A_snapshot_that_does_not_hold_says_where(string snapshot, string says)
    {
        Assert.False(_book.TryRestore(Encoding.UTF8.GetBytes(snapshot), out string error));
        Assert.Equal(says, error);
        Assert.Equal(0, _book.Revision);
    }

    [Fact]
    public void What_differs_is_found_by_walking_both_side_by_side()
    {
        ImmutableSortedDictionary<string, string> before = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2", ["d"] = "4" }.ToImmutableSortedDictionary(StringComparer.Ordinal);
        ImmutableSortedDictionary<string, string> after = before.Remove("a").SetItem("b", "3").Add("c", "5").Add("e", "6");
        Assert.Equal([("a", "1", null), ("b", "2", "3"), ("c", null, "5"), ("e", null, "6")], Differences.Between(before, after));
        Assert.Empty(Differences.Between(before, before.Remove("x")));
        Assert.Equal([("a", "1", null), ("b", "2", null), ("d", "4", null)], Differences.Between(before, before.Clear()));
    }

    [Fact]
    public void A_record_missing_doubled_or_broken_is_told_and_changes_nothing()
    {
        byte[] first = Apply(ApplyDocumentTests.Good).JournalPayload, second = Apply("""{ "settings": { "SS_QOS_RTP": "0xb8" } }""").JournalPayload;
        ConfigurationBook folded = new(_shelf);
        Assert.False(folded.TryFold(second, out string error));
        Assert.Equal("configuration revision 2 follows 0: a record is missing or doubled", error);
        Assert.True(folded.TryFold(first, out _));
        Assert.False(folded.TryFold(first, out error));
        Assert.Equal("configuration revision 1 follows 1: a record is missing or doubled", error);
        Assert.False(folded.TryFold(second.AsSpan(0, second.Length - 1), out error));
        Assert.StartsWith("this is no configuration record: line 1: this is not JSON: ", error);
        Assert.False(folded.TryFold(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(second).Replace("0xb8", "red", StringComparison.Ordinal)), out error));
        Assert.StartsWith("configuration revision 2 does not hold: line 1, settings.SS_QOS_RTP: ", error);
        Assert.False(new ConfigurationBook(_shelf).TryRestore("{}"u8, out error));
        Assert.Equal("this is no snapshot of a configuration", error);
        Assert.Equal(1, folded.Revision);
    }

    [Fact]
    public void A_prepared_change_that_another_overtook_is_not_committed()
    {
        ApplyResult one = _book.Prepare("""{ "settings": { "SS_QOS_RTP": "0xb8" } }"""u8, "a", Now);
        Assert.Equal(0, _book.Revision);
        Apply("""{ "settings": { "SS_QOS_RTP": "0x00" } }""");
        Assert.Throws<InvalidOperationException>(() => _book.Commit(one));
    }

    [Fact]
    public void One_setting_is_changed_by_name_or_alias()
    {
        ApplyResult set = _book.PrepareSetting("HOLD_TIME_PRECISION", "50", "eve", Now);
        Assert.Equal(new AuditEntry(1, Now, "eve", "settings.SERVER_BILLING_HOLD_TIME_PRECISION", "1000", "50"), Assert.Single(set.Changes));
        Assert.Equal("line 1, settings.HOLD_TIME_PRECISION: SERVER_BILLING_HOLD_TIME_PRECISION must be 0 to 1000 ms; 'x' is not", Assert.Single(_book.PrepareSetting("HOLD_TIME_PRECISION", "x", "eve", Now).Errors).ToString());
    }

    private ApplyResult Apply(string document, string by = "admin") => _book.Apply(Encoding.UTF8.GetBytes(document), by, Now);

    private void Store(ApplyResult result)
    {
        foreach (Deck deck in result.Decks) _shelf.Stored.Add(deck.Version, deck);
    }

    private static void AssertSame(ConfigurationBook expected, ConfigurationBook actual)
    {
        Assert.Equal(expected.Revision, actual.Revision);
        Assert.Equal(expected.Audit, actual.Audit);
        Assert.Equal(Encoding.UTF8.GetString(expected.ToSnapshot()), Encoding.UTF8.GetString(actual.ToSnapshot()));
    }
}
