using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Admission;

/// <summary>By which rule a caller was recognised; the most specific first, as they are tried.</summary>
public enum CallerRule : byte
{
    /// <summary>To the contact registered at a carrier, from its registrar.</summary>
    Trunk,

    /// <summary>A mapping gateway by address and port.</summary>
    AddressAndPort,

    /// <summary>A mapping gateway by address, whatever the port.</summary>
    Address,

    /// <summary>A mapping gateway from where it registered.</summary>
    Registered,

    /// <summary>A mapping gateway by the network its address is in.</summary>
    Network,

    /// <summary>A mapping gateway by its name and password.</summary>
    GatewayDigest,

    /// <summary>A phone by the address stated for it.</summary>
    PhoneAddress,

    /// <summary>A phone by its number and password.</summary>
    PhoneDigest,

    /// <summary>Somebody asked what would be if it called ('tandem route --from').</summary>
    Stated,
}

/// <summary>Who calls, and by which rule.</summary>
/// <param name="Gateway">The customer's gateway; null: a phone.</param>
/// <param name="Phone">The phone; null: a gateway.</param>
/// <param name="Rule">What it was recognised by.</param>
/// <param name="Trunk">The carrier whose registration the call comes over.</param>
/// <param name="NetworkLength">Of <see cref="CallerRule.Network"/>: how many bits of the address count.</param>
public readonly record struct CallerId(MappingGateway? Gateway, Phone? Phone, CallerRule Rule, RoutingGateway? Trunk = null, int NetworkLength = 0);

/// <summary>What kept a gateway from being the caller. Numbers stand in decision logs: they are for ever.</summary>
public enum NearMissKind : byte
{
    /// <summary>Its address, but it is known with another port.</summary>
    OtherPort = 1,

    /// <summary>Its address, but the called number does not begin with its callPrefix.</summary>
    OtherPrefix = 2,

    /// <summary>Its address, but it must show its password and did not.</summary>
    NoPassword = 3,

    /// <summary>It fits too; another fits more exactly.</summary>
    LessExact = 4,

    /// <summary>Its name and password, but from an address that is not among those stated for it.</summary>
    OtherAddress = 5,
}

/// <summary>A gateway that was nearly the caller.</summary>
public readonly record struct NearMiss(MappingGateway Gateway, NearMissKind Kind);

/// <summary>Where the called number of a call that comes is read; a gateway's callPrefix is held against the number its own sipCalleeE164Domain says.</summary>
public interface ICalledNumber
{
    DialString At(Identity.CalleeSource place);

    /// <summary>Nobody is called: every callPrefix fits.</summary>
    bool IsAny { get; }
}
