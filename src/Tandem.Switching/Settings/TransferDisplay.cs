namespace Tandem.Switching.Settings;

/// <summary>Whose number the target of a transfer sees.</summary>
public enum TransferDisplay : byte
{
    /// <summary>The party that is transferred.</summary>
    Original,

    /// <summary>The party that transfers.</summary>
    Own,
}
