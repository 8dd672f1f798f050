using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Tandem.Server.Api;

/// <summary>
/// Who may use the API: names with the SHA-256 of their token, in <c>api.tokens</c> of the data folder. On the first run a token of 256
/// random bits for "admin" is made and left in <c>admin.token</c>, readable by the owner alone; it is stored nowhere else.
/// </summary>
public sealed class TokenBook
{
    public const string AdminFile = "admin.token";
    private const string HashesFile = "api.tokens";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<(string Name, byte[] Hash)> _tokens = [];

    private TokenBook() { }

    /// <summary>Reads the tokens, or makes the first one and says where it is (never what it is).</summary>
    /// <exception cref="IOException">The folder cannot be written, or the file is damaged; the message is a sentence for the operator.</exception>
    public static TokenBook Open(string dataFolder, Action<string> say)
    {
        string file = Path.Combine(dataFolder, HashesFile);
        try
        {
            if (!File.Exists(file)) MakeFirst(dataFolder, file, say);
            var book = new TokenBook();
            foreach (string line in File.ReadAllLines(file))
            {
                if (line.Length == 0) continue;
                string[] parts = line.Split(' ');
                if (parts.Length != 2 || parts[1].Length != 64 || !parts[1].All(char.IsAsciiHexDigit))
                    throw new IOException($"{file} is damaged: each line is a name and the SHA-256 of its token. Remove the file to have a new admin token made.");
                book._tokens.Add((parts[0], Convert.FromHexString(parts[1])));
            }
            return book;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the API's tokens in {dataFolder} cannot be read or written: {e.Message}", e);
        }
    }

    /// <summary>Whose token it is; null when nobody's. Takes the same time whatever is wrong with it.</summary>
    public string? Who(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        string? who = null;
        foreach ((string name, byte[] known) in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known)) who = name;
        }
        return who;
    }

    private static void MakeFirst(string dataFolder, string file, Action<string> say)
    {
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        string tokenFile = Path.Combine(dataFolder, AdminFile);
        Write(tokenFile, token + "\n");
        Write(file, $"admin {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}\n");
        say($"the API's admin token is in {tokenFile}");
    }

    private static void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private };
        File.Delete(file); // its mode would stay
        using var stream = new FileStream(file, options);
        stream.Write(Encoding.ASCII.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
