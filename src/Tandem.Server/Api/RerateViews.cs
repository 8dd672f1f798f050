using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <param name="Deck">Whose charges are rated again.</param>
/// <param name="Since">Calls that ended from then on.</param>
/// <param name="Until">And before then.</param>
/// <param name="Version">By this version; null: by the one the deck has, as stated now, for the time of each call.</param>
/// <param name="PricedBy">Only charges this version made; null: all of the deck.</param>
/// <param name="Apply">False: only what would come of it.</param>
public sealed record RerateOrder(string Deck, Instant Since, Instant Until, string? Version, string? PricedBy, bool Apply);

/// <summary>What re-rating comes to for one account.</summary>
/// <param name="Account">Its number.</param>
/// <param name="Charges">That are wrong.</param>
/// <param name="Before">What they stood at.</param>
/// <param name="After">What is due.</param>
/// <param name="Difference">What the account is charged more; below 0: what it is given back.</param>
public sealed record RerateAccountView(string Account, int Charges, Money Before, Money After, Money Difference);

/// <summary>A charge that was put right, or would be.</summary>
/// <param name="Call">The call.</param>
/// <param name="Account">Who was charged.</param>
/// <param name="Before">What it stood at.</param>
/// <param name="After">What is due.</param>
public sealed record RerateChargeView(CallId Call, string Account, Money Before, Money After);

/// <summary>What came of rating again.</summary>
public sealed record RerateView
{
    public required string Deck { get; init; }
    public required Instant Since { get; init; }
    public required Instant Until { get; init; }
    /// <summary>False: nothing was changed.</summary>
    public required bool Applied { get; init; }
    /// <summary>Calls looked at.</summary>
    public required long Calls { get; init; }
    /// <summary>Charges by the deck among them.</summary>
    public required long Charges { get; init; }
    /// <summary>Those that are as they should be.</summary>
    public required long Right { get; init; }
    /// <summary>Those that are not and were put right, or would be.</summary>
    public required long Wrong { get; init; }
    /// <summary>Those that were left as they are, by why.</summary>
    public required IReadOnlyDictionary<string, long> Left { get; init; }
    public required IReadOnlyList<RerateAccountView> Accounts { get; init; }
    /// <summary>The first hundred charges that are wrong.</summary>
    public required IReadOnlyList<RerateChargeView> Examples { get; init; }
}
