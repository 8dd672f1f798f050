namespace Tandem.Interop.Crashes;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_carries_records_and_charges_its_call_and_exits_with_zero()
    {
        (int code, string said) = await TandemProgram.DoAsync(TestContext.Current.CancellationToken, "demo");
        Assert.True(code == 0, said);
        Assert.Contains("INVITE", said, StringComparison.Ordinal);
        Assert.Contains("BYE", said, StringComparison.Ordinal);
        Assert.Contains("charge", said, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(18, said.Split('\n').Max(static line => line.Count(static c => c == '|'))); // the CDR line: 19 fields
    }
}
