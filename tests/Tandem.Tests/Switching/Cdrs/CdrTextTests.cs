using System.Text;
using CsCheck;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Cdrs;

public class CdrTextTests
{
    private static readonly TimeZoneInfo Utc = TimeZoneInfo.Utc;

    [Fact]
    public void The_line_has_the_nineteen_fields_in_their_order() =>
        Assert.Equal(
            "12125551234|18005559876|2026-04-26 12:00:01|2026-04-26 12:00:46|45000|200|0|cust-a|carrier-1|192.0.2.10|2001:db8::7|2125551234|0018005559876|12125551235|8005559876|0|1|1200|900\n",
            Line(Sample(), Utc));

    [Fact]
    public void Times_are_written_in_the_zone_handed_in()
    {
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(8), "test", "test");
        string[] fields = Line(Sample(), zone).Split('|');
        Assert.Equal("2026-04-26 20:00:01", fields[2]);
        Assert.Equal("2026-04-26 20:00:46", fields[3]);
    }

    [Fact]
    public void A_call_that_was_not_answered_has_no_hold_time()
    {
        Cdr cdr = Sample();
        cdr.Answered = Instant.Never;
        cdr.EndReason = -16;
        string[] fields = Line(cdr, Utc).Split('|');
        Assert.Equal("0", fields[4]);
        Assert.Equal("-16", fields[5]);
    }

    [Fact]
    public void An_unbilled_call_without_a_called_side_leaves_fields_empty_but_in_place()
    {
        Cdr cdr = Sample();
        cdr.BillingMode = BillingMode.NotBilled;
        cdr.CalleeGateway = "";
        cdr.CalleeAddress = default;
        string[] fields = Line(cdr, Utc).Split('|');
        Assert.Equal(19, fields.Length);
        Assert.Equal("", fields[8]);
        Assert.Equal("", fields[10]);
        Assert.Equal("-1", fields[16]);
    }

    [Theory]
    [InlineData("a|b", "a_b")]
    [InlineData("a\r\nb", "a__b")]
    [InlineData("a\0b\tc\u000b", "a_b_c_")]
    [InlineData("a\u0085b\u2028c\u2029d", "a_b_c_d")]
    [InlineData("Łódź 北京", "Łódź 北京")]
    public void No_value_can_break_a_line(string hostile, string written)
    {
        Cdr cdr = Sample();
        cdr.CallerE164 = hostile;
        cdr.CallerGateway = hostile;
        cdr.CalleeToGatewayE164 = hostile;
        string line = Line(cdr, Utc);
        string[] fields = line.Split('|');
        Assert.Equal(19, fields.Length);
        Assert.Equal(written, fields[0]);
        Assert.Equal(written, fields[7]);
        Assert.Equal(written, fields[14]);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void Any_text_in_any_field_leaves_one_line_of_nineteen_fields_that_reads_back() =>
        Gen.Select(Gen.String, Gen.String, Gen.Int, Gen.Long[0, 4_000_000_000_000_000]).Sample((a, b, reason, micros) =>
        {
            Cdr cdr = Sample();
            (cdr.CallerE164, cdr.CalleeE164, cdr.CallerGateway, cdr.CalleeGateway) = (a, b, b, a);
            (cdr.CallerAccessE164, cdr.CalleeAccessE164, cdr.CallerToGatewayE164, cdr.CalleeToGatewayE164) = (a, b, a, b);
            cdr.EndReason = reason;
            cdr.Stop = new Instant(micros);
            string line = Line(cdr, Utc);
            Assert.EndsWith("\n", line, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', line[..^1]);
            Assert.True(CdrText.TryParse(line, out CdrLine? read, out string error), error);
            Assert.Equal(reason, read.EndReason);
            Assert.Equal(new Instant(micros).ToUtc().AddTicks(-(new Instant(micros).ToUtc().Ticks % TimeSpan.TicksPerSecond)), read.Stop);
            Assert.Equal(read.CallerE164, read.CalleeGateway);
        }, iter: 500);

    [Fact]
    public void What_was_written_reads_back()
    {
        Assert.True(CdrText.TryParse(Line(Sample(), Utc), out CdrLine? read, out _));
        Assert.Equal("12125551234", read.CallerE164);
        Assert.Equal(new DateTime(2026, 4, 26, 12, 0, 46), read.Stop);
        Assert.Equal(45_000, read.HoldMillis);
        Assert.Equal(EndDirection.Caller, read.EndDirection);
        Assert.Equal("2001:db8::7", read.CalleeIp);
        Assert.Equal(BillingMode.MappingGateway, read.BillingMode);
        Assert.Equal(900, read.CalleePddMillis);
    }

    [Fact]
    public void A_line_without_the_delays_is_read()
    {
        string seventeen = string.Join('|', Line(Sample(), Utc).Split('|')[..17]);
        Assert.True(CdrText.TryParse(seventeen, out CdrLine? read, out _));
        Assert.Equal(0, read.CallerPddMillis);
    }

    [Theory]
    [InlineData("a|b|c", "17 to 19 fields")]
    [InlineData("1|2|2026-04-26 12:00:01|yesterday|0|200|0|a|b|c|d|e|f|g|h|0|1|0|0", "field 4 of the CDR line cannot be 'yesterday'")]
    [InlineData("1|2|2026-04-26 12:00:01|2026-04-26 12:00:01|x|200|0|a|b|c|d|e|f|g|h|0|1|0|0", "field 5 of the CDR line cannot be 'x'")]
    public void A_line_that_is_none_is_refused_in_words(string line, string says)
    {
        Assert.False(CdrText.TryParse(line, out _, out string error));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    internal static Cdr Sample() => new()
    {
        Call = CallId.Mint(At(12, 0, 1), 0, 1),
        CallerE164 = "12125551234",
        CalleeE164 = "18005559876",
        CallerAccessE164 = "2125551234",
        CalleeAccessE164 = "0018005559876",
        CallerToGatewayE164 = "12125551235",
        CalleeToGatewayE164 = "8005559876",
        Start = At(12, 0, 1),
        Answered = At(12, 0, 1),
        Stop = At(12, 0, 46),
        EndReason = 200,
        EndDirection = EndDirection.Caller,
        CallerGateway = "cust-a",
        CalleeGateway = "carrier-1",
        CallerAddress = NetAddress.Parse("192.0.2.10:5060"),
        CalleeAddress = NetAddress.Parse("[2001:db8::7]:5060"),
        BillingMode = BillingMode.MappingGateway,
        CallerPddMillis = 1200,
        CalleePddMillis = 900,
    };

    private static Instant At(int hour, int minute, int second) =>
        Instant.FromUtc(new DateTime(2026, 4, 26, hour, minute, second, DateTimeKind.Utc));

    private static string Line(Cdr cdr, TimeZoneInfo zone)
    {
        var writer = new ByteWriter(new byte[4096]);
        CdrText.Write(ref writer, cdr, zone);
        Assert.False(writer.Overflowed);
        return Encoding.UTF8.GetString(writer.Written);
    }
}
