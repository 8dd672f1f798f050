namespace Tandem.Tests;

/// <summary>
/// Real data that is not part of the project: the folder TANDEM_SHARED_DATA names, or shared/data beside the checkout. Tests
/// that need it are skipped where it is absent.
/// </summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>The full path of a file or folder in it; skips the running test when it is not there.</summary>
    public static string Path(string name)
    {
        string path = Root is null ? "" : System.IO.Path.Combine(Root, name);
        if (!File.Exists(path) && !Directory.Exists(path)) Assert.Skip($"shared/data/{name} is not beside the checkout, nor does TANDEM_SHARED_DATA name its folder.");
        return path;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TANDEM_SHARED_DATA") is { Length: > 0 } named) return named;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string beside = System.IO.Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(beside)) return beside;
        }
        return null;
    }
}
