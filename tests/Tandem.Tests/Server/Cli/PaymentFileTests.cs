using Tandem.Client;
using Tandem.Server.Cli;
using Tandem.Server.Hosting;
using Tandem.Tests.Server.WebApi;

namespace Tandem.Tests.Server.Cli;

public sealed class PaymentFileTests
{
    [Fact]
    public void Columns_stand_in_any_order_and_texts_may_be_quoted()
    {
        IReadOnlyList<PaymentRequest> read = PaymentFile.Read("\uFEFFamount,Account,id,memo\r\n12.50,1001,a,\"May, \"\"late\"\"\"\r\n\r\n -2 ,1002,b,\r\n");
        Assert.Equal(["a 1001 12.50 May, \"late\"", "b 1002 -2 "], read.Select(static p => $"{p.Id} {p.Account} {p.Amount} {p.Memo}"));
    }

    [Theory]
    [InlineData("id,account\na,1001\n", "line 1: the column amount is missing; nothing was booked")]
    [InlineData("id,account,amount,sum\n", "line 1: 'sum' is no column; there are id, account, amount, memo; nothing was booked")]
    [InlineData("id,account,amount,id\n", "line 1: a column stands twice; nothing was booked")]
    [InlineData("id,account,amount\na,1001\n", "line 2: 2 fields where 3 are needed; nothing was booked")]
    [InlineData("id,account,amount\na,1001,5\nb,\"1001,5\n", "line 3: a quotation mark is not closed; nothing was booked")]
    [InlineData("id,account,amount\n", "the file has no payment; nothing was booked")]
    [InlineData("", "line 1: the column id is missing; nothing was booked")]
    public void What_is_no_file_of_payments_is_told_by_its_line(string file, string says) => Assert.Equal(says, Assert.Throws<RefusedException>(() => PaymentFile.Read(file)).Message);
}

/// <summary><c>tandem pay-many</c>, <c>tandem deck assign</c> and the verbs that wait for a second person, against a switch.</summary>
public sealed class BulkVerbTests : IAsyncLifetime
{
    private WebApiSwitch _switch = null!;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        await ApplyAsync("""{"decks":[{"name":"bulk-a","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.6"}]},{"name":"bulk-b","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.3"}]}],"accounts":[{"account":"b1","currency":"USD","feeRateGroup":"bulk-a"},{"account":"b2","currency":"USD","feeRateGroup":"bulk-a"}]}""");
    }

    public async ValueTask DisposeAsync() => await _switch.DisposeAsync();

    [Fact]
    public async Task A_file_of_payments_is_booked_once_and_what_cannot_be_is_told_and_ends_with_1()
    {
        string file = Path.Combine(_switch.Folder, "payments.csv");
        await File.WriteAllTextAsync(file, "id,account,amount\nx1,b1,5\nx2,b2,7.25\n", TestContext.Current.CancellationToken);
        Assert.Equal("2 payments: 2 booked, 0 booked before, 0 wait for a second person, 0 refused; 12.25 USD\n", await AskAsync(0, "pay-many", file));
        await File.AppendAllTextAsync(file, "x3,nobody,1\n", TestContext.Current.CancellationToken);
        string said = await AskAsync(1, "pay-many", file);
        Assert.Contains("There is no account nobody.", said, StringComparison.Ordinal);
        Assert.EndsWith("3 payments: 0 booked, 2 booked before, 0 wait for a second person, 1 refused\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_get_a_deck_by_name_by_file_or_by_the_deck_they_have()
    {
        Assert.Equal("2 accounts would get the deck bulk-b, 0 had it already\n", await AskAsync(0, "deck", "assign", "bulk-b", "--of-deck", "bulk-a", "--dry-run"));
        Assert.Matches("^1 accounts have got the deck bulk-b, 0 had it already; revision [0-9]+\n$", await AskAsync(0, "deck", "assign", "bulk-b", "b1"));
        string file = Path.Combine(_switch.Folder, "accounts.txt");
        await File.WriteAllTextAsync(file, "b1\nb2\n", TestContext.Current.CancellationToken);
        Assert.Matches("^1 accounts have got the deck bulk-b, 1 had it already; revision [0-9]+\n$", await AskAsync(0, "deck", "assign", "bulk-b", "--file", file));
        Assert.Equal("nothing to change: 2 have it already\n", await AskAsync(0, "deck", "assign", "bulk-b", "--file", file));
    }

    [Fact]
    public async Task A_large_reversal_says_that_it_waits()
    {
        await ApplyAsync("""{"settings":{"SERVER_PAYMENT_CONFIRM_ABOVE":"100"}}""");
        await AskAsync(0, "pay", "b1", "60", "--id", "p1");
        await AskAsync(0, "pay", "b1", "60", "--id", "p2");
        Assert.Contains("payment r1 of -60.00 USD to account b1 is booked", await AskAsync(0, "reverse", "p1", "--id", "r1"), StringComparison.Ordinal);
        await AskAsync(0, "pay", "b1", "60", "--id", "p3");
        Assert.Equal("payment z1 of -120.00 to account b1 waits until somebody else confirms it (tandem pending)\n", await AskAsync(0, "zero", "b1", "--id", "z1"));
    }

    private async Task ApplyAsync(string document)
    {
        Tandem.Server.Api.Answer<Tandem.Server.Api.ApplyView> applied = await _switch.Host.Control.ApplyAsync(System.Text.Encoding.UTF8.GetBytes(document), dryRun: false, "test", TestContext.Current.CancellationToken);
        Assert.True(applied.Fault is null, applied.Fault is { } fault ? string.Join('\n', fault.Errors) + fault.Says : "");
    }

    private async Task<string> AskAsync(int code, params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        Assert.Equal(code, await CommandLine.RunAsync([.. args, "--data", _switch.Folder], HostVerbs.All, output, error, TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
