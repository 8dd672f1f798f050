using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Access;

/// <summary>What of lists is a tenant's, without what is the operator's alone: carriers, what they cost, where calls were sent. Operators get them whole.</summary>
internal static class TenantViews
{
    public static IReadOnlyList<AccountView> Of(IReadOnlyList<AccountView> all, Asker asker, SwitchConfiguration configuration) =>
        asker.Role.IsTenant() ? [.. all.Where(a => asker.Sees(a.Number, configuration))] : all;

    public static IReadOnlyList<RegistrationView> Of(IReadOnlyList<RegistrationView> all, Asker asker, SwitchConfiguration configuration) =>
        asker.Role.IsTenant() ? [.. all.Where(r => asker.IsPhone(r.Phone) && asker.Sees(configuration.Phones.GetValueOrDefault(r.Phone)?.Account, configuration))] : all;

    public static IReadOnlyList<CallView> Of(IReadOnlyList<CallView> all, Asker asker, SwitchConfiguration configuration) => !asker.Role.IsTenant() ? all :
    [
        .. all.Where(c => asker.Sees(c.Account, configuration) && asker.IsParty(c.CallerGateway, c.Caller, c.Callee))
            .Select(static c => new CallView
            {
                Id = c.Id,
                State = c.State,
                Arrived = c.Arrived,
                Answered = c.Answered,
                TalkSeconds = c.TalkSeconds,
                Caller = c.Caller,
                Callee = c.Callee,
                CallerGateway = c.CallerGateway,
                CallerAddress = c.CallerAddress,
                CallerMedia = c.CallerMedia,
                Account = c.Account,
                Reserved = c.Reserved,
                CalleeGateway = "",
                Attempts = 0,
            }),
    ];

    public static IReadOnlyList<CdrView> Of(IReadOnlyList<CdrView> all, Asker asker, SwitchConfiguration configuration)
    {
        if (!asker.Role.IsTenant()) return all;
        List<CdrView> shown = [];
        foreach (CdrView cdr in all)
        {
            bool pays = asker.Sees(cdr.Sale?.Account, configuration), carries = asker.Sees(cdr.Cost?.Account, configuration);
            if (asker.Device is not null) carries = false; // a device has no side of a carrier
            if (asker.Device is not null && !asker.IsParty(cdr.CallerGateway, cdr.CallerE164, cdr.CallerAccessE164, cdr.CalleeE164)) pays = false;
            if (!pays && !carries) continue;
            shown.Add(Of(cdr, asker, configuration, pays, carries));
        }
        return shown;
    }

    // Said field by field: what a CDR gets one day is not shown until somebody says so here.
    private static CdrView Of(CdrView cdr, Asker asker, SwitchConfiguration configuration, bool pays, bool carries) => new()
    {
        Id = cdr.Id,
        Start = cdr.Start,
        Answered = cdr.Answered,
        Stop = cdr.Stop,
        HoldMillis = cdr.HoldMillis,
        EndReason = cdr.EndReason,
        EndDirection = cdr.EndDirection,
        Refused = cdr.Refused,
        CallerAreaCode = cdr.CallerAreaCode,
        CalleeAreaCode = cdr.CalleeAreaCode,
        BillingMode = cdr.BillingMode,
        CalleeBilling = cdr.CalleeBilling,
        // Of who pays: how the call came.
        CallerE164 = pays ? cdr.CallerE164 : cdr.CallerToGatewayE164,
        CalleeE164 = pays ? cdr.CalleeE164 : cdr.CalleeToGatewayE164,
        CallerAccessE164 = pays ? cdr.CallerAccessE164 : "",
        CalleeAccessE164 = pays ? cdr.CalleeAccessE164 : "",
        CallerGateway = pays ? cdr.CallerGateway : "",
        CallerAddress = pays ? cdr.CallerAddress : default,
        CallerPddMillis = pays ? cdr.CallerPddMillis : 0,
        CallerPackets = pays ? cdr.CallerPackets : 0,
        CallerMedia = pays ? cdr.CallerMedia : null,
        Sale = pays ? cdr.Sale : null,
        Agents = pays ? [.. cdr.Agents.Where(a => asker.Sees(a.Account, configuration))] : [],
        // Of who carries it: how it went on.
        CallerToGatewayE164 = carries ? cdr.CallerToGatewayE164 : "",
        CalleeToGatewayE164 = carries ? cdr.CalleeToGatewayE164 : "",
        CalleeGateway = carries ? cdr.CalleeGateway : "",
        CalleeAddress = carries ? cdr.CalleeAddress : default,
        CalleePddMillis = carries ? cdr.CalleePddMillis : 0,
        CalleePackets = carries ? cdr.CalleePackets : 0,
        CalleeMedia = carries ? cdr.CalleeMedia : null,
        Cost = carries ? cdr.Cost : null,
        // The operator's alone, as are the agents' income together, attempts and recordings.
        Attempts = 0,
        Revision = 0,
    };
}
