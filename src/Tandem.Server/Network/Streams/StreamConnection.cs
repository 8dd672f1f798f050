using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Server.Network.Streams;

/// <summary>
/// One connection: bytes in are cut into messages and handed to the shards, messages out wait in a bounded queue that one write empties. A
/// connection that says little holds no buffer while it is silent. It closes itself on every error; <see cref="StreamEdge"/> closes it when it takes too long with anything.
/// </summary>
internal sealed class StreamConnection : IDisposable
{
    private const int SmallBuffer = 4096;

    // From so many messages on a connection is read with its buffer at hand, which saves a system call a message.
    private const int Talkative = 8;

    private readonly StreamEdge _edge;
    private readonly Lock _gate = new();
    private StreamFramer _framer;
    private Socket? _socket;
    private Stream? _stream;
    private byte[]? _outgoing;
    private int _outgoingUsed;
    private bool _isOpen;
    private bool _isWriting;
    private bool _isClosed;
    private bool _carriedRequest;
    private long _partialSince;
    private long _writingSince;
    private long _lastUse;
    private long _heardMessages;

    public StreamConnection(StreamEdge edge, int listener, SipTransport transport, in NetAddress peer, bool isOutgoing, Socket? socket)
    {
        _edge = edge;
        Listener = listener;
        Transport = transport;
        Peer = peer;
        IsOutgoing = isOutgoing;
        _socket = socket;
        Began = _lastUse = Environment.TickCount64;
    }

    public int Listener { get; }

    public SipTransport Transport { get; }

    public NetAddress Peer { get; }

    /// <summary>We opened it.</summary>
    public bool IsOutgoing { get; }

    /// <summary>Milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Began { get; }

    /// <summary>It counts among the handshakes of strangers until it is open.</summary>
    public bool CountsAsHandshake { get; set; }

    public bool IsOpen => Volatile.Read(ref _isOpen) && !Volatile.Read(ref _isClosed);

    /// <summary>The socket of a connection being opened, so that closing it ends the attempt.</summary>
    public void Adopt(Socket socket)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _socket = socket;
                return;
            }
        }
        socket.Dispose();
    }

    /// <summary>Keeps a message for <see cref="Push"/>. False when the connection is gone or was closed by this: the queue was full.</summary>
    public bool TryQueue(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            _carriedRequest |= message.Length > 4 && !message.StartsWith("SIP/"u8);
            if (_outgoingUsed + message.Length <= _edge.Limits.Outgoing)
            {
                Append(message);
                return true;
            }
        }
        Close(ref _edge.Counters.Stalled);
        return false;
    }

    /// <summary>
    /// Lets what is queued leave, once the connection is open: over TCP at once as far as the kernel takes it, the rest and TLS by a task. Never waits.
    /// </summary>
    public void Push()
    {
        lock (_gate)
        {
            if (_isClosed || !_isOpen || _isWriting || _outgoingUsed == 0) return;
            if (Transport == SipTransport.Tcp && TryWriteNow()) return;
            _isWriting = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static connection => _ = connection.WriteAllAsync(), this, preferLocal: false);
    }

    /// <summary>Connected, and for TLS the handshake done: reads until the end. Never throws.</summary>
    public async Task RunAsync(Stream stream)
    {
        bool write;
        lock (_gate)
        {
            if (_isClosed) return;
            _stream = stream;
            _socket!.Blocking = false; // for TryWriteNow; what is awaited does not mind
            _isOpen = true;
            write = _isWriting = _outgoingUsed > 0;
        }
        if (write) _ = WriteAllAsync();
        try
        {
            await ReadAllAsync(stream);
        }
#pragma warning disable CA1031 // whatever ends the stream, the connection is closed and its peers told
        catch (Exception)
#pragma warning restore CA1031
        {
            // Reset, aborted, or closed by us.
        }
        Close();
    }

    /// <summary>Closes what has taken too long with anything. Called once a second.</summary>
    public void CheckClocks(long now)
    {
        StreamLimits limits = _edge.Limits;
        if (!IsOpen)
        {
            TimeSpan most = !IsOutgoing ? limits.Handshake : Transport == SipTransport.Tls ? limits.Connect + limits.Handshake : limits.Connect;
            if (now - Began > most.TotalMilliseconds) Close(ref IsOutgoing ? ref _edge.Counters.ConnectsFailed : ref _edge.Counters.HandshakesFailed);
            return;
        }
        long partial = Volatile.Read(ref _partialSince), writing = Volatile.Read(ref _writingSince);
        if (partial > 0 && now - partial > limits.Partial.TotalMilliseconds) Close(ref _edge.Counters.Slow);
        else if (writing > 0 && now - writing > limits.Stall.TotalMilliseconds) Close(ref _edge.Counters.Stalled);
        else if (!IsOutgoing && Volatile.Read(ref _heardMessages) == 0 && now - Began > limits.FirstMessage.TotalMilliseconds) Close(ref _edge.Counters.Slow);
        else if (now - Volatile.Read(ref _lastUse) > limits.Idle.TotalMilliseconds) Close(ref _edge.Counters.Idle);
    }

    /// <summary>Counts why, and closes; once.</summary>
    public void Close(ref long counter)
    {
        if (!Volatile.Read(ref _isClosed)) Interlocked.Increment(ref counter);
        Close();
    }

    public void Close()
    {
        bool tell, wasOpen;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            (tell, wasOpen) = (_carriedRequest, _isOpen);
            if (_outgoing is not null && !_isWriting) ArrayPool<byte>.Shared.Return(_outgoing);
            _outgoing = null;
        }
        if (_socket is { } socket) End(socket);
        _edge.Forget(this, tell, wasOpen);
    }

    /// <summary>When nobody reads the socket any more; once.</summary>
    public void Dispose()
    {
        Close();
        _socket?.Dispose();
    }

    /// <summary>Until what is queued was written, or it is too late.</summary>
    public bool HasWritten
    {
        get
        {
            lock (_gate) return _isClosed || (_outgoingUsed == 0 && !_isWriting);
        }
    }

    // In order: a FIN, upon which the reading task ends and lets the socket go; a socket let go while it is read from would be reset.
    private void End(Socket socket)
    {
        try
        {
            if (!_edge.CloseByReset)
            {
                socket.Shutdown(SocketShutdown.Both);
                return;
            }
            socket.LingerState = new LingerOption(enable: true, seconds: 0); // SS_TCP_CLOSE_RESET
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected yet, or no more.
        }
        socket.Dispose();
    }

    private void Append(ReadOnlySpan<byte> message)
    {
        if (_outgoing is null || _outgoing.Length - _outgoingUsed < message.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallBuffer, _outgoingUsed + message.Length));
            if (_outgoing is not null)
            {
                _outgoing.AsSpan(0, _outgoingUsed).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_outgoing);
            }
            _outgoing = larger;
        }
        message.CopyTo(_outgoing.AsSpan(_outgoingUsed));
        _outgoingUsed += message.Length;
    }

    // Under the gate, with nobody else writing. False when something is left, or went wrong: the task will find out what.
    private bool TryWriteNow()
    {
        int sent = _socket!.Send(_outgoing.AsSpan(0, _outgoingUsed), SocketFlags.None, out SocketError error);
        if (error != SocketError.Success || sent <= 0) return false;
        Volatile.Write(ref _lastUse, Environment.TickCount64);
        _outgoingUsed -= sent;
        if (_outgoingUsed > 0)
        {
            _outgoing.AsSpan(sent, _outgoingUsed).CopyTo(_outgoing);
            return false;
        }
        ArrayPool<byte>.Shared.Return(_outgoing!);
        _outgoing = null;
        return true;
    }

    // One at a time: everything that waits goes out in one write, and what came meanwhile in the next.
    private async Task WriteAllAsync()
    {
        byte[]? batch = null;
        try
        {
            while (true)
            {
                int length;
                lock (_gate)
                {
                    if (_isClosed) return;
                    if (_outgoingUsed == 0)
                    {
                        _isWriting = false;
                        return;
                    }
                    (batch, length) = (_outgoing!, _outgoingUsed);
                    _outgoing = null;
                    _outgoingUsed = 0;
                }
                Volatile.Write(ref _writingSince, Environment.TickCount64);
                await _stream!.WriteAsync(batch.AsMemory(0, length));
                Volatile.Write(ref _writingSince, 0);
                Volatile.Write(ref _lastUse, Environment.TickCount64);
                ArrayPool<byte>.Shared.Return(batch);
                batch = null;
            }
        }
#pragma warning disable CA1031 // whatever it was, the connection is no more
        catch (Exception)
#pragma warning restore CA1031
        {
            Close(); // the batch is left to the collector: the socket may still be reading it
        }
    }

    private async Task ReadAllAsync(Stream stream)
    {
        byte[]? buffer = null;
        int used = 0;
        try
        {
            while (true)
            {
                if (buffer is null)
                {
                    if (_heardMessages < Talkative) _ = await stream.ReadAsync(Memory<byte>.Empty); // waits without a buffer: most connections are silent most of the time
                    buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
                }
                int read = await stream.ReadAsync(buffer.AsMemory(used));
                if (read == 0) return;
                used += read;
                (bool goesOn, int taken) = await TakeAsync(buffer.AsMemory(0, used));
                if (!goesOn) return;
                used -= taken;
                if (taken > 0 && used > 0) buffer.AsSpan(taken, used).CopyTo(buffer);
                NotePartial(buffer.AsSpan(0, used), taken > 0);
                if (used == 0 && (_heardMessages < Talkative || buffer.Length > SmallBuffer))
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                }
                else if (used == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(used * 2);
                    buffer.AsSpan(0, used).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Everything whole in what came. The first message a shard has no room for waits here: the peer is slowed by TCP itself.
    private async ValueTask<(bool GoesOn, int Taken)> TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        int at = 0;
        while (true)
        {
            Frame frame = _framer.Next(bytes.Span[at..], out int skip, out int length);
            at += skip;
            switch (frame)
            {
                case Frame.Incomplete:
                    return (true, at);
                case Frame.Broken:
                    Close(ref _edge.Counters.Broken);
                    return (false, at);
                case Frame.Ping:
                    Interlocked.Increment(ref _edge.Counters.Pings);
                    Volatile.Write(ref _lastUse, Environment.TickCount64);
                    if (TryQueue("\r\n"u8)) Push();
                    break;
                default:
                    Volatile.Write(ref _lastUse, Environment.TickCount64);
                    Volatile.Write(ref _heardMessages, _heardMessages + 1);
                    if (!await DeliverAsync(bytes.Slice(at, length))) return (false, at);
                    break;
            }
            at += length;
        }
    }

    private async ValueTask<bool> DeliverAsync(ReadOnlyMemory<byte> message)
    {
        for (int tries = 0; tries < 200; tries++)
        {
            if (_edge.TryDeliver(this, message.Span))
            {
                Interlocked.Increment(ref _edge.Counters.MessagesIn);
                return true;
            }
            if (Volatile.Read(ref _isClosed)) return false;
            await Task.Delay(10);
        }
        Close(ref _edge.Counters.Undelivered);
        return false;
    }

    private void NotePartial(ReadOnlySpan<byte> rest, bool took)
    {
        bool partial = rest.ContainsAnyExcept((byte)'\r', (byte)'\n');
        if (!partial) Volatile.Write(ref _partialSince, 0);
        else if (took || _partialSince == 0) Volatile.Write(ref _partialSince, Environment.TickCount64);
    }
}
