using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.Api;

namespace Tandem.Server.Cli;

/// <summary>One use of a verb: the API, where to write, what was typed.</summary>
internal sealed record ApiCall(ApiClient Api, Terminal Terminal, ParseResult Typed, string DataFolder, CancellationToken Stop)
{
    public Task<JsonNode> GetAsync(string path) => Api.GetAsync(path, Stop);

    public Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body = null) => Api.SendAsync(method, path, body, Stop);
}

/// <summary>A verb that asks the API; answers with the exit code.</summary>
internal sealed record ApiVerb(Command Command, Func<ApiCall, Task<int>> DoAsync);

/// <summary>The verbs that go through the API.</summary>
internal sealed partial class ApiVerbs
{
    private static readonly HttpMethod Post = HttpMethod.Post;

    private readonly List<ApiVerb> _all = [];
    private readonly List<Command> _tree = [];

    public ApiVerbs(Func<string, CheckView> checkOffline)
    {
        Apply();
        Calls();
        (Command cdr, IReadOnlyList<ApiVerb> cdrVerbs) = CdrVerbs.Make(ShowFields);
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
        Simple("gateways", "Gateways as they stand: addresses, lines, OPTIONS, rests", "/v1/gateways", t =>
        {
            t.Terminal.Table(t.Answer["routingGateways"], "there is no routing gateway",
                ("routing gateway", "name"), ("stated", "remoteIp"), ("addresses", "addresses"), ("age s", "ageSeconds"), ("calls", "currentCalls"), ("published", "publishedCalls"), ("lines", "capacity"), ("sent", "history"), ("locked", "locked"),
                ("options", "sipOptions"), ("since", "sipOptionsSince"), ("rests ms", "retryAfter"));
            t.Terminal.Table(t.Answer["mappingGateways"], "there is no mapping gateway",
                ("mapping gateway", "name"), ("stated", "remoteIps"), ("addresses", "addresses"), ("age s", "ageSeconds"), ("calls", "currentCalls"), ("published", "publishedCalls"), ("lines", "capacity"), ("locked", "locked"));
            foreach (JsonNode? gateway in ((JsonArray)t.Answer["routingGateways"]!).Concat((JsonArray)t.Answer["mappingGateways"]!))
            {
                if (Terminal.Field(gateway, "trouble") is { Length: > 0 } trouble) t.Terminal.Say($"{Terminal.Field(gateway, "name")}: {trouble}");
            }
        });
        Quality();
        Simple("trunks", "Our registrations at carriers", "/v1/trunks", t => t.Terminal.Table(t.Answer["trunks"], "no gateway is registered at",
            ("gateway", "gateway"), ("name", "registerName"), ("up", "up"), ("state", "state"), ("since", "since"), ("until", "expires"), ("next", "next"), ("at", "registrar"), ("last error", "lastError")));
        Simple("registrations", "Phones registered now", "/v1/registrations", t => t.Terminal.Table(t.Answer["registrations"], "no phone is registered",
            ("phone", "phone"), ("contact", "contact"), ("from", "source"), ("since", "registered"), ("until", "expires"), ("heard", "lastHeard"), ("silent since", "silentSince"), ("user agent", "userAgent")));
        Blocked();
        BlackList();
        Alarms();
        Lrn();
        Simple("status", "Counters and warnings", "/v1/status", t => ShowStatus(t.Terminal, t.Answer));
        Simple("journal", "How far the journal is, and how far those that read it", "/v1/journal", t => ShowJournal(t.Terminal, t.Answer));
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
            byte[] document = await ReadAsync(call.Typed.GetRequiredValue(file), call.Stop);
            using var body = new ByteArrayContent(document);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            bool isDry = call.Typed.GetValue(dry);
            JsonNode answer = await call.SendAsync(Post, isDry ? "/v1/apply?dryRun=true" : "/v1/apply", body);
            call.Terminal.Show(answer, a =>
            {
                foreach (JsonNode? change in (JsonArray)a["changes"]!)
                    call.Terminal.Say($"{Terminal.Field(change, "kind")} {Terminal.Field(change, "key")} {(isDry ? "would be " : "")}{Terminal.Field(change, "what")}: {Terminal.Field(change, "says")}");
                call.Terminal.Say(((JsonArray)a["changes"]!).Count == 0 ? $"nothing to change; revision {a["revision"]}" : isDry ? $"dry run: revision {a["revision"]} stays" : $"revision {a["revision"]}");
            });
            return CommandLine.Done;
        });
    }

    private void Calls() =>
        Simple("calls", "Calls in progress", "/v1/calls", t => t.Terminal.Table(t.Answer["calls"], "no call is in progress",
            ("id", "id"), ("state", "state"), ("talk s", "talkSeconds"), ("caller", "caller"), ("callee", "callee"), ("from", "callerGateway"), ("by", "calleeGateway"), ("account", "account"), ("held", "reserved")));

    private void Why()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        Add(new Command("why", "Why a call went as it did: decisions, SIP ladder, price in steps") { id }, async call =>
        {
            string path = $"/v1/why/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}";
            if (call.Terminal.Json) call.Terminal.Show(await call.GetAsync(path), static _ => { });
            else await call.Terminal.Output.WriteAsync(await call.Api.TextAsync(HttpMethod.Get, path, null, "text/plain", call.Stop));
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
            string path = $"/v1/route?number={Uri.EscapeDataString(call.Typed.GetRequiredValue(number))}&from={Uri.EscapeDataString(call.Typed.GetRequiredValue(from))}";
            if (call.Typed.GetValue(caller) is { } calling) path += $"&caller={Uri.EscapeDataString(calling)}";
            if (call.Typed.GetValue(at) is { } when) path += $"&at={Uri.EscapeDataString(when)}";
            if (call.Terminal.Json) call.Terminal.Show(await call.GetAsync(path), static _ => { });
            else await call.Terminal.Output.WriteAsync(await call.Api.TextAsync(HttpMethod.Get, path, null, "text/plain", call.Stop));
            return CommandLine.Done;
        });
    }

    private void Pay()
    {
        var account = new Argument<string>("ACCOUNT");
        var amount = new Argument<string>("AMOUNT") { Description = "As in 12.50; a deduction is written after --, as in: tandem pay -- 1001 -5" };
        var id = new Option<string?>("--id") { Description = "The payment's own id: the same id is booked once [default: a new one]", HelpName = "ID" };
        Option<string?> memo = Text("--memo", "TEXT", "Kept with the payment");
        Add(new Command("pay", "Book a payment to an account") { account, amount, id, memo }, async call =>
        {
            string payment = call.Typed.GetValue(id) ?? "cli-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
            var order = new JsonObject { ["id"] = payment, ["account"] = call.Typed.GetRequiredValue(account), ["amount"] = call.Typed.GetRequiredValue(amount) };
            if (call.Typed.GetValue(memo) is { } text) order["memo"] = text;
            using var body = new StringContent(order.ToJsonString(), Encoding.UTF8, "application/json");
            JsonNode answer = await call.SendAsync(Post, "/v1/payments", body);
            call.Terminal.Show(answer, a => call.Terminal.Say(a["balanceAfter"] is null
                ? $"payment {a["id"]} of {a["amount"]} to account {a["account"]} waits until somebody else confirms it (tandem pending)"
                : $"payment {a["id"]} of {a["amount"]} {a["currency"]} to account {a["account"]} {((bool?)a["repeated"] == true ? "had been booked before" : "is booked")}; the balance {((bool?)a["repeated"] == true ? "was then" : "is")} {a["balanceAfter"]}"));
            return CommandLine.Done;
        });
    }

    private void Accounts()
    {
        var number = new Argument<string?>("NUMBER") { Description = "One account", Arity = ArgumentArity.ZeroOrOne };
        Add(new Command("accounts", "Accounts with their money") { number }, async call =>
        {
            if (call.Typed.GetValue(number) is { } one)
            {
                call.Terminal.Show(await call.GetAsync($"/v1/accounts/{Uri.EscapeDataString(one)}"), a => ShowFields(call.Terminal, (JsonObject)a, ""));
                return CommandLine.Done;
            }
            call.Terminal.Show(await call.GetAsync("/v1/accounts"), a => call.Terminal.Table(a["accounts"], "there is no account",
                ("number", "number"), ("name", "name"), ("kind", "kind"), ("", "currency"), ("balance", "balance"), ("credit", "creditLimit"), ("held", "reserved"), ("available", "available"), ("locked", "locked"), ("deck", "deck")));
            return CommandLine.Done;
        });
    }

    private static void ShowJournal(Terminal terminal, JsonNode journal)
    {
        terminal.Say($"position {journal["position"]}, written to {journal["written"]}, durable to {journal["durable"]}, snapshot of {journal["snapshot"]}");
        terminal.Say(Terminal.Field(journal, "head") is { Length: > 0 } head ? $"sealed to {journal["sealedTo"]}: {head}" : "nothing is sealed yet");
        if (Terminal.Field(journal, "trouble") is { Length: > 0 } trouble) terminal.Say(trouble);
        terminal.Table(journal["consumers"], "nothing reads the journal", ("consumer", "name"), ("position", "position"), ("bytes behind", "behind"), ("trouble", "trouble"));
    }

    private void Check(Func<string, CheckView> offline) =>
        Add(new Command("check", "Compare the live state with the journal; the journal alone when no switch runs on the data folder"), async call =>
        {
            JsonNode answer;
            try
            {
                answer = await call.GetAsync("/v1/check");
            }
            catch (NobodyThereException) when (Directory.Exists(call.DataFolder))
            {
                answer = JsonSerializer.SerializeToNode(offline(call.DataFolder), ApiJson.Options)!;
            }
            bool passed = (bool?)answer["passed"] == true;
            call.Terminal.Show(answer, a =>
            {
                foreach (JsonNode? difference in (JsonArray)a["differences"]!) call.Terminal.Say(difference!.ToString());
                call.Terminal.Say($"{(passed ? "everything agrees" : "NOT everything agrees")}: {a["records"]} records, {a["accounts"]} accounts, {a["openCalls"]} open calls, journal position {a["position"]}");
            });
            return passed ? CommandLine.Done : CommandLine.Failed;
        });

    private void Drop()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        Add(new Command("drop", "End a call") { id }, async call =>
        {
            call.Terminal.Show(await call.SendAsync(HttpMethod.Delete, $"/v1/calls/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}"), a => call.Terminal.Say($"call {a["id"]} is being ended"));
            return CommandLine.Done;
        });
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
            var asked = new JsonObject { ["caller"] = call.Typed.GetRequiredValue(caller), ["callee"] = call.Typed.GetRequiredValue(callee), ["access"] = call.Typed.GetRequiredValue(access) };
            foreach ((string field, Option<string?> option) in (ReadOnlySpan<(string, Option<string?>)>)[("callerPayer", callerPayer), ("calleePayer", calleePayer), ("shownToCaller", shownToCaller), ("shownToCallee", shownToCallee)])
            {
                if (call.Typed.GetValue(option) is { } text) asked[field] = text;
            }
            using var body = new StringContent(asked.ToJsonString(), Encoding.UTF8, "application/json");
            call.Terminal.Show(await call.SendAsync(Post, "/v1/callbacks", body), a => call.Terminal.Say($"{asked["caller"]} is being called; ending call {a["call"]} ends the callback"));
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
            var asked = new JsonObject { ["caller"] = call.Typed.GetRequiredValue(caller), ["callee"] = call.Typed.GetRequiredValue(callee), ["access"] = call.Typed.GetRequiredValue(access) };
            using var body = new StringContent(asked.ToJsonString(), Encoding.UTF8, "application/json");
            call.Terminal.Show(await call.SendAsync(Post, "/v1/callbacks/reservations", body), a => call.Terminal.Say($"the next call of {a["caller"]} to {a["access"]}, until {a["until"]}, goes to {a["callee"]}"));
            return CommandLine.Done;
        });
    }

    private void Record()
    {
        var id = new Argument<string>("ID") { Description = "The call" };
        var end = new Option<bool>("--stop") { Description = "End the recording" };
        Add(new Command("record", "Record a call in progress") { id, end }, async call =>
        {
            bool stops = call.Typed.GetValue(end);
            call.Terminal.Show(
                await call.SendAsync(stops ? HttpMethod.Delete : HttpMethod.Post, $"/v1/calls/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}/recording"),
                a => call.Terminal.Say(stops ? $"the recording of call {a["id"]} has ended" : $"call {a["id"]} is recorded in recordings/{a["recording"]}"));
            return CommandLine.Done;
        });
    }

    private void Blocked()
    {
        var release = new Option<string?>("--release") { Description = "End the block of this address or phone", HelpName = "WHO" };
        Add(new Command("blocked", "Addresses and phones blocked after wrong passwords") { release }, async call =>
        {
            if (call.Typed.GetValue(release) is { } who) call.Terminal.Show(await call.SendAsync(HttpMethod.Delete, $"/v1/blocked/{Uri.EscapeDataString(who)}"), a => call.Terminal.Say($"{a["who"]} is not blocked any more"));
            else call.Terminal.Show(await call.GetAsync("/v1/blocked"), a => call.Terminal.Table(a["blocked"], "nobody is blocked",
                ("who", "who"), ("", "kind"), ("tries", "tries"), ("since", "since"), ("until", "until"), ("last from", "lastSource")));
            return CommandLine.Done;
        });
    }

    private void Quality()
    {
        var which = new Argument<string?>("GATEWAY") { Description = "One routing gateway, with its destinations", Arity = ArgumentArity.ZeroOrOne };
        Add(new Command("quality", "Answer rate, talk, delay and breaker of gateways") { which }, async call =>
        {
            string path = call.Typed.GetValue(which) is { } gateway ? $"/v1/quality?gateway={Uri.EscapeDataString(gateway)}" : "/v1/quality";
            call.Terminal.Show(await call.GetAsync(path), a => call.Terminal.Table(a["quality"], "no gateway's quality is counted (SS_GATEWAY_ASR_CALCULATE, calculateRouteQuality)",
                ("routing gateway", "gateway"), ("destination", "destination"), ("attempts", "attempts"), ("answered", "answered"), ("ASR %", "asr"), ("NER %", "ner"), ("ACD s", "acd"), ("PDD s", "pdd"), ("short %", "shortCalls"), ("state", "state"), ("since", "since")));
            return CommandLine.Done;
        });
    }

    private void BlackList()
    {
        var release = new Option<string?>("--release") { Description = "Take this number off every list", HelpName = "NUMBER" };
        Add(new Command("blacklist", "Numbers on dynamic black lists") { release }, async call =>
        {
            if (call.Typed.GetValue(release) is { } number) call.Terminal.Show(await call.SendAsync(HttpMethod.Delete, $"/v1/blacklist/{Uri.EscapeDataString(number)}"), _ => call.Terminal.Say($"{number} is on no dynamic black list any more"));
            else call.Terminal.Show(await call.GetAsync("/v1/blacklist"), a => call.Terminal.Table(a["entries"], "no number is on a dynamic black list",
                ("number", "number"), ("kind", "kind"), ("list", "list"), ("calls", "calls"), ("since", "since"), ("until", "until")));
            return CommandLine.Done;
        });
    }

    private void Alarms()
    {
        var id = new Argument<string>("ID") { Description = "The alarm's number" };
        var confirm = new Command("confirm", "Say that an alarm was seen") { id };
        var list = new Command("alarms", "What is wrong now, the worst first, and what was") { confirm };
        _tree.Add(list);
        _all.Add(new ApiVerb(list, async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/alarms"), a =>
            {
                call.Terminal.Table(a["standing"], "no alarm stands", ("id", "id"), ("level", "level"), ("raised", "since"), ("confirmedBy", "seen by"), ("says", "what"));
                if (a["cleared"]!.AsArray().Count > 0) call.Terminal.Table(a["cleared"], "", ("id", "id"), ("level", "level"), ("raised", "from"), ("cleared", "until"), ("says", "what was"));
            });
            return CommandLine.Done;
        }));
        _all.Add(new ApiVerb(confirm, async call =>
        {
            call.Terminal.Show(await call.SendAsync(Post, $"/v1/alarms/{Uri.EscapeDataString(call.Typed.GetRequiredValue(id))}/confirm"), a => call.Terminal.Say($"alarm {a["id"]} was seen by {a["confirmedBy"]}"));
            return CommandLine.Done;
        }));
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
            string path = call.Typed.GetRequiredValue(file);
            await using Stream csv = path == "-" ? Console.OpenStandardInput() : Open(path);
            await using var told = new ToldStream(csv, path == "-" ? 0 : csv.Length, call.Terminal);
            using var body = new StreamContent(told, 1 << 20);
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            call.Terminal.Show(await call.SendAsync(Post, "/v1/ported-numbers", body), a => call.Terminal.Say($"{a["numbers"]} ported numbers, {a["routingNumbers"]} routing numbers, {a["bytes"]} bytes, in use now"));
            return CommandLine.Done;
        }));
        _all.Add(new ApiVerb(show, async call =>
        {
            call.Terminal.Show(await call.GetAsync("/v1/ported-numbers"), a =>
            {
                call.Terminal.Say(a["built"] is null ? "there is no local table" : $"{a["numbers"]} ported numbers, {a["routingNumbers"]} routing numbers, {a["bytes"]} bytes, built {a["built"]}");
                if (Terminal.Field(a, "importing") is { Length: > 0 } far) call.Terminal.Say($"an import is under way: {far}");
            });
            return CommandLine.Done;
        }));
        _all.Add(new ApiVerb(find, async call =>
        {
            call.Terminal.Show(await call.GetAsync($"/v1/ported-numbers/{Uri.EscapeDataString(call.Typed.GetRequiredValue(number))}"), a => call.Terminal.Say($"{a["says"]}"));
            return CommandLine.Done;
        }));
        _all.Add(new ApiVerb(remove, async call =>
        {
            call.Terminal.Show(await call.SendAsync(HttpMethod.Delete, "/v1/ported-numbers"), a => call.Terminal.Say($"the local table of {a["numbers"]} numbers is gone"));
            return CommandLine.Done;
        }));
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

    private void Simple(string name, string says, string path, Action<(Terminal Terminal, JsonNode Answer)> show) =>
        Add(new Command(name, says), async call =>
        {
            call.Terminal.Show(await call.GetAsync(path), a => show((call.Terminal, a)));
            return CommandLine.Done;
        });

    private void Add(Command command, Func<ApiCall, Task<int>> doAsync) => Add(new ApiVerb(command, doAsync));

    private void Add(ApiVerb verb)
    {
        _tree.Add(verb.Command);
        _all.Add(verb);
    }

    private static Option<string?> Text(string name, string helpName, string says) => new(name) { Description = says, HelpName = helpName };

    private static void ShowStatus(Terminal terminal, JsonNode status)
    {
        foreach (JsonNode? warning in (JsonArray)status["warnings"]!) terminal.Say($"WARNING: {warning}");
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"version {status["version"]}, up since {status["started"]}, revision {status["revision"]}"));
        terminal.Say($"{status["callsOpen"]} calls, {status["registrations"]} registrations, {status["portsLent"]} media ports lent; new calls are {((bool?)status["acceptsNewCalls"] == true ? "" : "NOT ")}accepted");
        foreach ((string name, JsonNode? value) in (JsonObject)status["counters"]!) terminal.Say($"  {name} {value}");
    }

    private static void ShowFields(Terminal terminal, JsonObject fields, string prefix)
    {
        foreach ((string name, JsonNode? value) in fields)
        {
            if (value is JsonObject inner) ShowFields(terminal, inner, $"{prefix}{name}.");
            else terminal.Say($"{prefix}{name}: {Terminal.Field(fields, name)}");
        }
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
