namespace Tandem.Switching.Settings;

/// <summary>What who pays a call hears before its money ends.</summary>
public enum AccountIndication : byte
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>A tone, and how much money is left.</summary>
    PromptBalance,

    /// <summary>A tone, and how much time is left.</summary>
    PromptDuration,
}
