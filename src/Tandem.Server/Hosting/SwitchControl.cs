using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Loops;
using Tandem.Server.Network.Streams;
using Tandem.Server.Storage.Decks;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Probing;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Server.Hosting;

/// <summary>
/// The operator's hand on a running switch: questions and changes travel to the loop that owns the answer and come back through a
/// completion. A change is answered once it is durable.
/// </summary>
public sealed partial class SwitchControl(SwitchHost host) : ISwitchControl, IDisposable
{
    private const string Overrun = "The switch is too busy to take this now; send it again.";
    private const string Stopped = "The switch is stopping.";
    private const string NotDurable = "The journal took it but cannot make it durable, so it may or may not be there after a restart";

    private const string AsOfNow = "Lines in use, registrations, OPTIONS and rests are as they are now: nobody keeps what they were at other times.";

    private static readonly Fault NoJournal = new(FaultKind.Unavailable, "The journal cannot be written; nothing was changed.");

    // What a loop shows of its own in one turn: the calls of others do not wait longer.
    private const int AtOnce = 256;

    private readonly SemaphoreSlim _oneChange = new(1, 1);
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Once the loops stand still: whoever still waits for one hears that it will not answer.</summary>
    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
        _oneChange.Dispose();
    }

    /// <summary>Does something on a shard's own thread.</summary>
    /// <exception cref="UnavailableException">Too much waits for the shard already, or it stopped first.</exception>
    internal Task<T> OnShard<T>(int index, Func<Shard, Instant, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!host.Shards[index].TryPost((shard, now) => Complete(done, () => work(shard, now)))) throw new UnavailableException(Overrun);
        host.Loops[index].Wake();
        return Answered(done.Task);
    }

    /// <summary>Does something on the ledger's thread.</summary>
    /// <exception cref="UnavailableException">Too much waits for the ledger already, or it stopped first.</exception>
    internal Task<T> OnLedger<T>(Func<Ledger, Instant, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!host.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Run = (ledger, now) => Complete(done, () => work(ledger, now)) })) throw new UnavailableException(Overrun);
        host.Loops[0].Wake();
        return Answered(done.Task);
    }

    private async Task<T> Answered<T>(Task<T> answer)
    {
        if (_stopped.IsCancellationRequested) throw new UnavailableException(Stopped);
        try
        {
            return await answer.WaitAsync(_stopped.Token);
        }
        catch (OperationCanceledException)
        {
            throw new UnavailableException(Stopped);
        }
    }

    /// <summary>
    /// The configuration for a snapshot and the position it is of. No change may be under way: between its record in the journal and its coming into force
    /// the position would say that it is in the snapshot, and the configuration would not have it.
    /// </summary>
    internal async Task<(long Position, Instant At, byte[] Configuration)> SaveConfigurationAsync()
    {
        await _oneChange.WaitAsync(CancellationToken.None);
        try
        {
            (long position, Instant at) = await OnLedger((_, now) => (host.Books.Journal.Position, now));
            return (position, at, await Task.Run(host.Configuration.ToSnapshot)); // nothing changes it meanwhile, and the calls need not wait
        }
        finally
        {
            _oneChange.Release();
        }
    }

    public (SwitchConfiguration Configuration, int Revision) InForce => host.Configuration.Current;

    public async Task<Answer<ApplyView>> ApplyAsync(ReadOnlyMemory<byte> document, bool dryRun, string by, CancellationToken stop, int? onRevision = null)
    {
        await _oneChange.WaitAsync(stop);
        try
        {
            if (Stale(onRevision) is { } stale) return stale;
            ApplyResult prepared = host.Configuration.Prepare(document.Span, by, host.Clock.Now());
            if (Refused(prepared) is { } fault) return fault;
            if (!dryRun && prepared.Changed && await Enact(prepared) is { } unable) return unable;
            return new ApplyView(prepared.Revision, dryRun, [.. prepared.Changes.Select(View)]);
        }
        finally
        {
            _oneChange.Release();
        }
    }

    // While no other change is under way.
    private Fault? Stale(int? onRevision) => onRevision is { } wanted && wanted != host.Configuration.Revision
        ? new Fault(FaultKind.Stale, $"Revision {host.Configuration.Revision} is in force, not {wanted}: someone changed the configuration meanwhile. Read it again and decide anew.")
        : null;

    public Task<ConfigurationView> ConfigurationAsync(CancellationToken stop) =>
        Task.FromResult(new ConfigurationView(host.Configuration.Revision, JsonNode.Parse(host.Configuration.ToDocument())!.AsObject()));

    public async Task<IReadOnlyList<CallView>> CallsAsync(CancellationToken stop)
    {
        var calls = new List<CallView>();
        for (int i = 0; i < host.Shards.Length; i++)
        {
            for (int slot = 0; slot >= 0;)
            {
                int from = slot;
                (CallView[] some, slot) = await OnShard(i, (shard, now) => (shard.LiveCallsFrom(from, AtOnce, out int next).Select(c => View(c, shard.MediaOf(c), now)).ToArray(), next)).WaitAsync(stop);
                calls.AddRange(some);
            }
        }
        return [.. calls.OrderBy(static c => c.Arrived)];
    }

    public async Task<Answer<CallView>> DropAsync(CallId call, string by, CancellationToken stop)
    {
        CallView? dropped = null;
        if (call.Shard < host.Shards.Length)
        {
            dropped = await OnShard(call.Shard, (shard, now) =>
            {
                CallView? view = shard.Find(call) is { } found ? View(found, shard.MediaOf(found), now) : null;
                return shard.Drop(call, Refusal.OperatorDropped, now) ? view : null;
            }).WaitAsync(stop);
        }
        return dropped is null ? NoSuchCall(call) : dropped;
    }

    public async Task<Answer<CallView>> RecordAsync(CallId call, bool record, CancellationToken stop)
    {
        if (call.Shard >= host.Shards.Length) return NoSuchCall(call);
        (CallView? view, string whyNot) = await OnShard(call.Shard, (shard, now) =>
        {
            if (shard.Find(call) is not { } found) return ((CallView?)null, "");
            string why = "";
            if (!record) shard.EndRecording(found, now);
            else shard.BeginRecording(found, now, out why);
            return (View(found, shard.MediaOf(found), now), why);
        }).WaitAsync(stop);
        return view is null ? NoSuchCall(call) : whyNot.Length > 0 ? new Fault(FaultKind.Conflict, $"The call cannot be recorded: {whyNot}.") : view;
    }

    public async Task<Answer<WhyView>> WhyAsync(CallId call, CancellationToken stop)
    {
        WhyView? story = null;
        if (call.Shard < host.Shards.Length)
        {
            story = await OnShard(call.Shard, (shard, _) => shard.Find(call) is { } found ? WhyStory.OfLive(found.Cdr, shard.MediaOf(found), found.LogSoFar) : null).WaitAsync(stop);
        }
        return story is null ? NoSuchCall(call) : story;
    }

    public async Task<WhyView> WhyAsync(Cdr finished, CancellationToken stop)
    {
        WhyStep[] corrected = await OnLedger((ledger, _) => ledger.CorrectionsOf(finished.Call, finished.Further.Count).Select(entry => Corrected(ledger, entry)).ToArray()).WaitAsync(stop);
        WhyView told = WhyStory.Of(finished);
        return told with { Steps = [.. told.Steps, .. corrected] };
    }

    private static WhyStep Corrected(Ledger ledger, PaymentEntry entry)
    {
        LedgerAccount account = ledger.Accounts[entry.Payment.Account.Value - 1];
        Money amount = new(Math.Abs(entry.Payment.Nanos), account.Currency);
        return new WhyStep(entry.At, "corrected", $"On {entry.At} {account.Number} was {(entry.Payment.Nanos > 0 ? "given back" : "charged")} {amount} ({entry.Payment.Memo}, by {entry.Payment.By}).");
    }

    public async Task<Answer<RouteView>> RouteAsync(RouteOrder asked, CancellationToken stop)
    {
        Instant now = host.Clock.Now();
        if (asked.At is not { } at) return RouteQuestion.Ask(host.Tables.Current, host.Locations, host.World, host.Books.Ledger.Figures, asked, now);
        if (host.Past.IsCurrent(at)) return RouteQuestion.Ask(host.Tables.Current, host.Locations, host.World, host.Books.Ledger.Figures, asked, at, AsOfNow);
        Answer<PastRevision> past = await host.Past.AtAsync(at, stop);
        if (past.Value is not { } then) return past.Fault!;
        string[] gone = [.. then.Configuration.Accounts.Keys.Where(number => IdOf(number) == AccountId.None)];
        Dictionary<string, AccountId> ids = await OnLedger((ledger, _) => gone.ToDictionary(static n => n, n => ledger.TryFindAccount(n, out LedgerAccount? account) ? account.Id : AccountId.None, StringComparer.Ordinal)).WaitAsync(stop);
        SwitchTables tables;
        try
        {
            tables = await Task.Run(() => TableCompiler.Compile(then.Configuration, then.Revision, version => host.Shelf.Rates(version, at), number => ids.TryGetValue(number, out AccountId id) ? id : IdOf(number), GatewayStates.Of(host.Tables.Current), at), stop);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or DataFolderException)
        {
            return new Fault(FaultKind.Conflict, $"Revision {then.Revision}, in force at {at}, cannot be restored: {e.Message}");
        }
        return RouteQuestion.Ask(tables, host.Locations, host.World, host.Books.Ledger.Figures, asked, at, $"By revision {then.Revision}, in force since {then.Since}; revision {host.Configuration.Revision} is in force now.", AsOfNow);
    }

    public async Task<Answer<JobView>> WhatIfAsync(WhatIfOrder order, string by, CancellationToken stop)
    {
        Answer<WhatIfQuestion> question;
        await _oneChange.WaitAsync(stop);
        try
        {
            question = await Task.Run(() => WhatIfQuestion.Prepare(host, order, by), stop);
        }
        finally
        {
            _oneChange.Release();
        }
        return question.Value is { } asked ? host.Jobs.Start("what-if", by, asked.AnswerAsync) : question.Fault!;
    }

    public Task<IReadOnlyList<JobView>> JobsAsync(CancellationToken stop) => Task.FromResult(host.Jobs.List());

    public Task<Answer<JobView>> JobAsync(string id, CancellationToken stop) => Task.FromResult(host.Jobs.Find(id));

    public Task<Answer<JobView>> CancelJobAsync(string id, CancellationToken stop) => host.Jobs.CancelAsync(id);

    public async Task<IReadOnlyList<AccountView>> AccountsAsync(CancellationToken stop)
    {
        SwitchConfiguration configuration = host.Configuration.Current.Configuration;
        List<AccountView> accounts = [];
        for (bool more = true; more;)
        {
            int from = accounts.Count;
            (AccountView[] some, more) = await OnLedger((ledger, now) =>
            {
                int until = Math.Min(from + AtOnce, ledger.Accounts.Count);
                return (Enumerable.Range(from, until - from).Select(i => View(ledger.Accounts[i], configuration, now)).ToArray(), until < ledger.Accounts.Count);
            }).WaitAsync(stop);
            accounts.AddRange(some);
        }
        return [.. accounts.OrderBy(static a => a.Number, StringComparer.Ordinal)];
    }

    public async Task<Answer<AccountView>> AccountAsync(string number, CancellationToken stop)
    {
        SwitchConfiguration configuration = host.Configuration.Current.Configuration;
        AccountView? view = await OnLedger((ledger, now) => ledger.TryFindAccount(number, out LedgerAccount? account) ? View(account, configuration, now) : null).WaitAsync(stop);
        return view is null ? new Fault(FaultKind.NotFound, $"There is no account {number}.") : view;
    }

    public async Task<Answer<PaymentView>> PayAsync(PaymentOrder order, string by, CancellationToken stop)
    {
        (LedgerOutcome outcome, PaymentView? view, long position) = await OnLedger<(LedgerOutcome, PaymentView?, long)>((ledger, now) =>
        {
            if (!ledger.TryFindAccount(order.Account, out LedgerAccount? account)) return (LedgerOutcome.AccountMissing, null, 0L);
            LedgerOutcome done = ledger.Pay(order.Id, account.Id, order.Nanos, order.Memo, by, now, order.IsOpening ? PaymentKind.Opening : null);
            if (done is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return (done, null, 0L);
            return (done, new PaymentView
            {
                Id = order.Id,
                Account = account.Number,
                Amount = new Money(order.Nanos, account.Currency),
                Currency = account.Currency,
                BalanceAfter = new Money(account.BalanceNanos, account.Currency),
                At = now,
                Repeated = done == LedgerOutcome.AlreadyDone,
            }, host.Books.Journal.Position);
        }).WaitAsync(stop);
        if (view is not null) return await host.Books.Journal.WhenDurable(position) ? view : new Fault(FaultKind.Unavailable, $"{NotDurable}: send the payment again with the same id then, it is never booked twice.");
        return outcome switch
        {
            LedgerOutcome.AccountMissing => new Fault(FaultKind.NotFound, $"There is no account {order.Account}."),
            LedgerOutcome.IdInvalid => new Fault(FaultKind.Conflict, $"Payment id '{order.Id}' cannot be used: {outcome.Says()}"),
            LedgerOutcome.AmountInvalid => new Fault(FaultKind.Invalid, outcome.Says(), [new FieldFault(0, "amount", outcome.Says())]),
            LedgerOutcome.JournalUnavailable => NoJournal,
            _ => new Fault(FaultKind.Conflict, outcome.Says()),
        };
    }

    public async Task<Answer<DeckImportView>> ImportDeckAsync(DeckImportOrder order, Stream csv, string by, CancellationToken stop, int? onRevision = null)
    {
        DeckCsvResult read;
        using (var text = new StreamReader(csv, leaveOpen: true)) read = await Task.Run(() => DeckCsv.Read(text, order.Name, order.Currency, stop: stop), stop);
        if (read.Deck is not { } deck)
        {
            return new Fault(FaultKind.Invalid, $"The deck has {read.ErrorCount} errors; nothing was imported.", [.. read.Errors.Select(static e => new FieldFault(e.Line, "", e.Says))]);
        }
        await _oneChange.WaitAsync(stop);
        try
        {
            return Stale(onRevision) is { } stale ? stale : await TakeDeckAsync(order, deck, by);
        }
        finally
        {
            _oneChange.Release();
        }
    }

    // While no other change is under way.
    private async Task<Answer<DeckImportView>> TakeDeckAsync(DeckImportOrder order, Deck deck, string by)
    {
        (int added, int changed, int removed) = Difference(Deck(order.Name), deck);
        int revision = host.Configuration.Revision;
        if (!order.DryRun)
        {
            host.Shelf.Save(deck);
            ApplyResult prepared = host.Configuration.PrepareDeck(Renewed(order, deck), by, host.Clock.Now(), order.From, order.Until);
            if (Refused(prepared) is { } fault) return fault;
            if (prepared.Changed && await Enact(prepared) is { } unable) return unable;
            revision = prepared.Revision;
        }
        return new DeckImportView
        {
            Name = order.Name,
            Currency = order.Currency,
            Version = deck.Version,
            Rates = deck.Rates.Count,
            Added = added,
            Changed = changed,
            Removed = removed,
            DryRun = order.DryRun,
            Revision = revision,
        };
    }

    public Task<IReadOnlyList<DeckView>> DecksAsync(CancellationToken stop)
    {
        SwitchConfiguration configuration = host.Configuration.Current.Configuration;
        Instant now = host.Clock.Now();
        IReadOnlyList<DeckView> decks =
        [
            .. configuration.Decks.Values.Select(d => new DeckView(
                d.Name, d.Currency, d.VersionAt(now), host.Shelf.Deck(d.VersionAt(now)).Rates.Count,
                [.. configuration.Accounts.Values.Where(a => a.Deck == d.Name).Select(static a => a.Number)])),
        ];
        return Task.FromResult(decks);
    }

    public Task<TrunksView> TrunksAsync(CancellationToken stop) => Task.FromResult(TrunkList.Of(host.Tables.Current));

    public Task<GatewaysView> GatewaysAsync(CancellationToken stop) =>
        Task.FromResult(GatewayList.Of(host.Tables.Current, host.Configuration.Current.Configuration, host.Clock.Now()));

    public Task<Answer<QualitiesView>> QualityAsync(string? gateway, CancellationToken stop) => Task.FromResult(QualityList.Of(host.Tables.Current, gateway, host.Clock.Now()));

    public Task<IReadOnlyList<RegistrationView>> RegistrationsAsync(CancellationToken stop)
    {
        Instant now = host.Clock.Now();
        IReadOnlyList<RegistrationView> registrations =
        [
            .. host.Locations.All.Select(b => b.Standing(now)).OfType<Switching.Registrations.Binding>().OrderBy(static b => b.Phone.ToString(), StringComparer.Ordinal).Select(b => WithLiveness(b.Phone,
                new RegistrationView(b.Phone.ToString(), string.Join(", ", b.Further.Select(static f => f.Uri).Prepend(b.Contact).Select(System.Text.Encoding.UTF8.GetString)), b.Source, b.Registered, b.Expires, b.UserAgent))),
        ];
        return Task.FromResult(registrations);
    }

    private RegistrationView WithLiveness(in DialString number, RegistrationView view) =>
        !host.Tables.Current.TryFindPhone(number, out Phone? phone) || !phone.LivenessCheck ? view : view with
        {
            LastHeard = phone.State.Heard == default ? null : phone.State.Heard,
            SilentSince = phone.State.IsSilent ? phone.State.SilentSince : null,
        };

    public Task<IReadOnlyList<BlockedView>> BlockedAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<BlockedView>>([.. host.Blocks.List(host.Clock.Now()).Select(View)]);

    public Task<Answer<BlockedView>> ReleaseAsync(string who, string by, CancellationToken stop)
    {
        Instant now = host.Clock.Now();
        // Asked as shown: the address with or without port, an IPv6 address for its /64.
        Switching.Admission.Blocked? held = host.Blocks.Find(who, now);
        if (held is null || !host.Blocks.Release(held, by)) return Task.FromResult<Answer<BlockedView>>(new Fault(FaultKind.NotFound, $"{who} is not blocked."));
        return Task.FromResult<Answer<BlockedView>>(View(held));
    }

    private static BlockedView View(Switching.Admission.Blocked b) => new(b.Who, b.IsAddress ? "address" : "phone", b.Tries, b.Since, b.Until, b.LastSource);

    public Task<IReadOnlyList<BlackListEntryView>> BlackListAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<BlackListEntryView>>([.. host.World.Dynamic.List(host.Clock.Now()).Select(View)]);

    public Task<Answer<BlackListView>> BlackListReleaseAsync(string number, string? list, string by, CancellationToken stop)
    {
        IReadOnlyList<DynamicEntry> released = DialString.TryParse(number.AsSpan(), out DialString who) ? host.World.Dynamic.Release(who, list, by, host.Clock.Now()) : [];
        return Task.FromResult<Answer<BlackListView>>(released.Count == 0
            ? new Fault(FaultKind.NotFound, $"{number} is on no dynamic black list{(list is null ? "" : $" of {(list.Length == 0 ? "all" : list)}")}.")
            : new BlackListView([.. released.Select(View)]));
    }

    private static BlackListEntryView View(DynamicEntry e) => new(e.Number.ToString(), e.Kind == DynamicKind.NoAnswer ? "noAnswer" : e.Kind.ToString().ToLowerInvariant(), e.List, e.Calls, e.Since, e.Until);

    public Task<PortedTableView> PortedTableAsync(CancellationToken stop) => Task.FromResult(host.Ported.View());

    public Task<Answer<PortedTableView>> ImportPortedAsync(Stream csv, string by, CancellationToken stop) => host.Ported.ImportAsync(csv, stop);

    public Task<PortedTableView> RemovePortedAsync(string by, CancellationToken stop) => Task.FromResult(host.Ported.Remove());

    public Task<Answer<PortedNumberView>> PortedNumberAsync(string number, CancellationToken stop)
    {
        if (!DialString.TryParse(number.AsSpan(), out DialString asked) || asked.IsEmpty) return Task.FromResult<Answer<PortedNumberView>>(new Fault(FaultKind.Invalid, $"'{number}' is no number."));
        bool known = host.World.Ported.TryKnow(asked, host.Tables.Current.Settings.Lrn.ServerIp.Length > 0, host.Clock.Now(), out DialString routing, out LrnSource source);
        return Task.FromResult<Answer<PortedNumberView>>(new PortedNumberView(number, known, known ? routing.ToString() : "", known ? NumberWords.Ported(number, routing.ToString(), source) : $"Nothing is known of {number} here; the server would be asked."));
    }

    public async Task<CheckView> CheckAsync(CancellationToken stop)
    {
        using BooksFold fold = BooksFold.Whole(host.Books.Journal.OpenReader(0));
        if (await host.BooksWatch.HoldAsync(fold, stop) is not { } position) return new CheckView(false, host.Books.Journal.DurablePosition, 0, 0, 0, ["The journal cannot be made durable up to here; it was not read."]);
        BooksReport report = fold.Report();
        return new CheckView(report.IsGreen, position, report.Records, report.Totals.Sum(static t => t.Accounts), report.OpenCalls, [.. report.Faults, .. report.Differences]);
    }

    public async Task<JournalView> JournalAsync(CancellationToken stop)
    {
        JournalFile journal = host.Books.Journal;
        (long position, (string head, long sealedTo)) = await OnLedger((_, _) => (journal.Position, journal.LastSeal)).WaitAsync(stop);
        return new JournalView
        {
            Position = position,
            Written = journal.WrittenPosition,
            Durable = journal.DurablePosition,
            Snapshot = host.Books.Snapshots.Newest,
            SealedTo = sealedTo,
            Head = sealedTo == 0 ? "" : head,
            AcceptsNewWork = journal.AcceptsNewWork,
            Trouble = journal.Trouble ?? "",
            Consumers = [.. host.Projector.Backlog.Select(static c => new JournalConsumerView(c.Consumer, c.Position, c.Bytes, c.Trouble ?? ""))],
        };
    }

    public async Task<StatusView> StatusAsync(CancellationToken stop)
    {
        HealthView health = Health();
        string[] trouble = host.Books.Journal.Trouble is { } t ? [t] : [];
        var counters = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((Shard shard, SwitchLoop loop) in host.Shards.Zip(host.Loops)) Count(counters, shard, loop);
        counters["media.staleLeases"] = host.Media.StaleLeases;
        host.Pusher?.Count(counters);
        counters["journal.position"] = host.Books.Journal.Position;
        counters["process.allocatedBytes"] = GC.GetTotalAllocatedBytes();
        counters["process.gcPauseMicros"] = (long)GC.GetTotalPauseDuration().TotalMicroseconds;
        counters["loop.handOversRefused"] = host.Works.Sum(static w => w.HandOversRefused);
        counters["authentication.addressesCounted"] = host.Blocks.Addresses;
        counters["authentication.triesNotCounted"] = host.Blocks.Uncounted;
        counters["media.portsRefused"] = host.Media.Refused;
        host.Media.Count(counters);
        counters["ledger.postsRefused"] = host.Desk.RefusedPosts;
        counters["blackList.uncounted"] = host.World.Dynamic.Uncounted;
        counters["cdr.inMemory"] = host.Pending.Count;
        counters["cdr.reported"] = host.Reporter.Reported;
        foreach ((string consumer, _, long bytes, _) in host.Projector.Backlog) counters[$"cdr.behind.{consumer}.bytes"] = bytes;
        counters["lrn.cached"] = host.World.Ported.Cached;
        if (host.Lrn is { } lrn) (counters["lrn.asked"], counters["lrn.failed"], counters["lrn.late"], counters["lrn.refused"]) = (lrn.Asked, lrn.Failed, lrn.Late, lrn.Refused);
        if (host.Streams is { } streams) Count(counters, streams);
        (counters["ledger.cappedPostings"], counters["ledger.unpostableCosts"]) = await OnLedger(static (ledger, _) => (ledger.CappedPostings, ledger.UnpostableCosts)).WaitAsync(stop);
        return new StatusView
        {
            Version = typeof(SwitchControl).Assembly.GetName().Version?.ToString(3) ?? "",
            Started = host.Started,
            Now = host.Clock.Now(),
            Revision = host.Configuration.Revision,
            CallsOpen = host.Shards.Sum(static s => s.OpenCalls),
            PortsLent = host.Media.PortsLent,
            Registrations = host.Locations.Count,
            AcceptsNewCalls = health.Ok,
            Warnings = [.. trouble, .. host.Media.Warning is { } shortage ? new[] { shortage } : [], .. host.Projector.Warnings.Select(static w => w.Says), .. TrunkList.Warnings(host.Tables.Current).Select(static w => w.Says)],
            Counters = counters,
        };
    }

    public HealthView Health() =>
        host.Stopping ? new HealthView(false, "The switch is stopping.")
        : !host.Books.Journal.AcceptsNewWork ? new HealthView(false, host.Books.Journal.Trouble ?? NoJournal.Says)
        : new HealthView(true, "New calls are accepted.");

    /// <summary>
    /// Puts a prepared change in force: decks stored, tables compiled aside to see that they hold, then accounts and the change in the
    /// journal in one turn of the ledger, with what <paramref name="also"/> does there, durable, and only then published. Null when done.
    /// </summary>
    private async Task<Fault?> Enact(ApplyResult prepared, Func<Ledger, Instant, LedgerOutcome>? also = null)
    {
        try
        {
            foreach (Deck deck in prepared.Decks) host.Shelf.Save(deck);
            Instant now = host.Clock.Now();
            TableCompiler.Check(prepared.Configuration, version => host.Shelf.Rates(version, now), now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or DataFolderException)
        {
            return new Fault(FaultKind.Unavailable, $"The change was not made: {e.Message}");
        }
        if (prepared.JournalPayload.Length > JournalFormat.MaxPayloadBytes) return new Fault(FaultKind.Invalid, $"The change is larger than one record of the journal can be, {JournalFormat.MaxPayloadBytes >> 20} MiB; nothing was applied. Apply it in parts.");
        (LedgerOutcome outcome, string account, long position, Dictionary<string, AccountId> opened) = await OnLedger((ledger, now) => Journal(ledger, prepared, now, also));
        if (outcome is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return new Fault(FaultKind.Conflict, $"The change was not made: account {account}: {outcome.Says()}");
        if (!await host.Books.Journal.WhenDurable(position)) return new Fault(FaultKind.Unavailable, $"{NotDurable}; it is not in force now.");
        host.Configuration.Commit(prepared);
        host.Publish(host.Compile(prepared.Configuration, prepared.Revision, number => opened.TryGetValue(number, out AccountId id) ? id : IdOf(number), host.Clock.Now()));
        return null;
    }

    // Of an account of the configuration in force; the ledger's loop is not asked, as a million of them would hold up the calls.
    private AccountId IdOf(string number) => host.Tables.Current.TryFindAccount(number, out Account? account) ? account.Id : AccountId.None;

    /// <summary>The same revision compiled anew, as the host names of mapping gateways lead elsewhere now.</summary>
    internal Task RecompileAsync() => RecompileAsync(default);

    /// <summary>The same revision compiled as of a moment that is near, and put in force when it comes; default: at once.</summary>
    internal async Task RecompileAsync(Instant at)
    {
        await _oneChange.WaitAsync(_stopped.Token);
        try
        {
            (SwitchConfiguration configuration, int revision) = host.Configuration.Current;
            SwitchTables tables = await Task.Run(() => host.Compile(configuration, revision, IdOf, Instant.Max(at, host.Clock.Now())), _stopped.Token);
            if (at - host.Clock.Now() is { Ticks: > 0 } wait) await Task.Delay(wait, _stopped.Token);
            host.Publish(tables);
        }
        finally
        {
            _oneChange.Release();
        }
    }

    private (LedgerOutcome Outcome, string Account, long Position, Dictionary<string, AccountId> Opened) Journal(Ledger ledger, ApplyResult prepared, Instant now, Func<Ledger, Instant, LedgerOutcome>? also)
    {
        var ids = new Dictionary<string, AccountId>(StringComparer.Ordinal);
        if (!host.Books.Journal.AcceptsNewWork) return (LedgerOutcome.JournalUnavailable, "", 0, ids);
        // All or nothing: an account that was here under an earlier configuration must be what it was, or none is touched.
        foreach (AccountConfig account in prepared.AccountsOpened)
        {
            if (!ledger.TryFindAccount(account.Number, out LedgerAccount? held)) continue;
            if (held.Currency != account.Currency) return (LedgerOutcome.CurrencyMismatch, account.Number, 0, ids);
            if (held.Kind != account.Kind) return (LedgerOutcome.IdInvalid, account.Number, 0, ids);
        }
        foreach (AccountConfig account in prepared.AccountsOpened)
        {
            Instant valid = ValidityOf(account, prepared.Configuration, now);
            LedgerOutcome opened = ledger.OpenAccount(account.Number, account.Currency, account.Kind, account.CreditLimitNanos, account.MayNotCall, now, out AccountId id, valid);
            if (opened == LedgerOutcome.AlreadyDone) opened = ledger.SetTerms(id, account.CreditLimitNanos, account.MayNotCall, now, account.ValidUntil == default ? null : account.ValidUntil); // it was there under an earlier configuration
            if (opened is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return (opened, account.Number, 0, ids);
            ids[account.Number] = id;
        }
        foreach (AccountConfig account in prepared.AccountsChanged)
        {
            if (!ledger.TryFindAccount(account.Number, out LedgerAccount? held)) return (LedgerOutcome.AccountMissing, account.Number, 0, ids);
            // A validity that is not newly stated stays what payments made of it.
            bool stated = prepared.Before.Accounts.TryGetValue(account.Number, out AccountConfig? was) && was.ValidUntil != account.ValidUntil;
            LedgerOutcome set = ledger.SetTerms(held.Id, account.CreditLimitNanos, account.MayNotCall, now, stated ? ValidityOf(account, prepared.Configuration, now) : null);
            if (set is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return (set, account.Number, 0, ids);
        }
        if (also?.Invoke(ledger, now) is { } done && done is not (LedgerOutcome.Done or LedgerOutcome.AlreadyDone)) return (done, "", 0, ids);
        long position = host.Books.Journal.Append(JournalRecordType.Configuration, now, prepared.JournalPayload);
        return (LedgerOutcome.Done, "", position, ids);
    }

    private static Instant ValidityOf(AccountConfig account, SwitchConfiguration configuration, Instant now)
    {
        if (account.ValidUntil != default || account.Kind == AccountKind.Clearing) return account.ValidUntil == default ? Instant.Never : account.ValidUntil;
        int days = configuration.Settings.Billing.PayDelayExpireDays;
        return days == 0 ? Instant.Never : now + TimeSpan.FromDays(days);
    }

    internal static Fault? Refused(ApplyResult prepared) => prepared.Succeeded
        ? null
        : new Fault(FaultKind.Invalid, $"{prepared.Errors.Count} {(prepared.Errors.Count == 1 ? "error" : "errors")}; nothing was applied.", prepared.Errors);

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception e) // it belongs to whoever asked, not to the loop
        {
            done.SetException(e);
        }
    }

    private static Fault NoSuchCall(CallId call) => new(FaultKind.NotFound, $"Call {call} is not in progress.");

    // What is said of the deck stays when its rates change.
    private DeckRef Renewed(DeckImportOrder order, Deck deck) =>
        (host.Configuration.Current.Configuration.Decks.GetValueOrDefault(order.Name) ?? new DeckRef(order.Name, order.Currency, deck.Version)) with { Currency = order.Currency, Version = deck.Version, Timeline = [] };

    public Deck? Deck(string name) => host.Configuration.Current.Configuration.Decks.TryGetValue(name, out DeckRef? deck) ? host.Shelf.Deck(deck.VersionAt(host.Clock.Now())) : null;

    private static (int Added, int Changed, int Removed) Difference(Deck? before, Deck after)
    {
        if (before is null) return (after.Rates.Count, 0, 0);
        var old = before.Rates.ToDictionary(static r => (r.Prefix, r.From));
        int added = 0, changed = 0;
        foreach (Rate rate in after.Rates)
        {
            if (!old.Remove((rate.Prefix, rate.From), out Rate was)) added++;
            else if (was != rate) changed++;
        }
        return (added, changed, old.Count);
    }

    private static void Count(SortedDictionary<string, long> counters, Shard shard, SwitchLoop loop)
    {
        void Add(string name, long value) => counters[name] = counters.GetValueOrDefault(name) + value;
        ShardCounters calls = shard.Counters;
        Add("calls.arrived", calls.CallsArrived);
        Add("calls.answered", calls.CallsAnswered);
        Add("calls.settled", calls.CallsSettled);
        Add("calls.refusedEarly", calls.CallsRefused);
        Add("calls.attempts", calls.AttemptsStarted);
        Add("calls.unknownSource", calls.UnknownSources);
        Add("calls.illegalCdrsSuppressed", calls.IllegalCdrsSuppressed);
        Add("authentication.challenges", calls.Challenges);
        Add("authentication.failures", calls.AuthenticationFailures);
        Add("authentication.replays", shard.Replays);
        Add("door.strangersDropped", calls.StrangersDropped);
        Add("door.dialogShareDropped", calls.DialogShareDropped);
        Add("door.blockedDropped", calls.BlockedDropped);
        Add("door.overloadRefused", calls.OverloadRefused);
        Add("door.overloadDropped", calls.OverloadDropped);
        Add("registrations.accepted", calls.Registrations);
        Add("registrations.light", calls.LightRefreshes);
        Add("publications", calls.Publications);
        Add("registrations.refused", calls.RegistrationsRefused);
        Sip.Transactions.TransactionCounters sip = shard.Transactions.Counters;
        Add("sip.requests", sip.Requests);
        Add("sip.responses", sip.Responses);
        Add("sip.malformed", sip.Malformed);
        Add("sip.retransmissionsReceived", sip.RetransmissionsReceived);
        Add("sip.retransmissionsSent", sip.RetransmissionsSent);
        Add("sip.strayResponses", sip.StrayResponses);
        Add("sip.serversRefused", sip.ServersRefused);
        Add("sip.statelessAnswers", sip.StatelessAnswers);
        Add("sip.answersTooLong", sip.AnswersTooLong);
        foreach (SipLimit limit in SipLimit.All)
        {
            if (limit.Message != SipDefect.None) Add(limit.Counter, sip.Defects[(int)limit.Message]);
            else if (limit.Session != SdpDefect.None) Add(limit.Counter, shard.SessionDefects[(int)limit.Session]);
        }
        Add("limits.answer", sip.HeadsTooLarge);
        LoopCounters turned = loop.Counters;
        Add("loop.turns", turned.Turns);
        Add("loop.wakeups", turned.Wakeups);
        Add("loop.faults", turned.Faults);
        Add("loop.sendErrors", turned.SendErrors);
        Add("network.receiveErrors", turned.ReceiveErrors);
        Add("network.queueDrops", turned.QueueDrops);
        Add("network.datagramsIn", turned.DatagramsIn);
        Add("network.datagramsOut", turned.DatagramsOut);
    }

    private static void Count(SortedDictionary<string, long> counters, StreamEdge edge)
    {
        StreamCounters seen = edge.Counters;
        counters["streams.open"] = edge.Count;
        counters["streams.accepted"] = Volatile.Read(ref seen.Accepted);
        counters["streams.opened"] = Volatile.Read(ref seen.Opened);
        counters["streams.connectsFailed"] = Volatile.Read(ref seen.ConnectsFailed);
        counters["streams.handshakes"] = Volatile.Read(ref seen.Handshakes);
        counters["streams.handshakesFailed"] = Volatile.Read(ref seen.HandshakesFailed);
        counters["streams.messagesIn"] = Volatile.Read(ref seen.MessagesIn);
        counters["streams.messagesOut"] = Volatile.Read(ref seen.MessagesOut);
        counters["streams.pings"] = Volatile.Read(ref seen.Pings);
        counters["streams.refused"] = Volatile.Read(ref seen.Refused);
        counters["streams.closedBroken"] = Volatile.Read(ref seen.Broken);
        counters["streams.closedSlow"] = Volatile.Read(ref seen.Slow);
        counters["streams.closedIdle"] = Volatile.Read(ref seen.Idle);
        counters["streams.closedStalled"] = Volatile.Read(ref seen.Stalled);
        counters["streams.closedUndelivered"] = Volatile.Read(ref seen.Undelivered);
    }

    internal static ChangeView View(AuditEntry change)
    {
        int open = change.What.IndexOf('[', StringComparison.Ordinal);
        int close = change.What.IndexOf(']', StringComparison.Ordinal);
        bool setting = change.What.StartsWith(SettingChange, StringComparison.Ordinal);
        string kind = setting ? "setting" : open < 0 ? change.What : change.What[..open].TrimEnd('s');
        string key = setting ? change.What[SettingChange.Length..] : open < 0 || close < open ? "" : change.What[(open + 1)..close];
        string field = setting || close < 0 || close + 2 > change.What.Length ? "" : change.What[(close + 2)..] + ": ";
        string what = change.From is null ? "added" : change.To is null ? "removed" : "changed";
        string says = change.From is null ? $"{field}{change.To}" : change.To is null ? $"{field}{change.From}" : $"{field}{change.From} → {change.To}";
        return new ChangeView(kind, key, what, says);
    }

    private static AccountView View(LedgerAccount account, SwitchConfiguration configuration, Instant now)
    {
        AccountConfig? said = configuration.Accounts.GetValueOrDefault(account.Number);
        return new AccountView
        {
            Number = account.Number,
            Name = said?.Name ?? "",
            Kind = account.Kind.ToString(),
            Currency = account.Currency,
            Balance = new Money(account.BalanceNanos, account.Currency),
            CreditLimit = new Money(account.CreditLimitNanos, account.Currency),
            Reserved = new Money(account.ReservedNanos, account.Currency),
            Available = new Money(account.AvailableNanos, account.Currency),
            Locked = account.Locked,
            ConsumedToday = new Money(account.ConsumedToday(now), account.Currency),
            ValidUntil = account.ValidUntil,
            Deck = said?.Deck ?? "",
        };
    }

    internal static CallView View(Call call, in MediaCounters media, Instant now)
    {
        Cdr cdr = call.Cdr;
        return new CallView
        {
            Id = call.Id,
            State = call.State switch
            {
                CallState.Dialling when call.IsRinging => "ringing",
                CallState.Settling => "ending",
                CallState.Farewell => "ended",
                _ => call.State.ToString().ToLowerInvariant(),
            },
            Arrived = cdr.Start,
            Answered = cdr.WasAnswered ? cdr.Answered : null,
            TalkSeconds = cdr.WasAnswered ? (long)(now - cdr.Answered).TotalSeconds : 0,
            Caller = cdr.CallerE164,
            Callee = cdr.CalleeE164,
            CallerGateway = cdr.CallerGateway,
            CalleeGateway = cdr.CalleeGateway,
            CallerAddress = cdr.CallerAddress,
            CalleeAddress = cdr.CalleeAddress,
            Account = cdr.Sale?.AccountNumber ?? "",
            Reserved = cdr.Sale is { } sale ? new Money(call.Reserved, sale.Tariff.Currency) : null,
            Attempts = cdr.Attempts,
            CallerMedia = MediaView.Of(media.Caller),
            CalleeMedia = MediaView.Of(media.Callee),
            CallerKeys = PressedKeysView.Of(call.CallerKeys),
            CalleeKeys = PressedKeysView.Of(call.CalleeKeys),
            Recording = cdr.Recording.Length > 0 ? cdr.Recording : null,
        };
    }
}

/// <summary>A loop could not be asked, or stopped before it answered; nothing was changed. One sentence.</summary>
public sealed class UnavailableException(string message) : Exception(message);
