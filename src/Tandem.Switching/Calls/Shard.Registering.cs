using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Registering: REGISTER of phones (RFC 3261 §10.3), by the rules of Registrar.
public sealed partial class Shard
{
    private void OnRegister(SipMessage register, ServerTransaction transaction, Instant now)
    {
        SwitchTables tables = _book.Current;
        Phone phone = _visitor.Phone!; // the door has let nobody else in
        if (register.Has(HeaderName.Require))
        {
            RespondRefusal(register, transaction, Refusal.UnsupportedExtension, now); // Path (RFC 3327) among others
            return;
        }
        var origin = new RegisterOrigin(transaction.Source, transaction.Listener, _options.Index);
        RegisterOutcome outcome = Registrar.Apply(register, phone.Number, origin, tables.Settings.Endpoint, _locations, now);
        if (outcome != RegisterOutcome.Done)
        {
            RefuseRegister(transaction, outcome, now);
            return;
        }
        _keepAlive.Note(phone.Number, now);
        Counters.Registrations++;
        SipWriter w = _transactions.BeginResponse(transaction, 200, []);
        if (_locations.TryFind(phone.Number, now, out Binding? binding))
        {
            w.OpenHeader(HeaderName.Contact);
            w.Text("<"u8);
            w.Text(binding.Contact);
            w.Text(">;expires="u8);
            w.Decimal((long)(binding.Expires - now).TotalSeconds);
            w.CloseHeader();
        }
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    private void RefuseRegister(ServerTransaction transaction, RegisterOutcome outcome, Instant now)
    {
        Counters.RegistrationsRefused++;
        int status = outcome switch
        {
            RegisterOutcome.TooBrief => 423,
            RegisterOutcome.OutOfOrder => 500,
            RegisterOutcome.Taken => 403,
            _ => 400,
        };
        SipWriter w = _transactions.BeginResponse(transaction, status, []);
        if (outcome == RegisterOutcome.TooBrief) w.Header(HeaderName.MinExpires, Registrar.ShortestSeconds);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }
}
