using System.Net;
using System.Text.Json.Nodes;
using Tandem.Client;
using Tandem.Tests.Server.WebApi;
using TokenBook = Tandem.Server.Api.TokenBook;

namespace Tandem.Tests.Client;

/// <summary>The typed client is what the OpenAPI document says, and speaks to a switch (docs/client.md).</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private WebApiSwitch _switch = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        _http = new HttpClient { BaseAddress = _switch.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _switch.DisposeAsync();
    }

    [Fact]
    public async Task The_client_is_generated_from_the_document_of_the_api()
    {
        JsonNode document = JsonNode.Parse(await _http.GetStringAsync("/openapi/v1.json", Stop))!;
        Checkout.HoldPage("src/Tandem.Client/TandemClient.g.cs", ClientSource.Write(document));
    }

    [Fact]
    public async Task It_applies_a_document_pays_reads_the_account_and_sets_a_setting()
    {
        TandemClient client = Open();
        ApplyView applied = await client.PostApplyAsync(JsonNode.Parse("""{"accounts":[{"account":"1","name":"A","currency":"USD"}]}""")!, stop: Stop);
        Assert.False(applied.DryRun);
        await client.PostPaymentsAsync(new PaymentRequest { Id = "p1", Account = "1", Amount = "12.345678901" }, stop: Stop);
        AccountView account = await client.GetAccountsByNumberAsync("1", Stop);
        Assert.Equal((12.345678901m, "USD", "A"), (account.Balance, account.Currency, account.Name));

        DateTimeOffset before = (await client.GetStatusAsync(Stop)).Now!.Value;
        Assert.Equal("15", (await client.PutSettingsByNameAsync("SS_SIP_TIMEOUT_INVITE", new SettingRequest { Value = "15" }, stop: Stop)).Value);
        SettingDifferenceView differs = await client.GetSettingsDifferenceAsync(from: before.ToString("O"), stop: Stop);
        Assert.Equal(("SS_SIP_TIMEOUT_INVITE", "10", "15"), (differs.Changes[0].Name, differs.Changes[0].From, differs.Changes[0].To));
    }

    [Fact]
    public async Task A_refusal_is_an_exception_with_the_switchs_sentence_and_what_was_wrong()
    {
        TandemException refused = await Assert.ThrowsAsync<TandemException>(() => Open().PutSettingsByNameAsync("SS_SIP_TIMEOUT_INVITE", new SettingRequest { Value = "0" }, stop: Stop));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("1 to 600 s", Assert.Single(refused.Errors).Says, StringComparison.Ordinal);
        TandemException unknown = await Assert.ThrowsAsync<TandemException>(() => Open().GetAccountsByNumberAsync("no/such ü?", Stop));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        TandemException stranger = await Assert.ThrowsAsync<TandemException>(() => new TandemClient(_http, null).GetCallsAsync(stop: Stop));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.Status);
    }

    private TandemClient Open() => new(_http, File.ReadAllText(Path.Combine(_switch.Folder, TokenBook.AdminFile)).Trim());
}
