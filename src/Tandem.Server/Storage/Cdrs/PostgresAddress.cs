using Npgsql;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>Where a PostgreSQL server is, as operators write it.</summary>
internal static class PostgresAddress
{
    /// <exception cref="FormatException">It is none; the message is a sentence.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text, string schema, int patience)
    {
        NpgsqlConnectionStringBuilder address = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal) ? OfUrl(text) : OfText(text);
        if (string.IsNullOrEmpty(address.Host)) throw Wrong(text);
        address.SearchPath = schema;
        address.Timeout = 5;
        address.CommandTimeout = patience;
        address.KeepAlive = 30;
        address.ApplicationName = "tandem";
        address.MaxPoolSize = 8;
        address.Options = "-c TimeZone=UTC";
        return address;
    }

    private static NpgsqlConnectionStringBuilder OfUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Host.Length == 0) throw Wrong(text);
        string[] who = url.UserInfo.Split(':', 2);
        var address = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host), Port = url.Port > 0 ? url.Port : 5432 };
        if (who[0].Length > 0) address.Username = Uri.UnescapeDataString(who[0]);
        if (who.Length == 2) address.Password = Uri.UnescapeDataString(who[1]);
        if (url.AbsolutePath.Length > 1) address.Database = Uri.UnescapeDataString(url.AbsolutePath[1..]);
        foreach (string option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = option.Split('=', 2);
            // As libpq writes them; sslmode=verify-full is the driver's VerifyFull.
            Set(address, parts[0], parts.Length < 2 ? "" : parts[0] == "sslmode" ? parts[1].Replace("-", "", StringComparison.Ordinal) : Uri.UnescapeDataString(parts[1]), text);
        }
        return address;
    }

    private static void Set(NpgsqlConnectionStringBuilder address, string option, string value, string text)
    {
        try
        {
            address[option] = value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new FormatException($"'{option}={value}' is no option of a PostgreSQL address, in '{text}'", e);
        }
    }

    private static NpgsqlConnectionStringBuilder OfText(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw Wrong(text);
        }
    }

    private static FormatException Wrong(string text) => new($"'{text}' is no PostgreSQL database: postgres://USER@HOST:5432/DATABASE is needed");
}
