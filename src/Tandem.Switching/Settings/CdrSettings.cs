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
}
