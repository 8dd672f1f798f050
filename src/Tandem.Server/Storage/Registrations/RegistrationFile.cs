using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Sip.Transports;
using Tandem.Switching.Registrations;

namespace Tandem.Server.Storage.Registrations;

/// <summary>
/// The registrations on disk, so that phones are found after a restart before they register again: one checksummed file, written aside and
/// moved into place. It saves time and proves nothing; without it phones come back with their next refresh.
/// Layout: magic, count, the bindings, XXH3 of all before it; little-endian.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="listeners">Those of this life. A binding names its listener by transport and address, for a number may be another's in the next.</param>
public sealed class RegistrationFile(string path, IReadOnlyList<SipListener> listeners)
{
    private static readonly byte[] Magic = "TANDEMR3"u8.ToArray();

    private long _savedChanges = -1;

    /// <summary>Writes what holds, if anything changed since the last time. False when nothing did.</summary>
    /// <exception cref="IOException">No room; the older file stays.</exception>
    public bool Save(LocationBook book, Instant now)
    {
        long changes = book.Changes;
        if (changes == _savedChanges) return false;
        using MemoryStream to = new();
        using (BinaryWriter writer = new(to, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(0);
            int count = 0;
            foreach (Binding binding in book.All)
            {
                if (binding.Expires <= now) continue;
                Write(writer, binding);
                count++;
            }
            writer.Flush();
            BinaryPrimitives.WriteInt32LittleEndian(to.GetBuffer().AsSpan(Magic.Length), count);
            writer.Write(XxHash3.HashToUInt64(to.GetBuffer().AsSpan(0, (int)to.Length)));
        }
        DurableFiles.Replace(path, to.GetBuffer().AsSpan(0, (int)to.Length));
        _savedChanges = changes;
        return true;
    }

    /// <summary>
    /// Puts what still holds into the book, for shard 0 to keep alive. Returns a sentence for the operator when the file cannot be
    /// used: then nothing is put in; null when all is well or there is none.
    /// </summary>
    /// <param name="book">Empty so far.</param>
    /// <param name="isPhone">Whether a number is still a phone's.</param>
    /// <param name="now">What expired before is dropped.</param>
    public string? Load(LocationBook book, Func<DialString, bool> isPhone, Instant now)
    {
        byte[] bytes;
        try
        {
            if (!File.Exists(path)) return null;
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The registrations in {path} cannot be read ({e.Message}); phones are found again when they register next.";
        }
        int body = bytes.Length - sizeof(ulong);
        bool whole = body >= Magic.Length + sizeof(int) && bytes.AsSpan().StartsWith(Magic)
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(body)) == XxHash3.HashToUInt64(bytes.AsSpan(0, body));
        if (!whole) return $"The registrations in {path} are damaged and are not used; phones are found again when they register next.";
        using BinaryReader reader = new(new MemoryStream(bytes, Magic.Length, body - Magic.Length), Encoding.UTF8);
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            if (Read(reader).Standing(now) is { Listener: >= 0 } binding && isPhone(binding.Phone)) book.Set(binding);
        }
        return null;
    }

    private void Write(BinaryWriter to, Binding binding)
    {
        to.Write((byte)binding.Phone.Length);
        to.Write(binding.Phone.Bytes);
        to.Write((ushort)binding.Contact.Length);
        to.Write(binding.Contact);
        Write(to, binding.Source);
        to.Write(binding.Registered.Micros);
        to.Write(binding.Expires.Micros);
        to.Write(binding.UserAgent);
        to.Write(binding.BehindNat);
        to.Write((byte)listeners[binding.Listener].Transport);
        Write(to, listeners[binding.Listener].Known);
        to.Write(binding.CallId);
        to.Write(binding.CSeq);
        to.Write((byte)binding.Further.Length);
        foreach (FurtherContact further in binding.Further)
        {
            to.Write((ushort)further.Uri.Length);
            to.Write(further.Uri);
            to.Write(further.Expires.Micros);
        }
    }

    private static void Write(BinaryWriter to, in NetAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteAddressBytes(bytes);
        to.Write(address.IsV6);
        to.Write(bytes);
        to.Write((ushort)address.Port);
    }

    private static NetAddress ReadAddress(BinaryReader from)
    {
        bool isV6 = from.ReadBoolean();
        byte[] address = from.ReadBytes(16);
        int port = from.ReadUInt16();
        return isV6 ? NetAddress.V6(address, port) : NetAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(address.AsSpan(12)), port);
    }

    // The one it was; when that is gone the first of its transport and IP version; none: −1, the phone cannot be reached where it was.
    private int FindListener(SipTransport transport, in NetAddress known)
    {
        int found = -1;
        for (int i = listeners.Count - 1; i >= 0; i--)
        {
            if (listeners[i].Transport != transport || listeners[i].Known.IsV6 != known.IsV6) continue;
            if (listeners[i].Known == known) return i;
            found = i;
        }
        return found;
    }

    private Binding Read(BinaryReader from)
    {
        DialString phone = DialString.TryParse(from.ReadBytes(from.ReadByte()), out DialString number) ? number : DialString.Empty;
        byte[] contact = from.ReadBytes(from.ReadUInt16());
        NetAddress source = ReadAddress(from);
        return new Binding(phone, contact, source, new Instant(from.ReadInt64()), new Instant(from.ReadInt64()), from.ReadString())
        {
            BehindNat = from.ReadBoolean(),
            Listener = FindListener((SipTransport)from.ReadByte(), ReadAddress(from)),
            CallId = from.ReadUInt64(),
            CSeq = from.ReadUInt32(),
            Further = ReadFurther(from),
        };
    }

    private static ImmutableArray<FurtherContact> ReadFurther(BinaryReader from)
    {
        int count = from.ReadByte();
        if (count == 0) return [];
        var all = ImmutableArray.CreateBuilder<FurtherContact>(count);
        for (; count > 0; count--) all.Add(new FurtherContact(from.ReadBytes(from.ReadUInt16()), new Instant(from.ReadInt64())));
        return all.MoveToImmutable();
    }
}
