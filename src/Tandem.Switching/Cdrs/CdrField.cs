using Tandem.Primitives;

namespace Tandem.Switching.Cdrs;

/// <summary>What a CDR field holds; each place that keeps CDRs has one form for each.</summary>
public enum CdrType : byte
{
    Text,
    Integer,
    /// <summary>Microseconds since 1970, UTC.</summary>
    Time,
    /// <summary>A count of parts of a unit: <see cref="CdrField.Decimals"/> says which. Money is a count of billionths.</summary>
    Decimal,
    /// <summary>Several things of one kind: objects in the API, one text with <c>; </c> between them elsewhere.</summary>
    List,
}

/// <summary>The value of a field in one CDR: a text, or a number, or none.</summary>
public readonly record struct CdrValue(string? Text, long Number)
{
    public static readonly CdrValue None = new(null, long.MinValue);

    public bool IsNone => Text is null && Number == long.MinValue;

    public static implicit operator CdrValue(string text) => new(text, 0);

    public static implicit operator CdrValue(long number) => new(null, number);

    public static implicit operator CdrValue(Instant at) => at == Instant.Never || at == default ? None : new(null, at.Micros);
}

/// <summary>
/// One field of the CDR as people and programs outside see it, declared once: the text line, the database's columns, exports and docs/cdr.md are made
/// from the list (<see cref="CdrFields.All"/>), and the API is held against it.
/// </summary>
/// <param name="Name">Its path in the API: <c>sale.amount</c>.</param>
/// <param name="Column">Its column in the database and in exports.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Of">Its value in a CDR.</param>
/// <param name="Says">What it means, for people.</param>
public sealed record CdrField(string Name, string Column, CdrType Type, Func<Cdr, CdrValue> Of, string Says)
{
    /// <summary>Its place in the text line, from 1; 0: it is not there.</summary>
    public int TextColumn { get; init; }

    /// <summary>How the text line has it; null: the value as it is.</summary>
    public Func<Cdr, CdrValue>? Line { get; init; }

    /// <summary>Of a decimal: how many of its digits stand behind the point.</summary>
    public int Decimals { get; init; }

    /// <summary>Of what holds subscribers' numbers: the same with their ends hidden.</summary>
    public Func<Cdr, CdrValue>? Masked { get; init; }

    /// <summary>Tables have it as a text; everything else is a whole number there.</summary>
    public bool IsText => Type is CdrType.Text or CdrType.List;

    /// <summary>It is null or not at all in the API when the object around it is.</summary>
    public string Object => Name.LastIndexOf('.') is var dot and >= 0 ? Name[..dot] : "";
}
