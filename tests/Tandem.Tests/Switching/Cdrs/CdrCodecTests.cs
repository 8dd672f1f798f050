using System.Reflection;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Cdrs;

public class CdrCodecTests
{
    [Fact]
    public void Every_field_of_a_CDR_comes_back_as_it_was()
    {
        Cdr cdr = Filled();
        foreach (PropertyInfo field in typeof(Cdr).GetProperties().Where(static p => p.CanWrite))
        {
            object? blank = field.GetValue(new Cdr());
            Assert.False(Equals(blank, field.GetValue(cdr)), $"{field.Name} is not filled by this test");
        }
        byte[] bytes = Encode(cdr);
        ByteReader from = new(bytes);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal(0, from.Remaining);
        Assert.Equal(cdr.Further.AsEnumerable(), read.Further);
        read.Further = cdr.Further;
        Assert.Equal(cdr.Tried.AsEnumerable(), read.Tried);
        read.Tried = cdr.Tried;
        foreach (PropertyInfo field in typeof(Cdr).GetProperties()) Assert.Equal(field.GetValue(cdr), field.GetValue(read));
    }

    [Fact]
    public void A_CDR_of_a_refused_call_comes_back_without_charges()
    {
        ByteReader from = new(Encode(new Cdr { Call = new CallId(5) }));
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Null(read.Sale);
        Assert.Null(read.Cost);
        Assert.False(read.WasAnswered);
    }

    [Fact]
    public void Bytes_cut_anywhere_or_of_another_version_are_no_CDR()
    {
        byte[] bytes = Encode(Filled());
        for (int length = 0; length < bytes.Length; length++)
        {
            ByteReader cut = new(bytes.AsSpan(0, length));
            Assert.Null(CdrCodec.Read(ref cut));
        }
        bytes[0] = 99;
        ByteReader other = new(bytes);
        Assert.Null(CdrCodec.Read(ref other));
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_the_media_statistics_is_read_without_them()
    {
        byte[] now = Encode(BeforeMoney());
        byte[] before = now[..^(6 + 4 + 2 + 1 + 2 + (2 * 60))]; // what versions 7, 6, 5, 4, 3 and 2 added at the end
        before[0] = 1;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, new LegMedia { Packets = 11 }, new LegMedia { Packets = 21 }), (from.Remaining, read.CallerMedia, read.CalleeMedia));
        Assert.Equal([1, 2, 3], read.DecisionLog);
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_agents_and_packages_is_read_without_them()
    {
        byte[] before = Encode(BeforeMoney())[..^15]; // what versions 7, 6, 5, 4 and 3 added at the end, when nothing of it is there
        before[0] = 2;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, 410, (BillingRules?)null, HiddenFrom.Nobody, 0, 0), (from.Remaining, read.CalleeMedia.MosHundredths, read.Rules, read.Hidden, read.Further.Count, read.Sale!.GiftSeconds));
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_recordings_is_read_without_one()
    {
        Cdr cdr = Filled();
        cdr.CallerAreaCode = cdr.CalleeAreaCode = "";
        byte[] before = Encode(cdr);
        before = before[..^(9 + 4 + 2 + cdr.Recording.Length)];
        before[0] = 4;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, ""), (from.Remaining, read.Recording));
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_the_list_of_attempts_is_read_without_it()
    {
        Cdr cdr = Filled();
        cdr.Tried = [];
        cdr.Recording = cdr.CallerAreaCode = cdr.CalleeAreaCode = "";
        byte[] before = Encode(cdr)[..^16];
        before[0] = 3;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, 2, 0, cdr.Rules), (from.Remaining, read.Attempts, read.Tried.Count, read.Rules));
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_area_codes_is_read_without_them()
    {
        Cdr cdr = Filled();
        cdr.CallerAreaCode = cdr.CalleeAreaCode = "";
        byte[] before = Encode(cdr)[..^13]; // two empty texts, and of three charges a byte and an empty text each
        before[0] = 5;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, cdr.Recording, "", ""), (from.Remaining, read.Recording, read.CallerAreaCode, read.CalleeAreaCode));
    }

    [Fact]
    public void A_CDR_of_a_journal_from_before_the_types_of_rates_is_read_without_them()
    {
        byte[] before = Encode(Filled())[..^9]; // of three charges a byte and an empty text each
        before[0] = 6;
        ByteReader from = new(before);
        Cdr? read = CdrCodec.Read(ref from);
        Assert.NotNull(read);
        Assert.Equal((0, "44", 0, "", null), (from.Remaining, read.CalleeAreaCode, (int)read.Sale!.Level, read.Sale.Period, read.Sale.Tariff.Terms));
    }

    private static Cdr BeforeMoney()
    {
        Cdr cdr = Filled();
        cdr.Recording = cdr.CallerAreaCode = cdr.CalleeAreaCode = "";
        (cdr.Rules, cdr.Hidden, cdr.Further, cdr.Tried) = (null, HiddenFrom.Nobody, [], []);
        cdr.Sale = cdr.Sale! with { GiftSeconds = 0, GiftNanos = 0, Phone = "" };
        return cdr;
    }

    private static byte[] Encode(Cdr cdr)
    {
        ByteWriter to = new(new byte[4096]);
        CdrCodec.Write(ref to, cdr);
        Assert.False(to.Overflowed);
        return to.Written.ToArray();
    }

    private static Cdr Filled() => new()
    {
        CallerAreaCode = "4930",
        CalleeAreaCode = "44",
        Call = new CallId(123456789), CallerE164 = "1", CalleeE164 = "2", CallerAccessE164 = "3", CalleeAccessE164 = "4", CallerToGatewayE164 = "5", CalleeToGatewayE164 = "6é",
        Start = new Instant(10), Answered = new Instant(20), Stop = new Instant(30), EndReason = -52, Refusal = Refusal.RestartLostCall, EndDirection = EndDirection.Server,
        CallerGateway = "in", CalleeGateway = "out", CallerAddress = NetAddress.Parse("192.0.2.1:5060"), CalleeAddress = NetAddress.Parse("[2001:db8::1]:5061"),
        CalleeBilling = CalleeBilling.External, BillingMode = BillingMode.PhoneCard, CallerPddMillis = 7, CalleePddMillis = 8, Revision = 9, Attempts = 2,
        Sale = new CallCharge
        {
            Account = new AccountId(3), AccountNumber = "n", Deck = "d", DeckVersion = "v", RatePrefix = "44", Area = "a",
            Tariff = new Tariff(1, 2, 3, 4, Currency.Parse("EUR")), BilledSeconds = 5, Nanos = 6, GiftSeconds = 60, GiftNanos = 61, Phone = "5551",
        },
        Further = [new CallCharge { Account = new AccountId(8), AccountNumber = "agent", Nanos = 9, GiftSeconds = 1, GiftNanos = 2, IncomeNanos = -3 }],
        Rules = new BillingRules(50, 3, 1_000, 500), Hidden = HiddenFrom.Files,
        Cost = new CallCharge { Account = new AccountId(4), Nanos = long.MaxValue },
        CallerMedia = new LegMedia { Packets = 11, Bytes = 12, RtcpPackets = 13, First = new Instant(14), Last = new Instant(15), Lost = 16, Late = 17, JitterMicros = 18, RoundTripMicros = 19, MosHundredths = 20 },
        CalleeMedia = new LegMedia { Packets = 21, MosHundredths = 410 }, DecisionLog = [1, 2, 3],
        Tried = [new CdrAttempt("out", "6", NetAddress.Parse("192.0.2.7:5060"), new Instant(12), 13, 503, Refusal.None), new CdrAttempt("other", "7", NetAddress.Parse("[2001:db8::1]:5061"), new Instant(14), 0, 0, Refusal.NoResponse)],
        Recording = "20260301/120000-x.wav",
    };
}
