using Npgsql;
using Tandem.Server.Storage.Cdrs;

namespace Tandem.Tests.Server.Storage.Cdrs;

public sealed class PostgresAddressTests
{
    [Fact]
    public void An_address_says_who_where_and_how_it_is_encrypted()
    {
        NpgsqlConnectionStringBuilder read = Read("postgres://tan%40dem:se%3Acret@192.0.2.30:5433/calls?sslmode=verify-full");
        Assert.Equal(("192.0.2.30", 5433, "tan@dem", "se:cret", "calls", SslMode.VerifyFull), (read.Host, read.Port, read.Username, read.Password, read.Database, read.SslMode));
        NpgsqlConnectionStringBuilder plain = Read("postgresql://192.0.2.30/calls");
        Assert.Equal((5432, null), (plain.Port, plain.Password));
        Assert.Equal("calls", Read("Host=192.0.2.30;Database=calls").Database);
        Assert.Equal("tandem_cdr", plain.SearchPath);
    }

    [Theory]
    [InlineData("postgres://192.0.2.30/calls?sslmode=perhaps", "'sslmode=perhaps' is no option of a PostgreSQL address")]
    [InlineData("postgres://192.0.2.30/calls?wether=fine", "'wether=fine' is no option of a PostgreSQL address")]
    [InlineData("mysql://192.0.2.30/calls", "is no PostgreSQL database: postgres://USER@HOST:5432/DATABASE is needed")]
    public void What_it_cannot_be_is_refused_in_words(string text, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static NpgsqlConnectionStringBuilder Read(string text) => PostgresAddress.Read(text, PostgresCdrs.Schema, 15);
}
