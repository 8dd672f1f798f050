using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Liveness: phones with livenessCheck asked by OPTIONS between their registrations (docs/registrations.md, Between registrations). Each shard asks those it registered.
public sealed partial class Shard
{
    // In ClientTransaction.Leg of an OPTIONS: whom it asks.
    private const int AsksGateway = 0;
    private const int AsksPhone = 1;

    private bool AskPhones(Instant now)
    {
        SwitchTables tables = _book.Current;
        _phoneProber.Follow(tables, now);
        int looked = 0;
        while (looked < ProbesPerTurn && _phoneProber.TryTakeDue(tables, now, out int place, out Phone? phone))
        {
            looked++;
            if (phone is not null) AskPhone(place, phone, tables, now);
        }
        return looked > 0;
    }

    private void AskPhone(int place, Phone phone, SwitchTables tables, Instant now)
    {
        if (!TryLocate(phone, now, out Binding? binding) || !TryReach(binding, out Hop hop, out int listener))
        {
            _phoneProber.NotReached(place, phone, now, tables.Settings.Endpoint.TimeToLive); // nor could a call be sent
            return;
        }
        ClientTransaction question = PrepareQuestion(hop.Address, listener, phone.Number, binding.Contact, out int length);
        (question.Owner, question.Leg) = (place, AsksPhone);
        _phoneProber.Asked(place, question, now);
        _transactions.Start(question, _text.AsSpan(0, length), 1, now);
    }

    private static void NoteLife(Phone? phone, Instant now)
    {
        if (phone is { LivenessCheck: true }) phone.State.NoteLife(now);
    }

    private static bool IsSilent(Phone phone) => phone.LivenessCheck && phone.State.IsSilent;
}
