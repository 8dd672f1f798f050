using System.Security.Cryptography;
using Tandem.Switching.Settings;

namespace Tandem.Server.Access;

/// <summary>Passwords the switch makes, and what one that somebody chose must be.</summary>
public static class PasswordMaker
{
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"; // without those that look like another

    /// <summary>The longest that is taken: hashing a longer one would be work for nothing.</summary>
    public const int MostLength = 128;

    /// <summary>For a user: four more than SERVER_PASSWORD_LENGTH asks for at least, and never fewer than sixteen.</summary>
    public static string ForUser(AuthenticationSettings settings) => RandomNumberGenerator.GetString(Letters, Math.Max(16, settings.PasswordLength + 4));

    /// <summary>For a phone or gateway: SERVER_PASSWORD_LENGTH long, of letters, digits and SERVER_PASSWORD_TERMINAL_ADDITIONAL_CHARACTERS, of which at least one stands in it.</summary>
    public static string ForTerminal(AuthenticationSettings settings)
    {
        string more = string.Concat(settings.PasswordTerminalAdditionalCharacters.Where(static c => c is > ' ' and < '\x7f').Distinct());
        if (more.Length == 0) return RandomNumberGenerator.GetString(Letters, settings.PasswordLength);
        char[] made = RandomNumberGenerator.GetString(Letters + more, settings.PasswordLength).ToCharArray();
        if (made.AsSpan().IndexOfAny(more) < 0) made[RandomNumberGenerator.GetInt32(made.Length)] = more[RandomNumberGenerator.GetInt32(more.Length)];
        return new string(made);
    }

    /// <summary>What is wrong with a chosen one; null: nothing.</summary>
    public static string? Fault(string password, string user, AuthenticationSettings settings)
    {
        if (password.Length < settings.PasswordLength) return $"must have at least {settings.PasswordLength} characters (SERVER_PASSWORD_LENGTH)";
        if (password.Length > MostLength) return $"may have at most {MostLength} characters";
        if (password.Contains(user, StringComparison.OrdinalIgnoreCase)) return "must not contain the user's name";
        return password.Distinct().Count() < 4 ? "must have at least four different characters" : null;
    }
}
