namespace Tandem.Tests.Sip.Transactions;

/// <summary>
/// A transaction table as a picture: a line for every pair of state and input, "State Input Next Effects"; "." is "stays" and
/// "does nothing". The picture must name every pair exactly once.
/// </summary>
internal static class TransitionGrid
{
    public static void Holds<TState, TInput, TEffects>(string picture, Func<TState, TInput, (TState Next, TEffects Effects)> table)
        where TState : struct, Enum
        where TInput : struct, Enum
        where TEffects : struct, Enum
    {
        var pairs = new HashSet<(TState, TInput)>();
        foreach (string line in picture.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(4, cells.Length);
            TState state = Enum.Parse<TState>(cells[0]);
            TInput input = Enum.Parse<TInput>(cells[1]);
            Assert.True(pairs.Add((state, input)), $"{line}: given twice");
            TState next = cells[2] == "." ? state : Enum.Parse<TState>(cells[2]);
            TEffects effects = cells[3] == "." ? default : Enum.Parse<TEffects>(cells[3].Replace('|', ','));
            (TState Next, TEffects Effects) step = table(state, input);
            Assert.True((next, effects).Equals((step.Next, step.Effects)), $"{line}: is {step.Next} {step.Effects}");
        }
        Assert.Equal(Enum.GetValues<TState>().Length * Enum.GetValues<TInput>().Length, pairs.Count);
    }
}
