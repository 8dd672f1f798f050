using System.Threading.Channels;

namespace Tandem.Server.Events;

/// <summary>What readers of events may ask for.</summary>
[Flags]
public enum EventTopics : byte
{
    None = 0,
    Calls = 1,
    Alarms = 2,
    Counters = 4,
}

/// <param name="Id">One more than the one before it, whatever the topic.</param>
/// <param name="Topic">One.</param>
/// <param name="Data">What is told.</param>
public sealed record SwitchEvent(long Id, EventTopics Topic, object Data);

/// <summary>
/// What happens, told to whoever reads along (docs/events.md). Whoever tells never waits: a reader that is slow loses events and is told how many. The last ones are remembered for a reader that comes
/// back. Any thread.
/// </summary>
public sealed class EventBook
{
    public const int MostReaders = 64;
    public const int Remembered = 2_048;
    private const int MostWaiting = 4_096;

    private readonly Lock _lock = new();
    private readonly List<EventReader> _readers = [];
    private readonly Queue<SwitchEvent> _last = new();
    private long _lastId;
    private volatile EventTopics _wanted;

    /// <summary>What anybody reads: nothing else needs to be told.</summary>
    public EventTopics Wanted => _wanted;

    public void Tell(EventTopics topic, object data)
    {
        if ((_wanted & topic) == 0) return;
        lock (_lock)
        {
            var told = new SwitchEvent(++_lastId, topic, data);
            _last.Enqueue(told);
            if (_last.Count > Remembered) _last.Dequeue();
            foreach (EventReader reader in _readers) reader.Take(told);
        }
    }

    /// <summary>Begins to read; null: there are as many readers as may be.</summary>
    /// <param name="topics">Of what.</param>
    /// <param name="after">The last event read before, to be told what came since; null: from now on.</param>
    public EventReader? Open(EventTopics topics, long? after = null)
    {
        lock (_lock)
        {
            if (_readers.Count == MostReaders) return null;
            var reader = new EventReader(this, topics, _lastId);
            if (after is { } id)
            {
                long known = _last.TryPeek(out SwitchEvent? oldest) ? oldest.Id : _lastId + 1;
                // Of what is forgotten, or happened while nobody read: at least so much was lost. An id that never was is of a run before this one.
                if (id > _lastId || id + 1 < known) reader.Lose(id > _lastId ? 1 : known - id - 1);
                foreach (SwitchEvent told in _last.Where(e => e.Id > id || id > _lastId)) reader.Take(told);
            }
            _readers.Add(reader);
            _wanted |= topics;
            return reader;
        }
    }

    internal void Close(EventReader reader)
    {
        lock (_lock)
        {
            if (!_readers.Remove(reader)) return;
            _wanted = _readers.Aggregate(EventTopics.None, static (all, r) => all | r.Topics);
        }
    }

    internal static Channel<SwitchEvent> NewChannel() => Channel.CreateBounded<SwitchEvent>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
}

/// <summary>Who reads along.</summary>
public sealed class EventReader : IDisposable
{
    private readonly EventBook _book;
    private readonly Channel<SwitchEvent> _channel = EventBook.NewChannel();
    private long _lost;

    internal EventReader(EventBook book, EventTopics topics, long from) => (_book, Topics, From) = (book, topics, from);

    public EventTopics Topics { get; }

    /// <summary>The newest event when the reading began.</summary>
    public long From { get; }

    public ValueTask<bool> WaitAsync(CancellationToken stop) => _channel.Reader.WaitToReadAsync(stop);

    public bool TryRead(out SwitchEvent? told) => _channel.Reader.TryRead(out told);

    /// <summary>How many were lost since this was asked last: too many waited, or they are forgotten.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);

    public void Dispose() => _book.Close(this);

    internal void Take(SwitchEvent told)
    {
        if ((Topics & told.Topic) != 0 && !_channel.Writer.TryWrite(told)) Lose(1);
    }

    internal void Lose(long count) => Interlocked.Add(ref _lost, count);
}
