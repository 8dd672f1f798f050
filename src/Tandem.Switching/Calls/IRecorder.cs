using System.Diagnostics.CodeAnalysis;
using Tandem.Media.Streams;
using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>A recording under way.</summary>
public interface IRecording
{
    /// <summary>Where the media thread puts what it hears.</summary>
    IAudioTap Tap { get; }

    /// <summary>The file, without its folder.</summary>
    string File { get; }

    /// <summary>No more comes; what came is written. Never waits.</summary>
    void End();
}

/// <summary>Records calls. Never waits: files are opened and written elsewhere.</summary>
public interface IRecorder
{
    /// <summary>False with the reason, a sentence without its full stop, where no recording can be begun; the call goes on without.</summary>
    bool TryBegin(CallId call, string caller, string callee, Instant now, [NotNullWhen(true)] out IRecording? recording, out string whyNot);
}
