using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>
/// Holds what the operator said, its revision, and who changed what when. One thread prepares, commits and folds; any may read
/// <see cref="Current"/>. A change goes: <see cref="Prepare"/>, then tables, ledger and journal, then <see cref="Commit"/>.
/// </summary>
/// <param name="shelf">The stored decks.</param>
public sealed class ConfigurationBook(IDeckShelf shelf)
{
    /// <summary>So many changes are kept for the audit; all stand in the journal.</summary>
    public const int MostAudited = 10_000;

    private const int Format = 1, SnapshotFormat = 2; // snapshots of format 1 state every field

    private readonly Queue<AuditEntry> _audit = new();
    private volatile Standing _standing = new(SwitchConfiguration.Empty, 0);
    private volatile AuditEntry[]? _auditView;

    /// <summary>The configuration in force and its revision, read together.</summary>
    public (SwitchConfiguration Configuration, int Revision) Current
    {
        get
        {
            Standing standing = _standing;
            return (standing.Configuration, standing.Revision);
        }
    }

    /// <summary>0 before anything was said.</summary>
    public int Revision => _standing.Revision;

    /// <summary>Changes, oldest first.</summary>
    public IReadOnlyList<AuditEntry> Audit => _auditView ?? [];

    /// <summary>Reads a document onto the configuration in force. All or nothing; the same document twice changes nothing.</summary>
    /// <param name="document">JSON, UTF-8; docs/configuration.md.</param>
    /// <param name="by">Who applies it.</param>
    /// <param name="now">When.</param>
    public ApplyResult Prepare(ReadOnlySpan<byte> document, string by, Instant now)
    {
        (SwitchConfiguration before, int revision) = Current;
        FaultList faults = new();
        SwitchConfiguration after = ApplyDocument.Read(before, document, shelf, faults, out IReadOnlyCollection<Switching.Billing.Deck> brought, now);
        if (!faults.IsEmpty) return new ApplyResult { Revision = revision, Configuration = before, Errors = faults.ToList() };
        IReadOnlyList<AuditEntry> changes = AuditEntry.Between(before, after, revision + 1, now, by);
        if (changes.Count == 0) return new ApplyResult { Revision = revision, Configuration = before };
        return new ApplyResult
        {
            Revision = revision + 1,
            Configuration = after,
            Before = before,
            Changes = changes,
            Decks = [.. brought.Where(d => !shelf.TryFind(d.Version, out _))],
            AccountsOpened = [.. after.Accounts.Values.Where(a => !before.Accounts.ContainsKey(a.Number))],
            AccountsChanged = [.. after.Accounts.Values.Where(a => before.Accounts.TryGetValue(a.Number, out AccountConfig? was) && (was.CreditLimitNanos != a.CreditLimitNanos || was.MayNotCall != a.MayNotCall || was.ValidUntil != a.ValidUntil))],
            JournalPayload = Write(before, after, revision + 1, now, by),
        };
    }

    /// <summary>One setting by name or alias. An error's field is the setting's name.</summary>
    public ApplyResult PrepareSetting(string name, string value, string by, Instant now) => Prepare(Document(to =>
    {
        to.WriteStartObject("settings");
        to.WriteString(name, value);
        to.WriteEndObject();
    }), by, now);

    /// <summary>Makes a stored deck version the one that a deck's name stands for, from a time on and until a time; default: from now, for ever.</summary>
    public ApplyResult PrepareDeck(DeckRef deck, string by, Instant now, Instant from = default, Instant until = default) => Prepare(Document(to =>
    {
        to.WriteStartArray("decks");
        DeckStatement.Write(to, deck, from, until);
        to.WriteEndArray();
    }), by, now);

    /// <summary>Puts a prepared change in force.</summary>
    /// <exception cref="InvalidOperationException">Another change came between.</exception>
    public void Commit(ApplyResult prepared)
    {
        if (!prepared.Changed) return;
        if (prepared.Revision != Revision + 1) throw new InvalidOperationException($"Revision {prepared.Revision} was prepared, but {Revision} is in force.");
        Enact(prepared.Configuration, prepared.Revision, prepared.Changes);
    }

    /// <summary>Prepares and commits: for tests and tools that need no journal.</summary>
    public ApplyResult Apply(ReadOnlySpan<byte> document, string by, Instant now)
    {
        ApplyResult prepared = Prepare(document, by, now);
        Commit(prepared);
        return prepared;
    }

    /// <summary>Takes back one <see cref="ApplyResult.JournalPayload"/> as the journal is folded at a start. False with one sentence when it is none, or out of order.</summary>
    public bool TryFold(ReadOnlySpan<byte> payload, out string error)
    {
        FaultList faults = new();
        if (!TryReadEnvelope(payload, faults, out int revision, out string by, out Instant at, out DocumentNode? document))
        {
            error = $"this is no configuration record{First(faults)}";
            return false;
        }
        if (revision != Revision + 1)
        {
            error = $"configuration revision {revision} follows {Revision}: a record is missing or doubled";
            return false;
        }
        SwitchConfiguration before = _standing.Configuration;
        SwitchConfiguration after = ApplyDocument.Read(before, document, null, faults, out _);
        if (!faults.IsEmpty)
        {
            error = $"configuration revision {revision} does not hold{First(faults)}";
            return false;
        }
        error = "";
        Enact(after, revision, AuditEntry.Between(before, after, revision, at, by));
        return true;
    }

    /// <summary>When the change of an <see cref="ApplyResult.JournalPayload"/> was made, as the audit says it; null: it is none.</summary>
    public static Instant? TimeOf(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                bool isTime = reader.ValueTextEquals("at"u8);
                if (!reader.Read()) break;
                if (isTime) return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long micros) ? new Instant(micros) : null;
            }
        }
        catch (JsonException)
        {
            // the fold says what is wrong with it
        }
        return null;
    }

    /// <summary>The whole configuration as one document that could be applied again; passwords left out. Indented.</summary>
    public byte[] ToDocument()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, ConfigurationJson.Indented)) ConfigurationJson.WriteChange(to, SwitchConfiguration.Empty, _standing.Configuration, Writing.Shown);
        return stream.ToArray();
    }

    /// <summary>Everything the book holds, for a snapshot; it holds phone passwords.</summary>
    public byte[] ToSnapshot()
    {
        (SwitchConfiguration configuration, int revision) = Current;
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, ConfigurationJson.Compact))
        {
            to.WriteStartObject();
            to.WriteNumber("format", SnapshotFormat);
            to.WriteNumber("revision", revision);
            to.WriteStartObject(ConfigurationJson.Blanks);
            foreach (EntityKind kind in EntityKinds.All) kind.WriteBlank(to);
            to.WriteEndObject();
            to.WritePropertyName("document");
            ConfigurationJson.WriteChange(to, SwitchConfiguration.Empty, configuration, Writing.Sparse);
            to.WriteStartArray("audit");
            foreach (AuditEntry entry in _audit) WriteAudit(to, entry);
            to.WriteEndArray();
            to.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>Reads a snapshot into an empty book. False with one sentence when it is none.</summary>
    public bool TryRestore(ReadOnlySpan<byte> snapshot, out string error)
    {
        if (Revision != 0) throw new InvalidOperationException("A snapshot is restored into an empty book.");
        FaultList faults = new();
        DocumentNode? root = ApplyDocument.ReadSnapshot(snapshot, faults, out SwitchConfiguration configuration);
        if (root?.Member("document") is not { Kind: JsonValueKind.Object } || root.Member("audit") is not { Kind: JsonValueKind.Array } audit || !TryInt(root, "format", out int format) || format is < 1 or > SnapshotFormat || !TryInt(root, "revision", out int revision))
        {
            error = $"this is no snapshot of a configuration{First(faults)}";
            return false;
        }
        List<AuditEntry> entries = [];
        foreach (DocumentNode item in audit.Items)
        {
            if (ReadAudit(item) is { } entry) entries.Add(entry);
            else faults.Add(item.Line, "audit", "this is no change");
        }
        if (!faults.IsEmpty)
        {
            error = $"the snapshot of the configuration does not hold{First(faults)}";
            return false;
        }
        error = "";
        Enact(configuration, revision, entries);
        return true;
    }

    private void Enact(SwitchConfiguration configuration, int revision, IReadOnlyList<AuditEntry> changes)
    {
        foreach (AuditEntry change in changes.TakeLast(MostAudited)) _audit.Enqueue(change);
        while (_audit.Count > MostAudited) _audit.Dequeue();
        _auditView = [.. _audit];
        _standing = new Standing(configuration, revision);
    }

    private static byte[] Write(SwitchConfiguration before, SwitchConfiguration after, int revision, Instant now, string by)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, ConfigurationJson.Compact))
        {
            to.WriteStartObject();
            to.WriteNumber("format", Format);
            to.WriteNumber("revision", revision);
            to.WriteNumber("at", now.Micros);
            to.WriteString("by", by);
            to.WritePropertyName("document");
            ConfigurationJson.WriteChange(to, before, after, Writing.Whole);
            to.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static bool TryReadEnvelope(ReadOnlySpan<byte> payload, FaultList faults, out int revision, out string by, out Instant at, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DocumentNode? document)
    {
        DocumentNode? root = DocumentNode.Read(payload, faults);
        document = root?.Member("document");
        by = root?.Member("by")?.Text ?? "";
        revision = 0;
        at = default;
        if (root is null || document?.Kind != JsonValueKind.Object || !TryInt(root, "format", out int format) || format != Format || !TryInt(root, "revision", out revision)) return false;
        if (!long.TryParse(root.Member("at")?.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long micros)) return false;
        at = new Instant(micros);
        return true;
    }

    private static bool TryInt(DocumentNode node, string name, out int value) => int.TryParse(node.Member(name)?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static void WriteAudit(Utf8JsonWriter to, AuditEntry entry)
    {
        to.WriteStartArray();
        to.WriteNumberValue(entry.Revision);
        to.WriteNumberValue(entry.At.Micros);
        to.WriteStringValue(entry.By);
        to.WriteStringValue(entry.What);
        to.WriteStringValue(entry.From);
        to.WriteStringValue(entry.To);
        to.WriteEndArray();
    }

    private static AuditEntry? ReadAudit(DocumentNode node)
    {
        DocumentNode[] parts = node.Items;
        if (parts.Length != 6 || !int.TryParse(parts[0].Text, out int revision) || !long.TryParse(parts[1].Text, out long micros)) return null;
        return new AuditEntry(revision, new Instant(micros), parts[2].Text, parts[3].Text, TextOf(parts[4]), TextOf(parts[5]));
    }

    private static string? TextOf(DocumentNode node) => node.Kind == JsonValueKind.Null ? null : node.Text;

    private static string First(FaultList faults) => faults.IsEmpty ? "" : $": {faults.ToList()[0]}";

    private static byte[] Document(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, ConfigurationJson.Compact))
        {
            to.WriteStartObject();
            write(to);
            to.WriteEndObject();
        }
        return stream.ToArray();
    }

    private sealed record Standing(SwitchConfiguration Configuration, int Revision);
}
