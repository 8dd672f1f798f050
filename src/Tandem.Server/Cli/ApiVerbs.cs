using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Client;
using Tandem.Server.Api;
using CheckView = Tandem.Client.CheckView;
using GatewayView = Tandem.Client.GatewayView;
using MappingGatewayView = Tandem.Client.MappingGatewayView;
using PaymentRequest = Tandem.Client.PaymentRequest;
using PaymentView = Tandem.Client.PaymentView;
using PendingPaymentView = Tandem.Client.PendingPaymentView;
using StatusView = Tandem.Client.StatusView;

namespace Tandem.Server.Cli;

/// <summary>The verbs that go through the API.</summary>
internal sealed partial class ApiVerbs
{
    private readonly List<ApiVerb> _all = [];
    private readonly List<Command> _tree = [];

    public ApiVerbs(Func<string, Api.CheckView> checkOffline)
    {
        Apply();
        Calls();
        (Command cdr, IReadOnlyList<ApiVerb> cdrVerbs) = CdrVerbs.Make();
        _tree.Add(cdr);
        _all.AddRange(cdrVerbs);
        Why();
        Route();
        Add(WhatIfVerb.Create(ReadAsync));
        Add(RerateVerb.Create());
        Add(WatchVerb.Create());
        Pay();
        Money();
        (Command deck, IReadOnlyList<ApiVerb> deckVerbs) = DeckVerbs.Make(ReadAsync);
        _tree.Add(deck);
        _all.AddRange(deckVerbs);
        Access();
        Accounts();
        Settings();
        Gateways();
        Quality();
        Trunks();
        Registrations();
        Blocked();
        BlackList();
        Alarms();
        Lrn();
        Simple(new Command("status", "Counters and warnings"), static call => call.Api.GetStatusAsync(stop: call.Stop), ShowStatus);
        Simple(new Command("journal", "How far the journal is, and how far those that read it"), static call => call.Api.GetJournalAsync(stop: call.Stop), ShowJournal);
        Check(checkOffline);
        Drop();
        CallBack();
        Reserve();
        Record();
    }

    public IReadOnlyList<ApiVerb> All => _all;

    /// <summary>The commands as the root gets them.</summary>
    public IReadOnlyList<Command> Tree => _tree;

    private void Apply()
    {
        var file = new Argument<string>("FILE") { Description = "The JSON document; - reads it from the input" };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would change" };
        Add(new Command("apply", "Apply a document: accounts, decks, gateways, phones, settings; all of it or nothing") { file, dry }, async call =>
        {
            bool isDry = call.Of(dry);
            using HttpContent body = Body(await ReadAsync(call.Of(file), call.Stop), "application/json");
            call.Terminal.Show(await call.Api.PostApplyAsync(body, isDry ? true : null, stop: call.Stop), a =>
            {
                foreach (Client.ChangeView change in a.Changes) call.Terminal.Say($"{change.Kind} {change.Key} {(isDry ? "would be " : "")}{change.What}: {change.Says}");
                call.Terminal.Say(a.Changes.Count == 0 ? $"nothing to change; revision {a.Revision}" : isDry ? $"dry run: revision {a.Revision} stays" : $"revision {a.Revision}");
            });
            return CommandLine.Done;
        });
    }

    private void Calls() =>
        Add(Paging.Verb(new Command("calls", "Calls in progress"), static (call, limit, cursor) => call.Api.GetCallsAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Calls, "no call is in progress",
            ("id", static c => c.Id), ("state", static c => c.State), ("talk s", static c => c.TalkSeconds), ("caller", static c => c.Caller), ("callee", static c => c.Callee), ("from", static c => c.CallerGateway), ("by", static c => c.CalleeGateway),
            ("account", static c => c.Account), ("held", static c => c.Reserved))));

    private void Why()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        Add(new Command("why", "Why a call went as it did: decisions, SIP ladder, price in steps") { id }, async call =>
        {
            if (call.Terminal.Json) call.Terminal.Show(await call.Api.GetWhyByIdAsync(call.Of(id), stop: call.Stop), static _ => { });
            else await call.Terminal.Output.WriteAsync(await call.Api.GetWhyByIdTextAsync(call.Of(id), stop: call.Stop));
            return CommandLine.Done;
        });
    }

    private void Route()
    {
        var number = new Argument<string>("NUMBER") { Description = "As the caller would dial it" };
        var from = new Option<string>("--from") { Description = "Mapping gateway, phone or address that would call", HelpName = "WHO", Required = true };
        Option<string?> caller = Text("--caller", "NUMBER", "The calling number");
        Option<string?> at = Text("--at", "TIME", "When: by the configuration and the periods of that time [default: now]");
        Add(new Command("route", "What would be done with a call, and why") { number, from, caller, at }, async call =>
        {
            string who = call.Typed.GetRequiredValue(from);
            if (call.Terminal.Json) call.Terminal.Show(await call.Api.GetRouteAsync(call.Of(number), who, call.Of(caller), call.Of(at), stop: call.Stop), static _ => { });
            else await call.Terminal.Output.WriteAsync(await call.Api.GetRouteTextAsync(call.Of(number), who, call.Of(caller), call.Of(at), stop: call.Stop));
            return CommandLine.Done;
        });
    }

    private void Pay()
    {
        var account = new Argument<string>("ACCOUNT");
        var amount = new Argument<string>("AMOUNT") { Description = "As in 12.50; a deduction is written after --, as in: tandem pay -- 1001 -5" };
        Option<string?> id = Text("--id", "ID", "The payment's own id: the same id is booked once [default: a new one]"), memo = Text("--memo", "TEXT", "Kept with the payment");
        Add(new Command("pay", "Book a payment to an account") { account, amount, id, memo }, async call =>
        {
            var order = new PaymentRequest { Id = call.Of(id) ?? NewId(), Account = call.Of(account), Amount = call.Of(amount), Memo = call.Of(memo) };
            call.Terminal.Show(await call.Api.PostPaymentsAsync(order, stop: call.Stop), a => call.Terminal.Say(Booked(a)));
            return CommandLine.Done;
        });
    }

    private static string Booked(JsonNode answer)
    {
        if (answer["balanceAfter"] is null) return Waits(answer);
        bool repeated = (bool?)answer["repeated"] == true; // a reversal does not say
        return $"payment {answer["id"]} of {answer["amount"]} {answer["currency"]} to account {answer["account"]} {(repeated ? "had been booked before" : "is booked")}; the balance {(repeated ? "was then" : "is")} {answer["balanceAfter"]}";
    }

    internal static string Waits(JsonNode answer)
    {
        PendingPaymentView waits = TandemClient.Read<PendingPaymentView>(answer);
        return $"{(waits.Kind == PendingKind.Rerate ? $"re-rating {waits.Id}" : $"payment {waits.Id} of {waits.Amount} to account {waits.Account}")} waits until somebody else confirms it (tandem pending)";
    }

    private static string NewId() => "cli-" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    private void Accounts()
    {
        var number = new Argument<string?>("NUMBER") { Description = "One account", Arity = ArgumentArity.ZeroOrOne };
        var paging = new Paging();
        var command = new Command("accounts", "Accounts with their money") { number };
        paging.AddTo(command);
        Add(command, async call =>
        {
            if (call.Maybe(number) is { } one)
            {
                call.Terminal.Show(await call.Api.GetAccountsByNumberAsync(one, stop: call.Stop), call.Terminal.Fields);
                return CommandLine.Done;
            }
            return await paging.ListAsync(call, static (call, limit, cursor) => call.Api.GetAccountsAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Accounts, "there is no account",
                ("number", static r => r.Number), ("name", static r => r.Name), ("kind", static r => r.Kind), ("", static r => r.Currency), ("balance", static r => r.Balance), ("credit", static r => r.CreditLimit), ("held", static r => r.Reserved),
                ("available", static r => r.Available), ("locked", static r => r.Locked), ("deck", static r => r.Deck)));
        });
    }

    private void Gateways() =>
        Add(Paging.Verb(new Command("gateways", "Gateways as they stand: addresses, lines, OPTIONS, rests"), static (call, limit, cursor) => call.Api.GetGatewaysAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) =>
        {
            t.Table(a.RoutingGateways, "there is no routing gateway",
                ("routing gateway", static g => g.Name), ("stated", static g => g.RemoteIp), ("addresses", static g => g.Addresses), ("age s", static g => g.AgeSeconds), ("calls", static g => g.CurrentCalls), ("published", static g => g.PublishedCalls),
                ("lines", static g => g.Capacity), ("sent", static g => g.History), ("locked", static g => g.Locked), ("options", static g => g.SipOptions), ("since", static g => g.SipOptionsSince), ("rests ms", static g => g.RetryAfter));
            t.Table(a.MappingGateways, "there is no mapping gateway",
                ("mapping gateway", static g => g.Name), ("stated", static g => g.RemoteIps), ("addresses", static g => g.Addresses), ("age s", static g => g.AgeSeconds), ("calls", static g => g.CurrentCalls), ("published", static g => g.PublishedCalls),
                ("lines", static g => g.Capacity), ("locked", static g => g.Locked));
            foreach (GatewayView gateway in a.RoutingGateways.Where(static g => g.Trouble.Length > 0)) t.Say($"{gateway.Name}: {gateway.Trouble}");
            foreach (MappingGatewayView gateway in a.MappingGateways.Where(static g => g.Trouble.Length > 0)) t.Say($"{gateway.Name}: {gateway.Trouble}");
        }));

    private void Trunks() =>
        Add(Paging.Verb(new Command("trunks", "Our registrations at carriers"), static (call, limit, cursor) => call.Api.GetTrunksAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Trunks, "no gateway is registered at",
            ("gateway", static r => r.Gateway), ("name", static r => r.RegisterName), ("up", static r => r.Up), ("state", static r => r.State), ("since", static r => r.Since), ("until", static r => r.Expires), ("next", static r => r.Next),
            ("at", static r => r.Registrar), ("last error", static r => r.LastError))));

    private void Registrations() =>
        Add(Paging.Verb(new Command("registrations", "Phones registered now"), static (call, limit, cursor) => call.Api.GetRegistrationsAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Registrations, "no phone is registered",
            ("phone", static r => r.Phone), ("contact", static r => r.Contact), ("from", static r => r.Source), ("since", static r => r.Registered), ("until", static r => r.Expires), ("heard", static r => r.LastHeard),
            ("silent since", static r => r.SilentSince), ("user agent", static r => r.UserAgent))));

    private static void ShowJournal(Terminal terminal, Client.JournalView journal)
    {
        terminal.Say($"position {journal.Position}, written to {journal.Written}, durable to {journal.Durable}, snapshot of {journal.Snapshot}");
        terminal.Say(journal.Head.Length > 0 ? $"sealed to {journal.SealedTo}: {journal.Head}" : "nothing is sealed yet");
        if (journal.Trouble.Length > 0) terminal.Say(journal.Trouble);
        terminal.Table(journal.Consumers, "nothing reads the journal", ("consumer", static r => r.Name), ("position", static r => r.Position), ("bytes behind", static r => r.Behind), ("trouble", static r => r.Trouble));
    }

    private void Check(Func<string, Api.CheckView> offline) =>
        Add(new Command("check", "Compare the live state with the journal; the journal alone when no switch runs on the data folder"), async call =>
        {
            CheckView answer;
            try
            {
                answer = await call.Api.GetCheckAsync(stop: call.Stop);
            }
            catch (NobodyThereException) when (Directory.Exists(call.DataFolder))
            {
                answer = TandemClient.Read<CheckView>(JsonSerializer.SerializeToNode(offline(call.DataFolder), ApiJson.Options)!);
            }
            call.Terminal.Show(answer, a =>
            {
                foreach (string difference in a.Differences) call.Terminal.Say(difference);
                call.Terminal.Say($"{(a.Passed ? "everything agrees" : "NOT everything agrees")}: {a.Records} records, {a.Accounts} accounts, {a.OpenCalls} open calls, journal position {a.Position}");
            });
            return answer.Passed ? CommandLine.Done : CommandLine.Failed;
        });

    private void Drop()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        Simple(new Command("drop", "End a call") { id }, call => call.Api.DeleteCallsByIdAsync(call.Of(id), stop: call.Stop), static (t, a) => t.Say($"call {a.Id} is being ended"));
    }

    private void CallBack()
    {
        var caller = new Argument<string>("CALLER") { Description = "The number that is called first" };
        var callee = new Argument<string>("CALLEE") { Description = "The number it is joined with, or several separated by commas: the first that answers" };
        var access = new Option<string>("--access") { Description = "The phone in whose name it is done, and that pays", HelpName = "PHONE", Required = true };
        Option<string?> callerPayer = Text("--caller-payer", "PHONE", "Pays for the call to the caller"), calleePayer = Text("--callee-payer", "PHONE", "Pays for the calls to the callees");
        Option<string?> shownToCaller = Text("--shown-to-caller", "NUMBER", "What the caller sees"), shownToCallee = Text("--shown-to-callee", "NUMBER", "What the callees see");
        Add(new Command("callback", "Call one end, then the other, and join them") { caller, callee, access, callerPayer, calleePayer, shownToCaller, shownToCallee }, async call =>
        {
            var asked = new Client.CallbackRequest
            {
                Caller = call.Of(caller), Callee = call.Of(callee), Access = call.Typed.GetRequiredValue(access),
                CallerPayer = call.Of(callerPayer), CalleePayer = call.Of(calleePayer), ShownToCaller = call.Of(shownToCaller), ShownToCallee = call.Of(shownToCallee),
            };
            call.Terminal.Show(await call.Api.PostCallbacksAsync(asked, stop: call.Stop), a => call.Terminal.Say($"{asked.Caller} is being called; ending call {a.Call} ends the callback"));
            return CommandLine.Done;
        });
    }

    private void Reserve()
    {
        var caller = new Argument<string>("CALLER") { Description = "Who will call the access number" };
        var callee = new Argument<string>("CALLEE") { Description = "Whom that call is for" };
        var access = new Option<string>("--access") { Description = "The phone whose number is the access number", HelpName = "PHONE", Required = true };
        Add(new Command("reserve", "Say for whom a caller's next call to an access number is") { caller, callee, access }, async call =>
        {
            var asked = new Client.ReservationRequest { Caller = call.Of(caller), Callee = call.Of(callee), Access = call.Typed.GetRequiredValue(access) };
            call.Terminal.Show(await call.Api.PostCallbacksReservationsAsync(asked, stop: call.Stop), a => call.Terminal.Say($"the next call of {a.Caller} to {a.Access}, until {Terminal.Words(a.Until)}, goes to {a.Callee}"));
            return CommandLine.Done;
        });
    }

    private void Record()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        var end = new Option<bool>("--stop") { Description = "End the recording" };
        Add(new Command("record", "Record a call in progress") { id, end }, async call =>
        {
            if (call.Of(end)) call.Terminal.Show(await call.Api.DeleteCallsByIdRecordingAsync(call.Of(id), stop: call.Stop), a => call.Terminal.Say($"the recording of call {a.Id} has ended"));
            else call.Terminal.Show(await call.Api.PostCallsByIdRecordingAsync(call.Of(id), stop: call.Stop), a => call.Terminal.Say($"call {a.Id} is recorded in recordings/{a.Recording}"));
            return CommandLine.Done;
        });
    }

    private void Blocked()
    {
        Option<string?> release = Text("--release", "WHO", "End the block of this address or phone");
        var paging = new Paging();
        var command = new Command("blocked", "Addresses and phones blocked after wrong passwords") { release };
        paging.AddTo(command);
        Add(command, async call =>
        {
            if (call.Of(release) is { } who)
            {
                call.Terminal.Show(await call.Api.DeleteBlockedByWhoAsync(who, stop: call.Stop), a => call.Terminal.Say($"{a.Who} is not blocked any more"));
                return CommandLine.Done;
            }
            return await paging.ListAsync(call, static (call, limit, cursor) => call.Api.GetBlockedAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Blocked, "nobody is blocked",
                ("who", static r => r.Who), ("", static r => r.Kind), ("tries", static r => r.Tries), ("since", static r => r.Since), ("until", static r => r.Until), ("last from", static r => r.LastSource)));
        });
    }

    private void Quality()
    {
        var which = new Argument<string?>("GATEWAY") { Description = "One routing gateway, with its destinations", Arity = ArgumentArity.ZeroOrOne };
        Simple(new Command("quality", "Answer rate, talk, delay and breaker of gateways") { which }, call => call.Api.GetQualityAsync(call.Maybe(which), stop: call.Stop), static (t, a) =>
            t.Table(a.Quality, "no gateway's quality is counted (SS_GATEWAY_ASR_CALCULATE, calculateRouteQuality)",
                ("routing gateway", static r => r.Gateway), ("destination", static r => r.Destination), ("attempts", static r => r.Attempts), ("answered", static r => r.Answered), ("ASR %", static r => r.Asr), ("NER %", static r => r.Ner),
                ("ACD s", static r => r.Acd), ("PDD s", static r => r.Pdd), ("short %", static r => r.ShortCalls), ("state", static r => r.State), ("since", static r => r.Since)));
    }

    private void BlackList()
    {
        Option<string?> release = Text("--release", "NUMBER", "Take this number off every list");
        var paging = new Paging();
        var command = new Command("blacklist", "Numbers on dynamic black lists") { release };
        paging.AddTo(command);
        Add(command, async call =>
        {
            if (call.Of(release) is { } number)
            {
                call.Terminal.Show(await call.Api.DeleteBlacklistByNumberAsync(number, stop: call.Stop), _ => call.Terminal.Say($"{number} is on no dynamic black list any more"));
                return CommandLine.Done;
            }
            return await paging.ListAsync(call, static (call, limit, cursor) => call.Api.GetBlacklistAsync(limit: limit, cursor: cursor, stop: call.Stop), static (t, a) => t.Table(a.Entries, "no number is on a dynamic black list",
                ("number", static r => r.Number), ("kind", static r => r.Kind), ("list", static r => r.List), ("calls", static r => r.Calls), ("since", static r => r.Since), ("until", static r => r.Until)));
        });
    }

    private void Alarms()
    {
        var id = new Argument<string>("ID") { Description = "The alarm's number" };
        var confirm = new Command("confirm", "Say that an alarm was seen") { id };
        var list = new Command("alarms", "What is wrong now, the worst first, and what was") { confirm };
        Simple(list, static call => call.Api.GetAlarmsAsync(stop: call.Stop), static (t, a) =>
        {
            t.Table(a.Standing, "no alarm stands", ("id", static r => r.Id), ("level", static r => r.Level), ("raised", static r => r.Raised), ("seen by", static r => r.ConfirmedBy), ("what", static r => r.Says));
            if (a.Cleared.Count > 0) t.Table(a.Cleared, "", ("id", static r => r.Id), ("level", static r => r.Level), ("from", static r => r.Raised), ("until", static r => r.Cleared), ("what was", static r => r.Says));
        });
        _all.Add(Asking(confirm, call => call.Api.PostAlarmsByIdConfirmAsync(call.Of(id), stop: call.Stop), static (t, a) => t.Say($"alarm {a.Id} was seen by {a.ConfirmedBy}")));
    }

    private void Lrn()
    {
        var file = new Argument<string>("FILE") { Description = "CSV lines number,routing; - reads them from the input" };
        var import = new Command("import", "Make a CSV file the local table of ported numbers, all of it or nothing") { file };
        var show = new Command("show", "The local table of ported numbers");
        var number = new Argument<string>("NUMBER") { Description = "The number" };
        var find = new Command("find", "Whom a number was ported to, as far as it is known here") { number };
        var remove = new Command("remove", "Do without the local table");
        _tree.Add(new Command("lrn", "Number portability") { import, show, find, remove });
        _all.Add(new ApiVerb(import, async call =>
        {
            string path = call.Of(file);
            await using Stream csv = path == "-" ? Console.OpenStandardInput() : Open(path);
            await using var told = new ToldStream(csv, path == "-" ? 0 : csv.Length, call.Terminal);
            using var body = new StreamContent(told, 1 << 20);
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            call.Terminal.Show(await call.Api.PostPortedNumbersAsync(body, stop: call.Stop), a => call.Terminal.Say($"{a.Numbers} ported numbers, {a.RoutingNumbers} routing numbers, {a.Bytes} bytes, in use now"));
            return CommandLine.Done;
        }));
        _all.Add(Asking(show, static call => call.Api.GetPortedNumbersAsync(stop: call.Stop), static (t, a) =>
        {
            t.Say(a.Built is null ? "there is no local table" : $"{a.Numbers} ported numbers, {a.RoutingNumbers} routing numbers, {a.Bytes} bytes, built {Terminal.Words(a.Built)}");
            if (a.Importing.Length > 0) t.Say($"an import is under way: {a.Importing}");
        }));
        _all.Add(Asking(find, call => call.Api.GetPortedNumbersByNumberAsync(call.Of(number), stop: call.Stop), static (t, a) => t.Say(a.Says)));
        _all.Add(Asking(remove, static call => call.Api.DeletePortedNumbersAsync(stop: call.Stop), static (t, a) => t.Say($"the local table of {a.Numbers} numbers is gone")));
    }

    /// <exception cref="RefusedException">The file cannot be read.</exception>
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"the file {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>A verb that is one question and how its answer is shown.</summary>
    private static ApiVerb Asking<T>(Command command, Func<ApiCall, Task<T>> askAsync, Action<Terminal, T> show)
        where T : notnull => new(command, async call =>
        {
            call.Terminal.Show(await askAsync(call), a => show(call.Terminal, a));
            return CommandLine.Done;
        });

    private void Simple<T>(Command command, Func<ApiCall, Task<T>> askAsync, Action<Terminal, T> show)
        where T : notnull => Add(Asking(command, askAsync, show));

    private void Add(Command command, Func<ApiCall, Task<int>> doAsync) => Add(new ApiVerb(command, doAsync));

    private void Add(ApiVerb verb)
    {
        _tree.Add(verb.Command);
        _all.Add(verb);
    }

    private static Option<string?> Text(string name, string helpName, string says) => new(name) { Description = says, HelpName = helpName };

    /// <summary>A body of a media type, whole.</summary>
    internal static ByteArrayContent Body(byte[] content, string mediaType)
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return body;
    }

    private static void ShowStatus(Terminal terminal, StatusView status)
    {
        foreach (string warning in status.Warnings) terminal.Say($"WARNING: {warning}");
        terminal.Say($"version {status.Version}, up since {Terminal.Words(status.Started)}, revision {status.Revision}");
        terminal.Say($"{status.CallsOpen} calls, {status.Registrations} registrations, {status.PortsLent} media ports lent; new calls are {(status.AcceptsNewCalls ? "" : "NOT ")}accepted");
        foreach ((string name, long value) in status.Counters) terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  {name} {value}"));
    }

    /// <exception cref="RefusedException">The file cannot be read.</exception>
    private static async Task<byte[]> ReadAsync(string file, CancellationToken stop)
    {
        if (file == "-")
        {
            using var all = new MemoryStream();
            await using Stream input = Console.OpenStandardInput();
            await input.CopyToAsync(all, stop);
            return all.ToArray();
        }
        try
        {
            return await File.ReadAllBytesAsync(file, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException($"the file {file} cannot be read: {e.Message}");
        }
    }
}
