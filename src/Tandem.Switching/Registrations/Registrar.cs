using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Registrations;

/// <summary>What became of a REGISTER.</summary>
public enum RegisterOutcome : byte
{
    Done,

    /// <summary>Not understood: 400.</summary>
    Malformed,

    /// <summary>For less than <see cref="Registrar.ShortestSeconds"/>: 423 with Min-Expires.</summary>
    TooBrief,

    /// <summary>Older than what is registered: 500 (RFC 3261 §10.3 step 7).</summary>
    OutOfOrder,

    /// <summary>More than <see cref="Registrar.MaxContacts"/> contacts: 403.</summary>
    TooMany,

    /// <summary>Another phone is registered under the number, and SS_ENDPOINT_REGISTER_REPLACE is Off: 403.</summary>
    Taken,
}

/// <summary>From where a REGISTER came and who took it.</summary>
public readonly record struct RegisterOrigin(NetAddress Source, int Listener, int Shard, ulong PasswordMark = 0);

/// <summary>The rules of RFC 3261 §10.3 for a phone that was believed: one device a phone, what its last REGISTER named, all of it or nothing.</summary>
public static class Registrar
{
    /// <summary>A shorter registration would be refreshed faster than it is worth: 423 (RFC 3261 §10.3 step 7).</summary>
    public const int ShortestSeconds = 30;

    /// <summary>A light refresh rests on a password proven no longer ago.</summary>
    public static readonly TimeSpan LongestUnproven = TimeSpan.FromDays(1);

    /// <summary>Contacts of one phone.</summary>
    public const int MaxContacts = 8;

    public const int MaxContactBytes = 512;

    public const int MaxUserAgentBytes = 128;

    /// <summary>No contact is a question; "*" with Expires 0, or expires=0, unregisters (RFC 3261 §10.2.2, §10.2.3).</summary>
    public static RegisterOutcome Apply(SipMessage register, in DialString phone, in RegisterOrigin origin, EndpointSettings settings, LocationBook book, Instant now)
    {
        long general = (long)settings.Expire.TotalSeconds;
        if (register.Has(HeaderName.Expires) && !TryReadSeconds(register.Header(HeaderName.Expires), out general)) return RegisterOutcome.Malformed;
        bool known = book.TryFind(phone, now, out Binding? before);
        int contacts = 0;
        bool everything = false, remove = false;
        ReadOnlySpan<byte> wanted = default;
        long wantedSeconds = 0;
        int wantedQ = -1, named = 0;
        foreach (ReadOnlySpan<byte> contact in register.Values(HeaderName.Contact))
        {
            contacts++;
            if (contact.SequenceEqual("*"u8))
            {
                if (general != 0) return RegisterOutcome.Malformed;
                everything = true;
                continue;
            }
            if (!NameAddress.TryParse(contact, out NameAddress address) || address.Uri.Length > MaxContactBytes || !SipUri.TryParse(address.Uri, out _)) return RegisterOutcome.Malformed;
            long seconds = general;
            if (address.TryGetParam("expires"u8, out ReadOnlySpan<byte> own) && !TryReadSeconds(own, out seconds)) return RegisterOutcome.Malformed;
            if (seconds is > 0 and < ShortestSeconds) return RegisterOutcome.TooBrief;
            if (seconds > 0)
            {
                named++;
                int q = QOf(address);
                if (q <= wantedQ) continue; // of equals the first
                wanted = address.Uri;
                wantedSeconds = seconds;
                wantedQ = q;
            }
            else if (known && Holds(before!, address.Uri))
            {
                remove = true;
            }
        }
        if (everything && contacts > 1) return RegisterOutcome.Malformed;
        if (contacts == 0) return RegisterOutcome.Done;
        if (named > MaxContacts) return RegisterOutcome.TooMany;

        ulong callId = new KeyedHash(0).Of(register.CallId);
        if (known && before!.CallId == callId && register.CSeqNumber <= before.CSeq) return RegisterOutcome.OutOfOrder;
        if (wanted.IsEmpty)
        {
            if (everything) book.Remove(phone);
            else if (remove) Without(register, before!, general, book, now);
            return RegisterOutcome.Done;
        }

        bool behindNat = SipUri.TryParse(wanted, out SipUri uri) && NatDetection.IsBehindNat(uri, register, origin.Source);
        bool sameContact = known && wanted.SequenceEqual(before!.Contact);
        // Behind two NATs two phones may go by one private address; the phone that restarts has another Call-ID and the old contact.
        bool samePhone = known && (before!.CallId == callId || (sameContact && (!behindNat || before.Source.SameHost(origin.Source))));
        if (known && !samePhone && !remove && !settings.RegisterReplace) return RegisterOutcome.Taken;

        TimeSpan longest = behindNat && settings.NatExpire < settings.Expire ? settings.NatExpire : settings.Expire;
        bool same = sameContact && before!.Source == origin.Source;
        ImmutableArray<FurtherContact> further = named > 1 ? FurtherOf(register, wanted, general, longest, now) : [];
        book.Set(new Binding(
            phone,
            same ? before!.Contact : wanted.ToArray(),
            origin.Source,
            same ? before!.Registered : now,
            now + TimeSpan.FromSeconds(Math.Min(wantedSeconds, (long)longest.TotalSeconds)),
            same ? before!.UserAgent : UserAgentOf(register))
        {
            Further = further,
            BehindNat = behindNat,
            Listener = origin.Listener,
            Shard = origin.Shard,
            CallId = callId,
            CSeq = register.CSeqNumber,
            Proven = now,
            PasswordMark = origin.PasswordMark,
        });
        return RegisterOutcome.Done;
    }

    /// <summary>
    /// SS_SIP_REGISTRATION_LIGTHWEIGHT: whether a REGISTER does nothing but prolong what stands, so surely that its password need not be proven
    /// again; docs/registrations.md lists the conditions. Then <paramref name="refreshed"/> is what stands from now on: the same for a
    /// retransmission.
    /// </summary>
    public static bool TryRefresh(SipMessage register, Binding held, in RegisterOrigin origin, EndpointSettings settings, Instant now, out Binding refreshed)
    {
        refreshed = held;
        if (!held.Further.IsEmpty) return false;
        if (origin.PasswordMark == 0 || held.PasswordMark != origin.PasswordMark || now - held.Proven > LongestUnproven) return false;
        if (held.Source != origin.Source || held.Listener != origin.Listener || held.Shard != origin.Shard) return false;
        if (held.CallId != new KeyedHash(0).Of(register.CallId) || register.CSeqNumber < held.CSeq || register.Has(HeaderName.Require)) return false;
        ReadOnlySpan<byte> contact = default;
        foreach (ReadOnlySpan<byte> each in register.Values(HeaderName.Contact))
        {
            if (!contact.IsEmpty) return false;
            contact = each;
        }
        if (!NameAddress.TryParse(contact, out NameAddress address) || !address.Uri.SequenceEqual(held.Contact)) return false;
        long seconds = (long)settings.Expire.TotalSeconds;
        if (register.Has(HeaderName.Expires) && !TryReadSeconds(register.Header(HeaderName.Expires), out seconds)) return false;
        if (address.TryGetParam("expires"u8, out ReadOnlySpan<byte> own) && !TryReadSeconds(own, out seconds)) return false;
        if (seconds < ShortestSeconds) return false;
        if (register.CSeqNumber == held.CSeq) return true;
        TimeSpan longest = held.BehindNat && settings.NatExpire < settings.Expire ? settings.NatExpire : settings.Expire;
        refreshed = held with { Expires = now + TimeSpan.FromSeconds(Math.Min(seconds, (long)longest.TotalSeconds)), CSeq = register.CSeqNumber };
        return true;
    }

    // What is named beside the first choice, by q, then as it stands; the same URI twice is once.
    private static ImmutableArray<FurtherContact> FurtherOf(SipMessage register, ReadOnlySpan<byte> first, long general, TimeSpan longest, Instant now)
    {
        List<(int Q, FurtherContact Contact)> all = [];
        foreach (ReadOnlySpan<byte> contact in register.Values(HeaderName.Contact))
        {
            if (!NameAddress.TryParse(contact, out NameAddress address) || address.Uri.SequenceEqual(first)) continue;
            long seconds = general;
            if (address.TryGetParam("expires"u8, out ReadOnlySpan<byte> own)) TryReadSeconds(own, out seconds);
            if (seconds == 0) continue;
            byte[] uri = address.Uri.ToArray();
            if (!all.Exists(c => c.Contact.Uri.AsSpan().SequenceEqual(uri))) all.Add((QOf(address), new FurtherContact(uri, now + TimeSpan.FromSeconds(Math.Min(seconds, (long)longest.TotalSeconds)))));
        }
        return [.. all.OrderByDescending(static c => c.Q).Select(static c => c.Contact)];
    }

    // Contacts taken off one by one; the next in order takes the first one's place.
    private static void Without(SipMessage register, Binding held, long general, LocationBook book, Instant now)
    {
        bool first = true;
        List<FurtherContact> further = [.. held.Further];
        foreach (ReadOnlySpan<byte> contact in register.Values(HeaderName.Contact))
        {
            if (!NameAddress.TryParse(contact, out NameAddress address)) continue; // each was read before
            long seconds = general;
            if (address.TryGetParam("expires"u8, out ReadOnlySpan<byte> own)) TryReadSeconds(own, out seconds);
            if (seconds != 0) continue;
            byte[] uri = address.Uri.ToArray();
            first &= !uri.AsSpan().SequenceEqual(held.Contact);
            further.RemoveAll(c => c.Uri.AsSpan().SequenceEqual(uri));
        }
        Binding left = held with { Further = [.. further], CSeq = register.CSeqNumber, CallId = new KeyedHash(0).Of(register.CallId) };
        if (!first) left = left with { Expires = now }; // the next in order takes its place
        if (left.Standing(now) is { } standing) book.Set(standing);
        else book.Remove(held.Phone);
    }

    private static bool Holds(Binding held, ReadOnlySpan<byte> uri)
    {
        if (uri.SequenceEqual(held.Contact)) return true;
        foreach (FurtherContact further in held.Further)
        {
            if (uri.SequenceEqual(further.Uri)) return true;
        }
        return false;
    }

    // Thousandths (RFC 3261 §25.1, qvalue); without one, or with one that is none, 1.
    private static int QOf(in NameAddress contact)
    {
        if (!contact.TryGetParam("q"u8, out ReadOnlySpan<byte> text) || text.Length is 0 or > 5 || text[0] is not ((byte)'0' or (byte)'1')) return 1000;
        if (text[0] == '1' || text.Length == 1) return (text[0] - '0') * 1000;
        int q = 0, place = 100;
        if (text[1] != '.') return 1000;
        foreach (byte digit in text[2..])
        {
            if (!char.IsAsciiDigit((char)digit)) return 1000;
            q += (digit - '0') * place;
            place /= 10;
        }
        return q;
    }

    private static string UserAgentOf(SipMessage register)
    {
        ReadOnlySpan<byte> name = register.Header(HeaderName.UserAgent);
        return Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxUserAgentBytes)]);
    }

    private static bool TryReadSeconds(ReadOnlySpan<byte> text, out long seconds) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds <= uint.MaxValue;
}
