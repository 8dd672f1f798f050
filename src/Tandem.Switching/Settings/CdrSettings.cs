using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>What reaches the CDR text files; the journal and the database always have every call.</summary>
public sealed record CdrSettings
{
    [Setting("SS_CDR_RECORD_TO_FILE", Applies = Applies.Now, Says = "On: each call that ends is written as a line to cdr/YYYYMMDDHH.txt (docs/cdr.md).")]
    public bool RecordToFile { get; init; }

    [Setting("SS_CDR_RECORD_NONCONNECT", Applies = Applies.Now, Says = "On: calls that were never answered are written to the text files too.")]
    public bool RecordNonConnect { get; init; }

    [Setting("SS_CDR_RECORD_ILLEGAL", Applies = Applies.Now, Says = "On: calls from unknown sources are recorded.")]
    public bool RecordIllegal { get; init; } = true;

    [Setting("SERVER_CDR_FILE_WRITE_INTERVAL", Min = 60, Max = 86_400, HasNone = true, None = 0, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "A file of CDR lines is written to cdr-interval for every so many seconds, besides the hourly ones; None: no such files.")]
    public int FileWriteInterval { get; init; }

    [Setting("SERVER_CDR_FILE_WRITE_MAX", Min = 10, Max = 4096, Applies = Applies.Now, Says = "So many files of cdr-interval stay; the oldest beyond are removed.")]
    public int FileWriteMost { get; init; } = 2048;

    [Setting("SERVER_CDR_REAL_TIME_REPORT_SERVER", Max = 512, Applies = Applies.Now,
        Says = "Every finished call is reported there at once, at least once and in order: to IP:port as the text line over TCP, to an http:// or https:// address as JSON (docs/cdr.md). Empty: nowhere.")]
    public ReportServer ReportServer { get; init; } = ReportServer.None;

    [Setting("SERVER_MAX_CDR_PENDING_LIST_LENGTH", Min = 10_000, Max = 100_000, Applies = Applies.Now,
        Says = "So many CDRs that a database, file or report server could not take yet are kept in memory; those beyond wait in the journal and are read from there. None is dropped.")]
    public int MostPending { get; init; } = 100_000;
}
