using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Tests.Sip.Locating;

namespace Tandem.Tests.Server.Network;

/// <summary>A name server on loopback that answers from a <see cref="Zone"/>, in the wire format of RFC 1035.</summary>
internal sealed class LoopbackNameServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _work;

    public LoopbackNameServer(Zone zone)
    {
        Zone = zone;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = NetAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _work = Task.Run(ServeAsync);
    }

    public NetAddress Address { get; }

    public Zone Zone { get; set; }

    /// <summary>True: questions are read and not answered.</summary>
    public bool Mute { get; set; }

    public int Questions { get; private set; }

    public void Dispose()
    {
        _socket.Dispose();
        _ = _work.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private async Task ServeAsync()
    {
        byte[] room = new byte[2048];
        while (true)
        {
            SocketReceiveFromResult got = await _socket.ReceiveFromAsync(room, new IPEndPoint(IPAddress.Any, 0));
            Questions++;
            if (Mute) continue;
            byte[] answer = Answer(room.AsSpan(0, got.ReceivedBytes));
            await _socket.SendToAsync(answer, got.RemoteEndPoint);
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> query)
    {
        int at = 12;
        List<string> labels = [];
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
            at += query[at] + 1;
        }
        int type = BinaryPrimitives.ReadUInt16BigEndian(query[(at + 1)..]);
        ReadOnlySpan<byte> question = query[12..(at + 5)];
        DnsType asked = type switch { 1 => DnsType.A, 28 => DnsType.Aaaa, 33 => DnsType.Srv, _ => DnsType.Naptr };
        DnsAnswer answer = Zone.Answer(new DnsQuestion(string.Join('.', labels).ToLowerInvariant(), asked));
        List<byte[]> data = [];
        foreach (NetAddress address in answer.Addresses) data.Add(address.ToIPAddress().GetAddressBytes());
        foreach (SrvRecord s in answer.Services) data.Add([.. Short(s.Priority), .. Short(s.Weight), .. Short(s.Port), .. Name(s.Target)]);
        foreach (NaptrRecord n in answer.Pointers) data.Add([.. Short(n.Order), .. Short(n.Preference), .. Text(n.Flags), .. Text(n.Service), .. Text(""), .. Name(n.Replacement)]);
        bool negative = data.Count == 0;
        List<byte> to = [.. query[..2], 0x81, (byte)(0x80 | (answer.Outcome == DnsOutcome.NoSuchName ? 3 : answer.Outcome == DnsOutcome.Unanswered ? 2 : 0)), .. Short(1), .. Short(data.Count), .. Short(negative ? 1 : 0), .. Short(0), .. question];
        foreach (byte[] one in data) to.AddRange([0xc0, 12, .. Short(type), .. Short(1), .. Long((int)answer.Ttl.TotalSeconds), .. Short(one.Length), .. one]);
        if (negative)
        {
            byte[] soa = [.. Name("ns.example"), .. Name("root.example"), .. Long(1), .. Long(1), .. Long(1), .. Long(1), .. Long((int)answer.Ttl.TotalSeconds)];
            to.AddRange([.. Name("example"), .. Short(6), .. Short(1), .. Long(3600), .. Short(soa.Length), .. soa]);
        }
        return [.. to];
    }

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Long(int value) => [.. Short(value >> 16), .. Short(value & 0xffff)];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Name(string name) => [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(Text), 0];
}
