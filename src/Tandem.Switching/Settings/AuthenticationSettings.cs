using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>docs/security.md shows them at work.</summary>
public sealed record AuthenticationSettings
{
    // A phone answers a challenge within a round trip; ten seconds leave room for its retransmissions.
    [Setting("SS_SIP_AUTHENTICATION_TIMEOUT", Min = 1, Max = 300, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How long after a challenge it may be answered for the first time; a later answer is challenged anew with stale=true.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    [Setting("SS_SIP_AUTHENTICATION_RETRY", Min = 1, Max = 100, Unit = Unit.Tries, Applies = Applies.Now,
        Says = "How often one request (one Call-ID from one address) is challenged without ever being answered rightly; after that it is refused (403). Likewise how many challenges of a carrier to one request of ours are answered.")]
    public int Retry { get; init; } = 6;

    [Setting("SS_AUTHENTICATION_MAX_RETRY", Min = 0, Max = 999, Unit = Unit.Tries, Applies = Applies.Now,
        Says = "Wrong passwords within SS_AUTHENTICATION_FAILED_SUSPEND after which an address, or a phone's number, is blocked; 0: never. A phone at the address it is registered from is not blocked (docs/security.md).")]
    public int MaxRetry { get; init; } = 6;

    [Setting("SS_AUTHENTICATION_FAILED_SUSPEND", Min = 60, Max = 3600, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How long a block lasts, and how long a wrong password is remembered before it.")]
    public TimeSpan FailedSuspend { get; init; } = TimeSpan.FromSeconds(180);

    [Setting("SERVER_LOGIN_FAILED_DISABLE_TIME", Min = 30, Max = 7200, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How long further wrong tokens and passwords of an address from which five came are not looked at by the API, and how long a wrong one is remembered before.")]
    public TimeSpan LoginFailedDisable { get; init; } = TimeSpan.FromSeconds(120);

    [Setting("SERVER_PASSWORD_LENGTH", Min = 6, Max = 32, Applies = Applies.Now,
        Says = "Characters a user's password must have at least, and of a password made for a phone or gateway (docs/users.md).")]
    public int PasswordLength { get; init; } = 8;

    [Setting("SERVER_PASSWORD_TERMINAL_ADDITIONAL_CHARACTERS", Aliases = ["SERVER_TERMINAL_ADDITIONAL_CHARACTERS"], Applies = Applies.Now,
        Says = "Characters that passwords made for phones and gateways are made of besides letters and digits; of these at least one stands in each. Empty: none.")]
    public string PasswordTerminalAdditionalCharacters { get; init; } = "";

    [Setting("SERVER_PAYMENT_CONFIRM_ABOVE", Min = 0, Max = 1_000_000_000, Applies = Applies.Now,
        Says = "What moves more money than this, in the account's currency, waits until a second person confirms it (docs/users.md); 0: nothing waits.")]
    public int PaymentConfirmAbove { get; init; }

    [Setting("SS_SIP_REGISTRATION_LIGTHWEIGHT", Applies = Applies.NextRequest,
        Says = "On: a registration that is only refreshed, by the same phone from the same address and port, is granted without a challenge, at most a day after its password was last proven (docs/registrations.md).")]
    public bool RegistrationLightweight { get; init; }

    [Setting("SS_STRANGER_RATE", Min = 1, Max = 1_000_000, Applies = Applies.Now,
        Says = "Requests a second from unknown sources, all together, that one shard looks at; what is beyond meets silence.")]
    public int StrangerRate { get; init; } = 2000;

    [Setting("SS_STRANGER_RATE_PREFIX", Min = 1, Max = 1_000_000, Applies = Applies.Now,
        Says = "The same for one network of unknown sources (IPv4 /24, IPv6 /48).")]
    public int StrangerRatePrefix { get; init; } = 100;
}
