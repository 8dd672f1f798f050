using System.Collections.Immutable;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Sip.Locating;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Server.Configuration;

/// <summary>
/// Reads one JSON document onto a configuration. An entity is stated whole: a field left out has its default (a secret field: what it
/// had). What the document does not name stays. All errors are found in one reading; with any, nothing is taken. Shape: docs/configuration.md.
/// </summary>
internal sealed partial class ApplyDocument
{
    private static readonly string[] Sections = ["decks", .. EntityKinds.All.Select(static k => k.List), "settings", "remove"];

    private readonly SwitchConfiguration _before;
    private readonly IDeckShelf? _shelf;
    private readonly FaultList _faults;
    private readonly Dictionary<string, Deck> _brought = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Place> _stated = new(StringComparer.Ordinal); // "phones/1001" -> where
    private readonly HashSet<string> _wrong = new(StringComparer.Ordinal); // stated, but with errors of their own: who refers to them is not to blame
    private readonly Dictionary<EntityKind, object> _blanks = []; // a snapshot says what a field left out means
    private SwitchConfiguration _after;
    private (EntityKind Kind, object All)? _streamed; // the list whose items come one by one, and what they come to

    private readonly Instant _now;

    private ApplyDocument(SwitchConfiguration before, IDeckShelf? shelf, FaultList faults, Instant now)
    {
        _now = now;
        _before = before;
        _after = before;
        _shelf = shelf;
        _faults = faults;
    }

    /// <param name="before">What is in force.</param>
    /// <param name="json">The document, UTF-8.</param>
    /// <param name="shelf">Null when folding the journal.</param>
    /// <param name="faults">Gets every error; the outcome counts only if it stays empty.</param>
    /// <param name="now">When it is applied.</param>
    /// <param name="brought">Decks the document brought, by version: to be stored before the change counts.</param>
    public static SwitchConfiguration Read(SwitchConfiguration before, ReadOnlySpan<byte> json, IDeckShelf? shelf, FaultList faults, out IReadOnlyCollection<Deck> brought, Instant now = default)
    {
        brought = [];
        DocumentNode? root = DocumentNode.Read(json, faults);
        if (root is null) return before;
        return Read(before, root, shelf, faults, out brought, now);
    }

    public static SwitchConfiguration Read(SwitchConfiguration before, DocumentNode root, IDeckShelf? shelf, FaultList faults, out IReadOnlyCollection<Deck> brought, Instant now = default)
    {
        ApplyDocument reading = new(before, shelf, faults, now);
        reading.ReadSections(root);
        reading.CheckWhole();
        brought = reading._brought.Values;
        return faults.IsEmpty ? reading._after : before;
    }

    /// <summary>
    /// The whole configuration out of a snapshot: an object that has it as its member "document". Entities are taken as they are read, so that of a million no tree stands in memory.
    /// </summary>
    /// <returns>The snapshot's other members, with what stood in the document beside entities; null: it is no JSON.</returns>
    public static DocumentNode? ReadSnapshot(ReadOnlySpan<byte> json, FaultList faults, out SwitchConfiguration configuration)
    {
        ApplyDocument reading = new(SwitchConfiguration.Empty, null, faults, default);
        DocumentNode? root = DocumentNode.Read(json, faults, reading.Take);
        reading.EndList();
        if (root?.Member("document") is { Kind: JsonValueKind.Object } document)
        {
            reading.ReadSections(document);
            reading.CheckWhole();
        }
        configuration = reading._after;
        return root;
    }

    private bool Take(string member, string list, int place, DocumentNode item)
    {
        if (_streamed is { } open && open.Kind.List == list)
        {
            open.Kind.ReadItem(this, item, place, open.All, keeps: false);
            return true;
        }
        if (EntityKinds.All.FirstOrDefault(k => k.List == list) is not { } kind) return false;
        if (member == ConfigurationJson.Blanks)
        {
            kind.ReadBlank(this, item);
            return true;
        }
        EndList();
        _streamed = (kind, kind.Begin(_after));
        return Take(member, list, place, item);
    }

    internal void ReadBlank<T>(EntityKind<T> kind, DocumentNode item)
        where T : class
    {
        T blank = kind.Blank;
        foreach (Field<T> field in kind.Fields)
        {
            if (item.Member(field.Name) is { } value) blank = field.Read(blank, value, says => _faults.Add(value.Line, $"{ConfigurationJson.Blanks}.{kind.List}.{field.Name}", says));
        }
        _blanks[kind] = blank;
    }

    private void EndList()
    {
        if (_streamed is { } ended) _after = ended.Kind.End(_after, ended.All);
        _streamed = null;
    }

    private void ReadSections(DocumentNode root)
    {
        foreach ((string name, DocumentNode section) in root.Members)
        {
            switch (name)
            {
                case "decks": ReadDecks(section); break;
                case "settings": ReadSettings(section); break;
                case "remove": break; // last, so that what is stated and removed at once is found out
                case var _ when EntityKinds.All.FirstOrDefault(k => k.List == name) is { } kind: ReadEntities(kind, section); break;
                default: _faults.Add(section.Line, DocumentNode.Printable(name), $"there is no such section; there are {string.Join(", ", Sections)}"); break;
            }
        }
        if (root.Member("remove") is { } remove) ReadRemovals(remove);
    }

    private void ReadEntities(EntityKind kind, DocumentNode section)
    {
        if (!IsList(section, kind.List)) return;
        object all = kind.Begin(_after);
        for (int i = 0; i < section.Items.Length; i++) kind.ReadItem(this, section.Items[i], i, all, keeps: true);
        _after = kind.End(_after, all);
    }

    /// <param name="kind">What it is to be.</param>
    /// <param name="item">What is said of it.</param>
    /// <param name="place">In its list.</param>
    /// <param name="all">Gets it.</param>
    /// <param name="keeps">The item is kept, so that what is found wrong later can be shown on its line.</param>
    internal void ReadEntity<T>(EntityKind<T> kind, DocumentNode item, int place, ImmutableSortedDictionary<string, T>.Builder all, bool keeps)
        where T : class
    {
        var where = new Place(kind.List, place, item.Line, keeps ? item : null);
        if (item.Kind == JsonValueKind.Object)
        {
            if (ReadFields(kind, item, where) is { } entity) all[kind.Key.Show(entity)!] = entity;
        }
        else
        {
            _faults.Add(item.Line, where.Path, $"{item.Shown} is not an object");
        }
    }

    private T? ReadFields<T>(EntityKind<T> kind, DocumentNode item, Place where)
        where T : class
    {
        bool ok = true;
        foreach ((string name, DocumentNode stated) in item.Members)
        {
            if (kind.Knows(name)) continue;
            _faults.Add(stated.Line, $"{where.Path}.{DocumentNode.Printable(name)}", $"there is no such field; there are {string.Join(", ", kind.Fields.Select(static f => f.Name))}");
            ok = false;
        }
        DocumentNode? keyNode = item.Member(kind.Key.Name);
        T? known = keyNode?.Kind == JsonValueKind.String && kind.Of(_before).TryGetValue(keyNode.Text, out T? found) ? found : null;
        T entity = _blanks.TryGetValue(kind, out object? blank) ? (T)blank : kind.Blank;
        Field<T> field = kind.Key;
        DocumentNode? value = keyNode;
        Action<string> fault = says =>
        {
            _faults.Add(value!.Line, $"{where.Path}.{field.Name}", says);
            ok = false;
        };
        foreach (Field<T> next in kind.Fields)
        {
            field = next;
            value = item.Member(field.Name);
            if (value is not null)
            {
                entity = field.Read(entity, value, fault);
            }
            else if (field.IsSecret && known is not null)
            {
                entity = field.Copy(known, entity);
            }
            else if (field.IsRequired)
            {
                _faults.Add(item.Line, $"{where.Path}.{field.Name}", "it is missing");
                ok = false;
            }
            if (ok && field.IsFixed && known is not null && field.Show(known) != field.Show(entity))
            {
                _faults.Add(value?.Line ?? item.Line, $"{where.Path}.{field.Name}", $"it is '{field.Show(known)}' for ever and cannot become '{field.Show(entity)}'");
                ok = false;
            }
        }
        if (!ok)
        {
            _wrong.Add($"{kind.List}/{keyNode?.Text}");
            return null;
        }
        string key = kind.Key.Show(entity)!;
        if (_stated.TryAdd($"{kind.List}/{key}", where)) return entity;
        _faults.Add(item.Line, where.Path, $"the {kind.Noun} '{key}' is stated twice; first on line {_stated[$"{kind.List}/{key}"].Line}");
        return null;
    }

    private void ReadDecks(DocumentNode section)
    {
        if (!IsList(section, "decks")) return;
        ImmutableSortedDictionary<string, DeckRef>.Builder all = _after.Decks.ToBuilder();
        for (int i = 0; i < section.Items.Length; i++)
        {
            DocumentNode item = section.Items[i];
            string path = $"decks[{i}]";
            if (item.Kind != JsonValueKind.Object)
            {
                _faults.Add(item.Line, path, $"{item.Shown} is not an object");
                continue;
            }
            if (DeckStatement.Read(item, path, _shelf, _before.Decks.GetValueOrDefault, _now, _faults, out Deck? brought) is not { } deck)
            {
                _wrong.Add($"decks/{item.Member("name")?.Text}");
                continue;
            }
            if (!_stated.TryAdd($"decks/{deck.Name}", new Place("decks", i, item.Line, item)))
            {
                _faults.Add(item.Line, path, $"the deck '{deck.Name}' is stated twice; first on line {_stated[$"decks/{deck.Name}"].Line}");
                continue;
            }
            if (brought is not null) _brought[brought.Version] = brought;
            all[deck.Name] = deck;
        }
        _after = _after with { Decks = all.ToImmutable() };
    }

    private void ReadSettings(DocumentNode section)
    {
        if (section.Kind != JsonValueKind.Object)
        {
            _faults.Add(section.Line, "settings", $"{section.Shown} is not an object of names and values");
            return;
        }
        SwitchSettings settings = _after.Settings;
        HashSet<Setting> seen = [];
        foreach ((string name, DocumentNode value) in section.Members)
        {
            string path = $"settings.{DocumentNode.Printable(name)}";
            if (value.Kind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) _faults.Add(value.Line, path, $"{value.Shown} is not a setting's value");
            else if (SwitchSettings.Catalogue.TryFind(name, out Setting? setting) && !seen.Add(setting)) _faults.Add(value.Line, path, $"{setting.Name} is stated twice");
            else if (!SwitchSettings.Catalogue.TrySet(settings, name, value.Text, out settings, out string error)) _faults.Add(value.Line, path, error);
        }
        _after = _after with { Settings = settings };
    }

    private void ReadRemovals(DocumentNode remove)
    {
        if (remove.Kind != JsonValueKind.Object)
        {
            _faults.Add(remove.Line, "remove", $"{remove.Shown} is not an object of lists");
            return;
        }
        foreach ((string name, DocumentNode list) in remove.Members)
        {
            string path = $"remove.{DocumentNode.Printable(name)}";
            if (name == "remove" || !Sections.Contains(name))
            {
                _faults.Add(list.Line, path, $"there is no such list; there are {string.Join(", ", Sections.SkipLast(1))}");
                continue;
            }
            if (!IsList(list, path)) continue;
            for (int i = 0; i < list.Items.Length; i++)
            {
                DocumentNode item = list.Items[i];
                string at = $"{path}[{i}]";
                if (item.Kind != JsonValueKind.String) _faults.Add(item.Line, at, $"{item.Shown} is not a name");
                else if (_stated.ContainsKey($"{name}/{item.Text}")) _faults.Add(item.Line, at, $"'{DocumentNode.Printable(item.Text)}' is stated and removed in one document");
                else Remove(name, item, at);
            }
        }
    }

    // What is not there is gone already: the same document twice is no error.
    private void Remove(string section, DocumentNode item, string path)
    {
        switch (section)
        {
            case "decks":
                AccountConfig? user = _after.Accounts.Values.FirstOrDefault(a => a.Deck == item.Text);
                if (user is null) _after = _after with { Decks = _after.Decks.Remove(item.Text) };
                else _faults.Add(item.Line, path, $"the deck '{DocumentNode.Printable(item.Text)}' prices the account '{user.Number}'");
                break;
            case "settings":
                if (!SwitchSettings.Catalogue.TryFind(item.Text, out Setting? setting)) _faults.Add(item.Line, path, $"there is no setting '{DocumentNode.Printable(item.Text)}'");
                else if (SwitchSettings.Catalogue.TrySet(_after.Settings, setting.Name, setting.DefaultText, out SwitchSettings reset, out _)) _after = _after with { Settings = reset };
                break;
            default:
                EntityKind kind = EntityKinds.All.First(k => k.List == section);
                if (kind.NeverRemoved is { } says) _faults.Add(item.Line, path, says);
                else _after = kind.Without(_after, item.Text);
                break;
        }
    }

    // References, and what must be unique across entities. Entities not stated here held before; only what is stated can break them.
    private void CheckWhole()
    {
        CheckMoney();
        ExchangeTable exchanges = new(_after.ExchangeRates.Values.Where(static r => ExchangeRateConfig.Wrong(r.Exchange) is null));
        foreach (AccountConfig account in _after.Accounts.Values)
        {
            if (account.Deck is not { } name) continue;
            if (!_after.Decks.TryGetValue(name, out DeckRef? deck))
            {
                if (!_wrong.Contains($"decks/{name}")) Fault("accounts", account.Number, "feeRateGroup", $"there is no deck '{DocumentNode.Printable(name)}'");
            }
            else if (deck.Currency != account.Currency && !exchanges.Knows(deck.Currency, account.Currency))
            {
                if (_stated.ContainsKey($"accounts/{account.Number}")) Fault("accounts", account.Number, "feeRateGroup", $"the deck '{name}' is in {deck.Currency}, the account in {account.Currency}, and exchangeRates has no rate between them");
                else Fault("decks", name, "currency", $"the account '{account.Number}' that uses it is in {account.Currency}, and exchangeRates has no rate between them");
            }
        }
        Dictionary<(SourcePattern Source, string CallPrefix), string> sources = [];
        Dictionary<(string Host, int Port, string CallPrefix), string> names = [];
        Dictionary<string, string> users = [];
        foreach (MappingGatewayConfig gateway in _after.MappingGateways.Values.OrderBy(g => _stated.ContainsKey($"mappingGateways/{g.Name}")))
        {
            CheckAccount("mappingGateways", gateway.Name, "account", gateway.Account);
            if (TalkLimit.Wrong(gateway.MaxCallDurationLower, gateway.MaxCallDurationUpper) is { } wrong) Fault("mappingGateways", gateway.Name, "maxCallDurationLower", wrong);
            CheckCaller(gateway, users);
            foreach (string remoteIp in gateway.RemoteIps)
            {
                if (SourcePattern.TryParse(remoteIp, out SourcePattern source, out _) && !sources.TryAdd((source, gateway.CallPrefix), gateway.Name))
                    FaultSource(gateway, remoteIp, sources[(source, gateway.CallPrefix)]);
                else if (HostName.TryParse(remoteIp, out string host, out int port) && !names.TryAdd((host, port, gateway.CallPrefix), gateway.Name))
                    FaultSource(gateway, remoteIp, names[(host, port, gateway.CallPrefix)]);
            }
        }
        foreach (RoutingGatewayConfig gateway in _after.RoutingGateways.Values)
        {
            if (TalkLimit.Wrong(gateway.MaxCallDurationLower, gateway.MaxCallDurationUpper) is { } wrong) Fault("routingGateways", gateway.Name, "maxCallDurationLower", wrong);
            if (CheckAccount("routingGateways", gateway.Name, "clearingAccount", gateway.ClearingAccount) is { Kind: not AccountKind.Clearing } account)
                Fault("routingGateways", gateway.Name, "clearingAccount", $"the account '{account.Number}' is not of type 'clearing'");
            if (gateway.RegisterType == RegisterType.Register && gateway.RegisterName.Length == 0) Fault("routingGateways", gateway.Name, "registerName", "a gateway that is registered at needs the name it is registered by");
            if (gateway.InboundMappingGateway is { } inbound && !_after.MappingGateways.ContainsKey(inbound) && !_wrong.Contains($"mappingGateways/{inbound}"))
                Fault("routingGateways", gateway.Name, "inboundMappingGateway", $"there is no mapping gateway '{DocumentNode.Printable(inbound)}'");
        }
        foreach (PhoneConfig phone in _after.Phones.Values)
        {
            CheckAccount("phones", phone.E164, "account", phone.Account);
            if (phone.RegisterType == PhoneRegisterType.Static && phone.Ip.Length == 0) Fault("phones", phone.E164, "ip", "a phone that does not register needs the address it is at");
            if (phone.RegisterType == PhoneRegisterType.Dynamic && phone.Ip.Length > 0) Fault("phones", phone.E164, "ip", "a phone that registers says itself where it is; its registerType would have to be 'static'");
        }
        CheckDids();
        NumberChecks.Check(_after, _shelf is not null, _stated.ContainsKey, _wrong.Contains, Fault);
    }

    // A number is one phone's.
    private void CheckDids()
    {
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (PhoneConfig phone in _after.Phones.Values.OrderBy(p => _stated.ContainsKey($"phones/{p.E164}")))
        {
            foreach (string did in phone.Dids)
            {
                if (_after.Phones.ContainsKey(did)) Fault("phones", phone.E164, "dids", $"'{did}' is a phone itself");
                else if (!owners.TryAdd(did, phone.E164)) Fault("phones", phone.E164, "dids", $"'{did}' is bound to the phone '{owners[did]}'");
            }
        }
    }

    // Two gateways at one address are told apart by their callPrefix alone.
    private void FaultSource(MappingGatewayConfig gateway, string remoteIp, string owner) =>
        Fault("mappingGateways", gateway.Name, "remoteIps", owner == gateway.Name ? $"'{remoteIp}' is in the list twice"
            : $"'{remoteIp}' belongs to the mapping gateway '{owner}'{(gateway.CallPrefix.Length > 0 ? $" with the same callPrefix {gateway.CallPrefix}" : "")}");

    // What registers or shows a password goes by one name, which is nobody else's.
    private void CheckCaller(MappingGatewayConfig gateway, Dictionary<string, string> users)
    {
        void Wrong(string field, string says) => Fault("mappingGateways", gateway.Name, field, says);
        if (!gateway.HasUser)
        {
            if (gateway.RegisterName.Length > 0) Wrong("registerName", "it is used only where the gateway registers (registerType 'dynamic') or shows its password (sipAuthenticationMethod 'digest')");
            return;
        }
        if (gateway.Password.Length == 0) Wrong("password", "a gateway that registers or shows its password needs one");
        if (!DialString.TryParse(gateway.User.AsSpan(), out _)) Wrong("name", $"'{DocumentNode.Printable(gateway.User)}' cannot be its user name: at most {DialString.MaxLength} of 0-9 * # + - . _ and letters; state a registerName");
        if (_after.Phones.ContainsKey(gateway.User)) Wrong("registerName", $"the user name '{gateway.User}' is a phone's number");
        if (!users.TryAdd(gateway.User, gateway.Name)) Wrong("registerName", $"the user name '{gateway.User}' is that of the mapping gateway '{users[gateway.User]}'");
        if (gateway.RegisterType == MappingRegisterType.Dynamic && !gateway.RemoteIps.IsEmpty) Wrong("remoteIps", "a gateway that registers says itself where it is; the list must be empty");
    }

    private AccountConfig? CheckAccount(string list, string key, string field, string? number)
    {
        if (number is null) return null;
        if (_after.Accounts.TryGetValue(number, out AccountConfig? account)) return account;
        if (!_wrong.Contains($"accounts/{number}")) Fault(list, key, field, $"there is no account '{DocumentNode.Printable(number)}'");
        return null;
    }

    private void Fault(string list, string key, string field, string says)
    {
        if (_stated.TryGetValue($"{list}/{key}", out Place where)) _faults.Add(where.Node?.Member(field)?.Line ?? where.Line, $"{where.Path}.{field}", says);
        else _faults.Add(0, $"{list}['{key}'].{field}", says);
    }

    /// <summary>Where an entity is stated.</summary>
    private readonly record struct Place(string List, int Index, int Line, DocumentNode? Node)
    {
        public string Path => $"{List}[{Index}]";
    }

    private bool IsList(DocumentNode node, string path)
    {
        if (node.Kind == JsonValueKind.Array) return true;
        _faults.Add(node.Line, path, $"{node.Shown} is not a list");
        return false;
    }
}
