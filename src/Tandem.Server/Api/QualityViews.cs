using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>What became of the attempts and calls of one gateway, or of one gateway for one destination, in the windows of docs/quality.md. Null: nothing to tell it by.</summary>
public sealed record QualityView
{
    public required string Gateway { get; init; }

    /// <summary>Area code or first digits; empty: all destinations.</summary>
    public required string Destination { get; init; }

    /// <summary>Healthy, Penalised or Probing.</summary>
    public required string State { get; init; }

    /// <summary>Since when; null: it was never anything else.</summary>
    public Instant? Since { get; init; }

    public required long Attempts { get; init; }

    public required long Answered { get; init; }

    /// <summary>Percent answered.</summary>
    public double? Asr { get; init; }

    /// <summary>Percent that reached the called party.</summary>
    public double? Ner { get; init; }

    /// <summary>Average talk, s.</summary>
    public double? Acd { get; init; }

    /// <summary>Average post-dial delay, s.</summary>
    public double? Pdd { get; init; }

    /// <summary>Percent of answered calls shorter than 6 s.</summary>
    public double? ShortCalls { get; init; }
}

public sealed record QualitiesView(IReadOnlyList<QualityView> Quality, string? Next = null);
