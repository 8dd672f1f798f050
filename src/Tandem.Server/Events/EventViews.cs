using Tandem.Server.Api;

namespace Tandem.Server.Events;

/// <summary>A call has another state.</summary>
/// <param name="Call">As it is now.</param>
/// <param name="EndReason">Once it has ended; else null.</param>
public sealed record CallEventView(CallView Call, int? EndReason);

/// <param name="LastEvent">The newest event before the first that is told.</param>
/// <param name="Topics">What will be told.</param>
public sealed record HelloEventView(long LastEvent, string Topics);

/// <summary>Events that the reader did not get, since it was too slow or too long away.</summary>
/// <param name="Count">At least so many.</param>
public sealed record LostEventView(long Count);

/// <param name="Says">Why there is no more.</param>
public sealed record OverEventView(string Says);
