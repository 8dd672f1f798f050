namespace Tandem.Server.Storage.Journal;

/// <summary>Holds a data folder for one process. The lock dies with the process, however it ends.</summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder, creating it if need be.</summary>
    /// <exception cref="DataFolderException">It is in use, or cannot be written; the message is one sentence for the operator.</exception>
    public static DataFolderLock Take(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The data folder {folder} cannot be created: {e.Message}", e);
        }
        string path = Path.Combine(folder, "lock");
        try
        {
            return new DataFolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataFolderException($"The data folder {folder} cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new DataFolderException($"The data folder {folder} is in use by another tandem process; two cannot share one.", e);
        }
        catch (IOException e)
        {
            throw new DataFolderException($"The data folder {folder} cannot be written: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>The data folder cannot be used; the message is one sentence for the operator.</summary>
public class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The journal is damaged where it was durable: nothing was changed, and the message says where.</summary>
public sealed class JournalCorruptException(string message, long position) : DataFolderException(message)
{
    public long Position { get; } = position;
}
