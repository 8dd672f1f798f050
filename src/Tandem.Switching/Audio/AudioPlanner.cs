using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Streams;

namespace Tandem.Switching.Audio;

/// <summary>One end as far as its audio goes: its device, and what its latest description says.</summary>
public readonly record struct AudioEnd(AudioRules Rules, AudioTerms Terms);

/// <summary>How an end is told a key.</summary>
public enum DtmfTold : byte
{
    /// <summary>Not at all.</summary>
    Not,

    /// <summary>The way it came.</summary>
    AsItCame,

    Event,
    Tone,
    Info,
}

/// <summary>From what both ends said, what is to be done to the audio between them: facts in, plan out (docs/media.md, docs/dtmf.md).</summary>
public static class AudioPlanner
{
    /// <summary>Null when all of it passes as it comes.</summary>
    /// <param name="caller">Whose side is A.</param>
    /// <param name="callee">Whose side is B.</param>
    /// <param name="callerOffered">Who made the latest offer: the other may send what it answered, whatever was offered.</param>
    /// <param name="tap">Who records; null: nobody.</param>
    /// <param name="speaks">The switch itself has something to say.</param>
    public static AudioPlan? Plan(in AudioEnd caller, in AudioEnd callee, bool callerOffered, IAudioTap? tap, bool speaks = false)
    {
        PipePlan fromCaller = Pipe(caller, callee, offerer: callerOffered);
        PipePlan fromCallee = Pipe(callee, caller, offerer: !callerOffered);
        return tap is null && !speaks && fromCaller.IsPlain && fromCallee.IsPlain ? null : new AudioPlan(fromCaller, fromCallee, tap);
    }

    /// <summary>Both ends speak G.711, by different laws only.</summary>
    public static bool Transcodes(in AudioTerms one, in AudioTerms other) =>
        one.Known && other.Known && (one.Encodings & other.Encodings) == 0 && !(one.HasOthers && other.HasOthers) && one.Law != AudioEncoding.None && other.Law != AudioEncoding.None;

    /// <summary>How an end is told the keys that the other presses.</summary>
    public static DtmfTold ToldTo(in AudioEnd end) =>
        end.Rules.NeedsInband && end.Terms.Law != AudioEncoding.None ? DtmfTold.Tone
        : end.Rules.DtmfSend switch
        {
            DtmfSend.Off => DtmfTold.Not,
            DtmfSend.Info => DtmfTold.Info,
            DtmfSend.Rfc2833 => end.Terms.Events != AudioTerms.NoPayload ? DtmfTold.Event : end.Terms.Law != AudioEncoding.None ? DtmfTold.Tone : DtmfTold.Info,
            _ => DtmfTold.AsItCame,
        };

    /// <summary>What becomes of a key that came in signalling: passed as it came, told otherwise, or swallowed.</summary>
    public static DtmfTold InfoFrom(in AudioEnd from, in AudioEnd to) =>
        from.Rules.DtmfReceive is DtmfReceive.Rfc2833 or DtmfReceive.Off ? DtmfTold.Not : ToldTo(to);

    /// <summary>A key heard in media is to be told by INFO.</summary>
    public static bool TellsByInfo(in AudioEnd to, DtmfWay way) => way != DtmfWay.Info && ToldTo(to) == DtmfTold.Info;

    private static PipePlan Pipe(in AudioEnd from, in AudioEnd to, bool offerer)
    {
        DtmfTold told = ToldTo(to);
        bool both = from.Terms.Events != AudioTerms.NoPayload && to.Terms.Events != AudioTerms.NoPayload;
        // Numbers of one end are told to the other; where only one has events, the switch spoke for the other under that one's number.
        byte eventsIn = both ? to.Terms.Events : from.Terms.Events != AudioTerms.NoPayload ? from.Terms.Events : to.Terms.Events;
        bool hearsEvents = from.Rules.DtmfReceive is DtmfReceive.All or DtmfReceive.Rfc2833;
        bool hearsTones = from.Rules.IncludesInband && from.Rules.DtmfReceive == DtmfReceive.All;
        DtmfTurn events = !hearsEvents ? DtmfTurn.Drop : told switch
        {
            DtmfTold.Tone => DtmfTurn.ToTone,
            DtmfTold.Info or DtmfTold.Not => DtmfTurn.Drop,
            _ => DtmfTurn.Pass,
        };
        DtmfTurn tones = !hearsTones ? DtmfTurn.Pass : told switch
        {
            DtmfTold.Event => DtmfTurn.ToEvent,
            DtmfTold.AsItCame when to.Terms.Events != AudioTerms.NoPayload => DtmfTurn.ToEvent,
            DtmfTold.Info or DtmfTold.Not => DtmfTurn.Drop,
            _ => DtmfTurn.Listen,
        };
        bool turns = from.Rules.Transcodes || to.Rules.Transcodes;
        int packets = CodecChoice.PacketsTo(to.Rules, to.Terms, from.Terms, turns);
        // An offerer sends what it was told, which is of the answer; who answered may send any of it.
        bool mayMiss = turns && to.Terms.Law != AudioEncoding.None && (Transcodes(from.Terms, to.Terms) || (!offerer && from.Terms.Known && !Covers(to.Terms, from.Terms)));
        bool works = events != DtmfTurn.Pass || tones != DtmfTurn.Pass || mayMiss || packets > 0 || (told == DtmfTold.Event && !both);
        if (!works) return PipePlan.Plain with { Law = LawOf(to.Terms) };
        return new PipePlan
        {
            EventsIn = eventsIn,
            EventsOut = to.Terms.Events,
            Events = events,
            Tones = tones,
            TakesALaw = !mayMiss || to.Terms.Has(AudioEncoding.Pcma),
            TakesMuLaw = !mayMiss || to.Terms.Has(AudioEncoding.Pcmu),
            Law = LawOf(to.Terms),
            FrameSamples = 8 * packets,
        };
    }

    private static G711Codec? LawOf(in AudioTerms terms) => (G711Codec?)AudioCodecs.Open(terms.Law);

    private static bool Covers(in AudioTerms takes, in AudioTerms sends) =>
        (!sends.Has(AudioEncoding.Pcma) || takes.Has(AudioEncoding.Pcma)) && (!sends.Has(AudioEncoding.Pcmu) || takes.Has(AudioEncoding.Pcmu));
}
