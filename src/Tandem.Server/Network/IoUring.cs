using System.Runtime.InteropServices;

namespace Tandem.Server.Network;

/// <summary>
/// io_uring by its three system calls (the kernel's include/uapi/linux/io_uring.h): two rings shared with the kernel, and a ring of buffers
/// that it fills as packets come. Used by one thread, the first that calls <see cref="Enable"/>; nothing is allocated after the constructor.
/// </summary>
internal sealed unsafe partial class IoUring : IDisposable
{
    /// <summary>Of a completion: more will come of the same request.</summary>
    public const uint More = 1 << 1;

    private const int SetupCall = 425, EnterCall = 426, RegisterCall = 427;
    private const int UnregisterFiles = 3, RegisterFilesUpdate = 6, RegisterEnable = 12, RegisterFiles = 13, RegisterBufferRing = 22, RegisterSyncCancel = 24;
    private const uint SetupCqSize = 1 << 3, SetupDisabled = 1 << 6, SetupSubmitAll = 1 << 7, SetupCoopTaskRun = 1 << 8, SetupSingleIssuer = 1 << 12, SetupDeferTaskRun = 1 << 13, SetupNoSqArray = 1 << 16;
    private const uint FeatureSingleMap = 1, FeatureExtArg = 1 << 8, FeatureMinWait = 1 << 15;
    private const uint EnterGetEvents = 1, EnterExtArg = 1 << 3;
    private const uint CancelAll = 1, CancelAny = 4;
    private const long SubmissionQueueOffset = 0, EntriesOffset = 0x10000000;
    private const int CompletionBytes = 16;
    private const int MostFixedFiles = 65_536;

    private readonly int _fd;
    private readonly byte* _rings;
    private readonly nuint _ringsBytes;
    private readonly Entry* _entries;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly byte* _completions;
    private readonly uint _submissionMask, _completionMask;
    private readonly byte* _bufferRing;
    private readonly byte* _buffers;
    private readonly int _bufferCount, _bufferBytes;
    private readonly bool _minWait;
    private readonly int _fixedFiles;
    private uint _tail, _submitted;
    private ushort _bufferTail;
    private bool _disposed;

    /// <param name="entries">Requests that may wait for one submission; a power of two.</param>
    /// <param name="bufferCount">Buffers for received packets; a power of two.</param>
    /// <param name="bufferBytes">Of each.</param>
    /// <exception cref="IoUringException">The kernel does not have it, does not permit it, or lacks a part; the message says which.</exception>
    public IoUring(int entries, int bufferCount, int bufferBytes)
    {
        _bufferCount = bufferCount;
        _bufferBytes = bufferBytes;
        byte* parameters = stackalloc byte[120];
        _fd = Setup((uint)entries, parameters);
        if (_fd < 0) throw new IoUringException($"io_uring_setup: {LibC.Says(-_fd)}");
        try
        {
            uint features = *(uint*)(parameters + 20);
            if ((features & FeatureSingleMap) == 0 || (features & FeatureExtArg) == 0) throw new IoUringException("the kernel's io_uring is older than 5.11");
            _minWait = (features & FeatureMinWait) != 0;
            uint submissions = *(uint*)parameters, completions = *(uint*)(parameters + 4);
            byte* sq = parameters + 40, cq = parameters + 80;
            _ringsBytes = Math.Max(At(sq, 24) + (submissions * sizeof(uint)), At(cq, 20) + (completions * CompletionBytes));
            _rings = Map(_ringsBytes, SubmissionQueueOffset);
            _entries = (Entry*)Map(submissions * (nuint)sizeof(Entry), EntriesOffset);
            _submissionHead = (uint*)(_rings + At(sq, 0));
            _submissionTail = (uint*)(_rings + At(sq, 4));
            _submissionMask = *(uint*)(_rings + At(sq, 8));
            if (At(sq, 24) != 0)
            {
                // Before 6.6 there is an array between ring and entries: each place names its own.
                uint* array = (uint*)(_rings + At(sq, 24));
                for (uint i = 0; i < submissions; i++) array[i] = i;
            }
            _completionHead = (uint*)(_rings + At(cq, 0));
            _completionTail = (uint*)(_rings + At(cq, 4));
            _completionMask = *(uint*)(_rings + At(cq, 8));
            _completions = _rings + At(cq, 20);
            Capacity = (int)submissions;

            _bufferRing = (byte*)NativeMemory.AlignedAlloc((nuint)(bufferCount * 16), 4096);
            _buffers = (byte*)NativeMemory.AlignedAlloc((nuint)bufferCount * (nuint)bufferBytes, 4096);
            new Span<byte>(_bufferRing, bufferCount * 16).Clear();
            RegisterBuffers();
            _fixedFiles = RegisterFileTable();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Requests that fit before a submission.</summary>
    public int Capacity { get; }

    /// <summary>Requests written and not yet submitted.</summary>
    public int Pending => (int)(_tail - _submitted);

    /// <summary>From now on the ring belongs to the calling thread.</summary>
    public void Enable()
    {
        int result = Call(RegisterCall, _fd, RegisterEnable, 0, 0, 0, 0);
        if (result < 0) throw new IoUringException($"io_uring_register: {LibC.Says(-result)}");
    }

    /// <summary>Makes the ring know a descriptor by itself, so that no request has to look it up: then <see cref="Entry.FixedFile"/> may be set on requests of it. By the owner of the ring.</summary>
    /// <returns>False: the kernel does not, or the descriptor's number is too high.</returns>
    public bool Fix(int fd)
    {
        if (fd >= _fixedFiles) return false;
        byte* update = stackalloc byte[16];
        *(ulong*)update = (uint)fd; // its place: its own number
        *(ulong*)(update + 8) = (ulong)&fd;
        return Call(RegisterCall, _fd, RegisterFilesUpdate, (nint)update, 1, 0, 0) == 1;
    }

    /// <summary>Forgets every descriptor it knows, so that closing them frees them at once. By the owner of the ring, when no request is under way.</summary>
    public void Forget()
    {
        if (_fixedFiles > 0) _ = Call(RegisterCall, _fd, UnregisterFiles, 0, 0, 0, 0);
    }

    /// <summary>The next request to fill, cleared. The caller makes sure that there is room.</summary>
    public ref Entry Next(out uint slot)
    {
        slot = _tail++ & _submissionMask;
        ref Entry entry = ref _entries[slot];
        entry = default;
        return ref entry;
    }

    /// <summary>Hands the pending requests to the kernel; those that need not wait are carried out before it returns.</summary>
    public void Submit()
    {
        while (Pending > 0)
        {
            if (Enter(0, 0, null) >= 0) continue;
            // The completions must be made room for first (EBUSY), or a request was refused for want of memory: what is left is given up.
            if (Enter(EnterGetEvents, 0, null) < 0) _submitted = _tail;
        }
    }

    /// <summary>Submits, and waits for at least one completion.</summary>
    /// <param name="timeout">At most; zero: takes what is there.</param>
    /// <param name="batch">With <paramref name="patience"/>: come back early only for so many.</param>
    /// <param name="patience">How long a first completion may wait for others, so that one wake serves them all; zero: not. Kernel 6.12; before, not.</param>
    public void SubmitAndWait(TimeSpan timeout, int batch, TimeSpan patience)
    {
        Arguments arguments = default;
        LibC.TimeSpec span = new() { Seconds = timeout.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100 };
        arguments.TimeSpec = (ulong)&span;
        bool gathers = _minWait && patience > TimeSpan.Zero;
        if (gathers) arguments.MinWaitMicros = (uint)patience.TotalMicroseconds;
        uint least = timeout == TimeSpan.Zero ? 0u : gathers ? (uint)batch : 1u;
        if (Enter(EnterGetEvents | EnterExtArg, least, &arguments) < 0 || Pending > 0) Submit();
    }

    /// <summary>How many completions are there.</summary>
    public int Completed => (int)(Volatile.Read(ref *_completionTail) - *_completionHead);

    /// <summary>The next completion; only when <see cref="Completed"/> said there is one.</summary>
    public Completion Take()
    {
        uint head = *_completionHead;
        Completion taken = *(Completion*)(_completions + (nint)((head & _completionMask) * CompletionBytes));
        Volatile.Write(ref *_completionHead, head + 1);
        return taken;
    }

    public byte* Buffer(int id) => _buffers + ((nint)id * _bufferBytes);

    /// <summary>Gives a buffer back to the kernel; it fills it again after <see cref="PublishBuffers"/>.</summary>
    public void ReturnBuffer(int id)
    {
        byte* place = _bufferRing + ((nint)(_bufferTail++ & (_bufferCount - 1)) * 16);
        *(ulong*)place = (ulong)Buffer(id);
        *(uint*)(place + 8) = (uint)_bufferBytes;
        *(ushort*)(place + 12) = (ushort)id;
    }

    public void PublishBuffers() => Volatile.Write(ref *(ushort*)(_bufferRing + 14), _bufferTail);

    /// <summary>Ends every request, so that the sockets they hold can be closed. By the owner of the ring.</summary>
    public void CancelAllRequests()
    {
        byte* cancel = stackalloc byte[64];
        new Span<byte>(cancel, 64).Clear();
        *(uint*)(cancel + 12) = CancelAll | CancelAny;
        *(long*)(cancel + 16) = 1; // seconds
        Call(RegisterCall, _fd, RegisterSyncCancel, (nint)cancel, 1, 0, 0);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_entries is not null) _ = Unmap(_entries, (nuint)Capacity * (nuint)sizeof(Entry));
        if (_rings is not null) _ = Unmap(_rings, _ringsBytes);
        _ = LibC.Close(_fd);
        NativeMemory.AlignedFree(_bufferRing);
        NativeMemory.AlignedFree(_buffers);
    }

    // The newest flags first, then what Debian 12's kernel 6.1 knows.
    private static int Setup(uint entries, byte* parameters)
    {
        const uint always = SetupCqSize | SetupDisabled | SetupSubmitAll;
        int fd = -1;
        foreach (uint flags in (ReadOnlySpan<uint>)[SetupSingleIssuer | SetupDeferTaskRun | SetupNoSqArray, SetupSingleIssuer | SetupDeferTaskRun, SetupCoopTaskRun])
        {
            new Span<byte>(parameters, 120).Clear();
            *(uint*)(parameters + 4) = entries * 8;
            *(uint*)(parameters + 8) = always | flags;
            fd = Call(SetupCall, (nint)entries, (nint)parameters, 0, 0, 0, 0);
            if (fd != -LibC.EINVAL) break;
        }
        return fd;
    }

    private void RegisterBuffers()
    {
        byte* registration = stackalloc byte[40];
        new Span<byte>(registration, 40).Clear();
        *(ulong*)registration = (ulong)_bufferRing;
        *(uint*)(registration + 8) = (uint)_bufferCount;
        int result = Call(RegisterCall, _fd, RegisterBufferRing, (nint)registration, 1, 0, 0);
        if (result < 0) throw new IoUringException($"no ring of buffers: {LibC.Says(-result)}");
        for (int i = 0; i < _bufferCount; i++) ReturnBuffer(i);
        PublishBuffers();
    }

    // As many as this process may open: the kernel takes no larger table. Linux 5.19; before, each request looks its descriptor up.
    private int RegisterFileTable()
    {
        int files = (int)Math.Min(MostFixedFiles, DescriptorLimit.Raise());
        byte* registration = stackalloc byte[32];
        new Span<byte>(registration, 32).Clear();
        *(uint*)registration = (uint)files;
        *(uint*)(registration + 4) = 1; // sparse
        return Call(RegisterCall, _fd, RegisterFiles, (nint)registration, 32, 0, 0) == 0 ? files : 0;
    }

    private int Enter(uint flags, uint least, Arguments* arguments)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        int result = Call(EnterCall, _fd, Pending, (nint)least, (nint)flags, (nint)arguments, arguments is null ? 0 : sizeof(Arguments));
        _submitted = Volatile.Read(ref *_submissionHead);
        return result is -LibC.ETIME or -LibC.EINTR ? 0 : result;
    }

    private byte* Map(nuint length, long offset)
    {
        void* map = MMap(null, length, 3 /* read, write */, 0x8001 /* shared, populate */, _fd, offset);
        return (nint)map == -1 ? throw new IoUringException($"mmap of the rings: {LibC.Says(LibC.Errno)}") : (byte*)map;
    }

    private static nuint At(byte* offsets, int index) => *(uint*)(offsets + index);

    private static int Call(int number, nint a, nint b, nint c, nint d, nint e, nint f)
    {
        nint result = SysCall(number, a, b, c, d, e, f);
        return result < 0 ? -LibC.Errno : (int)result;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MMap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);

    /// <summary>struct io_uring_sqe, the fields used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct Entry
    {
        public const byte PollAdd = 6, ReceiveMessage = 10, SendTo = 26;
        public const byte FixedFile = 1 << 0, BufferSelect = 1 << 5, SilentSuccess = 1 << 6;
        public const ushort ReceiveMultishot = 1 << 1;
        public const uint PollMultishot = 1;

        [FieldOffset(0)] public byte Operation;
        [FieldOffset(1)] public byte Flags;
        [FieldOffset(2)] public ushort IoPriority;
        [FieldOffset(4)] public int Fd;
        [FieldOffset(8)] public ulong Address2;
        [FieldOffset(16)] public ulong Address;
        [FieldOffset(24)] public uint Length;
        [FieldOffset(28)] public uint OperationFlags;
        [FieldOffset(32)] public ulong Tag;
        [FieldOffset(40)] public ushort BufferGroup;
        [FieldOffset(44)] public ushort AddressLength;
    }

    /// <summary>struct io_uring_cqe.</summary>
    [StructLayout(LayoutKind.Explicit, Size = CompletionBytes)]
    public struct Completion
    {
        [FieldOffset(0)] public ulong Tag;
        [FieldOffset(8)] public int Result;
        [FieldOffset(12)] public uint Flags;

        public readonly bool HasBuffer => (Flags & 1) != 0;

        public readonly int BufferId => (int)(Flags >> 16);
    }

    /// <summary>struct io_uring_getevents_arg.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct Arguments
    {
        [FieldOffset(12)] public uint MinWaitMicros;
        [FieldOffset(16)] public ulong TimeSpec;
    }
}

/// <summary>io_uring cannot be had here; the message says why, to be put behind "because".</summary>
internal sealed class IoUringException(string message) : Exception(message);
