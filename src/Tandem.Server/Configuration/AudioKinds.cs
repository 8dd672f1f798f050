using System.Collections.Immutable;
using Tandem.Media.Codecs;
using Tandem.Media.Tones;
using Tandem.Switching.Audio;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>The fields of a device's audio: codecs, DTMF, ring-back tone, recording.</summary>
internal static class AudioKinds
{
    private static readonly (string, int, DtmfSend)[] SendWords = [("auto", 0, DtmfSend.Auto), ("rfc2833", 10, DtmfSend.Rfc2833), ("info", 50, DtmfSend.Info), ("off", 60, DtmfSend.Off)];

    private static readonly (string, int, DtmfReceive)[] ReceiveWords = [("all", 0, DtmfReceive.All), ("rfc2833", 10, DtmfReceive.Rfc2833), ("signalling", 20, DtmfReceive.Signalling), ("off", 30, DtmfReceive.Off)];

    private static readonly (string, int, int)[] PacketWords = [("auto", 0, 0), ("10", 10, 10), ("20", 20, 20), ("30", 30, 30), ("40", 40, 40), ("60", 60, 60)];

    public static Field<MappingGatewayConfig>[] MappingAudio() => Fields<MappingGatewayConfig>(static g => g.Audio, static (g, v) => g with { Audio = v }, "dtmfSendMethodSIP");

    public static Field<RoutingGatewayConfig>[] RoutingAudio() => Fields<RoutingGatewayConfig>(static g => g.Audio, static (g, v) => g with { Audio = v }, "dtmfSendMethodSIP");

    public static Field<PhoneConfig>[] PhoneAudio() => Fields<PhoneConfig>(static p => p.Audio, static (p, v) => p with { Audio = v }, "dtmfSIPSendMethod");

    private static Field<T>[] Fields<T>(Func<T, AudioRules> get, Func<T, AudioRules, T> put, string sendName)
    {
        // A device with nothing of its own is the one nothing: the switch does not look into its audio then.
        T Set(T of, AudioRules rules) => put(of, rules == AudioRules.Nothing ? AudioRules.Nothing : rules);
        return
        [
            Field<T>.Flag("sipCodecAssign", d => get(d).AssignsCodecs, (d, v) => Set(d, get(d) with { AssignsCodecs = v })),
            Field<T>.List("sipCodecs", d => [.. get(d).Codecs.Select(static c => AudioFormat.Of(c)!.Word)], (d, v) => Set(d, get(d) with { Codecs = Read(v) }), 0, 16, Wrong),
            Field<T>.Flag("audioCodecTranscodingEnable", d => get(d).Transcodes, (d, v) => Set(d, get(d) with { Transcodes = v })),
            Field<T>.Word("packetTime", d => get(d).PacketMillis, (d, v) => Set(d, get(d) with { PacketMillis = v }), PacketWords),
            Field<T>.Word(sendName, d => get(d).DtmfSend, (d, v) => Set(d, get(d) with { DtmfSend = v }), SendWords),
            Field<T>.Word("dtmfReceiveMethod", d => get(d).DtmfReceive, (d, v) => Set(d, get(d) with { DtmfReceive = v }), ReceiveWords),
            Field<T>.Number("dtmfSendPayloadTypeSIP", d => get(d).EventPayload, (d, v) => Set(d, get(d) with { EventPayload = v }), 96, 127),
            Field<T>.Flag("rtpIncludeDtmfInband", d => get(d).IncludesInband, (d, v) => Set(d, get(d) with { IncludesInband = v })),
            Field<T>.Flag("rtpNeedDtmfInband", d => get(d).NeedsInband, (d, v) => Set(d, get(d) with { NeedsInband = v })),
            Field<T>.Flag("mediaRecord", d => get(d).Records, (d, v) => Set(d, get(d) with { Records = v })),
            Field<T>.Text("localRing", d => get(d).RingTone, (d, v) => Set(d, get(d) with { RingTone = v }), 0, 2,
                static v => v.Length == 0 || RingTone.Of(v) is not null ? null : $"'{v}' is not a country whose ring-back tone is known: {string.Join(", ", RingTone.All.Select(static t => t.Country))}"),
        ];
    }

    private static string? Wrong(string word) =>
        AudioFormat.ByWord(word) is not null ? null : $"'{word}' is not a codec the switch knows: {string.Join(", ", AudioFormat.All.Select(static f => f.Word))}";

    private static ImmutableArray<AudioEncoding> Read(ImmutableArray<string> words) => [.. words.Select(static w => AudioFormat.ByWord(w)!.Encoding).Distinct()];
}
