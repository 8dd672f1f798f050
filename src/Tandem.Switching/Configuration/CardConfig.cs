using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Configuration;

/// <summary>What a stock card may be used for. The operators' bits.</summary>
[Flags]
public enum CardUses
{
    None = 0,
    OpensAccount = 1 << 1,
    OpensActiveCard = 1 << 2,
    OpensPhone = 1 << 3,
    Recharges = 1 << 4,
    ReplacesDeck = 1 << 5,
    AddsPackages = 1 << 6,
    PaysIn = 1 << 7,
}

/// <summary>A phone card in stock: a value, a secret, and what it may be used for; once used it is used up. docs/cards.md.</summary>
public sealed record StockCardConfig
{
    public required string Pin { get; init; }

    /// <summary>In clear, as it is printed on the card. Never shown.</summary>
    public required string Password { get; init; }

    public required Currency Currency { get; init; }

    public long MoneyNanos { get; init; }

    /// <summary>Credit limit of an account it opens.</summary>
    public long CreditLimitNanos { get; init; }

    public CardUses Uses { get; init; } = CardUses.Recharges | CardUses.PaysIn;

    /// <summary>Deck of an account it opens, or that a recharge replaces; null: none.</summary>
    public string? Deck { get; init; }

    /// <summary>After this it is worth nothing; <see cref="Instant.Never"/>: it does not expire.</summary>
    public Instant ValidUntil { get; init; } = Instant.Never;

    /// <summary>Agent of an account it opens.</summary>
    public string? Agent { get; init; }

    /// <summary>Packages it orders.</summary>
    public ImmutableArray<string> Packages { get; init; } = [];

    /// <summary>Number of the account it was used for; empty: it was not used. Stated by the switch when it is used.</summary>
    public string UsedBy { get; init; } = "";

    /// <summary>When it was used; zero: it was not.</summary>
    public Instant UsedAt { get; init; }

    public string Memo { get; init; } = "";

    /// <summary>What its use books; 0: nothing.</summary>
    public long PaysNanos => (Uses & CardUses.PaysIn) != 0 && MoneyNanos > 0 ? MoneyNanos : 0;

    /// <summary>The id of the payment its use books.</summary>
    public static string PaymentOf(string pin) => $"card/{pin}";

    /// <summary>Compares in a time that does not tell how much of it is right.</summary>
    public bool IsPassword(string said) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Password), Encoding.UTF8.GetBytes(said));

    // Keeps the password out of every text made of this record.
    private bool PrintMembers(StringBuilder to)
    {
        to.Append(nameof(Pin)).Append(" = ").Append(Pin);
        return true;
    }
}

/// <summary>A card in use: a PIN and its account, with the numbers bound to it.</summary>
public sealed record ActiveCardConfig
{
    public required string Pin { get; init; }

    public required string Account { get; init; }

    public string Password { get; init; } = "";

    /// <summary>Shown to the called party; empty: the caller's number.</summary>
    public string DisplayNumber { get; init; } = "";

    /// <summary>Numbers that may be bound to it; −1 = any number of them.</summary>
    public int BindLimit { get; init; } = -1;

    /// <summary>Since when it is in use; zero: not known.</summary>
    public Instant ActiveSince { get; init; }

    public string Memo { get; init; } = "";

    private bool PrintMembers(StringBuilder to)
    {
        to.Append(nameof(Pin)).Append(" = ").Append(Pin);
        return true;
    }
}

/// <summary>A calling number that is known to be a card's: it calls without a PIN, and the card's account pays.</summary>
public sealed record BoundNumberConfig
{
    public required string E164 { get; init; }

    /// <summary>The active card.</summary>
    public required string Pin { get; init; }

    public string DisplayNumber { get; init; } = "";

    /// <summary>Applied to the called number.</summary>
    public string RewriteRulesOutCallee { get; init; } = "";

    public string Language { get; init; } = "";

    /// <summary>Since when it is bound; zero: not known.</summary>
    public Instant BoundSince { get; init; }

    public string Memo { get; init; } = "";
}
