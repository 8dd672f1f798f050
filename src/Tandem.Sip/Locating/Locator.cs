using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Locating;

/// <summary>
/// The rule of RFC 3263 §4: from a target and what is known of the DNS to the hops a request may take. Pure: what is not known yet
/// comes out as <see cref="Location.Missing"/>; ask it, put the answers into the cache, and call again.
/// </summary>
/// <param name="known">Answers so far.</param>
/// <param name="reach">What the switch can send by; other transports and IP versions are passed over.</param>
public sealed class Locator(DnsCache known, Reach reach)
{
    // The order of preference where the target leaves the choice to us (RFC 3263 §4.1).
    private static readonly SipTransport[] ByPreference = [SipTransport.Udp, SipTransport.Tcp, SipTransport.Tls];

    public Location Locate(SipTarget target, Instant now)
    {
        var search = new Search(target, known, reach, now);
        search.Run();
        return search.Outcome();
    }

    /// <summary>A host's addresses alone, of the IP versions reached: for recognising who calls.</summary>
    public Location Addresses(string host, Instant now)
    {
        var search = new Search(new SipTarget(host), known, new Reach(0b11), now);
        search.AddAddresses(host, 0, SipTransport.Udp, group: 0, weight: 0);
        return search.Outcome();
    }

    private sealed class Search(SipTarget target, DnsCache known, Reach reach, Instant now)
    {
        private readonly List<HopChoice> _choices = [];
        private readonly List<DnsQuestion> _missing = [];
        private Instant _until = Instant.Never;
        private bool _stale;
        private string _trouble = "";
        private int _groups;
        private int _servers;

        public void Run()
        {
            SipTransport assumed = target.Secure ? SipTransport.Tls : SipTransport.Udp;
            if (NetAddress.TryParse(target.Host, 0, out NetAddress address)) AddNumeric(address, target.Secure ? assumed : target.Transport ?? assumed);
            else if (target.Secure && target.Transport == SipTransport.Udp) _trouble = $"{target}: sips does not go by UDP"; // RFC 3261 §26.2.2
            else if (target.Port != 0) AddAddresses(target.Host, target.Port, target.Secure ? assumed : target.Transport ?? assumed, _groups++, 0);
            else if (target.Secure && target.Transport is not null) ByService(SipTransport.Tls);
            else if (target.Transport is { } stated) ByService(stated);
            else ByPointers(assumed);
        }

        public Location Outcome() => new()
        {
            Hops = _missing.Count > 0 || _choices.Count == 0 ? HopSet.Empty : new HopSet([.. _choices]),
            Missing = [.. _missing.Distinct()],
            Until = _until,
            Stale = _stale,
            Trouble = _missing.Count > 0 || _choices.Count > 0 ? "" : _trouble.Length > 0 ? _trouble : $"{target.Host} names no server of a transport and IP version the switch listens on",
        };

        // RFC 3263 §4.1, §4.2: an address needs no DNS; without a port it is the transport's own.
        private void AddNumeric(NetAddress address, SipTransport transport)
        {
            if (!reach.Has(transport, address.IsV6))
            {
                _trouble = $"{target} is reached by a transport or IP version the switch does not listen on";
                return;
            }
            int port = target.Port == 0 ? transport.DefaultPort() : target.Port;
            _choices.Add(new HopChoice(new Hop(address.WithPort(port), transport), 0, 0, 0));
        }

        // RFC 3263 §4.1: no transport, no port. NAPTR chooses; without one, every transport we speak is asked for by SRV.
        private void ByPointers(SipTransport assumed)
        {
            if (Ask(target.Host, DnsType.Naptr) is not { } pointers) return;
            List<(NaptrRecord Record, SipTransport Transport)> usable = [];
            foreach (NaptrRecord record in pointers.Answer.Pointers)
            {
                if (Serves(record, out SipTransport transport)) usable.Add((record, transport));
            }
            if (usable.Count > 0)
            {
                // RFC 3403 §4.1: once a rule of an order fits, no higher order is looked at; inside it preference is the order.
                int order = usable.Min(static u => u.Record.Order);
                foreach ((NaptrRecord record, SipTransport transport) in usable.Where(u => u.Record.Order == order).OrderBy(static u => u.Record.Preference))
                {
                    AddServices(record.Replacement, transport);
                }
                return;
            }
            foreach (SipTransport transport in ByPreference)
            {
                if (!reach.Has(transport) || (target.Secure && transport != SipTransport.Tls)) continue;
                AddServices(ServiceName(transport, target.Host), transport);
            }
            // RFC 3263 §4.2: no SRV records either: the host itself.
            if (_choices.Count == 0 && _missing.Count == 0 && _trouble.Length == 0) AddAddresses(target.Host, assumed.DefaultPort(), assumed, _groups++, 0);
        }

        private void ByService(SipTransport transport)
        {
            AddServices(ServiceName(transport, target.Host), transport);
            if (_choices.Count == 0 && _missing.Count == 0 && _trouble.Length == 0) AddAddresses(target.Host, transport.DefaultPort(), transport, _groups++, 0);
        }

        private bool Serves(in NaptrRecord record, out SipTransport transport)
        {
            transport = SipTransport.Udp;
            if (!record.Flags.Equals("s", StringComparison.OrdinalIgnoreCase) || record.Replacement.Length == 0) return false;
            switch (record.Service.ToUpperInvariant())
            {
                case "SIPS+D2T":
                    transport = SipTransport.Tls;
                    break;
                case "SIP+D2T" when !target.Secure:
                    transport = SipTransport.Tcp;
                    break;
                case "SIP+D2U" when !target.Secure:
                    break;
                default:
                    return false;
            }
            return reach.Has(transport);
        }

        // One SRV name (RFC 2782): each priority is a group of its own.
        private void AddServices(string name, SipTransport transport)
        {
            if (Ask(name, DnsType.Srv) is not { } services || services.Answer.Outcome != DnsOutcome.Found) return;
            if (services.Answer.Services is [{ Target: "" or "." }])
            {
                _trouble = $"{name} says that the service is not offered";
                return;
            }
            foreach (IGrouping<int, SrvRecord> priority in services.Answer.Services.GroupBy(static s => s.Priority).OrderBy(static g => g.Key))
            {
                int group = _groups++;
                foreach (SrvRecord service in priority) AddAddresses(service.Target, service.Port, transport, group, service.Weight);
            }
        }

        public void AddAddresses(string host, int port, SipTransport transport, int group, int weight)
        {
            int server = _servers++;
            if (NetAddress.TryParse(host, 0, out NetAddress numeric)) // not by the book, but seen in SRV targets
            {
                if (reach.Has(transport, numeric.IsV6)) Add(numeric);
                return;
            }
            bool v4 = reach.Has(transport, v6: false), v6 = reach.Has(transport, v6: true);
            DnsKnown? four = v4 ? Ask(host, DnsType.A) : null;
            DnsKnown? six = v6 ? Ask(host, DnsType.Aaaa) : null;
            int before = _choices.Count;
            foreach (NetAddress address in four?.Answer.Addresses ?? []) Add(address);
            foreach (NetAddress address in six?.Answer.Addresses ?? []) Add(address);
            if (_choices.Count > before || _trouble.Length > 0 || (four ?? six) is not { } first) return;
            DnsKnown worst = six is { } other && other.Answer.Outcome > first.Answer.Outcome ? other : first;
            _trouble = Location.Describe(host, worst.Answer.Outcome, v4 && v6 ? "A or AAAA records" : v4 ? "A records" : "AAAA records", worst.Since);

            void Add(NetAddress address) =>
                _choices.Add(new HopChoice(new Hop(address.WithPort(port), transport, transport == SipTransport.Tls ? target.Host : null), group, server, weight));
        }

        private DnsKnown? Ask(string name, DnsType type)
        {
            var question = new DnsQuestion(name, type);
            if (!known.TryGet(question, now, out DnsKnown? found))
            {
                _missing.Add(question);
                return null;
            }
            _until = Instant.Min(_until, found.Value.Until);
            _stale |= found.Value.Stale;
            // A silent name server says nothing about which services there are: the host is not taken for one without.
            if (found.Value.Answer.Outcome == DnsOutcome.Unanswered && type is DnsType.Srv or DnsType.Naptr && _trouble.Length == 0)
                _trouble = Location.Describe(name, DnsOutcome.Unanswered, "", found.Value.Since);
            return found;
        }
    }

    // RFC 3263 §4.1: _sips._tcp is TLS.
    private static string ServiceName(SipTransport transport, string host) => transport switch
    {
        SipTransport.Tcp => "_sip._tcp." + host,
        SipTransport.Tls => "_sips._tcp." + host,
        _ => "_sip._udp." + host,
    };
}
