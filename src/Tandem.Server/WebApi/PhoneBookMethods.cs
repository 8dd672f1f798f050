using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>The phone books of accounts.</summary>
internal sealed class PhoneBookMethods(ApiParts parts, WebConfiguration configuration)
{
    private readonly WebEntity<PhoneBookConfig> _entries = Entries();

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("GetCustomerPhoneBook", Get), ("CreateCustomerPhoneBook", CreateAsync), ("ModifyCustomerPhoneBook", ModifyAsync), ("DeleteCustomerPhoneBook", DeleteAsync),
    ];

    public static WebEntity<PhoneBookConfig> Entries() => new(ServiceKinds.PhoneBook, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty);

    private Task<WebReply> Get(WebRequest request, CancellationToken stop)
    {
        string? account = request.Wanted("account"), number = request.Wanted("e164");
        return Task.FromResult(_entries.List("GetCustomerPhoneBook", configuration.Current.PhoneBook.Values.Where(e =>
            (account is null || e.Account == account) && (number is null || e.E164 == number || e.ShortNumbers.Contains(number)))));
    }

    private Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c =>
    {
        string account = request.Text("account")!;
        if (request.Wanted("e164") is not { } number) return (null, WebReply.Refuse(WebCode.MissingParameter, "e164 is missing"));
        if (!c.Accounts.TryGetValue(account, out AccountConfig? owner)) return (null, WebReply.Refuse(WebCode.NotFound, $"there is no account {account}"));
        DocumentNode? overwrite = request["infoCustomerPhoneBookOverWrite"];
        bool overNumber = overwrite is not null && WebRequest.Of(overwrite, "e164")?.Text == "1", overShort = overwrite is not null && WebRequest.Of(overwrite, "shortE164")?.Text == "1";
        string id = PhoneBookConfig.IdOf(account, number);
        PhoneBookConfig[] book = [.. c.PhoneBook.Values.Where(e => e.Account == account)];
        if (!overNumber && c.PhoneBook.ContainsKey(id)) return (null, WebReply.Refuse(WebCode.Conflict, $"{number} is in the phone book of {account} already"));
        if (owner.PhoneBookLimit > 0 && !c.PhoneBook.ContainsKey(id) && book.Length >= owner.PhoneBookLimit) return (null, WebReply.Refuse(WebCode.Conflict, $"the phone book of {account} has {book.Length} entries; phoneBookLimit permits {owner.PhoneBookLimit}"));
        return Statements(request, "CreateCustomerPhoneBook", account, number, null, book, overShort, null);
    }, request.By, stop);

    private Task<WebReply> ModifyAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c =>
    {
        string account = request.Text("account")!, number = request.Text("e164")!;
        if (!c.PhoneBook.TryGetValue(PhoneBookConfig.IdOf(account, number), out PhoneBookConfig? known)) return (null, None(account, number));
        string renamed = request.Wanted("newE164") ?? number;
        if (renamed != number && c.PhoneBook.ContainsKey(PhoneBookConfig.IdOf(account, renamed))) return (null, WebReply.Refuse(WebCode.Conflict, $"{renamed} is in the phone book of {account} already"));
        PhoneBookConfig[] book = [.. c.PhoneBook.Values.Where(e => e.Account == account && e.E164 != number)];
        return Statements(request, "ModifyCustomerPhoneBook", account, renamed, known, book, overShort: false, renamed == number ? null : known.Id);
    }, request.By, stop);

    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c =>
    {
        string account = request.Text("account")!;
        string[] ids = [.. (request.Names("e164s") ?? []).Select(n => PhoneBookConfig.IdOf(account, n)).Distinct()];
        string[] missing = [.. ids.Where(id => !c.PhoneBook.ContainsKey(id))];
        if (missing.Length > 0) return (null, WebReply.Refuse(WebCode.NotFound, $"there is no phone book entry {string.Join(", ", missing)}; none was removed"));
        return (new JsonObject { ["remove"] = new JsonObject { [ServiceKinds.PhoneBook.List] = new JsonArray([.. ids.Select(static i => (JsonNode)JsonValue.Create(i))]) } }, null);
    }, request.By, stop);

    // The entry, and the others that lose a short number to it.
    private (JsonObject?, WebReply?) Statements(WebRequest request, string method, string account, string number, PhoneBookConfig? known, PhoneBookConfig[] others, bool overShort, string? removed)
    {
        JsonObject statement = _entries.StatementOf(known);
        if (_entries.Overlay(request.Body, WebMethods.Find(method)!.Request.Without("newE164", "infoCustomerPhoneBookOverWrite"), statement, known) is { } refused) return (null, refused);
        statement["id"] = PhoneBookConfig.IdOf(account, number);
        statement["e164"] = number;
        statement["lastUpdateTime"] = parts.Now().Micros / 1000;
        JsonArray statements = [statement];
        HashSet<string> taken = [.. request.Names("shortE164s") ?? []];
        foreach (PhoneBookConfig other in others.Where(o => o.ShortNumbers.Any(taken.Contains)))
        {
            if (!overShort) return (null, WebReply.Refuse(WebCode.Conflict, $"the short number {other.ShortNumbers.First(taken.Contains)} is that of {other.E164} already"));
            JsonObject loses = _entries.StatementOf(other);
            loses["shortE164s"] = new JsonArray([.. other.ShortNumbers.Where(s => !taken.Contains(s)).Select(static s => (JsonNode)JsonValue.Create(s))]);
            statements.Add(loses);
        }
        JsonObject document = new() { [ServiceKinds.PhoneBook.List] = statements };
        if (removed is not null) document["remove"] = new JsonObject { [ServiceKinds.PhoneBook.List] = new JsonArray(removed) };
        return (document, null);
    }

    private static WebReply None(string account, string number) => WebReply.Refuse(WebCode.NotFound, $"{number} is not in the phone book of {account}");
}
