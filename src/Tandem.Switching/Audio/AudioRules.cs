using System.Collections.Immutable;
using Tandem.Media.Codecs;

namespace Tandem.Switching.Audio;

/// <summary>How a device is told the keys of the other end. The numbers are the operators'.</summary>
public enum DtmfSend : byte { Auto = 0, Rfc2833 = 10, Info = 50, Off = 60 }

/// <summary>In which ways a device's keys are heard. The numbers are the operators'.</summary>
public enum DtmfReceive : byte { All = 0, Rfc2833 = 10, Signalling = 20, Off = 30 }

/// <summary>What the operator said of a device's audio: the same in configuration and tables (docs/media.md, docs/dtmf.md, docs/recording.md).</summary>
public sealed record AudioRules
{
    /// <summary>A device of which nothing is said: everything passes as it comes.</summary>
    public static readonly AudioRules Nothing = new();

    /// <summary>Only the encodings of <see cref="Codecs"/>, the first preferred.</summary>
    public bool AssignsCodecs { get; init; }

    public ImmutableArray<AudioEncoding> Codecs { get; init; } = [];

    /// <summary>Where the ends share no encoding and both speak G.711, its two laws are turned into one another.</summary>
    public bool Transcodes { get; init; }

    /// <summary>Packets to the device are of so many ms; 0: as they come.</summary>
    public int PacketMillis { get; init; }

    public DtmfSend DtmfSend { get; init; }

    public DtmfReceive DtmfReceive { get; init; }

    /// <summary>Payload type of events where the switch offers them to the device of itself.</summary>
    public int EventPayload { get; init; } = 101;

    /// <summary>The keys of the device are tones in its speech, too.</summary>
    public bool IncludesInband { get; init; }

    /// <summary>The device wants to hear keys as tones.</summary>
    public bool NeedsInband { get; init; }

    /// <summary>Calls are recorded.</summary>
    public bool Records { get; init; }

    /// <summary>The country whose ring-back tone is played to the caller while the device rings without sound of its own; empty: none.</summary>
    public string RingTone { get; init; } = "";

    public bool Takes(AudioEncoding encoding) => !AssignsCodecs || Codecs.Contains(encoding);

    /// <summary>How early in the list: 0 is the first.</summary>
    public int RankOf(AudioEncoding encoding) => AssignsCodecs ? Codecs.IndexOf(encoding) : 0;

    // An array is compared by its place otherwise.
    public bool Equals(AudioRules? other) =>
        other is not null && AssignsCodecs == other.AssignsCodecs && Codecs.SequenceEqual(other.Codecs) && Transcodes == other.Transcodes && PacketMillis == other.PacketMillis
        && DtmfSend == other.DtmfSend && DtmfReceive == other.DtmfReceive && EventPayload == other.EventPayload && IncludesInband == other.IncludesInband
        && NeedsInband == other.NeedsInband && Records == other.Records && RingTone == other.RingTone;

    public override int GetHashCode() => HashCode.Combine(AssignsCodecs, Codecs.Length, Transcodes, PacketMillis, DtmfSend, DtmfReceive, Records, RingTone);
}
