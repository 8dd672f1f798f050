using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Registering: REGISTER of phones (RFC 3261 §10.3), one contact each; a new one takes the old one's place.
public sealed partial class Shard
{
    private const int MaxContactBytes = 512;

    private void OnRegister(SipMessage register, ServerTransaction transaction, Instant now)
    {
        SwitchTables tables = _book.Current;
        bool isPhone = NumberOf(register.To, out DialString number) && tables.TryFindPhone(number, out _);
        if (!isPhone && MeetsSilence(transaction)) return;
        AuthenticationResult result = _authenticator.Check(tables, register, transaction.Source, now, out Phone? phone);
        if (result is AuthenticationResult.NoCredentials or AuthenticationResult.Stale)
        {
            Counters.Challenges++;
            Challenge(tables, transaction, result == AuthenticationResult.Stale, now);
            return;
        }
        if (phone is null)
        {
            Counters.AuthenticationFailures++;
            RespondRefusal(register, transaction, Refusal.AuthenticationFailed, now);
            return;
        }
        if (!Bind(register, phone, transaction, tables, now))
        {
            RespondRefusal(register, transaction, Refusal.MalformedMessage, now);
            return;
        }
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

    // No contact is a question; "*" with Expires 0, or expires=0, unregisters (RFC 3261 §10.2.2, §10.2.3). False: not understood.
    private bool Bind(SipMessage register, Phone phone, ServerTransaction transaction, SwitchTables tables, Instant now)
    {
        long longest = (long)tables.Settings.Endpoint.Expire.TotalSeconds;
        long general = longest;
        if (register.Has(HeaderName.Expires) && !TryReadSeconds(register.Header(HeaderName.Expires), out general)) return false;
        foreach (ReadOnlySpan<byte> contact in register.Values(HeaderName.Contact))
        {
            if (contact.SequenceEqual("*"u8))
            {
                if (general != 0) return false;
                _locations.Remove(phone.Number);
                continue;
            }
            if (!NameAddress.TryParse(contact, out NameAddress address) || address.Uri.Length > MaxContactBytes || !SipUri.TryParse(address.Uri, out _)) return false;
            long seconds = general;
            if (address.TryGetParam("expires"u8, out ReadOnlySpan<byte> own) && !TryReadSeconds(own, out seconds)) return false;
            seconds = Math.Min(seconds, longest);
            if (seconds == 0)
            {
                if (_locations.TryFind(phone.Number, now, out Binding? old) && address.Uri.SequenceEqual(old.Contact)) _locations.Remove(phone.Number);
                continue;
            }
            bool known = _locations.TryFind(phone.Number, now, out Binding? before);
            bool same = known && before!.Source == transaction.Source && address.Uri.SequenceEqual(before.Contact);
            _locations.Set(new Binding(
                phone.Number,
                same ? before!.Contact : address.Uri.ToArray(),
                transaction.Source,
                same ? before!.Registered : now,
                now + TimeSpan.FromSeconds(seconds),
                same ? before!.UserAgent : Encoding.UTF8.GetString(register.Header(HeaderName.UserAgent))));
        }
        return true;
    }

    private static bool TryReadSeconds(ReadOnlySpan<byte> text, out long seconds) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds <= uint.MaxValue;
}
