using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Registering: REGISTER of phones (RFC 3261 §10.3), by the rules of Registrar.
public sealed partial class Shard
{
    private void OnRegister(SipMessage register, ServerTransaction transaction, Instant now)
    {
        SwitchTables tables = _book.Current;
        Phone? phone = _visitor.Phone; // the door has let in nobody else than a phone or a gateway that has proven itself
        MappingGateway? gateway = _visitor.Gateway;
        DialString user = phone?.Number ?? gateway!.User;
        if (register.Has(HeaderName.Require))
        {
            RespondRefusal(register, transaction, Refusal.UnsupportedExtension, now); // Path (RFC 3327) among others
            return;
        }
        if (!MayRegisterFrom(tables, phone?.Numbers ?? gateway!.Numbers, transaction.Source))
        {
            Counters.RegistrationsRefused++;
            RespondRefusal(register, transaction, Refusal.OutsideArea, now);
            return;
        }
        var origin = new RegisterOrigin(transaction.Source, transaction.Listener, _options.Index, MarkOf(phone?.Password ?? gateway!.Password, user));
        RegisterOutcome outcome = phone is { IsStatic: true } ? RegisterOutcome.Taken : Registrar.Apply(register, user, origin, tables.Settings.Endpoint, _locations, now);
        if (outcome != RegisterOutcome.Done)
        {
            RefuseRegister(transaction, outcome, now);
            return;
        }
        _keepAlive.Note(user, now);
        if (phone is not null)
        {
            NoteLife(phone, now);
            _phoneProber.Note(phone, tables, now);
        }
        Counters.Registrations++;
        SipWriter w = _transactions.BeginResponse(transaction, 200, []);
        if (_locations.TryFind(user, now, out Binding? binding))
        {
            if (gateway is not null) _locations.NoteGateway(user, binding.Source);
            WriteBinding(ref w, binding, now);
        }
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    /// <summary>SS_SIP_REGISTRATION_LIGTHWEIGHT: a mere refresh is granted without challenge, digest and transaction. True: answered.</summary>
    private bool RefreshesLightly(SwitchTables tables, SipMessage register, int listener, in NetAddress source, Instant now)
    {
        if (!tables.Settings.Authentication.RegistrationLightweight) return false;
        if (!NumberReader.TryNumberOf(register.To, out DialString number) || !_locations.TryFind(number, now, out Binding? held) || !tables.TryFindPhone(number, out Phone? phone) || !MayRegisterFrom(tables, phone.Numbers, source)) return false;
        if (!Registrar.TryRefresh(register, held, new RegisterOrigin(source, listener, _options.Index, MarkOf(phone.Password, number)), tables.Settings.Endpoint, now, out Binding refreshed)) return false;
        NoteLife(phone, now);
        if (!ReferenceEquals(held, refreshed))
        {
            _locations.Set(refreshed);
            Counters.Registrations++;
            Counters.LightRefreshes++;
        }
        SipWriter w = _transactions.BeginStateless(register, source, 200, []);
        WriteBinding(ref w, refreshed, now);
        w.End();
        _transactions.SendStateless(register, source, listener, w);
        return true;
    }

    // A device that may call only from some areas (ipLimitAreas) is not called elsewhere either.
    private static bool MayRegisterFrom(SwitchTables tables, NumberLimits limits, in NetAddress source) =>
        limits.Areas is null || Geofence.Permits(limits, tables.Numbers.Geofence.Find(source));

    private ulong MarkOf(byte[] password, in DialString user) => _doorHash.Of(password, user.Bytes) | 1;

    private static void WriteBinding(ref SipWriter w, Binding binding, Instant now)
    {
        WriteContact(ref w, binding.Contact, binding.Expires, now);
        foreach (FurtherContact further in binding.Further)
        {
            if (further.Expires > now) WriteContact(ref w, further.Uri, further.Expires, now);
        }
    }

    private static void WriteContact(ref SipWriter w, byte[] uri, Instant expires, Instant now)
    {
        w.OpenHeader(HeaderName.Contact);
        w.Text("<"u8);
        w.Text(uri);
        w.Text(">;expires="u8);
        w.Decimal((long)(expires - now).TotalSeconds);
        w.CloseHeader();
    }

    private void RefuseRegister(ServerTransaction transaction, RegisterOutcome outcome, Instant now)
    {
        Counters.RegistrationsRefused++;
        int status = outcome switch
        {
            RegisterOutcome.TooBrief => 423,
            RegisterOutcome.OutOfOrder => 500,
            RegisterOutcome.Taken or RegisterOutcome.TooMany => 403,
            _ => 400,
        };
        SipWriter w = _transactions.BeginResponse(transaction, status, []);
        if (outcome == RegisterOutcome.TooBrief) w.Header(HeaderName.MinExpires, Registrar.ShortestSeconds);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }
}
