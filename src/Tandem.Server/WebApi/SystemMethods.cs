using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>What the server tells of itself.</summary>
internal sealed class SystemMethods(ApiParts parts)
{
    public IEnumerable<(string, WebHandler)> All => [("GetSoftSwitch", GetSoftSwitchAsync), ("GetPerformance", GetPerformanceAsync)];

    private async Task<WebReply> GetSoftSwitchAsync(WebRequest request, CancellationToken stop)
    {
        StatusView status = await parts.Control.StatusAsync(stop);
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoSoftSwitches");
            to.WriteStartObject();
            to.WriteString("name", "Tandem");
            to.WriteString("identification", status.Version);
            WebJson.Time(to, "createTime", status.Started);
            WebJson.Time(to, "accessTime", status.Now);
            to.WriteString("accessAddress", "");
            to.WriteString("memo", "");
            to.WriteEndObject();
            to.WriteEndArray();
        });
    }

    private async Task<WebReply> GetPerformanceAsync(WebRequest request, CancellationToken stop)
    {
        StatusView status = await parts.Control.StatusAsync(stop);
        return WebReply.With(to =>
        {
            to.WriteStartObject("infoPerformance");
            to.WriteNumber("callSize", status.CallsOpen);
            to.WriteNumber("cdrQueueSize", status.Counters.GetValueOrDefault("cdr.pending"));
            to.WriteEndObject();
        });
    }
}
