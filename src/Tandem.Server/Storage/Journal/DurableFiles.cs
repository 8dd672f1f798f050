using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tandem.Server.Storage.Journal;

/// <summary>Files that are whole or not there at all, whatever happens to the machine.</summary>
public static partial class DurableFiles
{
    /// <summary>Writes a file aside, makes it durable, and puts it in its place in one step.</summary>
    /// <exception cref="IOException">No room, no permission; the file in its place is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string aside = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using (FileStream file = new(aside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes file names created, moved or deleted in the folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        int descriptor = Open(folder, flags: 0);
        if (descriptor < 0) throw Failed("open", folder);
        try
        {
            if (FileSync(descriptor) != 0) throw Failed("fsync", folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes what was written to the file durable (fdatasync).</summary>
    public static void SyncData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) RandomAccess.FlushToDisk(file);
        else if (FileDataSync(file) != 0) throw Failed("fdatasync", "the journal");
    }

    private static IOException Failed(string call, string what) => new($"{call} of {what} failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FileDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
