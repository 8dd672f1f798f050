using Tandem.Primitives;

namespace Tandem.Switching.Numbers;

/// <summary>Who said whom a number was ported to, in decision logs: for ever.</summary>
public enum LrnSource : byte { Table = 0, Cache = 1, Server = 2 }

/// <summary>How a call is priced after its number was looked up, in decision logs: for ever.</summary>
public enum Jurisdiction : byte { Intrastate = 0, Interstate = 1, Undetermined = 2 }

/// <summary>What a server said of a number, or why it did not.</summary>
/// <param name="Known">It answered.</param>
/// <param name="Number">The number asked about.</param>
/// <param name="Routing">Its routing number; empty: it was not ported.</param>
/// <param name="Trouble">Where nothing is known: why, without full stop.</param>
public readonly record struct LrnAnswer(bool Known, DialString Number, DialString Routing, string Trouble);

/// <summary>Asks a server about a number, aside: the shard goes on, and its answer comes to <c>Shard.LrnReplies</c>, or never.</summary>
public interface ILrnAsker
{
    /// <summary>False: too many questions wait already.</summary>
    bool TryAsk(in LrnQuestion question);
}

/// <summary>One question of one call.</summary>
/// <param name="Shard">Whose call.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Stamp">Which call of that slot.</param>
/// <param name="Number">The number.</param>
/// <param name="ServerIp">Of the settings in force.</param>
/// <param name="ServerPort">0: 80.</param>
/// <param name="GiveUpAt">Nobody waits any more then.</param>
public readonly record struct LrnQuestion(int Shard, int Slot, long Stamp, DialString Number, string ServerIp, int ServerPort, Instant GiveUpAt);

/// <summary>What comes of a question.</summary>
public readonly record struct LrnReply(int Slot, long Stamp, LrnAnswer Answer);
