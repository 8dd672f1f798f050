using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.Alarms;
using Tandem.Server.Hosting;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;

namespace Tandem.Server.Pushes;

/// <summary>Pushes what happens to the operator's web server (OUT_POST_URL; docs/pushes.md).</summary>
internal sealed class Pusher : ICallWatch, IAsyncDisposable
{
    private readonly SwitchHost _host;
    private readonly PushLink _link = new();
    private readonly PushQueue _queue;
    private readonly MoneyPusher _money;

    public Pusher(SwitchHost host, Action<string> say)
    {
        _host = host;
        PushServer Server() => host.Tables.Current.Settings.Push.Server;
        _queue = new PushQueue(Server, _link.SendAsync, TimeProvider.System, say);
        _money = new MoneyPusher(host, Server, _link, say);
        host.Alarms.Tell(OnAlarms);
        host.Locations.Moved = OnPhone;
    }

    /// <summary>Its counters, under the names of docs/pushes.md.</summary>
    public void Count(IDictionary<string, long> counters)
    {
        counters["push.sent"] = _queue.Sent;
        counters["push.lost"] = _queue.Lost;
        counters["push.refused"] = _link.Refused;
    }

    public async ValueTask DisposeAsync()
    {
        _host.Locations.Moved = null;
        await _money.DisposeAsync();
        await _queue.DisposeAsync();
        _link.Dispose();
    }

    public void OnState(Shard shard, Call call, Instant now)
    {
        if (!call.ReportsState || !_queue.IsOn) return;
        int state = call.State switch
        {
            CallState.Authorising => -18,
            CallState.Dialling => call.IsRinging ? -11 : -7,
            CallState.Answered => -12,
            CallState.Farewell => -13,
            _ => 0,
        };
        if (state == 0) return;
        Switching.Cdrs.Cdr cdr = call.Cdr;
        _queue.Post(PushPages.CallStateReport, PushPages.CallState(new CallStateFacts(
            call.Id, state, now, cdr.CallerE164, cdr.CalleeE164, cdr.CallerGateway, cdr.CalleeGateway, cdr.CallerAddress, cdr.CalleeAddress, _host.SipAddresses[0], Encoding.UTF8.GetString(call.CallerDialog.CallId))));
    }

    private void OnAlarms(IReadOnlyList<Alarm> alarms)
    {
        if (_queue.IsOn) _queue.Post(PushPages.AlarmCurrentReport, PushPages.Alarms(alarms));
    }

    private void OnPhone(Binding phone, bool online)
    {
        if (!_queue.IsOn) return;
        IEnumerable<string> dids = _host.Configuration.Current.Configuration.Phones.TryGetValue(phone.Phone.ToString(), out PhoneConfig? said) ? said.Dids : [];
        NetAddress local = phone.Listener < _host.SipAddresses.Count ? _host.SipAddresses[phone.Listener] : default;
        _queue.Post(PushPages.PhoneOnline, PushPages.Phone(phone, online, dids, local, _host.Clock.Now()));
    }
}
