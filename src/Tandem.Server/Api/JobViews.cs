using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>How a job stands.</summary>
public enum JobState { Running, Done, Failed, Cancelled }

/// <summary>A long question to the switch.</summary>
public sealed record JobView
{
    public required string Id { get; init; }
    /// <summary>what-if…</summary>
    public required string What { get; init; }
    public required string By { get; init; }
    public required JobState State { get; init; }
    /// <summary>Share that is done, 0 to 1.</summary>
    public required double Done { get; init; }
    /// <summary>Where it stands, or what went wrong.</summary>
    public required string Says { get; init; }
    public required Instant Started { get; init; }
    public Instant? Ended { get; init; }
    /// <summary>The answer, one of <see cref="Results"/>; null until it is done.</summary>
    public object? Result { get; init; }

    /// <summary>What a job's answer can be.</summary>
    internal static IReadOnlyList<Type> Results { get; } = [typeof(WhatIfView), typeof(RerateView), typeof(BatchPaidView), typeof(DeckAssignedView), typeof(DeckReportView)];
}

public sealed record JobsView(IReadOnlyList<JobView> Jobs, string? Next = null);
