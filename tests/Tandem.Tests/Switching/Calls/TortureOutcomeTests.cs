using Tandem.Primitives;

namespace Tandem.Tests.Switching.Calls;

/// <summary>
/// What the whole switch does with each torture message from a customer it knows: the table outcomes.tsv beside the messages, and for those of
/// RFC 4475, where they lie beside the checkout, the table rfc4475.tsv. TANDEM_WRITE_DOCS=1 writes both anew, to be read before they are kept.
/// </summary>
public sealed class TortureOutcomeTests
{
    private const string Head = "# message\toutcome\n";

    [Fact]
    public void Every_torture_message_comes_to_the_end_that_the_table_says() =>
        Hold("outcomes.tsv", Directory.GetFiles(Checkout.Path("tests", "Tandem.Tests", "Sip", "Torture"), "*.sip"));

    [Fact]
    public void Every_message_of_RFC_4475_comes_to_the_end_that_the_table_says() =>
        Hold("rfc4475.tsv", Directory.GetFiles(SharedData.Path("rfc4475"), "*.dat"));

    private static void Hold(string table, string[] files) =>
        Checkout.HoldPage($"tests/Tandem.Tests/Sip/Torture/{table}", Head + string.Concat(files.Order(StringComparer.Ordinal).Select(static f => $"{Path.GetFileNameWithoutExtension(f)}\t{Outcome(File.ReadAllBytes(f))}\n")));

    // The responses, in order, and the call if there is one; a message that gets neither gets silence.
    private static string Outcome(byte[] message)
    {
        var fixture = new SwitchFixture();
        fixture.Shard.Receive(0, SwitchFixture.Customer, message, 0, message.Length, fixture.Now);
        fixture.Turn();
        string outcome = string.Join(", ", fixture.Sent.Where(static m => m.IsResponse).Select(static m => m.Start["SIP/2.0 ".Length..]).Concat(fixture.Sent.Where(static m => !m.IsResponse).Select(static m => $"a call goes out ({m.Start.Split(' ')[0]})")));
        // Nothing may be left of it, whatever it was.
        fixture.Advance(600);
        Assert.Equal(0, fixture.Shard.OpenCalls);
        Assert.Equal(0, fixture.Shard.Transactions.OpenServers);
        return outcome.Length == 0 ? "silence" : outcome;
    }
}
