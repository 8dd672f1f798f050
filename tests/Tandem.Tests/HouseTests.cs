using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Tandem.Tests;

/// <summary>The rules of the house that no compiler holds (ARCHITECTURE.md, "The one wall").</summary>
public sealed partial class HouseTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Primitives", "")]
    [InlineData("Sip", "Primitives")]
    [InlineData("Media", "Primitives")]
    [InlineData("Switching", "Media Primitives Sip")]
    [InlineData("Client", "")]
    [InlineData("Server", "Client Media Primitives Sip Switching")]
    public void A_room_refers_only_to_the_rooms_below_it(string room, string below)
    {
        IEnumerable<string> references = Project(room).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)["Tandem.".Length..]).Order(StringComparer.Ordinal);
        Assert.Equal(below, string.Join(' ', references));
    }

    [Theory]
    [InlineData("Primitives")]
    [InlineData("Sip")]
    [InlineData("Media")]
    [InlineData("Switching")]
    public void What_decides_refers_to_no_package(string room) => Assert.Empty(Project(room).Descendants("PackageReference"));

    [Fact]
    public void Every_link_in_the_manual_leads_somewhere()
    {
        var dead = new List<string>();
        foreach (string page in Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Root, "*.md")))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(page)))
            {
                string target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal)) continue;
                string path = Path.GetFullPath(target, Path.GetDirectoryName(page)!);
                if (!File.Exists(path) && !Directory.Exists(path)) dead.Add($"{Path.GetRelativePath(Root, page)}: {target}");
            }
        }
        Assert.Empty(dead);
    }

    [Fact]
    public void No_source_file_names_an_absolute_path_of_somebodys_machine()
    {
        // The pattern is put together here so that this file does not match itself.
        string[] forbidden = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"];
        IEnumerable<string> files = Sources().Where(f => forbidden.Any(File.ReadAllText(f).Contains));
        Assert.Empty(files.Select(f => Path.GetRelativePath(Root, f)));
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests", "bench", "docs" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories))
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".md", StringComparison.Ordinal) || f.EndsWith(".json", StringComparison.Ordinal))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static XDocument Project(string room) => XDocument.Load(Path.Combine(Root, "src", $"Tandem.{room}", $"Tandem.{room}.csproj"));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tandem.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the project's folder.");
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
