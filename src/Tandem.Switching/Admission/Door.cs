using Tandem.Sip.Messages;

namespace Tandem.Switching.Admission;

/// <summary>What the sender of a request is to the switch, from its address and its credentials.</summary>
public enum Standing : byte
{
    /// <summary>Unknown address, no credentials for a challenge of ours, and the number it gives is no phone's.</summary>
    Stranger,

    /// <summary>The same, but the number it gives is a phone's, or the address a gateway's that must show its password: from the outside no different.</summary>
    UnprovenPhone,

    /// <summary>No credentials, from the address the phone it names is registered from.</summary>
    RegisteredAddress,

    /// <summary>Credentials for a challenge of ours that do not hold, or that were tried too often.</summary>
    WrongCredentials,

    /// <summary>The address of a carrier's gateway, no credentials.</summary>
    Carrier,

    /// <summary>A customer's gateway, by its address or its password.</summary>
    Gateway,

    /// <summary>The same, locked by the operator.</summary>
    LockedGateway,

    /// <summary>A phone that proved itself by digest, or a static one at its address; of REGISTER a gateway that proved itself, too.</summary>
    Phone,

    /// <summary>The same, locked by the operator.</summary>
    LockedPhone,

    /// <summary>Blocked after too many wrong passwords.</summary>
    Blocked,
}

/// <summary>Where a request stands.</summary>
public enum Place : byte
{
    /// <summary>No To tag: it begins something.</summary>
    Outside,

    /// <summary>Tags and Call-ID are those of a dialog, and it comes from whom the dialog is with.</summary>
    InDialog,

    /// <summary>Tags and Call-ID are those of a phone's dialog; it comes from elsewhere, without proof that it is that phone.</summary>
    Moved,

    /// <summary>A To tag of no dialog, or one of a gateway's dialog from elsewhere.</summary>
    StrayTag,
}

/// <summary>What is done with a request at the door. All but <see cref="Serve"/> is done without a transaction: nothing is remembered of it.</summary>
public enum DoorVerdict : byte
{
    /// <summary>No answer.</summary>
    Silence,

    /// <summary>Goes on to whoever handles the method.</summary>
    Serve,

    /// <summary>401 or 407, as SS_SIP_AUTHENTICATION_CODE says.</summary>
    Challenge,

    /// <summary>403.</summary>
    Forbid,

    /// <summary>481: no such dialog or transaction.</summary>
    NoDialog,

    /// <summary>405 with Allow.</summary>
    NotAllowed,
}

/// <summary>
/// Who may do what: every request passes this one table before anything is kept of it. What no row permits is refused. docs/door.md is made from it.
/// </summary>
public static class Door
{
    /// <param name="who">The sender.</param>
    /// <param name="method">Of the request; a CANCEL comes here only if it matches no INVITE.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="replyUnauthorized">SS_REPLY_UNAUTHORIZED.</param>
    /// <param name="publishes">The gateway has allowPublish.</param>
    public static DoorVerdict Decide(Standing who, SipMethod method, Place place, bool replyUnauthorized, bool publishes = false) => (place, method, who) switch
    {
        // RFC 3261 §17.1: an ACK is never answered.
        (Place.InDialog, SipMethod.Ack, _) => DoorVerdict.Serve,
        (_, SipMethod.Ack, _) => DoorVerdict.Silence,

        // Both tags, the Call-ID and the address are proof enough.
        (Place.InDialog, SipMethod.Invite or SipMethod.Bye or SipMethod.Update or SipMethod.Prack or SipMethod.Options or SipMethod.Info
            or SipMethod.Message or SipMethod.Notify or SipMethod.Refer or SipMethod.Subscribe, _) => DoorVerdict.Serve,

        (_, _, Standing.Blocked) => DoorVerdict.Silence,
        (_, _, Standing.Stranger or Standing.WrongCredentials) when !replyUnauthorized => DoorVerdict.Silence,
        (_, _, Standing.WrongCredentials) => DoorVerdict.Forbid,

        // Who has proven to be the dialog's phone is in the dialog: what comes here is somebody else.
        (Place.Moved, _, Standing.Phone or Standing.LockedPhone) => DoorVerdict.NoDialog,
        (Place.Moved, SipMethod.Cancel, _) => DoorVerdict.NoDialog,
        (Place.Moved, _, _) => DoorVerdict.Challenge,

        (Place.InDialog, SipMethod.Cancel, _) => DoorVerdict.NoDialog,
        (Place.InDialog, _, _) => DoorVerdict.NotAllowed,
        (_, SipMethod.Bye or SipMethod.Cancel, _) => DoorVerdict.NoDialog,
        (Place.StrayTag, not SipMethod.Register, _) => DoorVerdict.NoDialog,

        // A gateway's address proves who pays for its calls, not that a phone is there.
        (_, SipMethod.Register, Standing.Phone or Standing.LockedPhone) => DoorVerdict.Serve,
        (_, SipMethod.Register, _) => DoorVerdict.Challenge,

        // Locks are told by the call's own refusal and CDR, not at the door.
        (_, SipMethod.Invite or SipMethod.Message, Standing.Gateway or Standing.LockedGateway or Standing.Phone or Standing.LockedPhone) => DoorVerdict.Serve,
        (_, SipMethod.Invite or SipMethod.Message, _) => DoorVerdict.Challenge,

        (_, SipMethod.Options, Standing.Gateway or Standing.LockedGateway or Standing.Carrier or Standing.RegisteredAddress or Standing.Phone or Standing.LockedPhone) => DoorVerdict.Serve,
        (_, SipMethod.Notify or SipMethod.Refer or SipMethod.Subscribe or SipMethod.Info,
            Standing.Gateway or Standing.Carrier or Standing.Phone) => DoorVerdict.Serve,
        (_, SipMethod.Publish, Standing.Gateway or Standing.Carrier) when publishes => DoorVerdict.Serve,
        (_, _, Standing.Gateway or Standing.LockedGateway or Standing.Carrier or Standing.Phone or Standing.LockedPhone) => DoorVerdict.NotAllowed,

        // RFC 3261 §11.2 for OPTIONS: what an INVITE would have got. And nobody learns from a 405 what there is.
        (_, _, Standing.Stranger or Standing.UnprovenPhone or Standing.RegisteredAddress) => DoorVerdict.Challenge,
        _ => DoorVerdict.Forbid,
    };
}
