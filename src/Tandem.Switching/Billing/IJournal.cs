using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What a journal record says. Numbers are for ever: they stand in files.</summary>
public enum JournalRecordType : byte
{
    /// <summary>A configuration change: the applied change set as JSON.</summary>
    Configuration = 1,
    AccountOpened = 2,
    AccountTerms = 3,
    Payment = 4,
    PackageBegun = 5,
    PackageEnded = 6,
    OrderPutOff = 7,
    PhoneMonth = 8,
    CallOpened = 10,
    CallExtended = 11,
    CallAnswered = 12,
    CallClosed = 13,
    /// <summary>Time goes on while calls are open: a restart charges them up to the last of these.</summary>
    Heartbeat = 14,
    /// <summary>The hash of everything before it, and of the seal before (docs/journal.md). The journal's own.</summary>
    Seal = 15,
}

/// <summary>
/// The one ordered record of everything that happened to money and configuration. Appending only stages the record; the owner
/// of the loop writes a turn's records out before the turn's messages leave, so nothing is promised that a crash could forget.
/// </summary>
public interface IJournal
{
    /// <summary>Position after the last staged record.</summary>
    long Position { get; }

    /// <summary>False while the journal cannot grow (disk full, write error): new calls and changes are refused, calls in progress still close.</summary>
    bool AcceptsNewWork { get; }

    /// <summary>Stages one record and returns the position after it.</summary>
    long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload);
}
