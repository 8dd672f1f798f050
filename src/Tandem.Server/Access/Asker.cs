using Tandem.Switching.Configuration;

namespace Tandem.Server.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">As it stands in histories: a user's name, "key:NAME", or "admin" for the token of the data folder.</param>
/// <param name="Role">What he may.</param>
/// <param name="Account">Of a tenant: his account.</param>
/// <param name="Person">The user behind it; of a key who made it, so that nobody confirms by a key what he asked for himself.</param>
/// <param name="Session">The session it came by; null: a key or the admin's token.</param>
public sealed record Asker(string Name, Role Role, string? Account, string Person, string? Session)
{
    private const string Item = "tandem.asker";

    public bool IsUser => Session is not null;

    /// <summary>Whether what is of that account is his to see.</summary>
    public bool Sees(string? account, SwitchConfiguration configuration)
    {
        if (!Role.IsTenant()) return true;
        if (string.IsNullOrEmpty(account) || string.IsNullOrEmpty(Account)) return false;
        if (Role == Role.Customer) return account == Account;
        // Agents stand in a tree; the bound is for a table that says otherwise.
        for (int up = 0; up < 64 && account is not null; up++)
        {
            if (account == Account) return true;
            account = configuration.Accounts.GetValueOrDefault(account)?.Agent;
        }
        return false;
    }

    public static Asker? Of(HttpContext http) => http.Items[Item] as Asker;

    public void Into(HttpContext http) => http.Items[Item] = this;
}
