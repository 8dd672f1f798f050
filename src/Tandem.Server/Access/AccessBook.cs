using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.Access;

/// <summary>
/// Users, keys, sessions and payments that wait, in <c>access.json</c> of the data folder (0600). A change is written whole beside the file, made durable and put in its
/// place before it is in force: what was answered is there after a crash. Any thread may use it.
/// </summary>
public sealed class AccessBook
{
    public const string FileName = "access.json";
    public const int MostUsers = 10_000;
    public const int MostKeys = 10_000;
    /// <summary>Of one user; the oldest makes room.</summary>
    public const int MostSessions = 20;
    public const int MostPending = 1000;
    public const int MostChanges = 2000;
    public static readonly TimeSpan SessionTime = TimeSpan.FromHours(12);

    private const string SessionPrefix = "tds_";
    private const string KeyPrefix = "tdk_";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() } };

    private readonly Lock _lock = new();
    private readonly string _file;
    private volatile Standing _standing;

    private AccessBook(string file, AccessState state)
    {
        _file = file;
        _standing = new Standing(state);
    }

    public AccessState State => _standing.State;

    /// <exception cref="IOException">The file is damaged or of a later version; the message is a sentence for the operator.</exception>
    public static AccessBook Open(string dataFolder)
    {
        string file = Path.Combine(dataFolder, FileName);
        if (!File.Exists(file)) return new AccessBook(file, new AccessState());
        try
        {
            AccessState? state = JsonSerializer.Deserialize<AccessState>(File.ReadAllBytes(file), Json);
            if (state is not { Users: not null, Keys: not null, Sessions: not null, Pending: not null, Changes: not null })
                throw new IOException($"{file} is not whole: it holds users and keys. Bring it back from a copy, or remove it to begin without any.");
            if (state.Format != AccessState.Current) throw new IOException($"{file} was written by a later version of the switch (format {state.Format})");
            return new AccessBook(file, state with { Users = state.Users.WithComparers(StringComparer.Ordinal) });
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is damaged ({e.Message.Split('\n')[0]}): it holds users and keys. Bring it back from a copy, or remove it to begin without any.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Makes the next state of the one in force, writes it, puts it in force. Null from <paramref name="next"/>: nothing changes.</summary>
    /// <exception cref="IOException">It cannot be written; nothing has changed.</exception>
    public bool Change(Func<AccessState, AccessState?> next)
    {
        lock (_lock)
        {
            if (next(_standing.State) is not { } state) return false;
            if (state.Changes.Count > MostChanges) state = state with { Changes = state.Changes.RemoveRange(0, state.Changes.Count - MostChanges) };
            Write(state);
            _standing = new Standing(state);
            return true;
        }
    }

    /// <summary>Whose session or key it is; null: nobody's, or over.</summary>
    public Asker? Who(string token, Instant now)
    {
        Standing standing = _standing;
        string hash = HashOf(token);
        if (standing.Sessions.TryGetValue(hash, out SessionRecord? session))
        {
            return session.ExpiresMicros > now.Micros && standing.State.Users.TryGetValue(session.User, out UserRecord? user) && !user.Disabled
                ? new Asker(user.Name, user.Role, user.Account, user.Name, session.Id) { Device = user.Device }
                : null;
        }
        return standing.Keys.TryGetValue(hash, out KeyRecord? key) && (key.ExpiresMicros == 0 || key.ExpiresMicros > now.Micros) ? new Asker($"key:{key.Name}", key.Role, key.Account, key.By, null) { Device = key.Device } : null;
    }

    /// <summary>Begins a session; its token is known to nobody but who is answered.</summary>
    public (string Token, SessionRecord Session) Begin(string user, IPAddress from, Instant now)
    {
        string token = SessionPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var session = new SessionRecord { Id = NewId(), User = user, Hash = HashOf(token), CreatedMicros = now.Micros, ExpiresMicros = (now + SessionTime).Micros, From = from.ToString() };
        Change(state =>
        {
            List<SessionRecord> kept = [.. state.Sessions.Where(s => s.ExpiresMicros > now.Micros)];
            List<SessionRecord> own = [.. kept.Where(s => s.User == user)];
            for (int i = 0; i <= own.Count - MostSessions; i++) kept.Remove(own[i]);
            return state with { Sessions = [.. kept, session] };
        });
        return (token, session);
    }

    /// <summary>A new key as its owner must keep it, and what is stored of it.</summary>
    public static (string Token, string Id, string Hash) NewKey()
    {
        string token = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (token, NewId(), HashOf(token));
    }

    public static AccessChange Note(Instant at, string by, string what, string? from, string? to) => new(at.Micros, by, what, from, to);

    private static string NewId() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private void Write(AccessState state)
    {
        try
        {
            DurableFiles.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(state, Json));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{_file} cannot be written: {e.Message}", e);
        }
    }

    private sealed class Standing(AccessState state)
    {
        public AccessState State => state;

        public Dictionary<string, SessionRecord> Sessions { get; } = state.Sessions.ToDictionary(static s => s.Hash, StringComparer.Ordinal);

        public Dictionary<string, KeyRecord> Keys { get; } = state.Keys.ToDictionary(static k => k.Hash, StringComparer.Ordinal);
    }
}
