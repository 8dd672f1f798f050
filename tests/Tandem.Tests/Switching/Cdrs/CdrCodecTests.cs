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

    private static byte[] Encode(Cdr cdr)
    {
        ByteWriter to = new(new byte[4096]);
        CdrCodec.Write(ref to, cdr);
        Assert.False(to.Overflowed);
        return to.Written.ToArray();
    }

    private static Cdr Filled() => new()
    {
        Call = new CallId(123456789), CallerE164 = "1", CalleeE164 = "2", CallerAccessE164 = "3", CalleeAccessE164 = "4", CallerToGatewayE164 = "5", CalleeToGatewayE164 = "6é",
        Start = new Instant(10), Answered = new Instant(20), Stop = new Instant(30), EndReason = -52, Refusal = Refusal.RestartLostCall, EndDirection = EndDirection.Server,
        CallerGateway = "in", CalleeGateway = "out", CallerAddress = NetAddress.Parse("192.0.2.1:5060"), CalleeAddress = NetAddress.Parse("[2001:db8::1]:5061"),
        CalleeBilling = CalleeBilling.External, BillingMode = BillingMode.PhoneCard, CallerPddMillis = 7, CalleePddMillis = 8, Revision = 9, Attempts = 2,
        Sale = new CallCharge
        {
            Account = new AccountId(3), AccountNumber = "n", Deck = "d", DeckVersion = "v", RatePrefix = "44", Area = "a",
            Tariff = new Tariff(1, 2, 3, 4, Currency.Parse("EUR")), BilledSeconds = 5, Nanos = 6,
        },
        Cost = new CallCharge { Account = new AccountId(4), Nanos = long.MaxValue },
        CallerPackets = 11, CalleePackets = 12, DecisionLog = [1, 2, 3],
    };
}
