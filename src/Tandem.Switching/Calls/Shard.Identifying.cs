using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Identifying: which mapping gateway a request is of (docs/callers.md).
public sealed partial class Shard
{
    // What calls nobody is of whichever gateway has the address; a call is of the one its number fits.
    private bool Identify(SwitchTables tables, SipMessage request, in NetAddress source, Instant now, out CallerId id, out bool owesPassword) =>
        request.Method is SipMethod.Invite or SipMethod.Message
            ? CallerFinder.TryFind(tables, _locations, source, new CalledBy(request), now, out id, out owesPassword)
            : CallerFinder.TryFind(tables, _locations, source, new Anybody(), now, out id, out owesPassword);

    // Where addresses are stated for a gateway that shows its password, it must come from one of them. Its callPrefix holds too.
    private static bool MayProveFrom(SwitchTables tables, MappingGateway gateway, SipMessage request, in NetAddress source)
    {
        if (request.Method == SipMethod.Register) return gateway.IsDynamic;
        if (!gateway.ByDigest || (gateway.HasSources && !tables.Sources.Has(source, gateway.Name))) return false;
        return request.Method is not (SipMethod.Invite or SipMethod.Message) || gateway.Calls(new CalledBy(request));
    }

    /// <summary>The called number of a request.</summary>
    private readonly struct CalledBy(SipMessage request) : ICalledNumber
    {
        public DialString At(CalleeSource place)
        {
            NumberReader.ReadCallee(request, place, out DialString number);
            return number;
        }

        public bool IsAny => false;
    }

    private readonly struct Anybody : ICalledNumber
    {
        public DialString At(CalleeSource place) => default;

        public bool IsAny => true;
    }
}
