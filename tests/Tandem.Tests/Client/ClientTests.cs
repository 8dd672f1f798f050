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
        ApplyView applied = await client.PostApplyAsync(Document("""{"accounts":[{"account":"1","name":"A","currency":"USD"}]}"""), stop: Stop);
        Assert.False(applied.DryRun);
        await client.PostPaymentsAsync(new PaymentRequest { Id = "p1", Account = "1", Amount = "12.345678901" }, stop: Stop);
        AccountView account = await client.GetAccountsByNumberAsync("1", stop: Stop);
        Assert.Equal((12.345678901m, "USD", "A"), (account.Balance, account.Currency, account.Name));

        DateTimeOffset before = (await client.GetStatusAsync(stop: Stop)).Now!.Value;
        Assert.Equal("15", (await client.PutSettingsByNameAsync("SS_SIP_TIMEOUT_INVITE", new SettingRequest { Value = "15" }, ifMatch: "*", stop: Stop)).Value);
        SettingDifferenceView differs = await client.GetSettingsDifferenceAsync(from: before.ToString("O"), stop: Stop);
        Assert.Equal(("SS_SIP_TIMEOUT_INVITE", "10", "15"), (differs.Changes[0].Name, differs.Changes[0].From, differs.Changes[0].To));
    }

    [Fact]
    public async Task A_refusal_is_an_exception_with_the_switchs_sentence_and_what_was_wrong()
    {
        TandemException refused = await Assert.ThrowsAsync<TandemException>(() => Open().PutSettingsByNameAsync("SS_SIP_TIMEOUT_INVITE", new SettingRequest { Value = "0" }, ifMatch: "*", stop: Stop));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("1 to 600 s", Assert.Single(refused.Errors).Says, StringComparison.Ordinal);
        TandemException unknown = await Assert.ThrowsAsync<TandemException>(() => Open().GetAccountsByNumberAsync("no/such ü?", stop: Stop));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        TandemException stranger = await Assert.ThrowsAsync<TandemException>(() => new TandemClient(_http, null).GetCallsAsync(stop: Stop));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.Status);
    }

    [Fact]
    public async Task What_it_reads_it_writes_again_as_the_switch_wrote_it()
    {
        TandemClient client = Open();
        await client.PostApplyAsync(Document("""{"accounts":[{"account":"1","name":"A & Ä","currency":"USD"}]}"""), stop: Stop);
        await client.PostPaymentsAsync(new PaymentRequest { Id = "p1", Account = "1", Amount = "12.50" }, stop: Stop);
        await client.PostUsersAsync(new UserRequest { Name = "ann", Role = "finance" }, stop: Stop);
        await client.PostKeysAsync(new KeyRequest { Name = "portal", Role = "readOnly", Expires = "2036-01-01" }, stop: Stop);
        await SameAsync("/v1/accounts", client.GetAccountsAsync(stop: Stop));
        await SameAsync("/v1/accounts/1", client.GetAccountsByNumberAsync("1", stop: Stop));
        await SameAsync("/v1/payments", client.GetPaymentsAsync(stop: Stop));
        await SameAsync("/v1/users", client.GetUsersAsync(stop: Stop));
        await SameAsync("/v1/keys", client.GetKeysAsync(stop: Stop));
        await SameAsync("/v1/audit", client.GetAuditAsync(stop: Stop));
        await SameAsync("/v1/settings", client.GetSettingsAsync(stop: Stop));
        await SameAsync("/v1/gateways", client.GetGatewaysAsync(stop: Stop));
        await SameAsync("/v1/configuration", client.GetConfigurationAsync(stop: Stop));
        await SameAsync("/v1/check", client.GetCheckAsync(stop: Stop));
        Assert.Equal(("portal", Role.ReadOnly), (await client.GetKeysAsync(stop: Stop)).Keys.Select(static k => (k.Name, k.Role)).Single());

        JsonNode newer = JsonNode.Parse("""{"ok":true,"says":"fine","since":"yesterday"}""")!;
        Assert.Equal(newer.ToJsonString(), TandemClient.ToJson(TandemClient.Read<HealthView>(newer)).ToJsonString());
    }

    [Fact]
    public async Task Pages_are_put_together()
    {
        TandemClient client = Open();
        foreach (string name in (string[])["a", "b", "c"]) await client.PostUsersAsync(new UserRequest { Name = name, Role = "support" }, stop: Stop);
        UsersView first = await client.GetUsersAsync(limit: 2, stop: Stop);
        Assert.Equal((2, true), (first.Users.Count, first.Next is not null));
        UsersView all = await TandemClient.AllAsync(cursor => client.GetUsersAsync(limit: 1, cursor: cursor, stop: Stop));
        Assert.Equal("a b c", string.Join(' ', all.Users.Select(static u => u.Name)));
        Assert.Null(all.Next);
    }

    [Fact]
    public async Task Decks_are_uploaded_and_downloaded_and_events_read_as_they_come()
    {
        TandemClient client = Open();
        DeckImportView deck = await client.PostDecksAsync(new StringContent("prefix,rate_per_min\n44,0.01\n", System.Text.Encoding.UTF8, "text/csv"), "retail", "USD", stop: Stop);
        Assert.Equal(1, deck.Added);
        await using (TandemDownload rates = await client.GetDecksByNameRatesAsync("retail", stop: Stop))
        {
            using var text = new StreamReader(rates.Content);
            Assert.Contains("44", await text.ReadToEndAsync(Stop), StringComparison.Ordinal);
        }
        await foreach (TandemEvent told in client.GetEventsAsync("counters", stop: Stop))
        {
            if (told.Kind == "hello") continue;
            Assert.Equal(("counters", true), (told.Kind, TandemClient.Read<StatusView>(told.Data).AcceptsNewCalls));
            break;
        }
    }

    private async Task SameAsync<T>(string path, Task<T> typed)
        where T : notnull
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", File.ReadAllText(Path.Combine(_switch.Folder, TokenBook.AdminFile)).Trim());
        using HttpResponseMessage answer = await _http.SendAsync(request, Stop);
        Assert.Equal(await answer.Content.ReadAsStringAsync(Stop), TandemClient.ToJson(await typed).ToJsonString(new(System.Text.Json.JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    private static StringContent Document(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private TandemClient Open() => new(_http, File.ReadAllText(Path.Combine(_switch.Folder, TokenBook.AdminFile)).Trim());
}
