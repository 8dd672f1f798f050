using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Streams;
using Tandem.Switching.Audio;

namespace Tandem.Switching.Calls;

/// <summary>How many keys an end pressed, and how the latest came.</summary>
public readonly record struct KeyCount(int Count, DtmfWay Latest);

/// <summary>What a call knows of its audio.</summary>
internal struct CallAudio
{
    /// <summary>Whose offer the latest was: what the other says is an answer.</summary>
    public MediaSide Offerer;

    /// <summary>What that offer held.</summary>
    public AudioTerms Offered;
    public AudioTerms Caller;
    public AudioTerms Callee;

    /// <summary>As the relay was told.</summary>
    public AudioPlan? Plan;

    /// <summary>The last description left no codec.</summary>
    public bool Mismatch;

    /// <summary>The ring-back tone is played to the caller.</summary>
    public bool Rings;

    /// <summary>Who pays is told that the money ends.</summary>
    public bool Warns;

    /// <summary>The caller was told a description of ours, for the tone.</summary>
    public bool RingTold;

    /// <summary>What the log said last.</summary>
    public (AudioEncoding Caller, AudioEncoding Callee, AudioPlan? Plan) Logged;

    public KeyCount CallerKeys;
    public KeyCount CalleeKeys;

    /// <summary>Records the call; null: nobody does.</summary>
    public IRecording? Recording;
}
