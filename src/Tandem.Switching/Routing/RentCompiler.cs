using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Routing;

/// <summary>Orders of packages and terms of phones, as the operator stated them, to what is due by the month.</summary>
internal static class RentCompiler
{
    /// <exception cref="InvalidOperationException">An order names a package, account or phone that is not there.</exception>
    public static Rents Compile(SwitchConfiguration configuration, Dictionary<string, Account> accounts)
    {
        if (configuration.PackageOrders.Count == 0 && !configuration.Phones.Values.Any(HasTerms)) return Rents.None;
        List<PackageOrder> orders = [];
        foreach (PackageOrderConfig said in configuration.PackageOrders.Values)
        {
            if (!configuration.Packages.TryGetValue(said.Package, out PackageConfig? package)) throw new InvalidOperationException($"Order {said.Id}: there is no package '{said.Package}'.");
            string number = said.Account ?? (said.Phone is { } phone && configuration.Phones.TryGetValue(phone, out PhoneConfig? owner) ? owner.Account : null) ?? "";
            if (!accounts.TryGetValue(number, out Account? account)) throw new InvalidOperationException($"Order {said.Id}: there is no account that pays.");
            orders.Add(new PackageOrder(said.Id, account.Id, TermsOf(package), package.RentType, package.RentPeriod, package.Partial, said.From, said.Until, said.Priority, said.Failure, said.RentPercent));
        }
        List<PhoneTerms> phones = [];
        foreach (PhoneConfig said in configuration.Phones.Values.Where(HasTerms))
        {
            if (said.Account is { } number && accounts.TryGetValue(number, out Account? account)) phones.Add(new PhoneTerms(said.E164, account.Id, said.MonthlyRentNanos, said.MonthlyMinimumNanos));
        }
        return new Rents(orders, phones);
    }

    private static bool HasTerms(PhoneConfig phone) => phone.MonthlyRentNanos > 0 || phone.MonthlyMinimumNanos > 0;

    private static PackageTerms TermsOf(PackageConfig said) => new()
    {
        Name = said.Name,
        RentNanos = said.RentNanos,
        MinConsumptionNanos = said.MinConsumptionNanos,
        LowerConsumptionNanos = said.LowerConsumptionNanos,
        GiftNanos = said.GiftNanos,
        GiftTimes = [.. said.GiftTimes.Select(static g => new GiftTime(g.Prefixes.IsEmpty ? [""] : g.Prefixes, g.StartTime, g.EndTime, g.Seconds, g.Cycle))],
    };
}
