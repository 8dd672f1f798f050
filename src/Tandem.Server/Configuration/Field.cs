using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Server.Configuration;

/// <summary>
/// One field of an entity, declared once: its name in documents, how it is read and refused, written, and shown in the audit.
/// </summary>
/// <typeparam name="T">The immutable record that has the field.</typeparam>
internal sealed partial class Field<T>
{
    private readonly Func<T, DocumentNode, Action<string>, T> _read;
    private readonly Action<Utf8JsonWriter, T> _write;
    private readonly Func<T, string?> _show;
    private readonly Func<T, T, T> _copy;
    private readonly Func<T, int>? _code;

    private Field(string name, Func<T, DocumentNode, Action<string>, T> read, Action<Utf8JsonWriter, T> write, Func<T, string?> show, Func<T, T, T> copy, Func<T, int>? code = null)
    {
        Name = name;
        _read = read;
        _write = write;
        _show = show;
        _copy = copy;
        _code = code;
    }

    public string Name { get; }

    /// <summary>A new entity must state it.</summary>
    public bool IsRequired { get; private set; }

    /// <summary>Left out of everything people read; an entity stated again without it keeps what it has.</summary>
    public bool IsSecret { get; private set; }

    /// <summary>True or false.</summary>
    public bool IsFlag { get; private init; }

    /// <summary>Never changes once stated.</summary>
    public bool IsFixed { get; private set; }

    public Field<T> Required()
    {
        IsRequired = true;
        return this;
    }

    public Field<T> Secret()
    {
        IsSecret = true;
        return this;
    }

    public Field<T> Fixed()
    {
        IsFixed = true;
        return this;
    }

    /// <summary>The value taken over into the entity; a value that does not fit is reported and the entity stays.</summary>
    public T Read(T entity, DocumentNode value, Action<string> fault) => _read(entity, value, fault);

    public void Write(Utf8JsonWriter to, T entity)
    {
        to.WritePropertyName(Name);
        _write(to, entity);
    }

    /// <summary>The operators' number of a word; null where the field is none of a few words.</summary>
    public int? Code(T entity) => _code?.Invoke(entity);

    /// <summary>The entity with this field as another has it.</summary>
    public T Copy(T from, T to) => _copy(from, to);

    /// <summary>The value as text: equal texts are equal values. Null where there is none.</summary>
    public string? Show(T entity) => _show(entity);

    /// <summary>A text of printable characters; <paramref name="wrong"/> says what else is wrong with it, or nothing.</summary>
    public static Field<T> Text(string name, Func<T, string> get, Func<T, string, T> set, int least, int most, Func<string, string?>? wrong = null) =>
        new(name, (entity, value, fault) =>
        {
            string? says = WrongText(value, least, most) ?? wrong?.Invoke(value.Text);
            if (says is not null) fault(says);
            return says is null ? set(entity, value.Text) : entity;
        }, (to, entity) => to.WriteStringValue(get(entity)), get, (from, to) => set(to, get(from)));

    /// <summary>The name of another entity, or null (or an empty text) for none.</summary>
    public static Field<T> Reference(string name, Func<T, string?> get, Func<T, string?, T> set) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind == JsonValueKind.Null) return set(entity, null);
            string? says = WrongText(value, 0, 64);
            if (says is not null) fault(says);
            return says is null ? set(entity, value.Text.Length == 0 ? null : value.Text) : entity;
        }, (to, entity) => to.WriteStringValue(get(entity)), get, (from, to) => set(to, get(from)));

    public static Field<T> Number(string name, Func<T, int> get, Func<T, int, T> set, int least, int most) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind != JsonValueKind.Number) fault($"{value.Shown} is not a number");
            else if (!int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) || number < least || number > most) fault($"{value.Shown} is not a whole number from {least} to {most}");
            else return set(entity, number);
            return entity;
        }, (to, entity) => to.WriteNumberValue(get(entity)), entity => get(entity).ToString(CultureInfo.InvariantCulture), (from, to) => set(to, get(from)));

    public static Field<T> Flag(string name, Func<T, bool> get, Func<T, bool, T> set) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind is JsonValueKind.True or JsonValueKind.False) return set(entity, value.Kind == JsonValueKind.True);
            fault($"{value.Shown} is not true or false");
            return entity;
        }, (to, entity) => to.WriteBooleanValue(get(entity)), entity => get(entity) ? "true" : "false", (from, to) => set(to, get(from))) { IsFlag = true };

    /// <summary>One of a few words; the operators' numbers for them are accepted too.</summary>
    public static Field<T> Word<TValue>(string name, Func<T, TValue> get, Func<T, TValue, T> set, params (string Word, int Number, TValue Value)[] words) =>
        new(name, (entity, value, fault) =>
        {
            foreach ((string word, int number, TValue meant) in words)
            {
                if (value.Kind is JsonValueKind.True or JsonValueKind.False ? word == (value.Kind == JsonValueKind.True ? "true" : "false")
                    : value.Kind == JsonValueKind.String ? value.Text == word : value.Kind == JsonValueKind.Number && value.Text == number.ToString(CultureInfo.InvariantCulture)) return set(entity, meant);
            }
            fault($"{value.Shown} is not {string.Join(" or ", words.Select(static w => $"'{w.Word}' ({w.Number})"))}");
            return entity;
        }, (to, entity) => to.WriteStringValue(WordOf(words, get(entity)).Word), entity => WordOf(words, get(entity)).Word, (from, to) => set(to, get(from)), entity => WordOf(words, get(entity)).Number);

    /// <summary>An amount of money: a decimal text or a JSON number, read digit by digit; not negative.</summary>
    public static Field<T> Amount(string name, Func<T, long> getNanos, Func<T, long, T> setNanos) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind is not (JsonValueKind.String or JsonValueKind.Number) || !Money.TryParseNanos(value.Text, out long nanos)) fault($"{value.Shown} is not an amount such as 12.50, with at most nine decimals");
            else if (nanos < 0) fault($"{value.Shown} is negative");
            else return setNanos(entity, nanos);
            return entity;
        }, (to, entity) => to.WriteStringValue(AmountText(getNanos(entity))), entity => AmountText(getNanos(entity)), (from, to) => setNanos(to, getNanos(from)));

    public static Field<T> CurrencyCode(string name, Func<T, Currency> get, Func<T, Currency, T> set) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind == JsonValueKind.String && Currency.TryParse(value.Text, out Currency currency)) return set(entity, currency);
            fault($"{value.Shown} is not a currency of three capital letters, as in USD");
            return entity;
        }, (to, entity) => to.WriteStringValue(get(entity).ToString()), entity => get(entity).ToString(), (from, to) => set(to, get(from)));

    /// <summary>A list of texts, no text twice; one text with commas is a list too.</summary>
    public static Field<T> List(string name, Func<T, ImmutableArray<string>> get, Func<T, ImmutableArray<string>, T> set, int least, int most, Func<string, string?> wrong, Func<IReadOnlyList<string>, string?>? wrongTogether = null) =>
        new(name, (entity, value, fault) =>
        {
            ImmutableArray<string>? list = ReadList(value, least, most, wrong, fault);
            if (list is { } read && wrongTogether?.Invoke(read) is { } says)
            {
                fault(says);
                return entity;
            }
            return list is { } texts ? set(entity, texts) : entity;
        }, (to, entity) =>
        {
            to.WriteStartArray();
            foreach (string text in get(entity)) to.WriteStringValue(text);
            to.WriteEndArray();
        }, entity => string.Join(',', get(entity)), (from, to) => set(to, get(from)));

    /// <summary>Names and texts; shown as a JSON object. A value may be written as a number or a boolean; names others than the permitted are refused.</summary>
    public static Field<T> Texts(string name, Func<T, ImmutableSortedDictionary<string, string>> get, Func<T, ImmutableSortedDictionary<string, string>, T> set, Func<string, bool> permitted) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind != JsonValueKind.Object)
            {
                fault($"{value.Shown} is not an object of names and texts");
                return entity;
            }
            ImmutableSortedDictionary<string, string>.Builder all = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach ((string member, DocumentNode text) in value.Members)
            {
                string? says = !permitted(member) ? "there is no such name"
                    : text.Kind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null ? $"{text.Shown} is not a text"
                    : text.Text.Length > 255 ? $"{text.Shown} is longer than 255 characters"
                    : text.Text.Any(char.IsControl) ? $"{text.Shown} has a control character" : null;
                if (says is not null) fault($"{DocumentNode.Printable(member)}: {says}");
                else all[member] = text.Text;
            }
            return set(entity, all.ToImmutable());
        }, (to, entity) =>
        {
            to.WriteStartObject();
            foreach ((string key, string text) in get(entity)) to.WriteString(key, text);
            to.WriteEndObject();
        }, entity => get(entity).IsEmpty ? "" : JsonSerializer.Serialize(get(entity)), (from, to) => set(to, get(from)));

    /// <summary>A value with parts of its own: read by <paramref name="read"/>, which reports what is wrong and returns null then; two are equal when they are written alike.</summary>
    public static Field<T> Parts<TValue>(string name, Func<T, TValue> get, Func<T, TValue, T> set, Func<DocumentNode, Action<string>, TValue?> read, Action<Utf8JsonWriter, TValue> write)
        where TValue : class =>
        new(name, (entity, value, fault) => read(value, fault) is { } parts ? set(entity, parts) : entity, (to, entity) => write(to, get(entity)), entity => Written(get(entity), write), (from, to) => set(to, get(from)));

    private static string Written<TValue>(TValue value, Action<Utf8JsonWriter, TValue> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream)) write(to, value);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    public static Field<T> DialRules(string name, Func<T, string> get, Func<T, string, T> set) =>
        Text(name, get, set, 0, 8_000_000, static text => DialPlan.TryParse(text, out _, out string error) ? null : error);

    private static ImmutableArray<string>? ReadList(DocumentNode value, int least, int most, Func<string, string?> wrong, Action<string> fault)
    {
        IEnumerable<string> texts;
        if (value.Kind == JsonValueKind.String)
        {
            texts = value.Text.Length == 0 && wrong("") is not null ? [] : value.Text.Split(',').Select(static t => t.Trim());
        }
        else if (value.Kind == JsonValueKind.Array && Array.TrueForAll(value.Items, static item => item.Kind == JsonValueKind.String))
        {
            texts = value.Items.Select(static item => item.Text);
        }
        else
        {
            fault($"{(Array.Find(value.Items, static item => item.Kind != JsonValueKind.String) ?? value).Shown} is not a text; a list of texts is needed");
            return null;
        }
        HashSet<string> seen = new(StringComparer.Ordinal);
        bool ok = true;
        foreach (string text in texts)
        {
            string? says = wrong(text) ?? (seen.Add(text) ? null : $"'{text}' is in the list twice");
            if (says is null) continue;
            fault(says);
            ok = false;
        }
        if (ok && (seen.Count < least || seen.Count > most))
        {
            fault($"the list has {seen.Count} entries; {least} to {most} are permitted");
            ok = false;
        }
        return ok ? [.. texts] : null;
    }

    private static string? WrongText(DocumentNode value, int least, int most) =>
        value.Kind != JsonValueKind.String ? $"{value.Shown} is not a text"
        : value.Text.Length < least ? "it is empty"
        : value.Text.Length > most ? $"{value.Shown} is longer than {most} characters"
        : value.Text.Any(char.IsControl) ? $"{value.Shown} has a control character"
        : null;

    private static (string Word, int Number, TValue Value) WordOf<TValue>((string Word, int Number, TValue Value)[] words, TValue value) =>
        words.First(w => EqualityComparer<TValue>.Default.Equals(w.Value, value));

    private static string AmountText(long nanos) => new Money(nanos, default).ToDecimalString();
}
