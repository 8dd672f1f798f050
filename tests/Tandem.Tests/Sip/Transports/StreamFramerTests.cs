using System.Text;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Transports;

public class StreamFramerTests
{
    private static readonly string[] Pipelined =
    [
        Message("OPTIONS", "Content-Length: 0\r\n", ""),
        Message("INVITE", "l : 11\r\n", "v=0\r\n\r\nINV\n"),
        Message("MESSAGE", "Content-Length:\r\n 5\r\n", "\r\n\r\n\n"),
        Message("BYE", "", ""),
        "SIP/2.0 200 OK\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKx\nCONTENT-LENGTH: 3\n\nabc",
    ];

    [Fact]
    public void Pipelined_messages_come_out_whole_however_the_stream_is_split()
    {
        byte[] stream = Encoding.ASCII.GetBytes(string.Concat(Pipelined));
        for (int split = 0; split <= stream.Length; split++) Assert.Equal(Pipelined, Read(stream, [split, stream.Length - split]));
        Assert.Equal(Pipelined, Read(stream, [.. Enumerable.Repeat(1, stream.Length)]));
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            var pieces = new List<int>();
            for (int left = stream.Length; left > 0; left -= pieces[^1]) pieces.Add(random.Next(1, Math.Min(left, 90) + 1));
            Assert.Equal(Pipelined, Read(stream, pieces));
        }
    }

    [Fact]
    public void Double_line_ends_between_messages_are_pings_and_single_ones_are_nothing()
    {
        string text = "\r\n\r\n" + Pipelined[0] + "\r\n" + Pipelined[1] + "\r\n\r\n\r\n\r\n" + Pipelined[3] + "\n\r\n";
        byte[] stream = Encoding.ASCII.GetBytes(text);
        string[] expected = ["ping", Pipelined[0], Pipelined[1], "ping", "ping", Pipelined[3]];
        for (int split = 0; split <= stream.Length; split++) Assert.Equal(expected, Read(stream, [split, stream.Length - split]));
    }

    [Theory]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: x\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length:\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: 12 3\r\nl: 13\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: 40000\r\n\r\n")]
    [InlineData("INVITE sip:x SIP/2.0\r\nContent-Length: 3\r\nl: 4\r\n\r\nabcd")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000")] // a TLS hello on the TCP port
    [InlineData(" INVITE")]
    public void What_has_no_certain_end_breaks_the_stream(string text) =>
        Assert.Equal("broken", Read(Encoding.ASCII.GetBytes(text), [text.Length])[^1]);

    [Fact]
    public void A_head_without_end_is_held_no_longer_than_32_KiB()
    {
        byte[] drip = Encoding.ASCII.GetBytes("INVITE sip:x SIP/2.0\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 6000)));
        var framer = new StreamFramer();
        Assert.Equal(Frame.Incomplete, framer.Next(drip.AsSpan(0, StreamFramer.MostHead), out _, out _));
        Assert.Equal(Frame.Broken, framer.Next(drip.AsSpan(0, StreamFramer.MostHead + 1), out _, out _));
    }

    [Fact]
    public void The_largest_message_is_one_the_parser_takes()
    {
        string text = $"MESSAGE sip:x SIP/2.0\r\nContent-Length: {StreamFramer.MostBody}\r\n";
        string message = text + "X: " + new string('y', StreamFramer.MostHead - text.Length - 7) + "\r\n\r\n" + new string('b', StreamFramer.MostBody);
        Assert.Equal(SipLimits.MessageBytes, message.Length);
        Assert.Equal([message], Read(Encoding.ASCII.GetBytes(message), [40_000, message.Length - 40_000]));
    }

    private static string Message(string method, string length, string body) =>
        $"{method} sip:x@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKx\r\nSubject: content-length: 77\r\n{length}Contact: <sip:a@b>\r\n\r\n{body}";

    // As a connection does it: what came is kept together until it is taken.
    private static List<string> Read(byte[] stream, IReadOnlyList<int> pieces)
    {
        var found = new List<string>();
        var framer = new StreamFramer();
        byte[] kept = [];
        int at = 0;
        foreach (int piece in pieces)
        {
            kept = [.. kept, .. stream.AsSpan(at, piece)];
            at += piece;
            while (true)
            {
                Frame frame = framer.Next(kept, out int skip, out int length);
                if (frame == Frame.Message) found.Add(Encoding.ASCII.GetString(kept, skip, length));
                if (frame == Frame.Ping) found.Add("ping");
                if (frame == Frame.Broken) found.Add("broken");
                kept = kept[(skip + length)..];
                if (frame is Frame.Incomplete or Frame.Broken) break;
            }
        }
        return found;
    }
}
