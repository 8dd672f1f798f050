namespace Tandem.Tests;

/// <summary>The source tree the tests were built from, for pages and tables that tests hold true.</summary>
internal static class Checkout
{
    public static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Holds a generated page true; with TANDEM_WRITE_DOCS=1 writes it instead.</summary>
    public static void HoldPage(string relative, string generated)
    {
        string path = Path(relative.Split('/'));
        if (Environment.GetEnvironmentVariable("TANDEM_WRITE_DOCS") == "1") File.WriteAllText(path, generated);
        Assert.True(File.Exists(path), $"{relative} is missing; run the tests with TANDEM_WRITE_DOCS=1 to write it.");
        Assert.Equal(generated, File.ReadAllText(path));
    }

    /// <summary>Holds the generated part <paramref name="part"/> of a page that people write true; with TANDEM_WRITE_DOCS=1 writes it instead.</summary>
    public static void HoldPart(string relative, string part, string generated)
    {
        string page = File.ReadAllText(Path(relative.Split('/'))), open = $"<!-- generated: {part} -->\n";
        int from = page.IndexOf(open, StringComparison.Ordinal) + open.Length, to = page.IndexOf("<!-- end -->", from, StringComparison.Ordinal);
        Assert.True(from >= open.Length && to >= from, $"{relative} has no generated part '{part}'.");
        HoldPage(relative, page[..from] + generated + page[to..]);
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Tandem.slnx"))) return folder.FullName;
        }
        throw new InvalidOperationException("The tests do not run inside a checkout: no Tandem.slnx above the test program.");
    }
}
