using Tandem.Primitives;

namespace Tandem.Server.Network;

/// <summary>A port the operator asked for cannot be had; the message is the one sentence to show.</summary>
public sealed class PortUnavailableException(string message) : Exception(message)
{
    /// <param name="what">What the port is for, as the sentence begins: "the SIP port".</param>
    /// <param name="bind">The address asked for.</param>
    /// <param name="errno">Why the kernel refused.</param>
    internal static PortUnavailableException For(string what, in NetAddress bind, int errno) => new(errno switch
    {
        LibC.EADDRINUSE => $"{what} {bind} is in use: another program listens there ('ss -lntup' shows which).",
        LibC.EADDRNOTAVAIL => $"{what} {bind} cannot be opened: this machine has no such address.",
        LibC.EACCES => $"{what} {bind} cannot be opened: ports below 1024 need root or CAP_NET_BIND_SERVICE.",
        LibC.EMFILE or LibC.ENFILE => $"{what} {bind} cannot be opened: no file descriptor is free (raise 'ulimit -n').",
        _ => $"{what} {bind} cannot be opened: {LibC.Says(errno)}.",
    });
}
