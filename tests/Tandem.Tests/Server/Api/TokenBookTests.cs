using Tandem.Server.Api;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Api;

public sealed class TokenBookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_run_makes_a_token_of_256_bits_for_its_owner_alone_and_never_says_it()
    {
        TokenBook book = TokenBook.Open(_folder.Path, _said.Add);
        string token = File.ReadAllText(_folder["admin.token"]).Trim();
        Assert.Equal(43, token.Length); // 32 bytes in base64url
        Assert.Equal("admin", book.Who(token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["admin.token"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["api.tokens"]));
        Assert.Contains(_folder["admin.token"], Assert.Single(_said), StringComparison.Ordinal);
        Assert.DoesNotContain(token, _said[0], StringComparison.Ordinal);
        Assert.DoesNotContain(token, File.ReadAllText(_folder["api.tokens"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_stays_the_same_and_outlives_its_file()
    {
        TokenBook.Open(_folder.Path, _said.Add);
        string token = File.ReadAllText(_folder["admin.token"]).Trim();
        File.Delete(_folder["admin.token"]);
        Assert.Equal("admin", TokenBook.Open(_folder.Path, _said.Add).Who(token));
        Assert.Single(_said);
        Assert.False(File.Exists(_folder["admin.token"]));
    }

    [Fact]
    public void Nobody_has_another_token()
    {
        TokenBook book = TokenBook.Open(_folder.Path, _said.Add);
        string token = File.ReadAllText(_folder["admin.token"]).Trim();
        foreach (string other in (string[])["", token + "x", token[1..], token.ToUpperInvariant(), new string('é', 43)]) Assert.Null(book.Who(other));
    }

    [Fact]
    public void A_damaged_file_is_said_and_lets_nobody_in()
    {
        File.WriteAllText(_folder["api.tokens"], "admin nonsense\n");
        IOException refused = Assert.Throws<IOException>(() => TokenBook.Open(_folder.Path, _said.Add));
        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
    }
}
