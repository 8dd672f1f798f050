using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Billing;

/// <summary>Version 1 had no <paramref name="ValidUntil"/>: such accounts do not expire.</summary>
public readonly record struct AccountOpened(AccountId Account, string Number, Currency Currency, AccountKind Kind, long CreditLimitNanos, bool Locked, Instant ValidUntil) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Second);
        to.PutInt32(Account.Value);
        to.PutString(Number);
        to.PutInt32(Currency.Packed);
        to.PutByte((byte)Kind);
        to.PutInt64(CreditLimitNanos);
        to.PutByte(Locked ? (byte)1 : (byte)0);
        to.PutInt64(ValidUntil.Micros);
    }

    internal static AccountOpened Read(ref ByteReader from, byte version) => new(
        new AccountId(from.GetInt32()), from.GetString(), Currency.FromPacked(from.GetInt32()), (AccountKind)from.GetByte(), from.GetInt64(), from.GetByte() != 0,
        version == Records.Version ? Instant.Never : new Instant(from.GetInt64()));
}

/// <summary>Credit limit, lock and validity as they are from now on. Version 1 had no validity and left it as it was.</summary>
public readonly record struct AccountTerms(AccountId Account, long CreditLimitNanos, bool Locked, Instant? ValidUntil) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(ValidUntil is null ? Records.Version : Records.Second);
        to.PutInt32(Account.Value);
        to.PutInt64(CreditLimitNanos);
        to.PutByte(Locked ? (byte)1 : (byte)0);
        if (ValidUntil is { } until) to.PutInt64(until.Micros);
    }
}

/// <summary>What a payment is. The first four are the operators' numbers.</summary>
public enum PaymentKind : byte
{
    Recharge = 0,
    Deduction = 1,
    Opening = 2,

    /// <summary>The balance was brought to zero.</summary>
    Zero = 3,

    /// <summary>Takes an earlier payment back; <see cref="Payment.Reference"/> is its id.</summary>
    Reversal = 4,

    /// <summary>Puts a call's charge right; <see cref="Payment.Reference"/> is the call's id.</summary>
    Adjustment = 5,
}

/// <summary>How it was paid; the operators' numbers.</summary>
public enum PaymentMeans : byte { Cash = 0, RechargeCard = 2, Other = 5 }

/// <summary>Money in (positive) or out (negative) that is no call and no rent. Version 1 had the first six fields.</summary>
/// <param name="Id">Its own, never used again.</param>
/// <param name="Account">Whose.</param>
/// <param name="Nanos">Not zero.</param>
/// <param name="BalanceAfterNanos">The balance after it.</param>
/// <param name="Memo">The operator's words.</param>
/// <param name="By">Who booked it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Means">How it was paid.</param>
/// <param name="Reference">What it refers to; empty for none.</param>
/// <param name="ValidUntil">How long the account is valid after it.</param>
public readonly record struct Payment(string Id, AccountId Account, long Nanos, long BalanceAfterNanos, string Memo, string By,
    PaymentKind Kind, PaymentMeans Means, string Reference, Instant ValidUntil) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Second);
        to.PutString(Id);
        to.PutInt32(Account.Value);
        to.PutInt64(Nanos);
        to.PutInt64(BalanceAfterNanos);
        to.PutString(Memo);
        to.PutString(By);
        to.PutByte((byte)Kind);
        to.PutByte((byte)Means);
        to.PutString(Reference);
        to.PutInt64(ValidUntil.Micros);
    }

    internal static Payment Read(ref ByteReader from, byte version)
    {
        Payment first = new(from.GetString(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), from.GetString(), from.GetString(),
            PaymentKind.Recharge, PaymentMeans.Other, "", Instant.Never);
        return version == Records.Version
            ? first with { Kind = first.Nanos < 0 ? PaymentKind.Deduction : PaymentKind.Recharge }
            : first with { Kind = (PaymentKind)from.GetByte(), Means = (PaymentMeans)from.GetByte(), Reference = from.GetString(), ValidUntil = new Instant(from.GetInt64()) };
    }
}
