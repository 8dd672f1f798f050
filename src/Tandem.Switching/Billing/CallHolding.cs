using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>Part of a package that a call holds or used.</summary>
/// <param name="Package">The package's id.</param>
/// <param name="GiftTime">Index of its gift time; −1 for its gift money.</param>
/// <param name="Amount">Seconds, or nanos.</param>
public readonly record struct GiftPart(int Package, int GiftTime, long Amount)
{
    public const int Money = -1;
}

/// <summary>
/// What one account holds for one call, where more than one account holds, or packages give: money, gift money and gift seconds. The seconds it
/// pays for are the gift seconds first, then what the money covers.
/// </summary>
internal sealed class CallHolding(ChargeRole role, AccountId account, Tariff tariff)
{
    public ChargeRole Role => role;

    public AccountId Account => account;

    public Tariff Tariff => tariff;

    /// <summary>Held of the balance.</summary>
    public long Nanos;

    public readonly List<GiftPart> Gifts = [];

    /// <summary>In what steps the seconds of each gift are taken; kept, since a package may end before the call.</summary>
    public readonly Dictionary<(int Package, int GiftTime), int> Cycles = [];

    public int CycleOf(in GiftPart part) => Cycles.GetValueOrDefault((part.Package, part.GiftTime), 1);

    public long GiftNanos => Gifts.Sum(static g => g.GiftTime == GiftPart.Money ? g.Amount : 0);

    public int GiftSeconds => (int)Gifts.Sum(static g => g.GiftTime == GiftPart.Money ? 0 : g.Amount);

    public int Covered(in BillingRules rules) => Plus(GiftSeconds, rules.Covered(tariff, Nanos + GiftNanos));

    public void Add(in GiftPart part)
    {
        for (int i = 0; i < Gifts.Count; i++)
        {
            if (Gifts[i].Package != part.Package || Gifts[i].GiftTime != part.GiftTime) continue;
            Gifts[i] = part with { Amount = Gifts[i].Amount + part.Amount };
            return;
        }
        Gifts.Add(part);
    }

    public static int Plus(int gift, int paid) => paid == int.MaxValue ? int.MaxValue : (int)Math.Min(int.MaxValue - 1L, (long)gift + paid);
}
