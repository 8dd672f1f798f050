namespace Tandem.Switching.Settings;

/// <summary>Values of SS_SIP_E164_DISPLAY_FROM: what the display name in From says where an endpoint is shown one.</summary>
public enum DisplayFrom : byte
{
    /// <summary>What the caller gave, or nothing.</summary>
    Ignore,

    /// <summary>The calling number as sent, with a plus before an international one.</summary>
    E164,

    /// <summary>What the caller gave; where he gave nothing, the calling number.</summary>
    Name,

    /// <summary>The calling phone's displayNumber; for a gateway, the name of the account that pays.</summary>
    Account,
}
