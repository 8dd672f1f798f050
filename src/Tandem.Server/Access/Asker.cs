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
    private const string Phone = "phone:", Gateway = "gateway:";
    private const string Item = "tandem.asker";

    /// <summary>Of a customer who is one device: "phone:NUMBER" or "gateway:NAME".</summary>
    public string? Device { get; init; }

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

    /// <summary>With the account of his device, as it is configured now; none, when the device is gone.</summary>
    public Asker At(SwitchConfiguration configuration) => Device is null ? this : this with { Account = AccountOf(Device, configuration) };

    /// <summary>The account of "phone:NUMBER" or "gateway:NAME" (a mapping gateway); null: there is no such device, or it has none.</summary>
    public static string? AccountOf(string device, SwitchConfiguration configuration)
    {
        if (device.StartsWith(Phone, StringComparison.Ordinal)) return configuration.Phones.GetValueOrDefault(device[Phone.Length..])?.Account;
        return device.StartsWith(Gateway, StringComparison.Ordinal) ? configuration.MappingGateways.GetValueOrDefault(device[Gateway.Length..])?.Account : null;
    }

    /// <summary>Whether a call is of his device: from his gateway, or from or to his phone. Who is no device: every call is.</summary>
    public bool IsParty(string callerGateway, params ReadOnlySpan<string> numbers)
    {
        if (Device is null) return true;
        if (Device.StartsWith(Gateway, StringComparison.Ordinal)) return callerGateway == Device[Gateway.Length..];
        return callerGateway.Length == 0 && numbers.Contains(Device[Phone.Length..]);
    }

    /// <summary>Whether a registration is of his device.</summary>
    public bool IsPhone(string number) => Device is null || Device == Phone + number;

    public static Asker? Of(HttpContext http) => http.Items[Item] as Asker;

    public void Into(HttpContext http) => http.Items[Item] = this;
}
