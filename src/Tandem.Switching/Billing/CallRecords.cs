using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

// A call is recorded short (version 1) where one account pays from its balance, and wide (version 2) where agents pay too or packages give. The CDR
// stands at the end of either.

/// <summary>A call was admitted and its first slice reserved. The CDR follows as known so far.</summary>
/// <param name="Call">The call.</param>
/// <param name="Payer">Who pays; none for nobody.</param>
/// <param name="ReservedNanos">Held of the payer's balance.</param>
/// <param name="Tariff">The payer's.</param>
/// <param name="Wide">All that hold for it, the payer first; null in a short record.</param>
public readonly record struct CallOpened(CallId Call, AccountId Payer, long ReservedNanos, Tariff Tariff, WideHolding[]? Wide = null) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Wide is null ? Records.Version : Records.Second);
        to.PutInt64(Call.Value);
        to.PutInt32(Payer.Value);
        to.PutInt64(ReservedNanos);
        CdrCodec.WriteTariff(ref to, Tariff);
        if (Wide is not null) WideHolding.Write(ref to, Wide);
    }

    internal static CallOpened Read(ref ByteReader from, byte version) => new(
        new CallId(from.GetInt64()), new AccountId(from.GetInt32()), from.GetInt64(), CdrCodec.ReadTariff(ref from), version == Records.Second ? WideHolding.Read(ref from) : null);
}

/// <summary>More was reserved.</summary>
/// <param name="Call">The call.</param>
/// <param name="MoreNanos">Of the payer's balance.</param>
/// <param name="ReservedAfterNanos">What of it is held now.</param>
/// <param name="Wide">What each that holds holds more, in the order of the opening; null in a short record.</param>
public readonly record struct CallExtended(CallId Call, long MoreNanos, long ReservedAfterNanos, WideHolding[]? Wide = null) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Wide is null ? Records.Version : Records.Second);
        to.PutInt64(Call.Value);
        to.PutInt64(MoreNanos);
        to.PutInt64(ReservedAfterNanos);
        if (Wide is not null) WideHolding.Write(ref to, Wide);
    }

    internal static CallExtended Read(ref ByteReader from, byte version) =>
        new(new CallId(from.GetInt64()), from.GetInt64(), from.GetInt64(), version == Records.Second ? WideHolding.Read(ref from) : null);
}

/// <summary>The call was answered. The CDR follows as known so far.</summary>
public readonly record struct CallAnswered(CallId Call) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt64(Call.Value);
    }
}

/// <summary>The call is over: its postings, and then its CDR, in one record, so neither exists without the other.</summary>
/// <param name="Call">The call.</param>
/// <param name="Payer">Who was charged; none for an unbilled or refused call.</param>
/// <param name="SaleNanos">Taken from the payer's balance; at most what was reserved, but for a call that was made elsewhere.</param>
/// <param name="PayerBalanceAfterNanos">The payer's balance after it.</param>
/// <param name="Clearing">The carrier's clearing account; none when nothing was posted there.</param>
/// <param name="CostNanos">Taken from the clearing account.</param>
/// <param name="ClearingBalanceAfterNanos">Its balance after it.</param>
/// <param name="Wide">What packages gave the payer, and what agents were charged; null in a short record.</param>
public readonly record struct CallClosed(
    CallId Call, AccountId Payer, long SaleNanos, long PayerBalanceAfterNanos, AccountId Clearing, long CostNanos, long ClearingBalanceAfterNanos, WidePosting[]? Wide = null) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Wide is null ? Records.Version : Records.Second);
        to.PutInt64(Call.Value);
        to.PutInt32(Payer.Value);
        to.PutInt64(SaleNanos);
        to.PutInt64(PayerBalanceAfterNanos);
        to.PutInt32(Clearing.Value);
        to.PutInt64(CostNanos);
        to.PutInt64(ClearingBalanceAfterNanos);
        if (Wide is not null) WidePosting.Write(ref to, Wide);
    }

    internal static CallClosed Read(ref ByteReader from, byte version) => new(
        new CallId(from.GetInt64()), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(),
        version == Records.Second ? WidePosting.Read(ref from) : null);
}

/// <summary>What one account holds (or holds more) for a call.</summary>
/// <param name="Role">Sale for the payer, Agent for one above it.</param>
/// <param name="Account">Whose.</param>
/// <param name="Nanos">Of the balance.</param>
/// <param name="Tariff">By which it is priced.</param>
/// <param name="Gifts">Of packages.</param>
public readonly record struct WideHolding(ChargeRole Role, AccountId Account, long Nanos, Tariff Tariff, GiftPart[] Gifts)
{
    internal static void Write(ref ByteWriter to, WideHolding[] all)
    {
        to.PutByte((byte)all.Length);
        foreach (WideHolding one in all)
        {
            to.PutByte((byte)one.Role);
            to.PutInt32(one.Account.Value);
            to.PutInt64(one.Nanos);
            CdrCodec.WriteTariff(ref to, one.Tariff);
            Records.WriteGifts(ref to, one.Gifts);
        }
    }

    internal static WideHolding[] Read(ref ByteReader from)
    {
        WideHolding[] all = new WideHolding[from.GetByte()];
        for (int i = 0; i < all.Length; i++)
            all[i] = new WideHolding((ChargeRole)from.GetByte(), new AccountId(from.GetInt32()), from.GetInt64(), CdrCodec.ReadTariff(ref from), Records.ReadGifts(ref from));
        return all;
    }
}

/// <summary>What one account was charged, beside the short record's figures for the payer.</summary>
/// <param name="Role">Sale for the payer (its money stands in the short part), Agent for one above it.</param>
/// <param name="Account">Whose.</param>
/// <param name="Nanos">Taken from the balance.</param>
/// <param name="BalanceAfterNanos">The balance after it.</param>
/// <param name="IncomeNanos">An agent's: what the account below was charged, less its own fee. It moves no balance.</param>
/// <param name="Gifts">Used of packages.</param>
/// <param name="Phone">The phone whose month this counts in; empty for none.</param>
public readonly record struct WidePosting(ChargeRole Role, AccountId Account, long Nanos, long BalanceAfterNanos, long IncomeNanos, GiftPart[] Gifts, string Phone)
{
    internal static void Write(ref ByteWriter to, WidePosting[] all)
    {
        to.PutByte((byte)all.Length);
        foreach (WidePosting one in all)
        {
            to.PutByte((byte)one.Role);
            to.PutInt32(one.Account.Value);
            to.PutInt64(one.Nanos);
            to.PutInt64(one.BalanceAfterNanos);
            to.PutInt64(one.IncomeNanos);
            Records.WriteGifts(ref to, one.Gifts);
            to.PutString(one.Phone);
        }
    }

    internal static WidePosting[] Read(ref ByteReader from)
    {
        WidePosting[] all = new WidePosting[from.GetByte()];
        for (int i = 0; i < all.Length; i++)
            all[i] = new WidePosting((ChargeRole)from.GetByte(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), from.GetInt64(), Records.ReadGifts(ref from), from.GetString());
        return all;
    }
}
