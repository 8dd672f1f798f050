using System.Globalization;
using System.Security.Cryptography;

namespace Tandem.Server.Access;

/// <summary>
/// PBKDF2 with HMAC-SHA-512 (RFC 8018), as "p2$ITERATIONS$SALT$HASH". A hash of fewer iterations than are made now is still good, and is made anew when its
/// password is next known.
/// </summary>
public static class PasswordHash
{
    public const int Iterations = 210_000;

    private const string Version = "p2";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Checked when there is no such user, so that the answer takes as long.</summary>
    private static readonly Lazy<string> Nobodys = new(static () => Make("nobody's"));

    public static string Make(string password) => Make(password, Iterations);

    internal static string Make(string password, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Version}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, iterations))}");
    }

    /// <param name="hash">Null: there is no such user; the answer is no, and takes as long.</param>
    /// <param name="password">What was said.</param>
    /// <param name="isOld">It is good, and should be hashed anew.</param>
    public static bool Verify(string? hash, string password, out bool isOld)
    {
        isOld = false;
        string[] parts = (hash ?? Nobodys.Value).Split('$');
        if (parts.Length != 4 || parts[0] != Version || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations < 1) return false;
        bool good = CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(parts[2]), iterations), Convert.FromBase64String(parts[3])) && hash is not null;
        isOld = good && iterations < Iterations;
        return good;
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashBytes);
}
