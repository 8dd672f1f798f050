using Tandem.Primitives;

namespace Tandem.Server.Network.Streams;

/// <summary>
/// What one loop has to say over streams in this turn. As with <see cref="UdpListener"/> nothing leaves before <see cref="Flush"/>: the journal is written in
/// between. Used by the loop's thread alone.
/// </summary>
public sealed class StreamOutbox(StreamEdge edge)
{
    private Pending[] _pending = new Pending[64];
    private byte[] _bytes = new byte[64 << 10];
    private StreamConnection?[] _touched = new StreamConnection?[64];
    private int _count;
    private int _used;
    private long _dropped;

    public StreamEdge Edge => edge;

    /// <summary>Messages for which a turn had no room.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        if (!MakeRoom(message.Length))
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return;
        }
        message.CopyTo(_bytes.AsSpan(_used));
        _pending[_count++] = new Pending(listener, to, _used, message.Length);
        _used += message.Length;
    }

    public void Flush()
    {
        for (int i = 0; i < _count; i++)
        {
            ref readonly Pending message = ref _pending[i];
            _touched[i] = edge.Queue(message.Listener, message.To, _bytes.AsSpan(message.Offset, message.Length));
        }
        // All that a turn says to one peer leaves in one write: its second push finds nothing.
        for (int i = 0; i < _count; i++)
        {
            _touched[i]?.Push();
            _touched[i] = null;
        }
        _count = _used = 0;
    }

    private bool MakeRoom(int length)
    {
        if (_count == _pending.Length)
        {
            if (_count >= UdpListener.MostPending) return false;
            Array.Resize(ref _pending, _count * 2);
            Array.Resize(ref _touched, _count * 2);
        }
        while (length > _bytes.Length - _used)
        {
            if (_bytes.Length >= UdpListener.MostPendingBytes) return false;
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }
        return true;
    }

    private readonly record struct Pending(int Listener, NetAddress To, int Offset, int Length);
}
