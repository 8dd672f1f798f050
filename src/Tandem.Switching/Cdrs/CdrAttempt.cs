using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Cdrs;

/// <summary>One attempt of a call, as it went: the last is the one that was answered, where one was.</summary>
/// <param name="To">The routing gateway, or the number of the phone.</param>
/// <param name="Number">The called number as it was sent.</param>
/// <param name="Address">Where it was sent first.</param>
/// <param name="Start">When.</param>
/// <param name="PddMillis">To its first ringing, early media or answer; 0: none came.</param>
/// <param name="Status">Its final SIP status, 200 for an answer; 0: it gave none.</param>
/// <param name="Refusal">Why the switch gave it up; None: it did not.</param>
public readonly record struct CdrAttempt(string To, string Number, NetAddress Address, Instant Start, int PddMillis, int Status, Refusal Refusal)
{
    /// <summary>More are counted in <see cref="Cdr.Attempts"/> and not listed.</summary>
    public const int MostListed = 100;

    internal void Write(ref ByteWriter to)
    {
        to.PutString(To);
        to.PutString(Number);
        to.PutAddress(Address);
        to.PutInt64(Start.Micros);
        to.PutInt32(PddMillis);
        to.PutInt32(Status);
        to.PutByte((byte)Refusal);
    }

    internal static CdrAttempt Read(ref ByteReader from) =>
        new(from.GetString(), from.GetString(), from.GetAddress(), new Instant(from.GetInt64()), from.GetInt32(), from.GetInt32(), (Refusal)from.GetByte());
}
