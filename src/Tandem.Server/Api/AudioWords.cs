using Tandem.Media.Codecs;
using Tandem.Media.Streams;

namespace Tandem.Server.Api;

/// <summary>What is done to a call's audio, in words.</summary>
internal static class AudioWords
{
    public static string Agreed(WhyStory.Arguments a)
    {
        bool transcoded = a.Number(2) == 1;
        string caller = Name(a.Number(0)), callee = Name(a.Number(1));
        string codecs = transcoded ? $"The caller speaks {caller}, the called end {callee}: transcoded" : $"Both ends speak {callee}: not transcoded";
        return $"{codecs}{Packets(a.Number(3), "caller")}{Packets(a.Number(4), "called end")}{Keys("caller", a.Number(5), a.Number(6))}{Keys("called end", a.Number(7), a.Number(8))}.";
    }

    private static string Name(long encoding) => AudioFormat.Of((AudioEncoding)encoding)?.Word ?? "a codec without a name here";

    private static string Packets(long millis, string whom) => millis > 0 ? $"; packets to the {whom} are of {millis} ms" : "";

    private static string Keys(string whose, long events, long tones) =>
        $"{Turn((DtmfTurn)events, $"; events of the {whose}")}{Turn((DtmfTurn)tones, $"; tones of the {whose}")}";

    private static string Turn(DtmfTurn turn, string what) => turn switch
    {
        DtmfTurn.ToEvent => $"{what} are told as RFC 4733 events",
        DtmfTurn.ToTone => $"{what} are told as tones",
        DtmfTurn.Drop => $"{what} are kept from the other end, or told by INFO",
        DtmfTurn.Listen => $"{what} are listened to",
        _ => "",
    };
}
