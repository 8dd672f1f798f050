using System.Text;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Ported;

namespace Tandem.Tests.Server.Storage.Ported;

public sealed class PortedTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-ported").FullName;

    private string FilePath => Path.Combine(_folder, "ported-numbers");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_number_of_a_file_in_any_order_is_found_and_no_other()
    {
        SeededEntropy chance = new(11);
        Dictionary<string, string> truth = [];
        while (truth.Count < 50_000)
        {
            // dense runs and lonely numbers, of several lengths, with leading zeros
            string number = chance.Below(3) == 0 ? $"{chance.NextUInt64() % 1_000_000_000_000}" : $"0{12125550000 + (ulong)chance.Below(60_000)}";
            truth[number] = $"1{201 + chance.Below(40)}5550000";
        }
        string[] lines = [.. truth.Select(static t => $"{t.Key},{t.Value}")];
        Shuffle(lines, chance);
        PortedImport outcome = Build(string.Join('\n', lines), piece: 4096); // several pieces, merged
        Assert.Equal((50_000, 0), (outcome.Numbers, outcome.ErrorCount));
        PortedTable table = PortedTable.Open(FilePath);
        Assert.Equal(50_000, table.Count);
        foreach ((string number, string routing) in truth)
        {
            Assert.True(table.TryFind(DialString.Parse(number), out DialString found), number);
            Assert.Equal(routing, found.ToString());
        }
        for (int i = 0; i < 20_000; i++)
        {
            string number = $"{chance.NextUInt64() % 10_000_000_000_000}";
            Assert.Equal(truth.ContainsKey(number), table.TryFind(DialString.Parse(number), out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1\n2")]
    public void A_number_alone_or_no_number_at_all_is_a_table_too(string numbers)
    {
        string csv = "number,routing\r\n" + string.Concat(numbers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static n => $"\"{n}\",\"99\"\r\n"));
        Assert.Equal(0, Build(csv).ErrorCount);
        PortedTable table = PortedTable.Open(FilePath);
        Assert.Equal(numbers.Length > 0, table.TryFind(DialString.Parse("2"), out _));
        Assert.False(table.TryFind(DialString.Parse("3"), out _));
        Assert.False(table.TryFind(DialString.Parse("sales"), out _));
        Assert.False(table.TryFind(DialString.Parse("02"), out _)); // a leading zero is a digit
    }

    [Fact]
    public void A_number_written_with_a_plus_is_the_same_and_an_empty_routing_number_says_it_was_not_ported()
    {
        Build("+4930123,\n4930124,+4917\n");
        PortedTable table = PortedTable.Open(FilePath);
        Assert.True(table.TryFind(DialString.Parse("4930123"), out DialString none));
        Assert.True(none.IsEmpty);
        Assert.True(table.TryFind(DialString.Parse("+4930124"), out DialString routing));
        Assert.Equal("4917", routing.ToString());
    }

    [Fact]
    public void A_bad_file_replaces_nothing_and_every_error_has_its_line()
    {
        Build("1,2\n");
        PortedImport bad = Build("number,routing\n12,3\n12x,3\nnocomma\n14,no space\n12,4\n12,3\n9999999999999999999,1\n");
        Assert.Equal(
            [(3, "'12x' is no number of 1 to 18 digits"), (4, "'nocomma' has no comma; a line is number,routing"), (5, "'no space' is no routing number: at most 32 of 0-9 * # + - . _ and letters"), (8, "'9999999999999999999' is no number of 1 to 18 digits"), (6, "12 stands with another routing number on line 2"), (7, "12 stands with another routing number on line 6")],
            bad.Errors.Select(static e => (e.Line, e.Says)));
        Assert.Equal(6, bad.ErrorCount);
        Assert.True(PortedTable.Open(FilePath).TryFind(DialString.Parse("1"), out _));
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_is_no_text_at_all_is_one_error()
    {
        Assert.Equal(1, Build(new string('7', 3_000_000)).ErrorCount);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void A_damaged_or_cut_table_is_refused_whole()
    {
        Build(string.Concat(Enumerable.Range(0, 1000).Select(static i => $"{1000 + i},{i % 7}\n")));
        byte[] whole = File.ReadAllBytes(FilePath);
        SeededEntropy chance = new(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] broken = [.. whole];
            if (i % 3 == 0) broken = broken[..chance.Below(broken.Length)];
            else broken[chance.Below(broken.Length)] ^= (byte)(1 << chance.Below(8));
            File.WriteAllBytes(FilePath, broken);
            Assert.Throws<DataFolderException>(() => PortedTable.Open(FilePath));
        }
        File.WriteAllBytes(FilePath, whole);
        Assert.Equal(1000, PortedTable.Open(FilePath).Count);
    }

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        Build(string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"{5_550_000 + (i * 3)},{i % 7}\n")));
        PortedTable table = PortedTable.Open(FilePath);
        DialString there = DialString.Parse("5550300"), not = DialString.Parse("5550301");
        Assert.Equal(0, Allocations.Least(() =>
        {
            Assert.True(table.TryFind(there, out _));
            Assert.False(table.TryFind(not, out _));
        }));
    }

    private PortedImport Build(string csv, int piece = 1 << 16) =>
        PortedBuilder.Build(new MemoryStream(Encoding.ASCII.GetBytes(csv)), FilePath, Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc)), null, CancellationToken.None, piece);

    private static void Shuffle(string[] lines, SeededEntropy chance)
    {
        for (int i = lines.Length - 1; i > 0; i--)
        {
            int j = chance.Below(i + 1);
            (lines[i], lines[j]) = (lines[j], lines[i]);
        }
    }
}
