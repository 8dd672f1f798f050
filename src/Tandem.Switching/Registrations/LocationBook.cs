using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Registrations;

/// <summary>Where a registered phone is: what its REGISTER said, and where that came from.</summary>
/// <param name="Phone">The phone's number: its address of record.</param>
/// <param name="Contact">The contact URI as registered: the request line of calls to it.</param>
/// <param name="Source">Where the REGISTER came from: calls go there, through the NAT it opened.</param>
/// <param name="Registered">First registration of this binding.</param>
/// <param name="Expires">Until when it holds.</param>
/// <param name="UserAgent">What the phone calls itself.</param>
public sealed record Binding(DialString Phone, byte[] Contact, NetAddress Source, Instant Registered, Instant Expires, string UserAgent);

/// <summary>
/// The phones' whereabouts, one binding a phone. Read without a lock by every shard; a REGISTER writes its one entry.
/// Bounded by the number of phones: only a configured phone can register.
/// </summary>
public sealed class LocationBook
{
    private readonly ConcurrentDictionary<DialString, Binding> _bindings = new();

    public int Count => _bindings.Count;

    public IEnumerable<Binding> All => _bindings.Values;

    public bool TryFind(in DialString phone, Instant now, [NotNullWhen(true)] out Binding? binding) =>
        _bindings.TryGetValue(phone, out binding) && binding.Expires > now;

    public void Set(Binding binding) => _bindings[binding.Phone] = binding;

    public void Remove(in DialString phone) => _bindings.TryRemove(phone, out _);

    /// <summary>Takes out what has expired.</summary>
    public void Sweep(Instant now)
    {
        foreach ((DialString phone, Binding binding) in _bindings)
        {
            if (binding.Expires <= now) _bindings.TryRemove(new KeyValuePair<DialString, Binding>(phone, binding));
        }
    }
}
