using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Which reports are made each night.</summary>
public sealed record ReportSettings
{
    [Setting("SERVER_REPORT_CUSTOMER_FEE", ObeyedBy = ReportsAtNight, Says = "On: what accounts were charged.")]
    public bool Customers { get; init; } = true;

    [Setting("SERVER_REPORT_PHONE_FEE", ObeyedBy = ReportsAtNight, Says = "On: what phones were charged.")]
    public bool Phones { get; init; } = true;

    [Setting("SERVER_REPORT_GATEWAY_FEE", ObeyedBy = ReportsAtNight, Says = "On: what the calls of gateways came to.")]
    public bool Gateways { get; init; } = true;

    [Setting("SERVER_REPORT_CLEARING_CUSTOMER_FEE", ObeyedBy = ReportsAtNight, Says = "On: what carriers' clearing accounts were charged.")]
    public bool Clearing { get; init; }

    [Setting("SERVER_REPORT_AGENT_INCOME", ObeyedBy = ReportsAtNight, Says = "On: what agents earned.")]
    public bool Agents { get; init; } = true;

    [Setting("SERVER_REPORT_GATEWAY_ROUTING_LOCATION_ASR_ACD", ObeyedBy = ReportsAtNight, Says = "On: answer rate and talk of routing gateways by area.")]
    public bool Areas { get; init; } = true;

    private const string ReportsAtNight = "reports made at night; reports are summed when they are asked for ('tandem cdr analysis', GetReportCustomerFee), whatever this is";
}
