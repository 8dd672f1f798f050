using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Billing;
using Tandem.Switching.Numbers;

namespace Tandem.Switching.Cdrs;

/// <summary>
/// A CDR as the journal stores it: a version byte, then every field in the order of <see cref="Cdr"/>; integers big-endian, texts
/// as a two-byte length and UTF-8. A field is only ever added at the end, under a new version.
/// </summary>
public static class CdrCodec
{
    private const byte Version = 7, WithoutLevels = 6, WithoutAreas = 5, WithoutRecording = 4, WithoutTried = 3, WithoutRules = 2, WithoutMedia = 1;

    public static void Write(ref ByteWriter to, Cdr cdr)
    {
        to.PutByte(Version);
        to.PutInt64(cdr.Call.Value);
        to.PutString(cdr.CallerE164);
        to.PutString(cdr.CalleeE164);
        to.PutString(cdr.CallerAccessE164);
        to.PutString(cdr.CalleeAccessE164);
        to.PutString(cdr.CallerToGatewayE164);
        to.PutString(cdr.CalleeToGatewayE164);
        to.PutInt64(cdr.Start.Micros);
        to.PutInt64(cdr.Answered.Micros);
        to.PutInt64(cdr.Stop.Micros);
        to.PutInt32(cdr.EndReason);
        to.PutByte((byte)cdr.Refusal);
        to.PutByte((byte)cdr.EndDirection);
        to.PutString(cdr.CallerGateway);
        to.PutString(cdr.CalleeGateway);
        to.PutAddress(cdr.CallerAddress);
        to.PutAddress(cdr.CalleeAddress);
        to.PutByte((byte)cdr.CalleeBilling);
        to.PutByte((byte)cdr.BillingMode);
        to.PutInt32(cdr.CallerPddMillis);
        to.PutInt32(cdr.CalleePddMillis);
        to.PutInt32(cdr.Revision);
        to.PutInt32(cdr.Attempts);
        WriteCharge(ref to, cdr.Sale);
        WriteCharge(ref to, cdr.Cost);
        to.PutInt64(cdr.CallerPackets);
        to.PutInt64(cdr.CalleePackets);
        to.PutInt32(cdr.DecisionLog.Length);
        to.Text(cdr.DecisionLog);
        WriteMedia(ref to, cdr.CallerMedia);
        WriteMedia(ref to, cdr.CalleeMedia);
        WriteMoney(ref to, cdr);
        to.PutByte((byte)cdr.Tried.Count);
        foreach (CdrAttempt attempt in cdr.Tried) attempt.Write(ref to);
        to.PutString(cdr.Recording);
        to.PutString(cdr.CallerAreaCode);
        to.PutString(cdr.CalleeAreaCode);
        WriteLevel(ref to, cdr.Sale);
        WriteLevel(ref to, cdr.Cost);
        foreach (CallCharge agent in cdr.Further) WriteLevel(ref to, agent);
    }

    /// <summary>Reads one CDR; null when the bytes are none of a known version.</summary>
    public static Cdr? Read(ref ByteReader from)
    {
        byte version = from.GetByte();
        if (version is < WithoutMedia or > Version) return null;
        Cdr cdr = new()
        {
            Call = new CallId(from.GetInt64()),
            CallerE164 = from.GetString(),
            CalleeE164 = from.GetString(),
            CallerAccessE164 = from.GetString(),
            CalleeAccessE164 = from.GetString(),
            CallerToGatewayE164 = from.GetString(),
            CalleeToGatewayE164 = from.GetString(),
            Start = new Instant(from.GetInt64()),
            Answered = new Instant(from.GetInt64()),
            Stop = new Instant(from.GetInt64()),
            EndReason = from.GetInt32(),
            Refusal = (Refusal)from.GetByte(),
            EndDirection = (EndDirection)from.GetByte(),
            CallerGateway = from.GetString(),
            CalleeGateway = from.GetString(),
            CallerAddress = from.GetAddress(),
            CalleeAddress = from.GetAddress(),
            CalleeBilling = (CalleeBilling)from.GetByte(),
            BillingMode = (BillingMode)from.GetByte(),
            CallerPddMillis = from.GetInt32(),
            CalleePddMillis = from.GetInt32(),
            Revision = from.GetInt32(),
            Attempts = from.GetInt32(),
            Sale = ReadCharge(ref from),
            Cost = ReadCharge(ref from),
            CallerMedia = new LegMedia { Packets = from.GetInt64() },
            CalleeMedia = new LegMedia { Packets = from.GetInt64() },
            DecisionLog = from.Take(from.GetInt32()).ToArray(),
        };
        if (version != WithoutMedia)
        {
            cdr.CallerMedia = ReadMedia(ref from, cdr.CallerPackets);
            cdr.CalleeMedia = ReadMedia(ref from, cdr.CalleePackets);
        }
        if (version > WithoutRules) ReadMoney(ref from, cdr);
        if (version > WithoutTried && from.GetByte() is > 0 and var tried)
        {
            CdrAttempt[] attempts = new CdrAttempt[tried];
            for (int i = 0; i < tried && !from.Failed; i++) attempts[i] = CdrAttempt.Read(ref from);
            cdr.Tried = attempts;
        }
        if (version > WithoutRecording) cdr.Recording = from.GetString();
        if (version > WithoutAreas) (cdr.CallerAreaCode, cdr.CalleeAreaCode) = (from.GetString(), from.GetString());
        if (version > WithoutLevels)
        {
            cdr.Sale = ReadLevel(ref from, cdr.Sale);
            cdr.Cost = ReadLevel(ref from, cdr.Cost);
            if (cdr.Further.Count > 0)
            {
                CallCharge[] further = [.. cdr.Further];
                for (int i = 0; i < further.Length; i++) further[i] = ReadLevel(ref from, further[i])!;
                cdr.Further = further;
            }
        }
        return from.Failed ? null : cdr;
    }

    private static void WriteLevel(ref ByteWriter to, CallCharge? charge)
    {
        if (charge is null) return;
        to.PutByte((byte)charge.Level);
        to.PutString(charge.Period);
    }

    private static CallCharge? ReadLevel(ref ByteReader from, CallCharge? charge)
    {
        if (charge is null) return null;
        var level = (CallLevel)from.GetByte();
        string period = from.GetString();
        return level == charge.Level && period.Length == 0 ? charge : charge with { Level = level, Period = period };
    }

    // What came with version 3: rules, agents, gifts.
    private static void WriteMoney(ref ByteWriter to, Cdr cdr)
    {
        to.PutByte((byte)((cdr.Rules is null ? 0 : 1) | (cdr.Sale is { GiftSeconds: 0, GiftNanos: 0, Phone.Length: 0 } or null ? 0 : 4) | ((int)cdr.Hidden << 4)));
        if (cdr.Rules is { } rules) rules.Write(ref to);
        if (cdr.Sale is { } sale && (sale.GiftSeconds != 0 || sale.GiftNanos != 0 || sale.Phone.Length > 0))
        {
            WriteGifts(ref to, sale);
            to.PutString(sale.Phone);
        }
        to.PutByte((byte)cdr.Further.Count);
        foreach (CallCharge agent in cdr.Further)
        {
            WriteCharge(ref to, agent);
            WriteGifts(ref to, agent);
            to.PutInt64(agent.IncomeNanos);
        }
    }

    private static void ReadMoney(ref ByteReader from, Cdr cdr)
    {
        byte parts = from.GetByte();
        if ((parts & 1) != 0) cdr.Rules = BillingRules.Read(ref from);
        cdr.Hidden = (HiddenFrom)(parts >> 4);
        if ((parts & 4) != 0 && cdr.Sale is { } sale) cdr.Sale = sale with { GiftSeconds = from.GetInt32(), GiftNanos = from.GetInt64(), Phone = from.GetString() };
        int agents = from.GetByte();
        if (agents == 0) return;
        List<CallCharge> further = new(agents);
        for (int i = 0; i < agents && ReadCharge(ref from) is { } agent; i++)
            further.Add(agent with { GiftSeconds = from.GetInt32(), GiftNanos = from.GetInt64(), IncomeNanos = from.GetInt64() });
        cdr.Further = further;
    }

    private static void WriteGifts(ref ByteWriter to, CallCharge charge)
    {
        to.PutInt32(charge.GiftSeconds);
        to.PutInt64(charge.GiftNanos);
    }

    private static void WriteMedia(ref ByteWriter to, in LegMedia media)
    {
        to.PutInt64(media.Bytes);
        to.PutInt64(media.RtcpPackets);
        to.PutInt64(media.First.Micros);
        to.PutInt64(media.Last.Micros);
        to.PutInt64(media.Lost);
        to.PutInt64(media.Late);
        to.PutInt32(media.JitterMicros);
        to.PutInt32(media.RoundTripMicros);
        to.PutInt32(media.MosHundredths);
    }

    private static LegMedia ReadMedia(ref ByteReader from, long packets) => new()
    {
        Packets = packets,
        Bytes = from.GetInt64(),
        RtcpPackets = from.GetInt64(),
        First = new Instant(from.GetInt64()),
        Last = new Instant(from.GetInt64()),
        Lost = from.GetInt64(),
        Late = from.GetInt64(),
        JitterMicros = from.GetInt32(),
        RoundTripMicros = from.GetInt32(),
        MosHundredths = from.GetInt32(),
    };

    // A tariff with terms has the first interval negated and the terms behind: what earlier versions wrote has none.
    internal static void WriteTariff(ref ByteWriter to, in Tariff tariff)
    {
        to.PutInt64(tariff.RatePerMinuteNanos);
        to.PutInt64(tariff.ConnectFeeNanos);
        to.PutInt32(tariff.Terms is null ? tariff.FirstSeconds : -tariff.FirstSeconds);
        to.PutInt32(tariff.NextSeconds);
        to.PutInt32(tariff.Currency.Packed);
        if (tariff.Terms is { } terms) TermsCodec.Write(ref to, terms);
    }

    internal static Tariff ReadTariff(ref ByteReader from)
    {
        Tariff tariff = new(from.GetInt64(), from.GetInt64(), from.GetInt32(), from.GetInt32(), Currency.FromPacked(from.GetInt32()));
        return tariff.FirstSeconds >= 0 ? tariff : tariff with { FirstSeconds = -tariff.FirstSeconds, Terms = TermsCodec.Read(ref from) };
    }

    private static void WriteCharge(ref ByteWriter to, CallCharge? charge)
    {
        to.PutByte(charge is null ? (byte)0 : (byte)1);
        if (charge is null) return;
        to.PutInt32(charge.Account.Value);
        to.PutString(charge.AccountNumber);
        to.PutString(charge.Deck);
        to.PutString(charge.DeckVersion);
        to.PutString(charge.RatePrefix);
        to.PutString(charge.Area);
        WriteTariff(ref to, charge.Tariff);
        to.PutInt32(charge.BilledSeconds);
        to.PutInt64(charge.Nanos);
    }

    private static CallCharge? ReadCharge(ref ByteReader from) => from.GetByte() == 0 ? null : new CallCharge
    {
        Account = new AccountId(from.GetInt32()),
        AccountNumber = from.GetString(),
        Deck = from.GetString(),
        DeckVersion = from.GetString(),
        RatePrefix = from.GetString(),
        Area = from.GetString(),
        Tariff = ReadTariff(ref from),
        BilledSeconds = from.GetInt32(),
        Nanos = from.GetInt64(),
    };
}
