using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery.Reports;

/// <summary>The way to a report server. One thread; <see cref="IDisposable.Dispose"/> from another breaks off what is under way.</summary>
internal interface IReportLink : IDisposable
{
    /// <summary>Sends CDRs in their order and says of how many more the server has acknowledged that it has them.</summary>
    /// <exception cref="IOException">It did not acknowledge them all; the message names the server and what happened.</exception>
    void Send(ReadOnlySpan<Cdr> cdrs, Action<int> acknowledged);
}
