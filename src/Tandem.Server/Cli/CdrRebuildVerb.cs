using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Settings;

namespace Tandem.Server.Cli;

/// <summary><c>tandem cdr rebuild</c>: the hourly text files again from the journal of a data folder, whether a switch runs on it or not.</summary>
internal static class CdrRebuildVerb
{
    public static ApiVerb Make()
    {
        var from = new Option<string?>("--from") { Description = "The first hour, as in 2026042612 [default: the first there is]", HelpName = "HOUR" };
        var to = new Option<string?>("--to") { Description = "The last hour [default: the last that is over]", HelpName = "HOUR" };
        var into = new Option<string?>("--into") { Description = "The folder to write to [default: cdr in the data folder]", HelpName = "DIR" };
        var unanswered = new Option<bool>("--non-connect") { Description = "With the calls nobody answered" };
        var strangers = new Option<bool>("--no-illegal") { Description = "Without the calls of unknown sources" };
        var command = new Command("rebuild", "Write the hourly text files again from the journal; hours that are not over are left alone") { from, to, into, unanswered, strangers };
        return new ApiVerb(command, call =>
        {
            string journal = Path.Combine(call.DataFolder, Books.JournalFolder);
            if (!Directory.Exists(journal)) throw new RefusedException($"there is no journal in {call.DataFolder}; --data says where it is");
            string first = Hour(call.Typed.GetValue(from), "0000000000"), last = Hour(call.Typed.GetValue(to), "9999999999");
            if (string.CompareOrdinal(first, last) > 0) throw new RefusedException("--from is later than --to");
            var settings = new CdrSettings { RecordToFile = true, RecordNonConnect = call.Typed.GetValue(unanswered), RecordIllegal = !call.Typed.GetValue(strangers) };
            CdrFilePlan plan = CdrFilePlan.Hourly(TimeZoneInfo.Local, () => settings);
            string folder = call.Typed.GetValue(into) ?? Path.Combine(call.DataFolder, CdrRebuild.Folder);
            using JournalReader reader = JournalReader.Offline(journal);
            CdrRebuilt done = CdrRebuild.Run(reader, folder, plan, (first, last), Instant.FromUtc(DateTime.UtcNow), records => call.Terminal.Progress($"{records} records read"), call.Stop);
            var answer = new JsonObject { ["files"] = done.Files, ["lines"] = done.Lines, ["folder"] = folder, ["growing"] = new JsonArray([.. done.Growing.Select(static g => (JsonNode)g)]) };
            call.Terminal.Show(answer, _ =>
            {
                foreach (string hour in done.Growing) call.Terminal.Say($"{hour} was left alone: {hour}.part is there, which the switch makes final itself (within two minutes of the hour's end, or at its next start)");
                call.Terminal.Say($"{done.Lines} lines in {done.Files} files in {folder}");
            });
            return Task.FromResult(CommandLine.Done);
        });
    }

    private static string Hour(string? text, string otherwise) => text is null ? otherwise
        : DateTime.TryParseExact(text, "yyyyMMddHH", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? text
        : throw new RefusedException($"'{text}' is no hour: it is written as in 2026042612");
}
