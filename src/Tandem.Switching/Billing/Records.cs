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

/// <summary>Reads journal payloads. Each returns false for bytes that are no record of a known version.</summary>
public static class Records
{
    internal const byte Version = 1, Second = 2;

    internal static ReadOnlySpan<byte> Heartbeat => [Version];

    public static bool TryRead(ReadOnlySpan<byte> payload, out AccountOpened record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = AccountOpened.Read(ref from, version);
        return version is Version or Second && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out AccountTerms record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new AccountTerms(new AccountId(from.GetInt32()), from.GetInt64(), from.GetByte() != 0, version == Second ? new Instant(from.GetInt64()) : null);
        return version is Version or Second && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Payment record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = Payment.Read(ref from, version);
        return version is Version or Second && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallOpened record) => TryRead(payload, out record, out _);

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallExtended record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = CallExtended.Read(ref from, version);
        return version is Version or Second && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallAnswered record) => TryRead(payload, out record, out _);

    public static bool TryRead(ReadOnlySpan<byte> payload, out CallClosed record) => TryRead(payload, out record, out _);

    public static bool TryRead(ReadOnlySpan<byte> payload, out PackageBegun record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = PackageBegun.Read(ref from);
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out PackageEnded record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = PackageEnded.Read(ref from);
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out OrderPutOff record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = OrderPutOff.Read(ref from);
        return version == Version && !from.Failed;
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out PhoneMonth record)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = PhoneMonth.Read(ref from);
        return version == Version && !from.Failed;
    }

    /// <summary>The CDR a <see cref="CallOpened"/>, <see cref="CallAnswered"/> or <see cref="CallClosed"/> record carries.</summary>
    public static bool TryReadCdr(JournalRecordType type, ReadOnlySpan<byte> payload, [NotNullWhen(true)] out Cdr? cdr, RepeatedTexts? texts = null)
    {
        ByteReader from = new(CdrBytes(type, payload), texts);
        cdr = CdrCodec.Read(ref from);
        return cdr is not null;
    }

    internal static bool TryRead(ReadOnlySpan<byte> payload, out CallOpened record, out ReadOnlySpan<byte> cdr)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = CallOpened.Read(ref from, version);
        cdr = payload[^from.Remaining..];
        return version is Version or Second && !from.Failed;
    }

    internal static bool TryRead(ReadOnlySpan<byte> payload, out CallAnswered record, out ReadOnlySpan<byte> cdr)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = new CallAnswered(new CallId(from.GetInt64()));
        cdr = payload[^from.Remaining..];
        return version == Version && !from.Failed;
    }

    internal static bool TryRead(ReadOnlySpan<byte> payload, out CallClosed record, out ReadOnlySpan<byte> cdr)
    {
        ByteReader from = new(payload);
        byte version = from.GetByte();
        record = CallClosed.Read(ref from, version);
        cdr = payload[^from.Remaining..];
        return version is Version or Second && !from.Failed;
    }

    internal static ReadOnlySpan<byte> CdrBytes(JournalRecordType type, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> cdr = [];
        bool read = type switch
        {
            JournalRecordType.CallOpened => TryRead(payload, out CallOpened _, out cdr),
            JournalRecordType.CallAnswered => TryRead(payload, out CallAnswered _, out cdr),
            JournalRecordType.CallClosed => TryRead(payload, out CallClosed _, out cdr),
            _ => false,
        };
        return read ? cdr : [];
    }

    internal static void WriteGifts(ref ByteWriter to, GiftPart[] gifts)
    {
        to.PutByte((byte)gifts.Length);
        foreach (GiftPart gift in gifts)
        {
            to.PutInt32(gift.Package);
            to.PutInt32(gift.GiftTime);
            to.PutInt64(gift.Amount);
        }
    }

    internal static GiftPart[] ReadGifts(ref ByteReader from)
    {
        int count = from.GetByte();
        if (count == 0) return [];
        GiftPart[] gifts = new GiftPart[count];
        for (int i = 0; i < gifts.Length; i++) gifts[i] = new GiftPart(from.GetInt32(), from.GetInt32(), from.GetInt64());
        return gifts;
    }
}
