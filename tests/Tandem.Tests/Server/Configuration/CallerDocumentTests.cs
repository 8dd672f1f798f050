using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.Configuration;

/// <summary>What is said of how callers are known is refused where it could mean two, with the line (docs/callers.md).</summary>
public sealed class CallerDocumentTests
{
    [Theory]
    [InlineData("""{"name":"b","remoteIps":["192.0.2.1"],"callPrefix":"99"}""", "line 3, mappingGateways[1].remoteIps: '192.0.2.1' belongs to the mapping gateway 'a' with the same callPrefix 99")]
    [InlineData("""{"name":"b","remoteIps":["192.0.2.1"]}""", null)]
    [InlineData("""{"name":"b","remoteIps":[],"registerType":"dynamic"}""", "line 3, mappingGateways[1].password: a gateway that registers or shows its password needs one")]
    [InlineData("""{"name":"b","remoteIps":["192.0.2.7"],"registerType":"dynamic","password":"x"}""", "line 3, mappingGateways[1].remoteIps: a gateway that registers says itself where it is; the list must be empty")]
    [InlineData("""{"name":"b","remoteIps":[],"registerType":1,"password":"x","registerName":"100"}""", "line 3, mappingGateways[1].registerName: the user name '100' is a phone's number")]
    [InlineData("""{"name":"two words","remoteIps":[],"sipAuthenticationMethod":"digest","password":"x"}""", "line 3, mappingGateways[1].name: 'two words' cannot be its user name: at most 32 of 0-9 * # + - . _ and letters; state a registerName")]
    [InlineData("""{"name":"b","remoteIps":["192.0.2.7"],"registerName":"bb"}""", "line 3, mappingGateways[1].registerName: it is used only where the gateway registers (registerType 'dynamic') or shows its password (sipAuthenticationMethod 'digest')")]
    [InlineData("""{"name":"b","remoteIps":[],"registerType":"ims"}""", "line 3, mappingGateways[1].registerType: 'ims' is not 'static' (0) or 'dynamic' (1)")]
    public void What_could_mean_two_callers_is_refused_with_its_line(string gateway, string? says)
    {
        var book = new ConfigurationBook(new DeckShelf());
        string document = "{\"phones\":[{\"e164\":\"100\",\"password\":\"p\"}],\n\"mappingGateways\":[{\"name\":\"a\",\"remoteIps\":[\"192.0.2.1\"],\"callPrefix\":\"99\"},\n" + gateway + "]}";
        ApplyResult result = book.Apply(Encoding.UTF8.GetBytes(document), "test", new Instant(1));
        Assert.Equal(says is null ? [] : [says], result.Errors.Select(static e => e.ToString()));
        Assert.Equal(says is null ? 1 : 0, book.Revision);
    }

    [Theory]
    [InlineData("""{"e164":"100","password":"p","registerType":"static"}""", "line 1, phones[0].ip: a phone that does not register needs the address it is at")]
    [InlineData("""{"e164":"100","password":"p","ip":"192.0.2.1"}""", "line 1, phones[0].ip: a phone that registers says itself where it is; its registerType would have to be 'static'")]
    [InlineData("""{"e164":"100","password":"p","registerType":0,"ip":"192.0.2.1:99"}""", "line 1, phones[0].ip: '192.0.2.1:99' is no address, as in 192.0.2.1 or 2001:db8::1")]
    public void A_static_phone_needs_an_address_and_another_has_none(string phone, string says)
    {
        var book = new ConfigurationBook(new DeckShelf());
        ApplyResult result = book.Apply(Encoding.UTF8.GetBytes("{\"phones\":[" + phone + "]}"), "test", new Instant(1));
        Assert.Contains(says, result.Errors.Select(static e => e.ToString()));
    }

    [Fact]
    public void A_gateways_password_is_in_no_text_but_the_snapshots()
    {
        var book = new ConfigurationBook(new DeckShelf());
        Assert.Empty(book.Apply("""{"mappingGateways":[{"name":"b","remoteIps":[],"registerType":"dynamic","password":"s3cret"}]}"""u8, "test", new Instant(1)).Errors);
        Assert.DoesNotContain("s3cret", Encoding.UTF8.GetString(book.ToDocument()));
        Assert.DoesNotContain("s3cret", book.Current.Configuration.MappingGateways["b"].ToString());
        Assert.All(book.Audit, static a => Assert.DoesNotContain("s3cret", a.ToString()));
        // Stated again without it, it keeps it.
        Assert.Empty(book.Apply("""{"mappingGateways":[{"name":"b","remoteIps":[],"registerType":"dynamic","capacity":3}]}"""u8, "test", new Instant(2)).Errors);
        Assert.Equal("s3cret", book.Current.Configuration.MappingGateways["b"].Password);
    }

    [Theory]
    [InlineData("\"dids\":[\"4420\",\"101\"]", "line 1, phones[0].dids: '101' is a phone itself")]
    [InlineData("\"dids\":[\"4499\"]", "line 1, phones[0].dids: '4499' is bound to the phone '101'")]
    [InlineData("\"busyForwardE164\":{\"forwardMethod\":1,\"e164\":\"44\"}", "line 1, phones[0].busyForwardE164: forwardMethod: '1' is not 'inOrder' (0), 'random' (2) or 'simultaneous' (3)")]
    [InlineData("\"busyForwardE164\":{\"alertSecond\":601}", "line 1, phones[0].busyForwardE164: alertSecond: '601' is not a whole number from 0 to 600")]
    [InlineData("\"busyForwardE164\":\"44,44\"", "line 1, phones[0].busyForwardE164: a number is in the list twice")]
    [InlineData("\"busyForwardE164\":\"no number\"", "line 1, phones[0].busyForwardE164: 'no number' is no number: at most 32 of 0-9 * # + - . _ and letters")]
    [InlineData("\"offlineForwardE164\":\"1,2,3,4,5,6,7,8,9,10,11\"", "line 1, phones[0].offlineForwardE164: a forward has at most 10 numbers; this has 11")]
    [InlineData("\"noAnswerForwardE164\":{\"number\":\"44\"}", "line 1, phones[0].noAnswerForwardE164: there is no 'number' in a forward; there are forwardMethod, alertSecond, e164")]
    [InlineData("\"infoPhoneValueAddedPeriodForwardings\":[{\"weekOfDay\":\"7\",\"beginSecondInDay\":0,\"endSecondInDay\":9,\"forwardE164\":\"44\"}]", "line 1, phones[0].infoPhoneValueAddedPeriodForwardings: weekOfDay: '7' is no list of days, 0 (Sunday) to 6 (Saturday)")]
    [InlineData("\"infoPhoneValueAddedPeriodForwardings\":[{\"weekOfDay\":\"1\",\"beginSecondInDay\":9,\"endSecondInDay\":9,\"forwardE164\":\"44\"}]", "line 1, phones[0].infoPhoneValueAddedPeriodForwardings: beginSecondInDay and endSecondInDay must be two different seconds of the day, 0 to 86400")]
    [InlineData("\"infoPhoneValueAddedPeriodForwardings\":[{\"weekOfDay\":\"1\"}]", "line 1, phones[0].infoPhoneValueAddedPeriodForwardings: {an object}: a period has weekOfDay, beginSecondInDay, endSecondInDay and forwardE164, and nothing else")]
    public void A_wrong_forward_or_bound_number_is_refused_with_its_line(string field, string says)
    {
        var book = new ConfigurationBook(new DeckShelf());
        ApplyResult result = book.Apply(Encoding.UTF8.GetBytes("{\"phones\":[{\"e164\":\"100\",\"password\":\"p\"," + field + "},{\"e164\":\"101\",\"password\":\"p\",\"dids\":[\"4499\"]}]}"), "test", new Instant(1));
        Assert.Contains(says.Replace("phones[0].dids: '4499' is bound to the phone '101'", "phones[1].dids: '4499' is bound to the phone '100'", StringComparison.Ordinal), result.Errors.Select(static e => e.ToString()));
        Assert.Equal(0, book.Revision);
    }

    [Fact]
    public void Forwards_are_written_as_they_were_read_and_the_same_document_twice_changes_nothing()
    {
        byte[] document = """
            {"phones":[{"e164":"100","password":"p","dids":"4420,4421","doNotDisturb":true,"periodForwarding":true,
              "infoPhoneValueAddedPeriodForwardings":[{"weekOfDay":"1,5","beginSecondInDay":61200,"endSecondInDay":32400,"forwardE164":{"forwardMethod":3,"alertSecond":15,"e164":"44,45"}}],
              "busyForward":true,"busyForwardE164":{"forwardMethod":"random","e164":["46"]},"callForwardDisplay":2,"useRoutingGatewayNotOnline":"on"}]}
            """u8.ToArray();
        var book = new ConfigurationBook(new DeckShelf());
        Assert.Empty(book.Apply(document, "test", new Instant(1)).Errors);
        Assert.False(book.Apply(document, "test", new Instant(2)).Changed);
        ForwardsConfig forwards = book.Current.Configuration.Phones["100"].Forwards;
        ForwardPeriod period = Assert.Single(forwards.Periods);
        Assert.Equal((ForwardMethod.Simultaneous, 15, "44,45", 61_200, 32_400), (period.To.Method, period.To.AlertSeconds, string.Join(',', period.To.Numbers), period.BeginSecond, period.EndSecond));
        Assert.Equal((ForwardMethod.Random, ForwardDisplay.Own, OfflineRoute.On), (forwards.BusyTo.Method, forwards.Display, forwards.OfflineToGateways));

        var again = new ConfigurationBook(new DeckShelf());
        Assert.True(again.TryRestore(book.ToSnapshot(), out string error), error);
        Assert.Equal(book.ToDocument(), again.ToDocument());
    }
}
