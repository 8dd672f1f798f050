using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Billing;

/// <summary>A tariff's terms as journal records and CDRs store them: a byte that says which there are, then those, in the order of <see cref="TariffTerms"/>.</summary>
internal static class TermsCodec
{
    private const byte FirstFee = 1, CycleFee = 2, Minimum = 4, MinimumSeconds = 8, Grace = 16, Tax = 32, Exchanged = 64, Staged = 128;

    public static void Write(ref ByteWriter to, TariffTerms terms)
    {
        to.PutByte((byte)((terms.FirstFeeNanos is null ? 0 : FirstFee) | (terms.CycleFeeNanos is null ? 0 : CycleFee) | (terms.MinimumNanos == 0 ? 0 : Minimum) | (terms.MinimumSeconds == 0 ? 0 : MinimumSeconds)
            | (terms.GraceSeconds == 0 ? 0 : Grace) | (terms.TaxMillionths == 0 ? 0 : Tax) | (terms.Exchange is null ? 0 : Exchanged) | (terms.Stages.Length == 0 ? 0 : Staged)));
        if (terms.FirstFeeNanos is { } first) to.PutInt64(first);
        if (terms.CycleFeeNanos is { } cycle) to.PutInt64(cycle);
        if (terms.MinimumNanos != 0) to.PutInt64(terms.MinimumNanos);
        if (terms.MinimumSeconds != 0) to.PutInt32(terms.MinimumSeconds);
        if (terms.GraceSeconds != 0) to.PutInt32(terms.GraceSeconds);
        if (terms.TaxMillionths != 0) to.PutInt32(terms.TaxMillionths);
        if (terms.Exchange is { } exchange)
        {
            to.PutInt32(exchange.From.Packed);
            to.PutInt64(exchange.RateNanos);
            to.PutInt64(exchange.Date.Micros);
        }
        if (terms.Stages.Length == 0) return;
        to.PutByte((byte)terms.Stages.Length);
        foreach (TariffStage stage in terms.Stages)
        {
            to.PutInt32(stage.AfterSeconds);
            to.PutInt32(stage.CycleFeeNanos is null ? stage.CycleSeconds : -stage.CycleSeconds);
            to.PutInt64(stage.CycleFeeNanos ?? stage.RatePerMinuteNanos);
        }
    }

    public static TariffTerms Read(ref ByteReader from)
    {
        byte has = from.GetByte();
        TariffTerms terms = new()
        {
            FirstFeeNanos = (has & FirstFee) != 0 ? from.GetInt64() : null,
            CycleFeeNanos = (has & CycleFee) != 0 ? from.GetInt64() : null,
            MinimumNanos = (has & Minimum) != 0 ? from.GetInt64() : 0,
            MinimumSeconds = (has & MinimumSeconds) != 0 ? from.GetInt32() : 0,
            GraceSeconds = (has & Grace) != 0 ? from.GetInt32() : 0,
            TaxMillionths = (has & Tax) != 0 ? from.GetInt32() : 0,
            Exchange = (has & Exchanged) != 0 ? new Exchange(Currency.FromPacked(from.GetInt32()), from.GetInt64(), new Instant(from.GetInt64())) : null,
        };
        if ((has & Staged) == 0) return terms;
        TariffStage[] stages = new TariffStage[from.GetByte()];
        for (int i = 0; i < stages.Length && !from.Failed; i++)
        {
            int after = from.GetInt32(), cycle = from.GetInt32();
            long price = from.GetInt64();
            stages[i] = cycle > 0 ? new TariffStage(after, cycle, price) : new TariffStage(after, -cycle, Tariff.PerMinute(price, -cycle), price);
        }
        return terms with { Stages = [.. stages] };
    }
}
