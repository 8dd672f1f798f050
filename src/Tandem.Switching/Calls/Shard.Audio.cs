using Tandem.Media.Codecs;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Sip.Sdp;
using Tandem.Switching.Audio;

namespace Tandem.Switching.Calls;

// Audio: which codecs either end is told of, and what the relay is to do between them (docs/media.md).
public sealed partial class Shard
{
    private readonly AudioEdit _audioEdit = new();

    private static AudioRules AudioOf(Call call, MediaSide leg)
    {
        LegParty party = leg == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        if (party.Moved) return party.Audio;
        if (leg == MediaSide.Caller) return call.Gateway?.Audio ?? call.Phone?.Audio ?? AudioRules.Nothing;
        return call.TargetPhone?.Audio ?? call.Target?.Audio ?? AudioRules.Nothing;
    }

    private static AudioEnd AudioEndOf(Call call, MediaSide leg) => new(AudioOf(call, leg), leg == MediaSide.Caller ? call.Audio.Caller : call.Audio.Callee);

    // Of most devices nothing is said: their descriptions are not looked into for codecs.
    private static bool HasAudioRules(Call call) => !ReferenceEquals(AudioOf(call, MediaSide.Caller), AudioRules.Nothing) || !ReferenceEquals(AudioOf(call, MediaSide.Callee), AudioRules.Nothing);

    /// <summary>Whether the caller's offer has a codec for the device that is to be called; without one the attempt is not made.</summary>
    private bool OfferFits(Call call, string name, Instant now)
    {
        call.Audio.Callee = AudioTerms.None;
        StopRing(call);
        PlanAudio(call);
        if (!HasAudioRules(call) || call.LateOffer || call.Offer is null || _sdp.Parse(call.Offer, 0, call.OfferLength) != SdpDefect.None || _sdp.FirstUsableAudio() is var line && line < 0) return true;
        MediaDescription offer = _sdp.Media(line);
        if (CodecChoice.Offer(offer, line, AudioOf(call, MediaSide.Caller), AudioOf(call, MediaSide.Callee), call.HasLease, _audioEdit) != CodecVerdict.Mismatch) return true;
        call.Log.CodecsDiffer(now, name, offer.FormatList);
        return false;
    }

    /// <summary>How the audio of the description in <c>_sdp</c> is told to a side otherwise than it was said; null: as it was.</summary>
    private AudioEdit? EditFor(Call call, MediaSide towards)
    {
        call.Audio.Mismatch = false;
        if (!HasAudioRules(call) || _sdp.FirstUsableAudio() is var line && line < 0) return null;
        MediaDescription audio = _sdp.Media(line);
        MediaSide speaker = OtherSide(towards);
        AudioRules from = AudioOf(call, speaker), to = AudioOf(call, towards);
        CodecVerdict verdict;
        if (speaker == call.Audio.Offerer)
        {
            call.Audio.Offered = AudioTerms.Read(audio);
            verdict = CodecChoice.Offer(audio, line, from, to, call.HasLease, _audioEdit);
        }
        else
        {
            verdict = CodecChoice.Answer(audio, line, call.Audio.Offered, from, to, call.HasLease, _audioEdit);
        }
        call.Audio.Mismatch = verdict == CodecVerdict.Mismatch;
        return verdict == CodecVerdict.Edited ? _audioEdit : null;
    }

    /// <summary>A side's description, in <c>_sdp</c>, holds from now on.</summary>
    private void NoteAudio(Call call, MediaSide side)
    {
        int line = _sdp.FirstUsableAudio();
        AudioTerms terms = line < 0 ? AudioTerms.None : AudioTerms.Read(_sdp.Media(line));
        if (side == MediaSide.Caller) call.Audio.Caller = terms;
        else call.Audio.Callee = terms;
        PlanAudio(call);
    }

    /// <summary>Tells the relay what is to be done to the audio, if that is something else than before.</summary>
    private void PlanAudio(Call call)
    {
        if (!call.HasLease) return;
        AudioPlan? plan = null;
        IAudioTap? tap = call.Audio.Recording?.Tap;
        bool speaks = call.Audio.Rings || call.Audio.Warns;
        if (HasAudioRules(call) || tap is not null || speaks) plan = AudioPlanner.Plan(AudioEndOf(call, MediaSide.Caller), AudioEndOf(call, MediaSide.Callee), call.Audio.Offerer == MediaSide.Caller, tap, speaks);
        if (plan == call.Audio.Plan) return;
        call.Audio.Plan = plan;
        _media.SetAudio(call.Lease, plan);
    }

    /// <summary>The codec of either leg, once both ends have spoken, and what is done between them.</summary>
    private static void LogAudio(Call call, Instant now)
    {
        (AudioTerms caller, AudioTerms callee) = (call.Audio.Caller, call.Audio.Callee);
        if (!caller.Known || !callee.Known) return;
        bool transcoded = call.Audio.Plan is not null && AudioPlanner.Transcodes(caller, callee);
        bool callerOffered = call.Audio.Offerer == MediaSide.Caller;
        AudioEncoding answered = callerOffered ? callee.First : caller.First;
        AudioEncoding offered = transcoded ? (callerOffered ? caller.Law : callee.Law) : answered;
        (AudioEncoding, AudioEncoding, AudioPlan?) said = callerOffered ? (offered, answered, call.Audio.Plan) : (answered, offered, call.Audio.Plan);
        if (said == call.Audio.Logged) return;
        call.Audio.Logged = said;
        call.Log.AudioAgreed(now, said.Item1, said.Item2, transcoded, call.Audio.Plan);
    }

    // ---- recording (docs/recording.md) ----

    /// <summary>Who records; null: nobody can.</summary>
    public IRecorder? Recorder { get; set; }

    /// <summary>As the devices say, from the answer on.</summary>
    private void RecordIfWished(Call call, Instant now)
    {
        if (AudioOf(call, MediaSide.Caller).Records || AudioOf(call, MediaSide.Callee).Records) BeginRecording(call, now, out _);
    }

    /// <summary>Begins to record a live call. False with the reason where that cannot be; the call goes on.</summary>
    public bool BeginRecording(Call call, Instant now, out string whyNot)
    {
        whyNot = call.State != CallState.Answered ? "the call is not answered" : !call.HasLease ? "its media does not pass through the switch" : Recorder is null ? "recording is off" : "";
        if (call.Audio.Recording is not null) return true;
        if (whyNot.Length == 0 && Recorder!.TryBegin(call.Id, call.Cdr.CallerE164, call.Cdr.CalleeE164, now, out IRecording? recording, out whyNot))
        {
            call.Audio.Recording = recording;
            call.Cdr.Recording = recording.File;
            PlanAudio(call);
            call.Log.Recording(now, 1, recording.File);
            return true;
        }
        call.Log.Recording(now, 2, whyNot);
        return false;
    }

    /// <summary>Ends the recording of a call; what was recorded stays.</summary>
    public void EndRecording(Call call, Instant now)
    {
        if (call.Audio.Recording is not { } recording) return;
        call.Audio.Recording = null;
        PlanAudio(call);
        recording.End();
        call.Log.Recording(now, 0, recording.File);
    }
}
