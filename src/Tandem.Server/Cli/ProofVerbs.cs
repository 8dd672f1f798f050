using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;

namespace Tandem.Server.Cli;

/// <summary>The verbs that prove money from the journal alone, whether a switch runs on the data folder or not.</summary>
internal static class ProofVerbs
{
    public static IEnumerable<Command> Make(Option<string> data, Func<ParseResult, Terminal> terminal) => [Prove(data, terminal), StatementOf(data, terminal)];

    private static Command Prove(Option<string> data, Func<ParseResult, Terminal> terminal)
    {
        var day = new Argument<string?>("DAY") { Description = "As in 2026-04-26, in UTC; all: the whole journal", Arity = ArgumentArity.ZeroOrOne };
        var chain = new Option<bool>("--chain") { Description = "Verify the hash chain instead" };
        var head = new Option<string?>("--head") { Description = "With --chain: a hash noted earlier, to be found in it", HelpName = "HASH" };
        var command = new Command("prove", "Work every charge and balance of a day out again from the journal, or verify its hash chain") { day, chain, head };
        command.SetAction(parsed =>
        {
            Terminal to = terminal(parsed);
            string folder = FolderOf(parsed.GetValue(data)!);
            if (parsed.GetValue(chain) || parsed.GetValue(head) is not null) return ProveChain(folder, parsed.GetValue(head), to);
            if (parsed.GetValue(day) is not { } text) throw new RefusedException("say which day, as in: tandem prove 2026-04-26; or: tandem prove --chain");
            (Instant from, Instant until) = text == "all" ? (default, Instant.Never) : Day(text);
            long begun = Stopwatch.GetTimestamp();
            Proof proof = JournalProof.Run(folder, from, until, Math.Max(1, Environment.ProcessorCount - 1));
            double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var view = new ProofView(proof.Holds, proof.Records, proof.ChargesEqual, proof.ChargesNot, proof.ChargesByBilledSeconds, proof.BalancesEqual, proof.BalancesNot, proof.Faults);
            to.Show(JsonSerializer.SerializeToNode(view, ApiJson.Options)!, _ =>
            {
                foreach (string fault in proof.Faults) to.Say(fault);
                to.Say(string.Create(CultureInfo.InvariantCulture, $"{text}: {proof.ChargesEqual} charges equal, {proof.ChargesNot} not; {proof.BalancesEqual} balances equal, {proof.BalancesNot} not ({proof.Records} records in {seconds:0.0} s)"));
                if (proof.ChargesByBilledSeconds > 0) to.Say($"{proof.ChargesByBilledSeconds} of them are of a release that did not note its rules: they were proved from the seconds they were billed for");
            });
            return proof.Holds ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static int ProveChain(string folder, string? head, Terminal to)
    {
        ChainReport report = JournalChain.Verify(folder, head);
        to.Show(JsonSerializer.SerializeToNode(report, ApiJson.Options)!, _ =>
        {
            if (report.Fault is { } fault) to.Say($"NOT whole: {fault}");
            if (report.NotedAt >= 0) to.Say($"the hash you noted is the seal at position {report.NotedAt}: nothing before it was changed since");
            to.Say($"{report.Records} records, {report.Seals} seals, sealed to position {report.SealedTo} of {report.End}; newest seal {report.Head}");
        });
        return report.Whole ? CommandLine.Done : CommandLine.Failed;
    }

    private static Command StatementOf(Option<string> data, Func<ParseResult, Terminal> terminal)
    {
        var account = new Argument<string>("ACCOUNT");
        var since = new Option<string>("--since") { Description = "The first day, as in 2026-04-01 (UTC)", HelpName = "DAY", Required = true };
        var until = new Option<string>("--until") { Description = "The last day", HelpName = "DAY", Required = true };
        var command = new Command("statement", "An account's statement as a text its owner can check himself (docs/statements.md)") { account, since, until };
        command.SetAction(parsed =>
        {
            string number = parsed.GetRequiredValue(account);
            string? text = Statement.Of(FolderOf(parsed.GetValue(data)!), number, Day(parsed.GetRequiredValue(since)).From, Day(parsed.GetRequiredValue(until)).Until);
            if (text is null) throw new RefusedException($"there is no account {number} in this journal");
            terminal(parsed).Output.Write(text);
            return CommandLine.Done;
        });
        return command;
    }

    private static string FolderOf(string dataFolder)
    {
        string folder = Path.Combine(dataFolder, Books.JournalFolder);
        return Directory.Exists(folder) ? folder : throw new RefusedException($"there is no journal in {dataFolder}; --data says where it is");
    }

    private static (Instant From, Instant Until) Day(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime day)
            ? (Instant.FromUtc(day), Instant.FromUtc(day.AddDays(1)))
            : throw new RefusedException($"'{text}' is no day: it is written as in 2026-04-26");
}

/// <summary>What a proof counted.</summary>
internal sealed record ProofView(bool Holds, long Records, long ChargesEqual, long ChargesNot, long ChargesByBilledSeconds, long BalancesEqual, long BalancesNot, IReadOnlyList<string> Faults);
