using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Server.CdrDelivery;

/// <summary>Which calls go into which text file, when a file is full, and how many stay (docs/cdr.md "Text files").</summary>
public sealed class CdrFilePlan
{
    /// <summary>Clocks and recoveries are a little late: a file is not final before so long after its end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly TimeZoneInfo _zone;
    private readonly Func<CdrSettings> _settings;
    private readonly bool _hourly;

    private CdrFilePlan(string name, TimeZoneInfo zone, Func<CdrSettings> settings, bool hourly)
    {
        Name = name;
        _zone = zone;
        _settings = settings;
        _hourly = hourly;
    }

    /// <summary>A file an hour by SS_CDR_RECORD_TO_FILE, every one kept.</summary>
    public static CdrFilePlan Hourly(TimeZoneInfo zone, Func<CdrSettings> settings) => new("the CDR text files", zone, settings, hourly: true);

    /// <summary>A file every SERVER_CDR_FILE_WRITE_INTERVAL, at most SERVER_CDR_FILE_WRITE_MAX of them.</summary>
    public static CdrFilePlan Interval(TimeZoneInfo zone, Func<CdrSettings> settings) => new("the CDR files by interval", zone, settings, hourly: false);

    /// <summary>As operators know it.</summary>
    public string Name { get; }

    /// <summary>The zone of the times and of the file names: the server's.</summary>
    public TimeZoneInfo Zone => _zone;

    public bool On => _hourly ? _settings().RecordToFile : _settings().FileWriteInterval > 0;

    /// <summary>Final files that stay; the oldest beyond are removed. 0: all.</summary>
    public int Most => _hourly ? 0 : _settings().FileWriteMost;

    /// <summary>Calls from unknown sources have a switch of their own; of the others, those nobody answered have one for the hourly files.</summary>
    public bool Wants(Cdr cdr)
    {
        CdrSettings settings = _settings();
        return On && (cdr.Refusal == Refusal.UnknownSource ? settings.RecordIllegal : !_hourly || cdr.WasAnswered || settings.RecordNonConnect);
    }

    /// <summary>The file of a call that ended then, without its ending.</summary>
    public string FileOf(Instant stop)
    {
        if (_hourly) return Local(stop).ToString("yyyyMMddHH", CultureInfo.InvariantCulture);
        long interval = Math.Max(1, _settings().FileWriteInterval) * TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;
        return Local(new Instant(stop.Micros - (stop.Micros % interval))).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
    }

    /// <summary>No call that ends from then on belongs into the file. A name of no such file has ended long ago.</summary>
    public Instant EndOf(string file)
    {
        string format = file.Length == 10 ? "yyyyMMddHH" : "yyyyMMddHHmmss";
        if (!DateTime.TryParseExact(file, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local)) return default;
        // Of an hour there twice, when clocks go back, the later is meant.
        TimeSpan offset = _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Min() : _zone.GetUtcOffset(local);
        TimeSpan length = _hourly ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(Math.Max(1, _settings().FileWriteInterval));
        return Instant.FromUtc(DateTime.SpecifyKind(local - offset, DateTimeKind.Utc)) + length;
    }

    private DateTime Local(Instant at) => TimeZoneInfo.ConvertTimeFromUtc(at.ToUtc(), _zone);
}
