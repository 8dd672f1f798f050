namespace Tandem.Switching.Configuration;

/// <summary>A sound: of prompts (docs/prompts.md); those of voice menus, colour ring and voice mail are kept, and played when those come.</summary>
public sealed record IvrAudioConfig
{
    /// <summary>A number.</summary>
    public required string Id { get; init; }

    /// <summary>0 public, 1 built in, 2 colour ring, 3 switchboard, 4 callback and direct dialling, 5 value added, 6 alarm, 7 voice mail.</summary>
    public int Type { get; init; }

    public string Name { get; init; } = "";

    public string Language { get; init; } = "";

    /// <summary>The voice menu it belongs to.</summary>
    public string Service { get; init; } = "";

    /// <summary>SHA-256 of the WAV file, in hex; empty: there is none yet.</summary>
    public string Content { get; init; } = "";

    /// <summary>Bytes of the WAV file.</summary>
    public int Size { get; init; }

    public string Memo { get; init; } = "";
}
