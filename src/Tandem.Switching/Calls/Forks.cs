using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Transports;

namespace Tandem.Switching.Calls;

/// <summary>
/// The early dialogs of the attempt under way. <see cref="Current"/> is the one heard last, and after the answer the only one. Objects are
/// used again, so that a call without forks costs one.
/// </summary>
internal sealed class Forks(BytePool pool, SipListeners listeners)
{
    /// <summary>Early dialogs of one attempt; further ones are not heard unless they answer.</summary>
    internal const int Most = 8;

    private readonly List<Fork> _others = [];
    private readonly Stack<Fork> _spare = [];

    internal Fork Current { get; private set; } = new(pool, listeners);

    internal IReadOnlyList<Fork> Others => _others;

    internal bool TryFind(ReadOnlySpan<byte> remoteTag, [NotNullWhen(true)] out Fork? fork)
    {
        fork = Current;
        if (fork.Dialog.RemoteTag.SequenceEqual(remoteTag)) return true;
        foreach (Fork other in _others)
        {
            fork = other;
            if (fork.Dialog.RemoteTag.SequenceEqual(remoteTag)) return true;
        }
        fork = null;
        return false;
    }

    /// <summary>The fork with this tag, or one that is not open yet for it; false when there are too many.</summary>
    internal bool TryTake(ReadOnlySpan<byte> remoteTag, [NotNullWhen(true)] out Fork? fork)
    {
        if (TryFind(remoteTag, out fork)) return true;
        fork = Current;
        if (!fork.IsOpen) return true;
        fork = null;
        if (_others.Count + 1 >= Most) return false;
        if (!_spare.TryPop(out fork)) fork = new Fork(pool, listeners);
        fork.Dialog.OpenAsFork(Current.Dialog);
        _others.Add(fork);
        return true;
    }

    internal void MakeCurrent(Fork fork)
    {
        int at = _others.IndexOf(fork);
        if (at < 0) return;
        _others[at] = Current;
        Current = fork;
    }

    /// <summary>The current one has answered: it alone remains.</summary>
    internal void Settle()
    {
        foreach (Fork other in _others)
        {
            other.Release();
            _spare.Push(other);
        }
        _others.Clear();
    }

    /// <summary>The INVITE goes again: what was heard of the first one's early dialogs is over, the current one is to be opened anew.</summary>
    internal void Restart()
    {
        Settle();
        Current.Forget();
    }

    internal void Release()
    {
        Settle();
        Current.Release();
    }
}
