using Tandem.Media.Codecs;
using Tandem.Sip.Sdp;

namespace Tandem.Switching.Audio;

/// <summary>What became of the formats of a description on its way to the other end.</summary>
public enum CodecVerdict : byte
{
    /// <summary>They are told as they were said.</summary>
    AsSaid,

    /// <summary>They are told as the edit says.</summary>
    Edited,

    /// <summary>None is left: the ends cannot speak to each other.</summary>
    Mismatch,
}

/// <summary>Which formats of an offer the other end is offered, and which of its answer the offerer is told (docs/media.md, "Codecs").</summary>
public static class CodecChoice
{
    /// <summary>An offer, as the other device is to see it: what both devices may use, in the order it prefers, and what the switch can turn into that.</summary>
    /// <param name="offer">The audio line.</param>
    /// <param name="line">Which m-line it is.</param>
    /// <param name="from">The device that offers.</param>
    /// <param name="to">The device that is offered.</param>
    /// <param name="relayed">The switch is in between and can turn one thing into another.</param>
    /// <param name="edit">Filled in.</param>
    public static CodecVerdict Offer(MediaDescription offer, int line, AudioRules from, AudioRules to, bool relayed, AudioEdit edit)
    {
        edit.Clear(line);
        AudioTerms terms = AudioTerms.Read(offer);
        bool turns = relayed && (from.Transcodes || to.Transcodes) && MayUse(terms, from, AudioEncoding.Pcma, AudioEncoding.Pcmu);
        bool any = false;
        int ranks = to.AssignsCodecs ? to.Codecs.Length : 1;
        for (int rank = 0; rank < ranks; rank++)
        {
            foreach (ReadOnlySpan<byte> format in offer.Formats)
            {
                FormatKind kind = AudioTerms.KindOf(offer, format, out AudioEncoding encoding, out _);
                bool kept = kind switch
                {
                    FormatKind.Speech => from.Takes(encoding) && to.Takes(encoding) && to.RankOf(encoding) == rank,
                    FormatKind.Other => rank == 0 && !from.AssignsCodecs && !to.AssignsCodecs,
                    _ => false,
                };
                if (kept) any |= edit.Add(format);
            }
            if (turns && to.AssignsCodecs && to.Codecs[rank] is AudioEncoding.Pcma or AudioEncoding.Pcmu && !Offers(terms, from, to.Codecs[rank])) any |= AddLaw(edit, to.Codecs[rank]);
        }
        if (turns && !to.AssignsCodecs)
        {
            if (!Offers(terms, from, AudioEncoding.Pcma)) any |= AddLaw(edit, AudioEncoding.Pcma);
            if (!Offers(terms, from, AudioEncoding.Pcmu)) any |= AddLaw(edit, AudioEncoding.Pcmu);
        }
        if (!any) return CodecVerdict.Mismatch;
        AddRest(offer, terms, edit, events: to.DtmfReceive is DtmfReceive.All or DtmfReceive.Rfc2833 && from.DtmfSend != DtmfSend.Off);
        if (relayed && terms.Events == AudioTerms.NoPayload && to.DtmfSend == DtmfSend.Rfc2833) edit.AddOwn(to.EventPayload, "telephone-event/8000"u8, "0-15"u8);
        edit.Ptime = PtimeFor(from, to, terms, relayed);
        return Result(offer, edit);
    }

    /// <summary>An answer, as the end that offered is to see it: nothing it did not offer.</summary>
    /// <param name="answer">The audio line.</param>
    /// <param name="line">Which m-line it is.</param>
    /// <param name="offered">What the end offered.</param>
    /// <param name="from">The device that answers.</param>
    /// <param name="to">The device that offered.</param>
    /// <param name="relayed">The switch is in between.</param>
    /// <param name="edit">Filled in.</param>
    public static CodecVerdict Answer(MediaDescription answer, int line, in AudioTerms offered, AudioRules from, AudioRules to, bool relayed, AudioEdit edit)
    {
        edit.Clear(line);
        AudioTerms terms = AudioTerms.Read(answer);
        bool turns = relayed && (from.Transcodes || to.Transcodes);
        bool any = false;
        foreach (ReadOnlySpan<byte> format in answer.Formats)
        {
            FormatKind kind = AudioTerms.KindOf(answer, format, out AudioEncoding encoding, out _);
            // Of an answer that was not filtered, what it says passes: it is for the end to judge.
            bool kept = kind == FormatKind.Other ? offered.HasOthers : kind == FormatKind.Speech && (offered.Has(encoding) || !turns);
            if (kept) any |= edit.Add(format);
        }
        if (!any && turns && terms.Law != AudioEncoding.None && offered.Law != AudioEncoding.None) any = AddLaw(edit, to.Takes(offered.Law) ? offered.Law : Other(offered.Law));
        if (!any) return CodecVerdict.Mismatch;
        AddRest(answer, terms, edit, events: offered.Events != AudioTerms.NoPayload, noise: offered.ComfortNoise);
        if (relayed && terms.Events == AudioTerms.NoPayload && offered.Events != AudioTerms.NoPayload && (from.NeedsInband || from.DtmfSend is DtmfSend.Info or DtmfSend.Rfc2833))
        {
            edit.AddOwn(offered.Events, "telephone-event/8000"u8, "0-15"u8);
        }
        edit.Ptime = PtimeFor(from, to, terms, relayed);
        return Result(answer, edit);
    }

    /// <summary>How long the packets to a device are to be, ms; 0: as they come.</summary>
    /// <param name="to">The device.</param>
    /// <param name="said">What its own description says.</param>
    /// <param name="other">What that of the other end says.</param>
    /// <param name="turns">The switch may work on the audio.</param>
    public static int PacketsTo(AudioRules to, in AudioTerms said, in AudioTerms other, bool turns)
    {
        if (to.PacketMillis > 0) return to.PacketMillis;
        const int Usual = 20; // RFC 3551 §4.2
        int wants = said.Ptime == 0 ? Usual : said.Ptime, comes = other.Ptime == 0 ? Usual : other.Ptime;
        return turns && wants != comes && wants is 10 or 20 or 30 or 40 or 60 ? wants : 0;
    }

    // What a device sends may be as long as the packets it is to get; the other end's wish is met by cutting them anew.
    private static int PtimeFor(AudioRules from, AudioRules to, in AudioTerms terms, bool relayed) => relayed && to.PacketMillis > 0 && (terms.Ptime != 0 || from.PacketMillis > 0) ? to.PacketMillis : 0;

    private static AudioEncoding Other(AudioEncoding law) => law == AudioEncoding.Pcma ? AudioEncoding.Pcmu : AudioEncoding.Pcma;

    private static bool Offers(in AudioTerms terms, AudioRules from, AudioEncoding encoding) => terms.Has(encoding) && from.Takes(encoding);

    private static bool MayUse(in AudioTerms terms, AudioRules from, AudioEncoding one, AudioEncoding other) => Offers(terms, from, one) || Offers(terms, from, other);

    private static bool AddLaw(AudioEdit edit, AudioEncoding law) => law == AudioEncoding.Pcma ? edit.AddOwn(8, "PCMA/8000"u8) : edit.AddOwn(0, "PCMU/8000"u8);

    private static void AddRest(MediaDescription media, in AudioTerms terms, AudioEdit edit, bool events, bool noise = true)
    {
        foreach (ReadOnlySpan<byte> format in media.Formats)
        {
            FormatKind kind = AudioTerms.KindOf(media, format, out _, out _);
            if (kind == FormatKind.ComfortNoise ? noise : kind is FormatKind.Events or FormatKind.OtherEvents && events) edit.Add(format);
        }
    }

    private static CodecVerdict Result(MediaDescription media, AudioEdit edit) =>
        edit.Added.IsEmpty && edit.Ptime == 0 && SameSet(media, edit) ? CodecVerdict.AsSaid : CodecVerdict.Edited;

    // The same formats; the order counts among those of speech only, and where events stand among them is no matter.
    private static bool SameSet(MediaDescription media, AudioEdit edit)
    {
        int before = 0, after = 0;
        foreach (ReadOnlySpan<byte> _ in media.Formats) before++;
        MediaDescription.FormatEnumerator kept = edit.Each;
        foreach (ReadOnlySpan<byte> format in media.Formats)
        {
            if (AudioTerms.KindOf(media, format, out _, out _) is not (FormatKind.Speech or FormatKind.Other)) continue;
            if (!kept.MoveNext() || !kept.Current.SequenceEqual(format)) return false;
        }
        foreach (ReadOnlySpan<byte> _ in edit.Each) after++;
        return before == after;
    }
}
