using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Registrations;

/// <summary>Where a registered phone is: what its REGISTER said, and where that came from.</summary>
/// <param name="Phone">The phone's number: its address of record.</param>
/// <param name="Contact">The contact URI as registered: the request line of calls to it.</param>
/// <param name="Source">Where the REGISTER came from: calls go there, through the NAT it opened.</param>
/// <param name="Registered">First registration of this binding.</param>
/// <param name="Expires">Until when it holds.</param>
/// <param name="UserAgent">What the phone calls itself; at most <see cref="Registrar.MaxUserAgentBytes"/>.</param>
public sealed record Binding(DialString Phone, byte[] Contact, NetAddress Source, Instant Registered, Instant Expires, string UserAgent)
{
    /// <summary>What else the phone's REGISTER named, in the order they are tried after <see cref="Contact"/>; at most <see cref="Registrar.MaxContacts"/> − 1.</summary>
    public ImmutableArray<FurtherContact> Further { get; init; } = [];

    /// <summary>What holds now: where the first contact has run out, the next that has not takes its place. Null: none holds.</summary>
    public Binding? Standing(Instant now)
    {
        if (Expires > now) return this;
        for (int i = 0; i < Further.Length; i++)
        {
            if (Further[i].Expires > now) return this with { Contact = Further[i].Uri, Expires = Further[i].Expires, Further = Further[(i + 1)..] };
        }
        return null;
    }

    /// <summary>No registration: the operator stated where the phone is.</summary>
    public bool IsStated { get; init; }

    /// <summary>The contact is an address only the phone's own network knows (<see cref="NatDetection"/>).</summary>
    public bool BehindNat { get; init; }

    /// <summary>The listener the REGISTER came to: the NAT lets in what leaves there.</summary>
    public int Listener { get; init; }

    /// <summary>The shard that took the REGISTER, and keeps the NAT open.</summary>
    public int Shard { get; init; }

    /// <summary>A hash of the REGISTER's Call-ID: one phone between two of its restarts (RFC 3261 §10.2.4).</summary>
    public ulong CallId { get; init; }

    /// <summary>The REGISTER's CSeq; with the same Call-ID only a higher one is later (RFC 3261 §10.3 step 7).</summary>
    public uint CSeq { get; init; }

    /// <summary>When its password was last proven; with <see cref="PasswordMark"/> what a light refresh rests on. Not kept over a restart.</summary>
    public Instant Proven { get; init; }

    /// <summary>Tells whether the password is still the one that was proven; a keyed hash of the shard's. 0: none was, in this life.</summary>
    public ulong PasswordMark { get; init; }
}

/// <summary>One more contact of a phone.</summary>
public readonly record struct FurtherContact(byte[] Uri, Instant Expires);

/// <summary>
/// The phones' whereabouts, one binding a phone. Read without a lock by every shard; a REGISTER writes its one entry.
/// Bounded by the number of phones: only a configured phone can register.
/// </summary>
public sealed class LocationBook
{
    private readonly ConcurrentDictionary<DialString, Binding> _bindings = new();
    private readonly ConcurrentDictionary<NetAddress, int> _homes = new(); // how many phones are registered from an address
    private readonly ConcurrentDictionary<NetAddress, ImmutableArray<DialString>> _gateways = new(); // mapping gateways that registered from an address; some may have left
    private long _changes;

    public int Count => _bindings.Count;

    /// <summary>Told who came (true) and who left, by the thread that noted it: it must not wait. Null: nobody is.</summary>
    public Action<Binding, bool>? Moved { get; set; }

    /// <summary>Grows with every change: what has the same number was not changed since.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Those there are while it is read, in no order; nothing is copied.</summary>
    public IEnumerable<Binding> All => _bindings.Select(static b => b.Value);

    public bool TryFind(in DialString phone, Instant now, [NotNullWhen(true)] out Binding? binding)
    {
        binding = _bindings.TryGetValue(phone, out Binding? held) ? held.Standing(now) : null;
        return binding is not null;
    }

    /// <summary>Some phone is registered from this address.</summary>
    public bool IsHome(in NetAddress source) => _homes.ContainsKey(source.WithPort(0));

    /// <summary>This phone is registered from this address.</summary>
    public bool IsAtHome(in DialString phone, in NetAddress source, Instant now) => TryFind(phone, now, out Binding? binding) && binding.Source.SameHost(source);

    /// <summary>A mapping gateway registered: its calls are found by where it is.</summary>
    public void NoteGateway(in DialString user, in NetAddress source)
    {
        DialString name = user;
        _gateways.AddOrUpdate(source.WithPort(0), [name], (_, there) => there.Contains(name) ? there : there.Add(name));
    }

    /// <summary>Mapping gateways that registered from an address, whatever the port; whether they still stand there <see cref="TryFind"/> says.</summary>
    public ImmutableArray<DialString> GatewaysAt(in NetAddress source) =>
        !_gateways.IsEmpty && _gateways.TryGetValue(source.WithPort(0), out ImmutableArray<DialString> there) ? there : [];

    public void Set(Binding binding)
    {
        while (true)
        {
            if (_bindings.TryGetValue(binding.Phone, out Binding? before))
            {
                if (!_bindings.TryUpdate(binding.Phone, binding, before)) continue;
                if (!before.Source.SameHost(binding.Source))
                {
                    Move(binding.Source, 1);
                    Move(before.Source, -1);
                }
                break;
            }
            if (!_bindings.TryAdd(binding.Phone, binding)) continue;
            Move(binding.Source, 1);
            Moved?.Invoke(binding, true);
            break;
        }
        Interlocked.Increment(ref _changes);
    }

    public void Remove(in DialString phone)
    {
        if (_bindings.TryRemove(phone, out Binding? gone)) Left(gone);
    }

    /// <summary>Takes out what has expired.</summary>
    public void Sweep(Instant now)
    {
        foreach ((DialString phone, Binding binding) in _bindings)
        {
            if (binding.Expires > now) continue;
            if (binding.Standing(now) is { } standing) _bindings.TryUpdate(phone, standing, binding);
            else if (_bindings.TryRemove(new KeyValuePair<DialString, Binding>(phone, binding))) Left(binding);
        }
        foreach ((NetAddress host, ImmutableArray<DialString> there) in _gateways)
        {
            ImmutableArray<DialString> left = there.RemoveAll(user => !IsAtHome(user, host, now));
            if (left.Length == there.Length) continue;
            if (left.IsEmpty) _gateways.TryRemove(new KeyValuePair<NetAddress, ImmutableArray<DialString>>(host, there));
            else _gateways.TryUpdate(host, left, there);
        }
    }

    private void Left(Binding gone)
    {
        Move(gone.Source, -1);
        Interlocked.Increment(ref _changes);
        Moved?.Invoke(gone, false);
    }

    private void Move(in NetAddress source, int by)
    {
        NetAddress host = source.WithPort(0);
        while (true)
        {
            if (!_homes.TryGetValue(host, out int phones))
            {
                if (by < 0 || _homes.TryAdd(host, by)) return;
            }
            else if (phones + by > 0 ? _homes.TryUpdate(host, phones + by, phones) : _homes.TryRemove(new KeyValuePair<NetAddress, int>(host, phones)))
            {
                return;
            }
        }
    }
}
