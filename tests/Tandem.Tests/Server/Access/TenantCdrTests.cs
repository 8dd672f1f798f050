using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Api;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Access;

public sealed class TenantCdrTests
{
    [Theory]
    [InlineData(Role.Customer)]
    [InlineData(Role.Agent)]
    public void A_tenant_is_not_told_what_the_agents_above_keep(Role role)
    {
        CallCharge Charge(string account, long income) => new() { AccountNumber = account, Tariff = new Tariff(1, 0, 1, 1, Currency.Usd), Nanos = 100, IncomeNanos = income };
        CdrView view = CdrView.Of(CdrSamples.Call(1, c => (c.Sale, c.Further) = (Charge("1001", 0), [Charge("agent", 30), Charge("top", 20)])));
        Assert.Equal(50, view.AgentIncome!.Value.Nanos);
        CdrView shown = Assert.Single(TenantViews.Of([view], new Asker("someone", role, "1001", "", "session"), SwitchConfiguration.Empty));
        Assert.Equal("1001", shown.Sale!.Account);
        Assert.Empty(shown.Agents);
        Assert.Null(shown.AgentIncome);
        Assert.Equal(50, Assert.Single(TenantViews.Of([view], new Asker("op", Role.ReadOnly, null, "", null), SwitchConfiguration.Empty)).AgentIncome!.Value.Nanos);
    }
}
