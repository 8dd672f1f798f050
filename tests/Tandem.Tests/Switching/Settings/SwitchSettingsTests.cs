using Tandem.Primitives.Settings;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Settings;

public sealed class SwitchSettingsTests
{
    private static readonly SwitchSettings Defaults = new();
    private static readonly SettingCatalogue<SwitchSettings> Catalogue = SwitchSettings.Catalogue;

    [Theory]
    [InlineData("SS_SIP_TIMEOUT_INVITE", "0", "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '0' is not")]
    [InlineData("SS_SIP_TIMEOUT_INVITE", "601", "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '601' is not")]
    [InlineData("SS_SIP_TIMEOUT_INVITE", "soon", "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; 'soon' is not")]
    [InlineData("SS_SIP_TIMEOUT_INVITE", "99999999999999", "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; '99999999999999' is not")]
    [InlineData("SS_SIP_INVITE_TIMEOUT", "None", "SS_SIP_TIMEOUT_INVITE must be 1 to 600 s; 'None' is not")]
    [InlineData("SS_SIP_AUTHENTICATION_CODE", "403", "SS_SIP_AUTHENTICATION_CODE must be 401 or 407; '403' is not")]
    [InlineData("SS_REPLY_UNAUTHORIZED", "yes", "SS_REPLY_UNAUTHORIZED must be On or Off; 'yes' is not")]
    [InlineData("SS_QOS_SIGNAL", "0x100", "SS_QOS_SIGNAL must be 0x00 to 0xff; '0x100' is not")]
    [InlineData("SS_GATEWAY_SWITCH_LIMIT", "-2", "SS_GATEWAY_SWITCH_LIMIT must be None or 0 to 100 tries; '-2' is not")]
    [InlineData("SS_MAX_CALL_DURATION", "-1", "SS_MAX_CALL_DURATION must be None or 1 to 604800 s; '-1' is not")]
    [InlineData("SS_MEDIA_PROXY_PORT_RANGE", "20000,10000", "SS_MEDIA_PROXY_PORT_RANGE must be two ports as first,last from 1024 to 65535, the first the lower; '20000,10000' is not")]
    [InlineData("SS_MEDIA_PROXY_PORT_RANGE", "10000", "SS_MEDIA_PROXY_PORT_RANGE must be two ports as first,last from 1024 to 65535, the first the lower; '10000' is not")]
    [InlineData("SS_SIP_AUTHENTICATION_REALM", "a\"b", "SS_SIP_AUTHENTICATION_REALM must be a text of 0 to 64 printable characters without quotes; 'a\"b' is not")]
    [InlineData("SS_SIP_AUTHENTICATION_REALM", "a\r\nX: y", "SS_SIP_AUTHENTICATION_REALM must be a text of 0 to 64 printable characters without quotes; 'a??X: y' is not")]
    [InlineData("SS_SIP_TIMEOUT_INVIT", "5", "there is no setting 'SS_SIP_TIMEOUT_INVIT'; did you mean SS_SIP_TIMEOUT_INVITE?")]
    [InlineData("COLOUR", "5", "there is no setting 'COLOUR'")]
    public void A_value_that_does_not_hold_is_refused_in_one_sentence_and_nothing_changes(string name, string text, string says)
    {
        Assert.False(Catalogue.TrySet(Defaults, name, text, out SwitchSettings unchanged, out string error));
        Assert.Equal(says, error);
        Assert.Same(Defaults, unchanged);
    }

    [Theory]
    [InlineData("On", true)]
    [InlineData("on", true)]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Off", false)]
    [InlineData("0", false)]
    [InlineData("FALSE", false)]
    public void On_and_off_are_read_as_operators_write_them(string text, bool on) => Assert.Equal(on, Set("SS_CDR_RECORD_TO_FILE", text).Cdr.RecordToFile);

    [Fact]
    public void A_set_value_is_where_calls_read_it()
    {
        Assert.Equal(TimeSpan.FromSeconds(25), Set("ss_sip_timeout_invite", "25").Sip.TimeoutInvite);
        Assert.Equal(0xb8, Set("SS_QOS_RTP", "0xB8").Media.QosRtp);
        Assert.Equal(184, Set("SS_QOS_RTP", "184").Media.QosRtp);
        Assert.Equal((20_000, 20_999), Set("SS_RTP_PORT_RANGE", "20000, 20999").Media.PortRange);
        Assert.Equal(3, Set("SS_GATEWAY_SWITCH_LIMIT", "3").Calls.GatewaySwitchLimit);
        Assert.Equal(-1, Set("SS_GATEWAY_SWITCH_LIMIT", "None").Calls.GatewaySwitchLimit);
        Assert.Equal(TimeSpan.Zero, Set("SS_MAX_CALL_DURATION", "0").Calls.MaxCallDuration);
        Assert.Equal("carrier.example", Set("SS_SIP_AUTHENTICATION_REALM", "carrier.example").Sip.AuthenticationRealm);
    }

    [Fact]
    public void The_original_stays_as_it_was()
    {
        SwitchSettings changed = Set("SS_SIP_TIMEOUT_INVITE", "25");
        Assert.Equal(TimeSpan.FromSeconds(10), Defaults.Sip.TimeoutInvite);
        Assert.Same(Defaults.Cdr, changed.Cdr);
        Assert.Equal(Defaults, Set("SS_SIP_TIMEOUT_INVITE", "10"));
    }

    [Fact]
    public void Every_default_is_read_back_from_its_own_text()
    {
        foreach (Setting setting in Catalogue.All)
        {
            Assert.True(Catalogue.TrySet(Defaults, setting.Name, setting.DefaultText, out SwitchSettings same, out string error), error);
            Assert.Equal(Defaults, same);
            Assert.Equal(setting.DefaultText, Catalogue.Read(same, setting));
        }
    }

    private static SwitchSettings Set(string name, string text)
    {
        Assert.True(Catalogue.TrySet(Defaults, name, text, out SwitchSettings changed, out string error), error);
        return changed;
    }
}
