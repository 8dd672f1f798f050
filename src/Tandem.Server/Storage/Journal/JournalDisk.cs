using Microsoft.Win32.SafeHandles;

namespace Tandem.Server.Storage.Journal;

/// <summary>The three things the journal asks of a disk; tests give it one that is full or broken.</summary>
public class JournalDisk
{
    // A page at a time: what is written in one piece the kernel also caches in one piece, and each record later written into that would walk the whole of it.
    private static readonly byte[] Zeros = new byte[4_096];

    /// <summary>Makes a segment: full length, zero-filled (so that later writes change no metadata), header in place, durable, and only then under its name.</summary>
    /// <exception cref="IOException">No room; nothing is left behind.</exception>
    public virtual void CreateSegment(string path, ReadOnlySpan<byte> header, long length)
    {
        string aside = path + ".new";
        try
        {
            using (SafeFileHandle file = File.OpenHandle(aside, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length))
            {
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                for (long at = 0; at < length; at += Zeros.Length) RandomAccess.Write(file, Zeros, at);
                RandomAccess.Write(file, header, 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(aside, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(aside);
            throw;
        }
        DurableFiles.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    /// <summary>Makes what was written durable.</summary>
    public virtual void Sync(SafeFileHandle file) => DurableFiles.SyncData(file);
}
