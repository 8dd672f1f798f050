using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Quality;

namespace Tandem.Server.Hosting;

/// <summary>The quality of gateways as it is counted now. Reads what shards write; waits for nobody.</summary>
internal static class QualityList
{
    /// <param name="tables">In force.</param>
    /// <param name="gateway">With its destinations; null: every gateway, without.</param>
    /// <param name="now">What still counts.</param>
    public static Answer<QualitiesView> Of(SwitchTables tables, string? gateway, Instant now)
    {
        if (gateway is null) return new QualitiesView([.. tables.Routes.Gateways.Where(static g => g.State.Quality is not null).Select(g => View(g.Name, g.State.Quality!.Total, now))]);
        if (tables.Routes.Gateways.FirstOrDefault(g => g.Name == gateway) is not { } found) return new Fault(FaultKind.NotFound, $"There is no routing gateway '{Configuration.DocumentNode.Printable(gateway)}'.");
        if (found.State.Quality is not { } quality) return new QualitiesView([]);
        return new QualitiesView([View(found.Name, quality.Total, now), .. quality.Destinations.OrderBy(static d => d.Destination, StringComparer.Ordinal).Select(d => View(found.Name, d, now))]);
    }

    private static QualityView View(string gateway, QualityTrack track, Instant now)
    {
        QualitySample sample = track.Sample(now);
        return new QualityView
        {
            Gateway = gateway,
            Destination = track.Destination,
            State = track.State.ToString(),
            Since = track.Since == default ? null : track.Since,
            Attempts = sample.Attempts,
            Answered = sample.Answered,
            Asr = Percent(sample.AnswerRate),
            Ner = Percent(sample.Effectiveness),
            ShortCalls = Percent(sample.ShortShare),
            Acd = sample.AverageTalkMillis < 0 ? null : sample.AverageTalkMillis / 1000.0,
            Pdd = sample.AveragePddMillis < 0 ? null : sample.AveragePddMillis / 1000.0,
        };
    }

    private static double? Percent(int permille) => permille < 0 ? null : permille / 10.0;
}
