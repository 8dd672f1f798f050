using Tandem.Sip.Sdp;
using static Tandem.Sip.Sdp.OfferAnswer;
using static Tandem.Tests.Sip.SipText;

namespace Tandem.Tests.Sip.Sdp;

public sealed class OfferAnswerTests
{
    private const string Head = "v=0\no=- 5 6 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";

    [Fact]
    public void Every_state_meets_every_input() =>
        Transactions.TransitionGrid.Holds<State, Input, Verdict>(
            """
            Idle             SendOffer      FirstLocalOffer  Allowed
            Idle             ReceiveOffer   FirstRemoteOffer Allowed
            Idle             SendAnswer     .                Unexpected
            Idle             ReceiveAnswer  .                Unexpected
            Idle             SendRefusal    .                Unexpected
            Idle             ReceiveRefusal .                Unexpected
            FirstLocalOffer  SendOffer      .                MustWait
            FirstLocalOffer  ReceiveOffer   .                Glare
            FirstLocalOffer  SendAnswer     .                Unexpected
            FirstLocalOffer  ReceiveAnswer  Stable           Allowed
            FirstLocalOffer  SendRefusal    .                Unexpected
            FirstLocalOffer  ReceiveRefusal Idle             Allowed
            FirstRemoteOffer SendOffer      .                MustWait
            FirstRemoteOffer ReceiveOffer   .                TooSoon
            FirstRemoteOffer SendAnswer     Stable           Allowed
            FirstRemoteOffer ReceiveAnswer  .                Unexpected
            FirstRemoteOffer SendRefusal    Idle             Allowed
            FirstRemoteOffer ReceiveRefusal .                Unexpected
            Stable           SendOffer      LocalOffer       Allowed
            Stable           ReceiveOffer   RemoteOffer      Allowed
            Stable           SendAnswer     .                Unexpected
            Stable           ReceiveAnswer  .                Unexpected
            Stable           SendRefusal    .                Unexpected
            Stable           ReceiveRefusal .                Unexpected
            LocalOffer       SendOffer      .                MustWait
            LocalOffer       ReceiveOffer   .                Glare
            LocalOffer       SendAnswer     .                Unexpected
            LocalOffer       ReceiveAnswer  Stable           Allowed
            LocalOffer       SendRefusal    .                Unexpected
            LocalOffer       ReceiveRefusal Stable           Allowed
            RemoteOffer      SendOffer      .                MustWait
            RemoteOffer      ReceiveOffer   .                TooSoon
            RemoteOffer      SendAnswer     Stable           Allowed
            RemoteOffer      ReceiveAnswer  .                Unexpected
            RemoteOffer      SendRefusal    Stable           Allowed
            RemoteOffer      ReceiveRefusal .                Unexpected
            """,
            static (state, input) =>
            {
                Step step = On(state, input);
                return (step.Next, step.Verdict);
            });

    [Theory]
    [InlineData("m=audio 1 RTP/AVP 8 0", "m=audio 2 RTP/AVP 0", Mismatch.None)]
    [InlineData("m=audio 1 RTP/AVP 8 0", "m=audio 2 RTP/AVP 18", Mismatch.NoCommonFormat)]
    [InlineData("m=audio 1 RTP/AVP 8\nm=video 3 RTP/AVP 31", "m=audio 2 RTP/AVP 8\nm=video 0 RTP/AVP 31", Mismatch.None)]
    [InlineData("m=audio 1 RTP/AVP 8\nm=video 3 RTP/AVP 31", "m=audio 2 RTP/AVP 8", Mismatch.MediaCount)]
    [InlineData("m=audio 1 RTP/AVP 8\nm=video 3 RTP/AVP 31", "m=video 0 RTP/AVP 31\nm=audio 2 RTP/AVP 8", Mismatch.MediaKind)]
    [InlineData("m=audio 1 RTP/AVP 8", "m=audio 2 RTP/SAVP 8", Mismatch.Protocol)]
    [InlineData("m=audio 0 RTP/AVP 8", "m=audio 2 RTP/AVP 8", Mismatch.RejectedLineRevived)]
    [InlineData("m=audio 1 RTP/AVP 8", "m=audio 0 RTP/AVP 8", Mismatch.NothingAccepted)]
    [InlineData("m=audio 1 RTP/AVP 96\na=rtpmap:96 iLBC/8000", "m=audio 2 RTP/AVP 97\na=rtpmap:97 ILBC/8000", Mismatch.None)]
    [InlineData("m=audio 1 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000", "m=audio 2 RTP/AVP 101\na=rtpmap:101 telephone-event/8000", Mismatch.NoCommonFormat)]
    [InlineData("", "", Mismatch.None)]
    public void An_answer_is_held_against_its_offer(string offer, string answer, Mismatch expected) =>
        Assert.Equal(expected, Check(ParseSdp(Head + offer + "\n"), ParseSdp(Head + answer + "\n")));
}
