namespace Tandem.Sip.Messages;

/// <summary>Which Q.850 cause stands for a SIP failure, where nobody said one (RFC 3398 §8.2.6.1).</summary>
public static class CauseOfStatus
{
    public static int Of(int status) => status switch
    {
        400 or 481 or 500 or 503 => 41, // temporary failure
        401 or 402 or 403 or 407 or 603 => 21, // call rejected
        404 or 485 or 604 => 1, // unallocated number
        405 => 63, // service or option unavailable
        406 or 415 or 501 => 79, // service or option not implemented
        408 or 504 => 102, // recovery on timer expiry
        410 => 22, // number changed
        480 => 18, // no user responding
        482 or 483 => 25, // exchange routing error
        484 => 28, // invalid number format
        486 or 600 => 17, // user busy
        488 or 606 => 88, // incompatible destination; the RFC has it decided by the Warning
        502 => 38, // network out of order
        _ => 127, // interworking
    };
}
