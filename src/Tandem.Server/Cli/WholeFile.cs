namespace Tandem.Server.Cli;

/// <summary>What the switch sends, into a file that is there whole or not at all; only the owner may read it.</summary>
internal static class WholeFile
{
    /// <param name="to">The file; one of that name is replaced.</param>
    /// <param name="copyAsync">Writes it.</param>
    /// <exception cref="RefusedException">It cannot be written, or the switch broke off; no file was written.</exception>
    public static async Task WriteAsync(string to, Func<Stream, Task> copyAsync)
    {
        string aside = to + ".part";
        try
        {
            await using (var file = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                await copyAsync(file);
            File.Move(aside, to, overwrite: true);
        }
        catch (HttpIOException e)
        {
            throw new RefusedException($"the switch broke the export off ({e.Message}); no file was written");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            throw new RefusedException($"the file {to} cannot be written: {e.Message}");
        }
        finally
        {
            if (File.Exists(aside)) File.Delete(aside);
        }
    }
}
