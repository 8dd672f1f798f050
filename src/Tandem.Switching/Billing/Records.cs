using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

/// <summary>What a journal record says, in bytes: a version byte, the fields in order, the CDR (where there is one) last.</summary>
internal interface ILedgerRecord
{
    void Write(ref ByteWriter to);
}

public readonly record struct AccountOpened(AccountId Account, string Number, Currency Currency, AccountKind Kind, long CreditLimitNanos, bool Locked) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt32(Account.Value);
        to.PutString(Number);
        to.PutInt32(Currency.Packed);
        to.PutByte((byte)Kind);
        to.PutInt64(CreditLimitNanos);
        to.PutByte(Locked ? (byte)1 : (byte)0);
    }
}

public readonly record struct AccountTerms(AccountId Account, long CreditLimitNanos, bool Locked) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt32(Account.Value);
        to.PutInt64(CreditLimitNanos);
        to.PutByte(Locked ? (byte)1 : (byte)0);
    }
}

/// <summary>Money in (positive) or out (negative) by an operator's hand.</summary>
public readonly record struct Payment(string Id, AccountId Account, long Nanos, long BalanceAfterNanos, string Memo, string By) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutString(Id);
        to.PutInt32(Account.Value);
        to.PutInt64(Nanos);
        to.PutInt64(BalanceAfterNanos);
        to.PutString(Memo);
        to.PutString(By);
    }
}

/// <summary>A call was admitted and its first slice reserved. The CDR follows as known so far.</summary>
public readonly record struct CallOpened(CallId Call, AccountId Payer, long ReservedNanos, Tariff Tariff) : ILedgerRecord
{
    internal const int Length = 1 + 8 + 4 + 8 + 28;

    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt64(Call.Value);
        to.PutInt32(Payer.Value);
        to.PutInt64(ReservedNanos);
        CdrCodec.WriteTariff(ref to, Tariff);
    }
}

public readonly record struct CallExtended(CallId Call, long MoreNanos, long ReservedAfterNanos) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt64(Call.Value);
        to.PutInt64(MoreNanos);
        to.PutInt64(ReservedAfterNanos);
    }
}

/// <summary>The call was answered. The CDR follows as known so far.</summary>
public readonly record struct CallAnswered(CallId Call) : ILedgerRecord
{
    internal const int Length = 1 + 8;

    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt64(Call.Value);
    }
}

/// <summary>The call is over: its postings, and then its CDR, in one record, so neither exists without the other.</summary>
/// <param name="Call">The call.</param>
/// <param name="Payer">Who was charged; none for an unbilled or refused call.</param>
/// <param name="SaleNanos">Taken from the payer; at most what was reserved.</param>
/// <param name="PayerBalanceAfterNanos">The payer's balance after it.</param>
/// <param name="Clearing">The carrier's clearing account; none when nothing was posted there.</param>
/// <param name="CostNanos">Taken from the clearing account.</param>
/// <param name="ClearingBalanceAfterNanos">Its balance after it.</param>
public readonly record struct CallClosed(
    CallId Call, AccountId Payer, long SaleNanos, long PayerBalanceAfterNanos, AccountId Clearing, long CostNanos, long ClearingBalanceAfterNanos) : ILedgerRecord
{
    internal const int Length = 1 + 8 + 4 + 8 + 8 + 4 + 8 + 8;

    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt64(Call.Value);
        to.PutInt32(Payer.Value);
        to.PutInt64(SaleNanos);
        to.PutInt64(PayerBalanceAfterNanos);
        to.PutInt32(Clearing.Value);
        to.PutInt64(CostNanos);
        to.PutInt64(ClearingBalanceAfterNanos);
    }
}

/// <summary>Reads journal payloads. Each returns false for bytes that are no record of a known version.</summary>
public static class Records
{
    internal const byte Version = 1;

    internal static ReadOnlySpan<byte> Heartbeat => [Version];

    public static bool TryRead(ReadOnlySpan<byte> payload, out AccountOpened record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new AccountOpened(
            new AccountId(from.GetInt32()), from.GetString(), Currency.FromPacked(from.GetInt32()), (AccountKind)from.GetByte(), from.GetInt64(), from.GetByte() != 0);
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out AccountTerms record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new AccountTerms(new AccountId(from.GetInt32()), from.GetInt64(), from.GetByte() != 0);
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Payment record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new Payment(from.GetString(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), from.GetString(), from.GetString());
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallOpened record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new CallOpened(new CallId(from.GetInt64()), new AccountId(from.GetInt32()), from.GetInt64(), CdrCodec.ReadTariff(ref from));
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallExtended record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new CallExtended(new CallId(from.GetInt64()), from.GetInt64(), from.GetInt64());
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallAnswered record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new CallAnswered(new CallId(from.GetInt64()));
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallClosed record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new CallClosed(
            new CallId(from.GetInt64()), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64());
        return version == Version && !from.Failed;
    }

    /// <summary>The CDR a <see cref="CallOpened"/>, <see cref="CallAnswered"/> or <see cref="CallClosed"/> record carries.</summary>
    public static bool TryReadCdr(JournalRecordType type, ReadOnlySpan<byte> payload, [NotNullWhen(true)] out Cdr? cdr)
    {
        ByteReader from = new(CdrBytes(type, payload));
        cdr = CdrCodec.Read(ref from);
        return cdr is not null;
    }

    internal static ReadOnlySpan<byte> CdrBytes(JournalRecordType type, ReadOnlySpan<byte> payload)
    {
        int head = type switch
        {
            JournalRecordType.CallOpened => CallOpened.Length,
            JournalRecordType.CallAnswered => CallAnswered.Length,
            JournalRecordType.CallClosed => CallClosed.Length,
            _ => int.MaxValue,
        };
        return payload.Length < head ? [] : payload[head..];
    }
}
