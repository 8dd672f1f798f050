using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Switching.Calls;

namespace Tandem.Server.Media;

// The audio that is more than passed on: transcoded, cut anew, listened to, played (docs/media.md). A bridge without a stage never comes here.
internal sealed unsafe partial class RelayLoop : IStageSink
{
    private readonly StageScratch _scratch = new();
    private readonly List<int> _speaking = [];
    private readonly Inbox<(int Bridge, int Lending, FlowSide To, DtmfDigit Digit)> _presses = new(256);
    private readonly List<(int Bridge, int Lending, FlowSide To, DtmfDigit Digit)> _pressed = new(256);
    private Instant _speakAt = Instant.Never;
    private Bridge? _staged;
    private nint _stagedPacket;
    private int _stagedLength;
    private NetAddress _stagedTo;

    private volatile IDigitListener? _listener;

    /// <summary>Told of keys.</summary>
    public IDigitListener? Listener
    {
        set => _listener = value;
    }

    // ---- called by call control, any thread ----

    public void SetAudio(int bridge, AudioPlan? plan)
    {
        Bridge lent = _bridges[bridge]!;
        BridgeOrders orders = lent.Orders;
        orders.PlanVersion++;
        orders.Plan = plan;
        lent.Order(orders);
        Queue(bridge, lent);
    }

    public void Play(int bridge, FlowSide to, IAudioSource? source, bool untilMedia)
    {
        Bridge lent = _bridges[bridge]!;
        BridgeOrders orders = lent.Orders;
        ref PlayOrder order = ref to == FlowSide.A ? ref orders.PlayCaller : ref orders.PlayCallee;
        order.Version++;
        order.Source = source;
        order.UntilMedia = untilMedia;
        lent.Order(orders);
        Queue(bridge, lent);
        _signal.Wake(); // no packet may ever come
    }

    /// <summary>Two hundred and fifty keys that nobody took are more than a thread ever leaves: those beyond are dropped and counted by the inbox.</summary>
    public void Press(int bridge, FlowSide to, in DtmfDigit digit)
    {
        if (_presses.TryPost((bridge, _bridges[bridge]!.Orders.Lending, to, digit))) _signal.Wake();
    }

    // ---- the media thread ----

    private static bool HasWork(Bridge bridge, in BridgeOrders orders) =>
        orders.PlanVersion != bridge.PlanVersion || orders.PlayCaller.Version != bridge.PlayCallerVersion || orders.PlayCallee.Version != bridge.PlayCalleeVersion;

    private void TakeWork(int index, Bridge bridge, in BridgeOrders orders, Instant now)
    {
        if (orders.PlanVersion != bridge.PlanVersion)
        {
            bridge.PlanVersion = orders.PlanVersion;
            if (orders.Plan is not null || bridge.Stage is not null) StageOf(bridge).Follow(orders.Plan);
        }
        if (orders.PlayCaller.Version != bridge.PlayCallerVersion)
        {
            bridge.PlayCallerVersion = orders.PlayCaller.Version;
            StageOf(bridge).Play(FlowSide.A, orders.PlayCaller.Source, orders.PlayCaller.UntilMedia, now);
        }
        if (orders.PlayCallee.Version != bridge.PlayCalleeVersion)
        {
            bridge.PlayCalleeVersion = orders.PlayCallee.Version;
            StageOf(bridge).Play(FlowSide.B, orders.PlayCallee.Source, orders.PlayCallee.UntilMedia, now);
        }
        NoteSpeaking(index, bridge);
    }

    // Keys are taken before the orders and pressed after them, so that what was ordered before a key was pressed is in force when it is.
    private void TakePresses()
    {
        _pressed.Clear();
        while (_presses.TryTake(out (int, int, FlowSide, DtmfDigit) press)) _pressed.Add(press);
    }

    private void Press(Instant now)
    {
        foreach ((int Bridge, int Lending, FlowSide To, DtmfDigit Digit) press in _pressed)
        {
            Bridge bridge = _bridges[press.Bridge]!;
            if (bridge.Orders.Lending != press.Lending || bridge.CallerPair < 0) continue; // the call is over
            StageOf(bridge).Press(press.To, press.Digit, now);
            NoteSpeaking(press.Bridge, bridge);
        }
    }

    private AudioStage StageOf(Bridge bridge) => bridge.Stage ??= new AudioStage(_scratch, _entropy.NextUInt64());

    private static void EndWork(Bridge bridge)
    {
        bridge.Stage = null;
        bridge.PlanVersion = bridge.PlayCallerVersion = bridge.PlayCalleeVersion = 0;
    }

    private void Stage(Bridge bridge, FlowSide from, byte* packet, int length, in NetAddress to, Instant now)
    {
        _staged = bridge;
        (_stagedPacket, _stagedLength, _stagedTo) = ((nint)packet, length, to);
        bridge.Stage!.On(from, new ReadOnlySpan<byte>(packet, length), now, this);
        if (!bridge.Speaks && bridge.Stage.TickAt != Instant.Never) NoteSpeaking(_pairs[bridge.CallerPair].Bridge, bridge);
    }

    private void NoteSpeaking(int index, Bridge bridge)
    {
        if (bridge.Stage is not { } stage || stage.TickAt == Instant.Never) return;
        _speakAt = Instant.Min(_speakAt, stage.TickAt);
        if (bridge.Speaks) return;
        bridge.Speaks = true;
        _speaking.Add(index);
    }

    /// <summary>Says what is due on the bridges on which the switch itself speaks.</summary>
    private void Speak(Instant now)
    {
        if (_speakAt > now) return;
        Instant next = Instant.Never;
        for (int i = _speaking.Count - 1; i >= 0; i--)
        {
            Bridge bridge = _bridges[_speaking[i]]!;
            if (bridge.Stage is { } stage)
            {
                _staged = bridge;
                stage.Tick(now, this);
                next = Instant.Min(next, stage.TickAt);
                if (stage.TickAt != Instant.Never) continue;
            }
            bridge.Speaks = false;
            _speaking[i] = _speaking[^1];
            _speaking.RemoveAt(_speaking.Count - 1);
        }
        _speakAt = next;
    }

    private int IdleMillis()
    {
        int resting = _resting.Count > 0 ? RestingTickMillis : -1;
        if (_speakAt == Instant.Never) return resting;
        int speaking = (int)Math.Clamp(Math.Ceiling((_speakAt - _clock.Now()).TotalMilliseconds), 0, 1_000);
        return resting < 0 ? speaking : Math.Min(resting, speaking);
    }

    void IStageSink.Forward(FlowSide towards) => SendOn(_staged!, towards, RelayVerdict.ToRtp, (byte*)_stagedPacket, _stagedLength, _stagedTo);

    void IStageSink.Send(FlowSide towards, ReadOnlySpan<byte> packet) => SendOut(_staged!, towards, packet);

    void IStageSink.Digit(FlowSide from, in DtmfDigit digit) => _listener?.OnDigit(_staged!.Call, from == FlowSide.A ? MediaSide.Caller : MediaSide.Callee, digit);

    /// <summary>An RTP packet of our own to a side, if it wants any.</summary>
    private void SendOut(Bridge bridge, FlowSide towards, ReadOnlySpan<byte> packet)
    {
        NetAddress to = bridge.Flow.Destination(towards);
        if (to.IsNone) return;
        if (SrtpOf(bridge, towards).Sender is { } sender && !TrySeal(sender, ref packet)) return;
        _pump.Send(_pairs[PairTowards(bridge, towards)].Rtp, packet, to);
        Volatile.Write(ref _packetsOut, _packetsOut + 1);
    }

    private static int PairTowards(Bridge bridge, FlowSide side) => side == FlowSide.A ? bridge.CallerPair : bridge.CalleePair;
}
