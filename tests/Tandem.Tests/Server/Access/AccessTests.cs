using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Api;
using Tandem.Tests.Server.Api;

namespace Tandem.Tests.Server.Access;

/// <summary>Logins, users, keys, sessions and waiting payments over HTTP.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Password = "planted-Secret-1";

    private ApiInMemory _api = null!;
    private Instant _now = SwitchInMemory.Now;
    private int _confirmAbove;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync(parts => parts with { Now = () => _now, Authentication = () => new() { PaymentConfirmAbove = _confirmAbove } });

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_user_logs_in_is_who_he_is_and_is_nobody_after_the_logout()
    {
        await AddAsync("ann", "finance");
        using HttpClient ann = await LoginAsync("ann");
        JsonNode me = await OkAsync(ann, "GET", "/v1/me");
        Assert.Equal(("ann", "Finance"), ((string?)me["name"], (string?)me["role"]));
        await OkAsync(ann, "POST", "/v1/payments", """{"id":"p1","account":"1001","amount":"5"}""");
        Assert.EndsWith("by ann", _api.Switch.Asked.Single(), StringComparison.Ordinal);
        await OkAsync(ann, "POST", "/v1/logout");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(ann, "GET", "/v1/me")).Status);
    }

    [Fact]
    public async Task A_session_ends_by_itself_by_the_administrator_and_when_its_user_is_changed_disabled_or_removed()
    {
        await AddAsync("ann", "support");
        using (HttpClient ann = await LoginAsync("ann"))
        {
            _now += AccessBook.SessionTime;
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(ann, "GET", "/v1/me")).Status);
        }
        Func<Task>[] ends =
        [
            async () => await OkAsync(_api.Http, "DELETE", $"/v1/sessions/{(string?)(await OkAsync(_api.Http, "GET", "/v1/sessions"))["sessions"]![0]!["id"]}"),
            async () => await OkAsync(_api.Http, "PUT", "/v1/users/ann", """{"role":"readOnly"}"""),
            async () => await OkAsync(_api.Http, "PUT", "/v1/users/ann", $$"""{"password":"{{Password}}2"}"""),
            async () => await OkAsync(_api.Http, "PUT", "/v1/users/ann", $$"""{"password":"{{Password}}","disabled":true}"""),
        ];
        string password = Password;
        foreach (Func<Task> end in ends)
        {
            using HttpClient ann = await LoginAsync("ann", password);
            await end();
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(ann, "GET", "/v1/me")).Status);
            if (end == ends[2]) password += "2";
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password))).Status);
        await OkAsync(_api.Http, "DELETE", "/v1/users/ann");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(_api.Http, "DELETE", "/v1/users/ann")).Status);
    }

    [Fact]
    public async Task A_user_sees_and_ends_his_own_sessions_alone()
    {
        await AddAsync("ann", "support");
        await AddAsync("bob", "support");
        using HttpClient ann = await LoginAsync("ann"), bob = await LoginAsync("bob");
        JsonNode bobs = (await OkAsync(bob, "GET", "/v1/sessions"))["sessions"]!;
        Assert.Equal("bob", (string?)Assert.Single(bobs.AsArray())!["user"]);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(ann, "DELETE", $"/v1/sessions/{(string?)bobs[0]!["id"]}")).Status);
        Assert.Equal(2, (await OkAsync(_api.Http, "GET", "/v1/sessions"))["sessions"]!.AsArray().Count);
    }

    [Fact]
    public async Task Five_wrong_passwords_and_not_even_the_right_one_is_looked_at_for_SERVER_LOGIN_FAILED_DISABLE_TIME()
    {
        await AddAsync("ann", "support");
        for (int i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", "wrong"))).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password))).Status);
        _now += TimeSpan.FromSeconds(121);
        using HttpClient ann = await LoginAsync("ann");
    }

    [Fact]
    public async Task With_codes_set_up_a_password_alone_is_not_enough_and_a_code_is_good_once()
    {
        await AddAsync("ann", "support");
        using HttpClient ann = await LoginAsync("ann");
        string secret = (string)(await OkAsync(ann, "POST", "/v1/me/totp"))["secret"]!;
        (await LoginAsync("ann")).Dispose(); // it was not confirmed yet
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(ann, "POST", "/v1/me/totp/confirm", """{"code":"000000"}""")).Status);
        await OkAsync(ann, "POST", "/v1/me/totp/confirm", $$"""{"code":"{{CodeOf(secret)}}"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password, CodeOf(secret)))).Status); // it confirmed
        _now += TimeSpan.FromSeconds(30);
        string code = CodeOf(secret);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password, code))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(_api.Http, "POST", "/v1/login", Login("ann", Password, code))).Status);
        await OkAsync(_api.Http, "PUT", "/v1/users/ann", """{"totp":false}""");
        (await LoginAsync("ann")).Dispose();
    }

    [Fact]
    public async Task Users_keys_and_sessions_are_there_after_a_restart()
    {
        await AddAsync("ann", "customer", "1001");
        using HttpClient ann = await LoginAsync("ann");
        string token = ann.DefaultRequestHeaders.Authorization!.Parameter!;
        string key = (string)(await OkAsync(_api.Http, "POST", "/v1/keys", """{"name":"portal","role":"readOnly","expires":"2026-05-01"}"""))["key"]!;
        AccessBook again = AccessBook.Open(_api.Folder);
        Assert.Equal(("ann", Role.Customer, "1001"), (again.Who(token, _now)!.Name, again.Who(token, _now)!.Role, again.Who(token, _now)!.Account));
        Assert.Equal("key:portal", again.Who(key, _now)!.Name);
        Assert.Null(again.Who(key, _now + TimeSpan.FromDays(30)));
        Assert.Null(again.Who(token + "x", _now));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_api.Folder, AccessBook.FileName)));
    }

    [Fact]
    public async Task A_file_of_the_first_format_is_read_and_a_hash_of_few_rounds_is_made_anew_at_the_login()
    {
        string old = PasswordHash.Make(Password, 1000);
        await using ApiInMemory api = await ApiInMemory.StartAsync(prepare: folder => File.WriteAllText(Path.Combine(folder, AccessBook.FileName),
            $$$"""{"format":1,"users":{"ann":{"name":"ann","role":"Support","passwordHash":"{{{old}}}","createdMicros":1,"by":"admin"}},"keys":[],"sessions":[],"pending":[],"changes":[]}"""));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(api.Http, "POST", "/v1/login", Login("ann", "wrong"))).Status);
        Assert.Equal(old, AccessBook.Open(api.Folder).State.Users["ann"].PasswordHash);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(api.Http, "POST", "/v1/login", Login("ann", Password))).Status);
        Assert.StartsWith("p2$210000$", AccessBook.Open(api.Folder).State.Users["ann"].PasswordHash, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(api.Http, "POST", "/v1/login", Login("ann", Password))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"format\":2}")]
    [InlineData("{\"users\":7}")]
    [InlineData("{\"format\":1,\"keys\":null}")]
    public void A_damaged_file_of_users_stops_the_start_with_a_sentence(string text)
    {
        File.WriteAllText(Path.Combine(_api.Folder, AccessBook.FileName), text);
        Assert.Contains(AccessBook.FileName, Assert.Throws<IOException>(() => AccessBook.Open(_api.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/users", "{}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a b\",\"role\":\"finance\"}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"ann\\n\",\"role\":\"finance\"}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"admin\",\"role\":\"finance\"}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"x\\r\\nSet-Cookie: a\",\"role\":\"finance\"}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"root\"}", 400, "role")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"0\"}", 400, "role")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"customer\"}", 400, "account")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"customer\",\"account\":\"' OR 1=1\"}", 400, "account")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"finance\",\"account\":\"1001\"}", 400, "account")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"finance\",\"password\":\"short\"}", 400, "password")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"finance\",\"admin\":\"true\"}", 400, "admin")]
    [InlineData("POST", "/v1/users", "{\"name\":[\"a\"],\"role\":\"finance\"}", 400, "name")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"customer\",\"device\":\"phone:404\"}", 400, "device")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"agent\",\"device\":\"phone:2001\"}", 400, "device")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"support\",\"device\":\"phone:2001\"}", 400, "device")]
    [InlineData("POST", "/v1/users", "{\"name\":\"a\",\"role\":\"customer\",\"device\":\"phone:2001\",\"account\":\"1001\"}", 400, "account")]
    [InlineData("POST", "/v1/users", "[", 400, "")]
    [InlineData("PUT", "/v1/users/nobody", "{}", 404, "")]
    [InlineData("POST", "/v1/keys", "{\"name\":\"k\",\"role\":\"finance\",\"expires\":\"2020-01-01\"}", 400, "expires")]
    [InlineData("POST", "/v1/keys", "{\"name\":\"k\",\"role\":\"agent\",\"account\":\"404\"}", 400, "account")]
    [InlineData("DELETE", "/v1/keys/none", null, 404, "")]
    [InlineData("DELETE", "/v1/sessions/none", null, 404, "")]
    [InlineData("POST", "/v1/login", "{\"user\":\"a\"}", 400, "password")]
    [InlineData("POST", "/v1/logout", null, 409, "")]
    [InlineData("POST", "/v1/me/totp", null, 409, "")]
    [InlineData("GET", "/v1/audit?limit=0", null, 400, "limit")]
    [InlineData("GET", "/v1/audit?since=yesterday", null, 400, "since")]
    [InlineData("POST", "/v1/audit/x/undo", null, 400, "revision")]
    [InlineData("POST", "/v1/audit/99/undo", null, 404, "")]
    [InlineData("POST", "/v1/pending-payments/none/confirm", null, 404, "")]
    [InlineData("POST", "/v1/pending-payments/none/refuse", null, 404, "")]
    public async Task What_is_wrong_is_said_and_nothing_is_changed(string method, string path, string? body, int status, string field)
    {
        (HttpStatusCode code, string text) = await SendAsync(_api.Http, method, path, body);
        Assert.Equal((status, text), ((int)code, text));
        JsonNode problem = JsonNode.Parse(text)!;
        if (field.Length > 0) Assert.Contains(field, problem["errors"]!.AsArray().Select(static e => (string?)e!["field"]));
        Assert.False(File.Exists(Path.Combine(_api.Folder, AccessBook.FileName)));
    }

    [Fact]
    public async Task A_payment_above_the_limit_waits_until_somebody_else_confirms_it()
    {
        _confirmAbove = 100;
        await AddAsync("ann", "finance");
        await AddAsync("bob", "finance");
        using HttpClient ann = await LoginAsync("ann"), bob = await LoginAsync("bob");
        await OkAsync(ann, "POST", "/v1/payments", """{"id":"small","account":"1001","amount":"100"}""");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(ann, "POST", "/v1/payments", """{"id":"no","account":"404","amount":"100.01"}""")).Status);
        foreach ((string id, string amount) in new[] { ("in", "100.01"), ("out", "-100.01") })
        {
            string order = $$"""{"id":"{{id}}","account":"1001","amount":"{{amount}}"}""";
            Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(ann, "POST", "/v1/payments", order)).Status);
            Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(ann, "POST", "/v1/payments", order)).Status);
            Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(ann, "POST", "/v1/payments", order.Replace("100.01", "100.02", StringComparison.Ordinal))).Status);
            Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(bob, "POST", "/v1/payments", order)).Status);
        }
        Assert.Single(_api.Switch.Asked);
        Assert.Equal(["in", "out"], (await OkAsync(bob, "GET", "/v1/pending-payments"))["payments"]!.AsArray().Select(static p => (string?)p!["id"]));
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(ann, "POST", "/v1/pending-payments/in/confirm")).Status);
        Assert.Single(_api.Switch.Asked);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(bob, "POST", "/v1/pending-payments/in/confirm")).Status);
        Assert.EndsWith("by ann+bob", _api.Switch.Asked[^1], StringComparison.Ordinal);
        Assert.True((bool)(await OkAsync(ann, "POST", "/v1/payments", """{"id":"in","account":"1001","amount":"100.01"}"""))["repeated"]!); // she did not hear of it
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(ann, "POST", "/v1/payments", """{"id":"in","account":"1001","amount":"900"}""")).Status);
        Assert.Equal(4, _api.Switch.Asked.Count);
        await OkAsync(bob, "POST", "/v1/pending-payments/out/refuse");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(bob, "POST", "/v1/pending-payments/out/confirm")).Status);
        Assert.Equal(4, _api.Switch.Asked.Count);
    }

    [Fact]
    public async Task What_is_being_confirmed_cannot_be_refused_or_confirmed_meanwhile_and_is_audited_as_it_was_booked()
    {
        _confirmAbove = 100;
        await AddAsync("ann", "finance");
        await AddAsync("bob", "finance");
        using HttpClient ann = await LoginAsync("ann"), bob = await LoginAsync("bob");
        await SendAsync(ann, "POST", "/v1/payments", """{"id":"in","account":"1001","amount":"101"}""");
        List<HttpStatusCode> meanwhile = [];
        _api.Switch.Paying = async () =>
        {
            _api.Switch.Paying = null;
            meanwhile.Add((await SendAsync(ann, "POST", "/v1/pending-payments/in/refuse")).Status);
            meanwhile.Add((await SendAsync(_api.Http, "POST", "/v1/pending-payments/in/confirm")).Status);
        };
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(bob, "POST", "/v1/pending-payments/in/confirm")).Status);
        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict], meanwhile);
        Assert.Single(_api.Switch.Asked);
        Assert.Equal("confirmed", (string?)(await OkAsync(bob, "GET", "/v1/audit?what=pendingPayments"))["changes"]![0]!["to"]);
    }

    [Fact]
    public async Task What_could_not_be_booked_waits_on_and_what_is_booked_already_is_not_refused()
    {
        _confirmAbove = 100;
        await AddAsync("bob", "finance");
        using HttpClient bob = await LoginAsync("bob");
        await SendAsync(_api.Http, "POST", "/v1/payments", """{"id":"in","account":"1001","amount":"101"}""");
        _api.Switch.Paying = static () => throw new IOException("the journal cannot be written");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(bob, "POST", "/v1/pending-payments/in/confirm")).Status);
        _api.Switch.Paying = null;
        Assert.Single((await OkAsync(bob, "GET", "/v1/pending-payments"))["payments"]!.AsArray());
        await _api.Switch.PayAsync(new PaymentOrder("in", "1001", 101 * Money.NanosPerUnit, ""), "admin+bob", Stop); // as where the switch stopped before it took it off the list
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(bob, "POST", "/v1/pending-payments/in/refuse")).Status);
        Assert.Empty((await OkAsync(bob, "GET", "/v1/pending-payments"))["payments"]!.AsArray());
        Assert.Equal("confirmed", (string?)(await OkAsync(bob, "GET", "/v1/audit?what=pendingPayments"))["changes"]![0]!["to"]);
    }

    [Fact]
    public async Task Nobody_confirms_by_a_key_he_made_what_he_asked_for_himself()
    {
        _confirmAbove = 1;
        string key = (string)(await OkAsync(_api.Http, "POST", "/v1/keys", """{"name":"k","role":"finance"}"""))["key"]!;
        using var other = new HttpClient { BaseAddress = _api.Address };
        other.DefaultRequestHeaders.Authorization = new("Bearer", key);
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(_api.Http, "POST", "/v1/payments", """{"id":"p","account":"1001","amount":"2"}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(other, "POST", "/v1/pending-payments/p/confirm")).Status);
    }

    [Fact]
    public async Task The_audit_says_who_changed_what_of_configuration_and_users_and_is_filtered()
    {
        await AddAsync("ann", "finance");
        await OkAsync(_api.Http, "PUT", "/v1/users/ann", """{"role":"support"}""");
        Assert.Equal(["users[ann].role", "users[ann]", "accounts[1001].name", "settings.SS_SIP_TIMEOUT_INVITE"], await WhatAsync(""));
        Assert.Equal(["settings.SS_SIP_TIMEOUT_INVITE"], await WhatAsync("?what=settings"));
        Assert.Equal(["accounts[1001].name"], await WhatAsync("?by=bob"));
        Assert.Equal(["users[ann].role"], await WhatAsync("?limit=1"));
        Assert.Equal(["accounts[1001].name", "settings.SS_SIP_TIMEOUT_INVITE"], await WhatAsync("?until=2026-04-26T12:00:00Z"));
        JsonNode role = (await OkAsync(_api.Http, "GET", "/v1/audit"))["changes"]![0]!;
        Assert.Equal(("admin", "Finance", "Support"), ((string?)role["by"], (string?)role["from"], (string?)role["to"]));
        await OkAsync(_api.Http, "POST", "/v1/audit/3/undo");
        Assert.Equal("undo 3 by admin", _api.Switch.Asked.Single());

        async Task<string?[]> WhatAsync(string query) => [.. (await OkAsync(_api.Http, "GET", "/v1/audit" + query))["changes"]!.AsArray().Select(static c => (string?)c!["what"])];
    }

    [Fact]
    public async Task No_answer_and_no_line_of_the_log_holds_a_secret()
    {
        await AddAsync("ann", "administrator");
        using HttpClient ann = await LoginAsync("ann");
        string totp = (string)(await OkAsync(ann, "POST", "/v1/me/totp"))["secret"]!;
        await OkAsync(ann, "POST", "/v1/me/totp/confirm", $$"""{"code":"{{CodeOf(totp)}}"}""");
        string key = (string)(await OkAsync(ann, "POST", "/v1/keys", """{"name":"k","role":"finance"}"""))["key"]!;
        AccessState state = AccessBook.Open(_api.Folder).State;
        string[] secrets =
        [
            Password, key, totp, ann.DefaultRequestHeaders.Authorization!.Parameter!, _api.Http.DefaultRequestHeaders.Authorization!.Parameter!, "planted",
            state.Users["ann"].PasswordHash, state.Users["ann"].TotpSecret!, state.Keys[0].Hash, state.Sessions[0].Hash,
        ];
        int asked = 0;
        foreach (string route in _api.Routes.Where(static r => r.StartsWith("GET ", StringComparison.Ordinal)))
        {
            string path = route[4..].Replace("{number}", "1001", StringComparison.Ordinal).Replace("{id}", SwitchInMemory.LiveCall.ToString(), StringComparison.Ordinal).Replace("{name}", "retail", StringComparison.Ordinal).Replace("{version}", "ab12", StringComparison.Ordinal);
            (_, string body) = await SendAsync(ann, "GET", path);
            foreach (string secret in secrets) Assert.False(body.Contains(secret, StringComparison.Ordinal), $"{path} holds {secret}");
            asked++;
        }
        Assert.InRange(asked, 40, 200);
        await SendAsync(ann, "PUT", "/v1/users/ann", $$"""{"password":"{{Password}}","role":"{{Password}}"}""");
        foreach (string line in _api.Said) Assert.All(secrets, secret => Assert.DoesNotContain(secret, line, StringComparison.Ordinal));
        string stored = await File.ReadAllTextAsync(Path.Combine(_api.Folder, AccessBook.FileName), Stop);
        foreach (string secret in (string[])[Password, key, ann.DefaultRequestHeaders.Authorization!.Parameter!]) Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_password_one_is_made_and_shown_once()
    {
        JsonNode made = await OkAsync(_api.Http, "POST", "/v1/users", """{"name":"ann","role":"readOnly"}""");
        (await LoginAsync("ann", (string)made["password"]!)).Dispose();
        Assert.Null((await OkAsync(_api.Http, "GET", "/v1/users"))["users"]![0]!["password"]);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(_api.Http, "POST", "/v1/users", """{"name":"ann","role":"readOnly"}""")).Status);
    }

    private string CodeOf(string base32)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        string bits = string.Concat(base32.Select(static c => Convert.ToString(Letters.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] secret = [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
        return Totp.Code(secret, Totp.StepAt(_now));
    }

    private Task<JsonNode> AddAsync(string name, string role, string? account = null) =>
        OkAsync(_api.Http, "POST", "/v1/users", new JsonObject { ["name"] = name, ["role"] = role, ["password"] = Password, ["account"] = account ?? "" }.ToJsonString());

    private async Task<HttpClient> LoginAsync(string name, string password = Password)
    {
        var http = new HttpClient { BaseAddress = _api.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)(await OkAsync(http, "POST", "/v1/login", Login(name, password)))["token"]!);
        return http;
    }

    private static string Login(string name, string password, string? code = null) => new JsonObject { ["user"] = name, ["password"] = password, ["code"] = code ?? "" }.ToJsonString();

    private static async Task<JsonNode> OkAsync(HttpClient http, string method, string path, string? body = null)
    {
        (HttpStatusCode status, string text) = await SendAsync(http, method, path, body);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpClient http, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "PUT") request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }
}
