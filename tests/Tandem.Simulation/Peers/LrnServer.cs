using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Numbers;

namespace Tandem.Simulation.Peers;

/// <summary>The server that is asked about ported numbers: it takes its time, is silent, fails, has no room, and knows a few numbers that were ported.</summary>
internal sealed class LrnServer(World world, Shard[] shards) : ILrnAsker
{
    private readonly SeededEntropy _chance = new(world.Plan.Seed ^ 0x1a4);

    public bool TryAsk(in LrnQuestion question)
    {
        int mood = _chance.Below(20);
        if (mood == 0) return false;
        if (mood == 1) return true; // and never a word
        LrnQuestion asked = question;
        bool known = mood > 3;
        // The books price by the number called: a routing number here has the same beginning, and with it the same rate.
        DialString routing = mood % 4 == 0 && asked.Number.Length > 6 ? DialString.Parse(asked.Number.ToString()[..^2] + "00") : DialString.Empty;
        world.In(TimeSpan.FromMilliseconds(1 + _chance.Below(1_500)), () => shards[asked.Shard].LrnReplies.TryPost(new LrnReply(asked.Slot, asked.Stamp, new LrnAnswer(known, asked.Number, known ? routing : default, known ? "" : "the server said 500"))));
        return true;
    }
}
