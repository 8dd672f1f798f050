using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Tones;
using Tandem.Primitives;

namespace Tandem.Media.Streams;

// What the switch itself says to the side: announcements, ring-back tones, keys. While it speaks the other side's packets stay out.
internal sealed partial class AudioPipe
{
    private const int MostKeys = 32; // waiting; the 33rd is dropped
    private const int ShortestKey = 70 * 8, LongestKey = 5_000 * 8, PauseTicks = 3; // samples; 60 ms between keys

    private readonly Queue<DtmfDigit> _keys = new();
    private IAudioSource? _source;
    private bool _untilMedia;
    private char _key; // being told
    private bool _asEvent;
    private bool _held; // its end is not known yet
    private int _keyLength;
    private int _keyPlayed;
    private uint _keyStart;
    private int _pause;
    private ToneGenerator? _keyTone;
    private Instant _tickAt = Instant.Never;

    /// <summary>The switch is speaking to the side.</summary>
    public bool Speaks => _tickAt != Instant.Never;

    /// <summary>When <see cref="Tick"/> is due; never while the switch is silent.</summary>
    public Instant TickAt => _tickAt;

    /// <summary>Plays a source from now on; null: stops what is played.</summary>
    /// <param name="source">What.</param>
    /// <param name="untilMedia">Until the other side is heard.</param>
    /// <param name="now">When.</param>
    public void Play(IAudioSource? source, bool untilMedia, Instant now)
    {
        _source = source;
        _untilMedia = untilMedia;
        if (source is not null) Wake(now);
        else Settle();
    }

    /// <summary>The other side sent audio.</summary>
    public void MediaCame()
    {
        if (!_untilMedia || _source is null) return;
        _source = null;
        Settle();
    }

    /// <summary>Tells the side a key: as an event where it takes them, else as a tone. False: too many wait.</summary>
    public bool Press(in DtmfDigit digit, Instant now)
    {
        if (_keys.Count == MostKeys || DtmfKeys.EventOf(digit.Key) < 0) return false;
        _keys.Enqueue(digit);
        Wake(now);
        return true;
    }

    /// <summary>Says the next 20 ms.</summary>
    public void Tick(Instant now, IStageSink sink)
    {
        while (_tickAt <= now)
        {
            Instant at = _tickAt;
            if (!Say(at, sink))
            {
                _tickAt = Instant.Never;
                _markNext = true;
                return;
            }
            _tickAt = at + TimeSpan.FromMilliseconds(20);
            if (now - _tickAt > TimeSpan.FromMilliseconds(200)) _tickAt = now; // the thread was held up: what was not said is left out
        }
    }

    // A key that comes as events is held down until its end is heard.
    private void HoldTone(char key, uint start, Instant now)
    {
        if (_key != '\0' && _keyStart == start) return;
        if (_key != '\0') EndKey();
        if (_plan.Law is null) return;
        BeginKey(key, ShortestKey, now);
        (_keyStart, _held, _asEvent) = (start, true, false);
        Wake(now);
    }

    private void ReleaseTone() => _held = false;

    private void Wake(Instant now)
    {
        if (Speaks) return;
        _line.Speak(ssrc, (ushort)(ssrc >> 8));
        _tickAt = now;
        _markNext = true;
    }

    private void Settle()
    {
        if (!Speaks || _source is not null || _key != '\0' || _keys.Count > 0) return;
        _tickAt = Instant.Never;
        _markNext = true;
    }

    private bool Say(Instant at, IStageSink sink)
    {
        if (_pause > 0)
        {
            _pause--;
            if (_source is null || _plan.Law is null) return _keys.Count > 0 || _source is not null;
        }
        else if (_key != '\0' || NextKey(at))
        {
            SayKey(at, sink);
            return _key != '\0' || _keys.Count > 0 || _source is not null; // after the last one speech passes at once
        }
        if (_source is null) return _keys.Count > 0;
        G711Codec? law = _plan.Law;
        Span<short> samples = scratch.Samples.AsSpan(0, TickSamples);
        if (!_source.Read(samples))
        {
            _source = null;
            return false;
        }
        if (law is not null) SayTone(samples, law, at, sink);
        return true;
    }

    private bool NextKey(Instant at)
    {
        if (!_keys.TryDequeue(out DtmfDigit next)) return false;
        BeginKey(next.Key, Math.Clamp(next.Millis * 8, ShortestKey, LongestKey), at);
        _asEvent = _plan.EventsOut != PipePlan.NoPayload && next.Way != DtmfWay.Inband;
        return _asEvent || _plan.Law is not null || NextKey(at);
    }

    private void BeginKey(char key, int length, Instant at)
    {
        (double low, double high) = DtmfKeys.TonesOf(key);
        _keyTone = new ToneGenerator(low, high, levelDbm0: -8);
        (_key, _keyLength, _keyPlayed, _held) = (key, length, 0, false);
        _keyStart = TimestampAt(at);
    }

    private void SayKey(Instant at, IStageSink sink)
    {
        bool begins = _keyPlayed == 0;
        _keyPlayed += TickSamples;
        bool over = _keyPlayed >= (_held ? LongestKey : _keyLength);
        if (_asEvent)
        {
            for (int i = over ? EndPackets : 1; i > 0; i--) SendEvent(_key, over, _keyPlayed, begins && i == 1 && !over, _line.Next(), _keyStart, at, sink);
        }
        else
        {
            Span<short> samples = scratch.Samples.AsSpan(0, TickSamples);
            _keyTone!.Fill(samples);
            SayTone(samples, _plan.Law!, at, sink);
        }
        if (over) EndKey();
    }

    private void EndKey()
    {
        _key = '\0';
        _held = false;
        _keyTone = null;
        _pause = PauseTicks;
    }

    private void SayTone(ReadOnlySpan<short> samples, G711Codec law, Instant at, IStageSink sink)
    {
        law.Encode(samples, scratch.Codes);
        SendOne(scratch.Codes.AsSpan(0, samples.Length), law, marker: false, _line.Next(), TimestampAt(at), at, sink);
    }

    // On the clock of the stream as it was last heard or said.
    private uint TimestampAt(Instant at) => _lastAt == Instant.Never ? ssrc * 7 : _lastTimestamp + (uint)((at - _lastAt).Ticks / (TimeSpan.TicksPerSecond / 8_000));
}
