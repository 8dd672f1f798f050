using Tandem.Primitives;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Challenges: a carrier asks who we are (RFC 3261 §22.2, §22.3); docs/trunks.md.
public sealed partial class Shard
{
    /// <summary>The INVITE under way was challenged: it goes again with the gateway's credentials. False: it stays turned down.</summary>
    private bool AnswerChallenge(Call call, SipMessage response, Instant now)
    {
        if (call.Target is not { } gateway) return false;
        if (WhyNotAnswered(call, gateway, response) is { } why)
        {
            call.Log.ChallengeUnanswered(now, gateway.Name, response.Status, why);
            return false;
        }
        call.ChallengeRounds++;
        call.Log.Challenged(now, gateway.Name, response.Status, call.ChallengeRounds);
        call.CalleeInvite!.Owner = -1;
        call.CalleeInvite = null;
        call.Forks.Restart();
        call.CalleeDialog.Reopen(call.Cdr.CalleeAddress, call.AttemptListener);
        return SendInvite(call, now);
    }

    /// <summary>The carrier challenged our BYE: it goes again, signed. False: the carrier is left with it.</summary>
    private bool AnswerFarewellChallenge(Call call, SipMessage response, ClientTransaction bye, Instant now)
    {
        if (call.State is not (CallState.Farewell or CallState.Settling) || !TakesChallenge(call, (MediaSide)bye.Leg, response)) return false;
        bye.Owner = -1;
        call.Farewells--;
        SendBye(call, (MediaSide)bye.Leg, now);
        return true;
    }

    /// <summary>
    /// A request within the call was challenged although it was signed: a nonce has served its time, mostly. True: the challenge can be answered, and
    /// the request is to be sent again. The rounds are counted from the last request that was accepted, for a call may outlive many nonces.
    /// </summary>
    private static bool TakesChallenge(Call call, MediaSide leg, SipMessage response)
    {
        if (response.Status is not (401 or 407) || DialogOf(call, leg).Signer is not { } signer) return false;
        if (call.ChallengeRounds >= call.Tables.Settings.Authentication.Retry || signer.Take(response) != ChallengeVerdict.Answerable) return false;
        call.ChallengeRounds++;
        return true;
    }

    private static string? WhyNotAnswered(Call call, RoutingGateway gateway, SipMessage response)
    {
        if (gateway.RegisterName.Length == 0 || call.Signer is null) return "the gateway has no registerName and password to answer with";
        if (call.ChallengeRounds >= call.Tables.Settings.Authentication.Retry) return "it was answered as often as SS_SIP_AUTHENTICATION_RETRY permits";
        return call.Signer.Take(response) switch
        {
            ChallengeVerdict.Wrong => "registerName or password are wrong",
            ChallengeVerdict.Unsupported => "the challenge is of no kind the switch can answer (digest with MD5 or SHA-256, qop auth or none)",
            _ => null,
        };
    }
}
