namespace Tandem.Bench;

/// <summary>A measurement cannot be made; the message is one sentence.</summary>
internal sealed class BenchException(string message) : Exception(message);
