using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Routing;

namespace Tandem.Simulation.Peers;

/// <summary>
/// A gateway that publishes the calls it carries elsewhere, now and then falls silent, takes its word back or uses an old tag. The switch must never believe
/// what it did not say, nor longer than it may.
/// </summary>
/// <param name="peer">The gateway.</param>
/// <param name="state">What the switch of the hour keeps of it.</param>
/// <param name="chance">Its own: what the others of a seed do stays what it was.</param>
internal sealed class Publisher(Peer peer, Func<GatewayState> state, SeededEntropy chance)
{
    // The setting's default, and what a message may be under way.
    private static readonly TimeSpan LongestBelieved = TimeSpan.FromSeconds(300 + 60);

    private readonly HashSet<int> _said = [];
    private Instant _lastSaid;
    private string _tag = "";

    public void Live()
    {
        Check();
        if (peer.World.Closing) return;
        if (chance.Below(5) > 0) Publish();
        peer.In(TimeSpan.FromSeconds(5 + chance.Below(90)), Live);
    }

    /// <summary>What the switch believes was said, and not too long ago.</summary>
    public void Check()
    {
        int believed = state().PublishedAt(peer.Now);
        if (believed == 0 || peer.World.Corrupts) return;
        peer.World.Must(_said.Contains(believed), $"{peer.Name} is believed to carry {believed} calls; it never said so");
        peer.World.Must(peer.Now - _lastSaid <= LongestBelieved, $"{peer.Name} is believed since {_lastSaid}");
    }

    private void Publish()
    {
        bool follows = _tag.Length > 0 && chance.Below(4) > 0, takesBack = follows && chance.Below(6) == 0, refreshes = follows && !takesBack && chance.Below(2) == 0;
        int calls = chance.Below(4);
        if (!takesBack && !refreshes) _said.Add(calls);
        _lastSaid = peer.Now;
        string self = $"<sip:gw@{peer.Host}>", branch = peer.NewBranch();
        string extra = $"Event: tandem-concurrency\r\nExpires: {(takesBack ? 0 : 30 + chance.Below(400))}\r\n{(follows ? $"SIP-If-Match: {_tag}\r\n" : "")}";
        string text = peer.Request("PUBLISH", $"sip:{World.SwitchAddress.HostString()}", branch, $"{self};tag={peer.NewToken()}", self, peer.NewToken(), 1, takesBack || refreshes ? null : $"concurrency={calls}\r\n", extra, "text/plain");
        peer.Ask(SipMethod.Publish, branch, text, heard =>
        {
            if (heard is null || peer.World.Corrupts) return;
            // 405: the operator has locked it.
            peer.World.Must(heard.Status is 200 or 405 or 412 or 503, $"{peer.Name} published and got {heard.Status}");
            peer.World.Must(heard.Status != 412 || follows, $"{peer.Name} got 412 and had given no tag");
            _tag = heard.Status == 200 ? heard.All(HeaderName.SipETag).Single() : "";
        });
    }
}
