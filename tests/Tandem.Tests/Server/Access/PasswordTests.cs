using System.Text;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Server.Access;

public sealed class PasswordTests
{
    [Theory] // RFC 6238, appendix B, SHA-1
    [InlineData(59, "94287082")]
    [InlineData(1_111_111_109, "07081804")]
    [InlineData(1_111_111_111, "14050471")]
    [InlineData(1_234_567_890, "89005924")]
    [InlineData(2_000_000_000, "69279037")]
    [InlineData(20_000_000_000, "65353130")]
    public void Codes_are_those_of_the_rfc(long seconds, string code) => Assert.Equal(code, Totp.Code("12345678901234567890"u8, seconds / 30, 8));

    [Theory] // RFC 4648, section 10, without padding
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_shown_in_base32(string bytes, string text) => Assert.Equal(text, Totp.ToBase32(Encoding.ASCII.GetBytes(bytes)));

    [Fact]
    public void A_code_is_good_one_step_early_or_late_and_never_twice()
    {
        byte[] secret = "12345678901234567890"u8.ToArray();
        var now = new Instant(3000L * 1_000_000);
        foreach (int step in (int[])[99, 100, 101]) Assert.Equal(step, Totp.Step(secret, Totp.Code(secret, step), now, 0));
        foreach (int step in (int[])[98, 102]) Assert.Null(Totp.Step(secret, Totp.Code(secret, step), now, 0));
        Assert.Null(Totp.Step(secret, Totp.Code(secret, 100), now, lastUsed: 100));
        Assert.Null(Totp.Step(secret, "", now, 0));
    }

    [Fact]
    public void A_hash_is_salted_is_of_its_password_alone_and_an_old_one_says_so()
    {
        string hash = PasswordHash.Make("correct horse");
        Assert.NotEqual(hash, PasswordHash.Make("correct horse"));
        Assert.StartsWith("p2$210000$", hash, StringComparison.Ordinal);
        Assert.True(PasswordHash.Verify(hash, "correct horse", out bool isOld));
        Assert.False(isOld);
        Assert.False(PasswordHash.Verify(hash, "correct horsf", out _));
        Assert.True(PasswordHash.Verify(PasswordHash.Make("correct horse", 1000), "correct horse", out isOld));
        Assert.True(isOld);
        Assert.False(PasswordHash.Verify(null, "nobody's", out _));
        foreach (string damaged in (string[])["", "p1$1$AA==$AA==", "p2$0$AA==$AA==", "p2$x$AA==$AA=="]) Assert.False(PasswordHash.Verify(damaged, "", out _));
    }

    [Theory]
    [InlineData("abcdefg1", null)]
    [InlineData("abcdef1", "must have at least 8 characters (SERVER_PASSWORD_LENGTH)")]
    [InlineData("", "must have at least 8 characters (SERVER_PASSWORD_LENGTH)")]
    [InlineData("my-ANN-word", "must not contain the user's name")]
    [InlineData("aabbaabbaabb", "must have at least four different characters")]
    public void A_chosen_password_must_be_some_good(string password, string? fault) => Assert.Equal(fault, PasswordMaker.Fault(password, "ann", new AuthenticationSettings()));

    [Fact]
    public void SERVER_PASSWORD_LENGTH_is_the_least_of_a_user_and_the_length_for_terminals()
    {
        var settings = new AuthenticationSettings { PasswordLength = 12 };
        Assert.NotNull(PasswordMaker.Fault("abcdefghijk", "ann", settings));
        Assert.Null(PasswordMaker.Fault("abcdefghijkl", "ann", settings));
        Assert.Equal(12, PasswordMaker.ForTerminal(settings).Length);
        Assert.Equal(16, PasswordMaker.ForUser(settings).Length);
        Assert.Equal(36, PasswordMaker.ForUser(settings with { PasswordLength = 32 }).Length);
    }

    [Fact]
    public void SERVER_PASSWORD_TERMINAL_ADDITIONAL_CHARACTERS_stand_in_every_password_made_for_a_terminal()
    {
        var settings = new AuthenticationSettings { PasswordLength = 6, PasswordTerminalAdditionalCharacters = "#%" };
        var seen = new HashSet<char>();
        for (int i = 0; i < 200; i++)
        {
            string made = PasswordMaker.ForTerminal(settings);
            Assert.Equal(6, made.Length);
            Assert.True(made.IndexOfAny(['#', '%']) >= 0, made);
            Assert.All(made, static c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '#' or '%'));
            seen.UnionWith(made);
        }
        Assert.Contains('#', seen);
        Assert.Contains('%', seen);
        Assert.All(PasswordMaker.ForTerminal(settings with { PasswordTerminalAdditionalCharacters = "" }), static c => Assert.True(char.IsAsciiLetterOrDigit(c)));
    }
}
