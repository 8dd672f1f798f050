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
            .Select(static c => c with { CalleeGateway = "", CalleeAddress = default, Attempts = 0, CalleeMedia = null, CalleeKeys = null, Recording = null }),
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
            shown.Add(cdr with
            {
                Sale = pays ? cdr.Sale : null,
                Cost = carries ? cdr.Cost : null,
                Agents = [.. cdr.Agents.Where(a => asker.Sees(a.Account, configuration))],
                AgentIncome = null, // of all of them together: it would tell what those above keep
                CallerGateway = pays ? cdr.CallerGateway : "",
                CallerAddress = pays ? cdr.CallerAddress : default,
                CallerAccessE164 = pays ? cdr.CallerAccessE164 : "",
                CalleeAccessE164 = pays ? cdr.CalleeAccessE164 : "",
                CallerE164 = pays ? cdr.CallerE164 : cdr.CallerToGatewayE164,
                CalleeE164 = pays ? cdr.CalleeE164 : cdr.CalleeToGatewayE164,
                CalleeGateway = carries ? cdr.CalleeGateway : "",
                CalleeAddress = carries ? cdr.CalleeAddress : default,
                CallerToGatewayE164 = carries ? cdr.CallerToGatewayE164 : "",
                CalleeToGatewayE164 = carries ? cdr.CalleeToGatewayE164 : "",
                CallerMedia = pays ? cdr.CallerMedia : null,
                CalleeMedia = carries ? cdr.CalleeMedia : null,
                Attempts = 0,
                Tried = [],
                Revision = 0,
                Recording = null,
            });
        }
        return shown;
    }
}
