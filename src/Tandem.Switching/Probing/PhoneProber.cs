using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Probing;

/// <summary>
/// Which phone with livenessCheck is asked when: those one shard registered, each once it has given no sign of life for SS_ENDPOINTTIMETOLIVE. Who joins is looked at first at a
/// moment chosen by chance after that time, so that a site's phones that register at once are not asked at once. It sends nothing itself, and allocates only
/// when a phone joins.
/// </summary>
public sealed class PhoneProber(LocationBook book, int shard, EntropySource entropy)
{
    private readonly List<Place> _places = [];
    private readonly Stack<int> _free = [];
    private readonly Dictionary<DialString, int> _byNumber = [];
    private readonly DeadlineQueue _due = new();
    private SwitchTables? _followed;

    /// <summary>Phones looked after.</summary>
    public int Count => _byNumber.Count;

    public Instant Due(SwitchTables tables) => ReferenceEquals(tables, _followed) || tables.CheckedPhones.Count + Count == 0 ? _due.Earliest : default;

    /// <summary>Takes up tables just published: phones that are registered already, and have the flag now.</summary>
    public void Follow(SwitchTables tables, Instant now)
    {
        if (ReferenceEquals(tables, _followed)) return;
        _followed = tables;
        foreach (Phone phone in tables.CheckedPhones) Note(phone, tables, now);
    }

    /// <summary>A phone registered, or got the flag.</summary>
    public void Note(Phone phone, SwitchTables tables, Instant now)
    {
        if (!phone.LivenessCheck || _byNumber.ContainsKey(phone.Number) || !IsOurs(phone, now)) return;
        if (!_free.TryPop(out int place))
        {
            place = _places.Count;
            _places.Add(new Place());
        }
        _byNumber.Add(phone.Number, place);
        _places[place].Number = phone.Number;
        TimeSpan life = tables.Settings.Endpoint.TimeToLive;
        Instant silentFor = phone.State.Heard == default ? now : phone.State.Heard + life;
        _due.Set(place, silentFor + TimeSpan.FromMilliseconds(1 + (entropy.NextUInt64() % (ulong)Math.Max(1, life.TotalMilliseconds / 4))));
    }

    /// <summary>True: a place whose time has come; <paramref name="phone"/> is the one to ask, or null when there is nothing to ask.</summary>
    public bool TryTakeDue(SwitchTables tables, Instant now, out int place, out Phone? phone)
    {
        phone = null;
        if (!_due.TryTakeExpired(now, out place)) return false;
        Place held = _places[place];
        if (!tables.TryFindPhone(held.Number, out Phone? known) || !known.LivenessCheck || !IsOurs(known, now))
        {
            _byNumber.Remove(held.Number);
            held.Number = DialString.Empty;
            _free.Push(place);
            return true;
        }
        Instant next = known.State.Heard + tables.Settings.Endpoint.TimeToLive;
        if (next > now) _due.Set(place, next);
        else phone = known;
        return true;
    }

    /// <summary>Until the question's own end nothing is due here.</summary>
    public void Asked(int place, ClientTransaction question, Instant now) => (_places[place].Question, _places[place].At) = (question, now);

    /// <summary>It could not be asked: as good as no answer, and it is tried again.</summary>
    public void NotReached(int place, Phone phone, Instant now, TimeSpan life)
    {
        phone.State.NoteSilence(now);
        _due.Set(place, now + life);
    }

    /// <summary>The outcome of a question; the next is planned. An answer of whatever status is life.</summary>
    public void Ended(int place, ClientTransaction question, bool answered, SwitchTables tables, Instant now)
    {
        if ((uint)place >= (uint)_places.Count || !ReferenceEquals(_places[place].Question, question)) return;
        Place held = _places[place];
        held.Question = null;
        if (tables.TryFindPhone(held.Number, out Phone? phone))
        {
            if (answered) phone.State.NoteLife(now);
            else phone.State.NoteSilence(held.At);
        }
        _due.Set(place, now + tables.Settings.Endpoint.TimeToLive);
    }

    private bool IsOurs(Phone phone, Instant now) => book.TryFind(phone.Number, now, out Binding? binding) && binding.Shard == shard;

    private sealed class Place
    {
        public DialString Number;
        public ClientTransaction? Question;
        public Instant At;
    }
}
