using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>Packages and their orders, cards and the numbers bound to them, as documents state them.</summary>
internal static class MoneyKinds
{
    private const int MostGiftSeconds = 100_000_000;

    public static readonly EntityKind<PackageConfig> Packages = new()
    {
        List = "packages",
        Noun = "package",
        Blank = new PackageConfig { Name = "" },
        Of = static c => c.Packages,
        With = static (c, all) => c with { Packages = all },
        Fields =
        [
            Field<PackageConfig>.Text("name", static p => p.Name, static (p, v) => p with { Name = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<PackageConfig>.Word("rentType", static p => p.RentType, static (p, v) => p with { RentType = v },
                ("day", 0, RentType.Day), ("month", 1, RentType.Month), ("year", 2, RentType.Year), ("oneOff", 3, RentType.OneOff)),
            Field<PackageConfig>.Number("rentPeriod", static p => p.RentPeriod, static (p, v) => p with { RentPeriod = v }, 1, MostGiftSeconds),
            Field<PackageConfig>.Flag("nonholonomicOrder", static p => p.Partial, static (p, v) => p with { Partial = v }),
            Field<PackageConfig>.Amount("rentFee", static p => p.RentNanos, static (p, v) => p with { RentNanos = v }),
            Field<PackageConfig>.Amount("minConsumption", static p => p.MinConsumptionNanos, static (p, v) => p with { MinConsumptionNanos = v }),
            Field<PackageConfig>.Amount("lowerConsumption", static p => p.LowerConsumptionNanos, static (p, v) => p with { LowerConsumptionNanos = v }),
            Field<PackageConfig>.Amount("giftMoney", static p => p.GiftNanos, static (p, v) => p with { GiftNanos = v }),
            Field<PackageConfig>.Objects("infoGiftTimes", static p => p.GiftTimes, static (p, v) => p with { GiftTimes = v }, new GiftTimeConfig(), 64,
            [
                Field<GiftTimeConfig>.List("prefix", static g => g.Prefixes, static (g, v) => g with { Prefixes = v }, 0, EntityKinds.MostNames, EntityKinds.WrongPrefix),
                Field<GiftTimeConfig>.Number("startTime", static g => g.StartTime, static (g, v) => g with { StartTime = v }, 0, 86_400),
                Field<GiftTimeConfig>.Number("endTime", static g => g.EndTime, static (g, v) => g with { EndTime = v }, 0, 86_400),
                Field<GiftTimeConfig>.Number("giftTime", static g => g.Seconds, static (g, v) => g with { Seconds = v }, 1, MostGiftSeconds),
                Field<GiftTimeConfig>.Number("billingTime", static g => g.Cycle, static (g, v) => g with { Cycle = v }, 1, Pricing.MaxIntervalSeconds),
                Field<GiftTimeConfig>.Text("memo", static g => g.Memo, static (g, v) => g with { Memo = v }, 0, 256),
            ]),
            Field<PackageConfig>.Text("memo", static p => p.Memo, static (p, v) => p with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<ExchangeRateConfig> ExchangeRates = new()
    {
        List = "exchangeRates",
        Noun = "rate of exchange",
        Blank = new ExchangeRateConfig { Exchange = "" },
        Of = static c => c.ExchangeRates,
        With = static (c, all) => c with { ExchangeRates = all },
        Fields =
        [
            Field<ExchangeRateConfig>.Text("exchange", static r => r.Exchange, static (r, v) => r with { Exchange = v }, 1, 32, ExchangeRateConfig.Wrong).Required(),
            Field<ExchangeRateConfig>.Amount("rate", static r => r.RateNanos, static (r, v) => r with { RateNanos = v }).Required(),
            Field<ExchangeRateConfig>.Text("memo", static r => r.Memo, static (r, v) => r with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<PackageOrderConfig> PackageOrders = new()
    {
        List = "packageOrders",
        Noun = "package order",
        Blank = new PackageOrderConfig { Id = "", Package = "" },
        Of = static c => c.PackageOrders,
        With = static (c, all) => c with { PackageOrders = all },
        Fields =
        [
            Field<PackageOrderConfig>.Text("id", static o => o.Id, static (o, v) => o with { Id = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<PackageOrderConfig>.Text("suite", static o => o.Package, static (o, v) => o with { Package = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<PackageOrderConfig>.Reference("account", static o => o.Account, static (o, v) => o with { Account = v }),
            Field<PackageOrderConfig>.Reference("phone", static o => o.Phone, static (o, v) => o with { Phone = v }),
            Field<PackageOrderConfig>.Moment("availableTime", static o => o.From, static (o, v) => o with { From = v }),
            Field<PackageOrderConfig>.Moment("expireTime", static o => o.Until, static (o, v) => o with { Until = v }, Instant.Never),
            Field<PackageOrderConfig>.Number("priority", static o => o.Priority, static (o, v) => o with { Priority = v }, 0, int.MaxValue),
            Field<PackageOrderConfig>.Word("failedProcessMode", static o => o.Failure, static (o, v) => o with { Failure = v },
                ("waitForPayment", 0, RentFailure.WaitForPayment), ("waitForNextPeriod", 1, RentFailure.WaitForNextPeriod), ("delete", 2, RentFailure.Delete)),
            Field<PackageOrderConfig>.Number("rentPercent", static o => o.RentPercent, static (o, v) => o with { RentPercent = v }, 0, 100),
            Field<PackageOrderConfig>.Text("memo", static o => o.Memo, static (o, v) => o with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<StockCardConfig> StockCards = new()
    {
        List = "stockCards",
        Noun = "stock card",
        Blank = new StockCardConfig { Pin = "", Password = "", Currency = default },
        Of = static c => c.StockCards,
        With = static (c, all) => c with { StockCards = all },
        Fields =
        [
            Field<StockCardConfig>.Text("pin", static c => c.Pin, static (c, v) => c with { Pin = v }, 1, 32, EntityKinds.WrongName).Required(),
            Field<StockCardConfig>.Text("password", static c => c.Password, static (c, v) => c with { Password = v }, 1, 64).Required().Secret(),
            Field<StockCardConfig>.CurrencyCode("currency", static c => c.Currency, static (c, v) => c with { Currency = v }).Required().Fixed(),
            Field<StockCardConfig>.Amount("money", static c => c.MoneyNanos, static (c, v) => c with { MoneyNanos = v }),
            Field<StockCardConfig>.Amount("limitMoney", static c => c.CreditLimitNanos, static (c, v) => c with { CreditLimitNanos = v }),
            Field<StockCardConfig>.Number("bitsOfConfig", static c => (int)c.Uses, static (c, v) => c with { Uses = (CardUses)v }, 0, 254),
            Field<StockCardConfig>.Reference("feeRateGroup", static c => c.Deck, static (c, v) => c with { Deck = v }),
            Field<StockCardConfig>.Moment("expireTime", static c => c.ValidUntil, static (c, v) => c with { ValidUntil = v }, Instant.Never),
            Field<StockCardConfig>.Reference("agentAccount", static c => c.Agent, static (c, v) => c with { Agent = v }),
            Field<StockCardConfig>.List("suiteNames", static c => c.Packages, static (c, v) => c with { Packages = v }, 0, 32, EntityKinds.WrongName),
            Field<StockCardConfig>.Text("usedAccount", static c => c.UsedBy, static (c, v) => c with { UsedBy = v }, 0, 64),
            Field<StockCardConfig>.Moment("usedTime", static c => c.UsedAt, static (c, v) => c with { UsedAt = v }),
            Field<StockCardConfig>.Text("memo", static c => c.Memo, static (c, v) => c with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<ActiveCardConfig> ActiveCards = new()
    {
        List = "activeCards",
        Noun = "active card",
        Blank = new ActiveCardConfig { Pin = "", Account = "" },
        Of = static c => c.ActiveCards,
        With = static (c, all) => c with { ActiveCards = all },
        Fields =
        [
            Field<ActiveCardConfig>.Text("pin", static c => c.Pin, static (c, v) => c with { Pin = v }, 1, 32, EntityKinds.WrongName).Required(),
            Field<ActiveCardConfig>.Text("account", static c => c.Account, static (c, v) => c with { Account = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<ActiveCardConfig>.Text("password", static c => c.Password, static (c, v) => c with { Password = v }, 0, 64).Secret(),
            Field<ActiveCardConfig>.Text("displayE164", static c => c.DisplayNumber, static (c, v) => c with { DisplayNumber = v }, 0, DialString.MaxLength, EntityKinds.WrongNumber),
            Field<ActiveCardConfig>.Number("bindLimit", static c => c.BindLimit, static (c, v) => c with { BindLimit = v }, -1, EntityKinds.MostNames),
            Field<ActiveCardConfig>.Moment("activeTime", static c => c.ActiveSince, static (c, v) => c with { ActiveSince = v }),
            Field<ActiveCardConfig>.Text("memo", static c => c.Memo, static (c, v) => c with { Memo = v }, 0, 256),
        ],
    };

    public static readonly EntityKind<BoundNumberConfig> BoundNumbers = new()
    {
        List = "boundNumbers",
        Noun = "bound number",
        Blank = new BoundNumberConfig { E164 = "", Pin = "" },
        Of = static c => c.BoundNumbers,
        With = static (c, all) => c with { BoundNumbers = all },
        Fields =
        [
            Field<BoundNumberConfig>.Text("e164", static b => b.E164, static (b, v) => b with { E164 = v }, 1, DialString.MaxLength, EntityKinds.WrongNumber).Required(),
            Field<BoundNumberConfig>.Text("pin", static b => b.Pin, static (b, v) => b with { Pin = v }, 1, 32, EntityKinds.WrongName).Required(),
            Field<BoundNumberConfig>.Text("displayE164", static b => b.DisplayNumber, static (b, v) => b with { DisplayNumber = v }, 0, DialString.MaxLength, EntityKinds.WrongNumber),
            Field<BoundNumberConfig>.DialRules("rewriteRulesOutCallee", static b => b.RewriteRulesOutCallee, static (b, v) => b with { RewriteRulesOutCallee = v }),
            Field<BoundNumberConfig>.Text("language", static b => b.Language, static (b, v) => b with { Language = v }, 0, 16),
            Field<BoundNumberConfig>.Moment("bindTime", static b => b.BoundSince, static (b, v) => b with { BoundSince = v }),
            Field<BoundNumberConfig>.Text("memo", static b => b.Memo, static (b, v) => b with { Memo = v }, 0, 256),
        ],
    };
}
