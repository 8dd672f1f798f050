using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

// What access.json holds; each record is a shape of that file, so fields are added and never renamed.

public sealed record UserRecord
{
    public required string Name { get; init; }
    public required Role Role { get; init; }
    /// <summary>Of agents and customers.</summary>
    public string? Account { get; init; }
    /// <summary>Of a customer who is one device of an account: "phone:NUMBER" or "gateway:NAME"; then the account is the device's, whichever that is.</summary>
    public string? Device { get; init; }
    public required string PasswordHash { get; init; }
    /// <summary>Base64; null: no code is asked for. It must be known to be checked, so it stands here as it is.</summary>
    public string? TotpSecret { get; init; }
    /// <summary>Shown, and not confirmed by a code yet.</summary>
    public string? TotpOffered { get; init; }
    /// <summary>The step of the last code used: no code is good twice.</summary>
    public long TotpLastStep { get; init; }
    public bool Disabled { get; init; }
    public required long CreatedMicros { get; init; }
    public required string By { get; init; }
}

public sealed record KeyRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required Role Role { get; init; }
    public string? Account { get; init; }
    /// <summary>As of a user.</summary>
    public string? Device { get; init; }
    /// <summary>SHA-256 of the key, hexadecimal: it is 256 random bits, so nothing slower is needed.</summary>
    public required string Hash { get; init; }
    public required long CreatedMicros { get; init; }
    /// <summary>0: it does not expire.</summary>
    public long ExpiresMicros { get; init; }
    public required string By { get; init; }
}

public sealed record SessionRecord
{
    public required string Id { get; init; }
    public required string User { get; init; }
    public required string Hash { get; init; }
    public required long CreatedMicros { get; init; }
    public required long ExpiresMicros { get; init; }
    /// <summary>The address it was begun from.</summary>
    public required string From { get; init; }
}

/// <summary>What waits for a second person: besides payments the use of a stock card, a call made elsewhere, the end of a package that spent too little, and re-rating.</summary>
public enum PendingKind { Payment, Reversal, Zero, Card, Call, Package, Rerate }

/// <summary>A movement of money that waits for a second person.</summary>
public sealed record PendingPayment
{
    public PendingKind Kind { get; init; }
    /// <summary>The payment a reversal takes back, the card, the flow number of a call, the package, the deck calls are rated again by; of a payment empty.</summary>
    public string Reference { get; init; } = "";
    public required string Id { get; init; }
    public required string Account { get; init; }
    /// <summary>What the balance gets; 0 of re-rating, which is not known before.</summary>
    public required long Nanos { get; init; }
    /// <summary>The fields of a request that is more than this, as JSON; else empty. Of a card it holds the password, as the configuration does.</summary>
    public string Request { get; init; } = "";
    public required string Memo { get; init; }
    public required long AtMicros { get; init; }
    public required string By { get; init; }
    /// <summary>Who may not confirm it.</summary>
    public required string Person { get; init; }

    /// <summary>A payment, not yet asked for by anybody.</summary>
    public static PendingPayment Of(PaymentOrder order) => new() { Id = order.Id, Account = order.Account, Nanos = order.Nanos, Memo = order.Memo, AtMicros = 0, By = "", Person = "" };
}

/// <summary>A change of users, keys, sessions or waiting payments; never with a secret.</summary>
public sealed record AccessChange(long AtMicros, string By, string What, string? From, string? To);

/// <summary>Everything, immutable: swapped whole after it was written.</summary>
public sealed record AccessState
{
    public const int Current = 1;

    public int Format { get; init; } = Current;
    public ImmutableSortedDictionary<string, UserRecord> Users { get; init; } = ImmutableSortedDictionary.Create<string, UserRecord>(StringComparer.Ordinal);
    public ImmutableList<KeyRecord> Keys { get; init; } = [];
    public ImmutableList<SessionRecord> Sessions { get; init; } = [];
    public ImmutableList<PendingPayment> Pending { get; init; } = [];
    public ImmutableList<AccessChange> Changes { get; init; } = [];
}
