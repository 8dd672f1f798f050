using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Hosting;

public sealed class SwitchControlTests
{
    [Fact]
    public async Task A_snapshot_taken_while_a_change_is_made_holds_the_configuration_of_its_position()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using SwitchHost host = await StartAsync(folder);
        for (int round = 0; round < 8; round++)
        {
            byte[] document = Encoding.UTF8.GetBytes($$"""{"accounts":[{"account":"{{1000 + round}}","name":"A","currency":"USD"}]}""");
            Task<Answer<ApplyView>> change = host.Control.ApplyAsync(document, dryRun: false, "test", stop);
            (long position, _, byte[] configuration) = await host.Control.SaveConfigurationAsync();
            Assert.Null((await change).Fault);

            Assert.True(await host.Books.Journal.WhenDurable(position));
            var book = new ConfigurationBook(host.Shelf);
            Assert.True(book.TryRestore(configuration, out string error), error);
            Assert.Equal(ChangesBefore(position, folder), book.Revision);
        }
    }

    [Fact]
    public async Task A_revision_is_taken_back_by_a_new_one_unless_what_it_changed_was_changed_again()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using SwitchHost host = await StartAsync(folder);
        async Task Apply(string document) => Assert.Null((await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "ann", stop)).Fault);
        string Name() => host.Configuration.Current.Configuration.Accounts["1"].Name;
        await Apply("""{"accounts":[{"account":"1","name":"A","currency":"USD"},{"account":"2","name":"B","currency":"USD"}]}""");
        await Apply("""{"accounts":[{"account":"1","name":"A2","currency":"USD"}],"settings":{"SS_SIP_TIMEOUT_INVITE":"7"}}""");
        await Apply("""{"accounts":[{"account":"2","name":"B2","currency":"USD"}]}""");
        Answer<ApplyView> undone = await host.Control.UndoAsync(2, "bob", stop);
        Assert.Null(undone.Fault);
        Assert.Equal((4, "A", "B2"), (undone.Value!.Revision, Name(), host.Configuration.Current.Configuration.Accounts["2"].Name));
        Assert.Equal("10", (await host.Control.SettingAsync("SS_SIP_TIMEOUT_INVITE", null, stop)).Value!.Value);
        Assert.All(host.Control.Changes().Where(static c => c.Revision == 4), static c => Assert.Equal("bob", c.By));

        Assert.Null((await host.Control.UndoAsync(4, "bob", stop)).Fault); // and the other way
        Assert.Equal("A2", Name());
        await Apply("""{"accounts":[{"account":"2","name":"B3","currency":"USD"}]}""");
        Answer<ApplyView> refused = await host.Control.UndoAsync(3, "bob", stop);
        Assert.Equal(FaultKind.Conflict, refused.Fault?.Kind);
        Assert.Contains("accounts[2]", refused.Fault!.Says, StringComparison.Ordinal);
        foreach (int none in (int[])[0, -1, 7]) Assert.Equal(FaultKind.NotFound, (await host.Control.UndoAsync(none, "bob", stop)).Fault?.Kind);
        Assert.Equal(6, host.Configuration.Revision);
    }

    [Fact]
    public async Task An_apply_that_one_account_forbids_changes_none()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using SwitchHost host = await StartAsync(folder);
        Assert.Equal(LedgerOutcome.Done, await host.Control.OnLedger(static (ledger, now) => ledger.OpenAccount("2", Currency.Parse("EUR"), AccountKind.Ordinary, 0, locked: false, now, out _)));
        Answer<ApplyView> answer = await host.Control.ApplyAsync("""{"accounts":[{"account":"1","name":"A","currency":"USD"},{"account":"2","name":"B","currency":"USD"}]}"""u8.ToArray(), dryRun: false, "test", stop);
        Assert.Equal(FaultKind.Conflict, answer.Fault?.Kind);
        Assert.Contains("account 2", answer.Fault!.Says, StringComparison.Ordinal);
        Assert.Equal(["2"], (await host.Control.AccountsAsync(stop)).Select(static a => a.Number));
        Assert.Equal(0, host.Configuration.Revision);
    }

    [Fact]
    public async Task A_dated_version_of_a_deck_comes_into_force_by_itself_and_is_listed_with_what_differs()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using SwitchHost host = await StartAsync(folder);
        static string Line(string price, string more) => $$"""{"name":"d","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"{{price}}"}]{{more}}}""";
        Assert.Null((await host.Control.ApplyAsync(Encoding.UTF8.GetBytes($$"""{"accounts":[{"account":"1","currency":"USD","feeRateGroup":"d"}],"decks":[{{Line("0.10", "")}}]}"""), dryRun: false, "ann", stop)).Fault);
        Assert.Equal(100_000_000, PriceOf(host));
        string then = RateText.Date(host.Clock.Now() + TimeSpan.FromSeconds(3)), later = RateText.Date(host.Clock.Now() + TimeSpan.FromDays(3));
        Assert.Null((await host.Control.ApplyAsync(Encoding.UTF8.GetBytes($$"""{"decks":[{{Line("0.20", $",\"validFrom\":\"{then}\",\"validUntil\":\"{later}\"")}}]}"""), dryRun: false, "bob", stop)).Fault);
        Assert.Equal(100_000_000, PriceOf(host));
        int revision = host.Tables.Current.Revision;
        DeckVersionsView versions = (await host.Control.DeckVersionsAsync("d", stop)).Value!;
        Assert.Equal(["future", "future", "current"], versions.Versions.Select(static v => v.State));
        Assert.Equal(("bob", "ann", versions.Versions[0].Version), (versions.Versions[1].By, versions.Versions[2].By, versions.Versions[2].Version));
        DeckDifferenceView difference = (await host.Control.DeckDifferenceAsync(versions.Versions[2].Version[..10], versions.Versions[1].Version, stop)).Value!;
        Assert.Equal((1, 0, "dearer"), (difference.Dearer, difference.Cheaper, Assert.Single(difference.Lines).Change));
        Assert.Equal(FaultKind.NotFound, (await host.Control.DeckDifferenceAsync("3f", "12345678", stop)).Fault?.Kind);
        // What the switch's own clock does, without waiting for it.
        Assert.True(RateText.TryReadDate(then, out Instant due) && due == host.Tables.Current.ChangesAt);
        await host.Control.RecompileAsync(due);
        Assert.Equal((200_000_000, revision), (PriceOf(host), host.Tables.Current.Revision));

        static long PriceOf(SwitchHost host) => host.Tables.Current.TryFindAccount("1", out Tandem.Switching.Routing.Account? account) && account.Rates!.TryFind(DialString.Parse("4420"), out Rate rate) ? rate.Tariff.RatePerMinuteNanos : -1;
    }

    [Fact]
    public async Task A_document_made_from_a_revision_no_longer_in_force_changes_nothing()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using SwitchHost host = await StartAsync(folder);
        Assert.Null((await host.Control.ApplyAsync("""{"settings":{"SS_SIP_TIMEOUT_INVITE":"7"}}"""u8.ToArray(), dryRun: false, "first", stop, onRevision: 0)).Fault);
        Answer<ApplyView> late = await host.Control.ApplyAsync("""{"settings":{"SS_SIP_TIMEOUT_INVITE":"8"}}"""u8.ToArray(), dryRun: false, "second", stop, onRevision: 0);
        Assert.Equal(FaultKind.Stale, late.Fault?.Kind);
        Assert.Equal("7", (await host.Control.SettingAsync("SS_SIP_TIMEOUT_INVITE", null, stop)).Value?.Value);
        Assert.Null((await host.Control.ApplyAsync("""{"settings":{"SS_SIP_TIMEOUT_INVITE":"8"}}"""u8.ToArray(), dryRun: false, "second", stop, onRevision: 1)).Fault);
    }

    [Fact]
    public async Task A_switch_that_has_stopped_says_so_to_whoever_asks()
    {
        using var folder = new Folder();
        SwitchHost host = await StartAsync(folder);
        await host.DisposeAsync();
        Assert.False(host.Control.Health().Ok);
        await Assert.ThrowsAsync<UnavailableException>(() => host.Control.AccountsAsync(CancellationToken.None));
        await Assert.ThrowsAsync<UnavailableException>(() => host.Control.CallsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_dynamic_black_list_and_the_table_of_ported_numbers_are_there_again_after_a_restart_until_they_are_taken_away()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var folder = new Folder();
        await using (SwitchHost host = await StartAsync(folder))
        {
            Instant now = host.Clock.Now();
            for (int i = 0; i < 1000; i++) host.World.Dynamic.BeginCall("", DialString.Parse("4930"), new(), now);
            Answer<PortedTableView> bad = await host.Control.ImportPortedAsync(new MemoryStream("12,3\n12,4\n"u8.ToArray()), "test", stop);
            Assert.Equal("12 stands with another routing number on line 1", Assert.Single(bad.Fault!.Errors).Says);
            Assert.Null((await host.Control.PortedTableAsync(stop)).Built);
            Answer<PortedTableView> good = await host.Control.ImportPortedAsync(new MemoryStream("12125551234,12015550000\n"u8.ToArray()), "test", stop);
            Assert.Equal((1, 1), (good.Value!.Numbers, good.Value.RoutingNumbers));
        }
        await using (SwitchHost host = await StartAsync(folder))
        {
            BlackListEntryView entry = Assert.Single(await host.Control.BlackListAsync(stop));
            Assert.Equal(("4930", "malicious", "", 1000), (entry.Number, entry.Kind, entry.List, entry.Calls));
            Assert.Equal("12015550000", (await host.Control.PortedNumberAsync("12125551234", stop)).Value!.Routing);
            Assert.Equal(FaultKind.NotFound, (await host.Control.BlackListReleaseAsync("4931", null, "test", stop)).Fault?.Kind);
            Assert.Single((await host.Control.BlackListReleaseAsync("4930", null, "test", stop)).Value!.Entries);
            await host.Control.RemovePortedAsync("test", stop);
        }
        await using SwitchHost last = await StartAsync(folder);
        Assert.Empty(await last.Control.BlackListAsync(stop));
        Assert.Null((await last.Control.PortedTableAsync(stop)).Built);
    }

    private static Task<SwitchHost> StartAsync(Folder folder) =>
        SwitchHost.Start(new SwitchOptions { DataFolder = folder.Path, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });

    private static int ChangesBefore(long position, Folder folder)
    {
        using var reader = new JournalReader(Path.Combine(folder.Path, Books.JournalFolder), 0, () => position);
        int changes = 0;
        while (reader.TryRead(out JournalRecord record))
        {
            if (record.Type == JournalRecordType.Configuration) changes++;
        }
        return changes;
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-host-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
