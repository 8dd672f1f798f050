using Tandem.Primitives;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.MediaProxy;

public sealed class ProxyTableTests
{
    private static readonly NetAddress Public = NetAddress.Parse("192.0.2.10:5060");
    private static readonly NetAddress OtherPublic = NetAddress.Parse("203.0.113.1:5060");
    private static readonly NetAddress Lan = NetAddress.Parse("192.168.1.7:5060");

    private static readonly ProxyFacts Plain = new()
    {
        Settings = new MediaSettings(),
        Caller = new ProxyEnd { Source = Public, Media = Public.WithPort(4000) },
        Callee = new ProxyEnd { Source = OtherPublic },
    };

    [Fact]
    public void Ends_of_different_IP_versions_are_relayed_even_where_everything_is_off()
    {
        ProxyFacts facts = Mode(MediaProxyMode.Off) with { Callee = new ProxyEnd { Source = NetAddress.Parse("[2001:db8::1]:5060"), Device = DeviceProxy.Off } };
        Decides(facts, true, ProxyStep.IpVersions);
        Decides(facts with { Caller = new ProxyEnd { Source = Public, Media = NetAddress.Parse("[2001:db8::2]:4000") } }, false, ProxyStep.CalleeOff);
    }

    [Fact]
    public void The_far_end_of_a_transfer_is_relayed_even_where_everything_is_off() =>
        Decides(Devices(DeviceProxy.Off, DeviceProxy.Off, MediaProxyMode.Off) with { Transfers = true }, true, ProxyStep.Transfer);

    [Fact]
    public void Media_that_may_be_encrypted_is_relayed_even_where_everything_is_off()
    {
        ProxyFacts facts = Devices(DeviceProxy.Off, DeviceProxy.Off, MediaProxyMode.Off);
        Decides(facts with { Caller = facts.Caller with { Srtp = true } }, true, ProxyStep.Srtp);
        Decides(facts with { Callee = facts.Callee with { Srtp = true } }, true, ProxyStep.Srtp);
    }

    [Fact]
    public void Must_On_of_the_system_overrules_devices() => Decides(Devices(DeviceProxy.Off, DeviceProxy.Off, MediaProxyMode.MustOn), true, ProxyStep.ModeMustOn);

    [Theory]
    [InlineData(DeviceProxy.MustOn, DeviceProxy.Off, true, ProxyStep.CallerMustOn)] // step 1
    [InlineData(DeviceProxy.Off, DeviceProxy.MustOn, true, ProxyStep.CalleeMustOn)]
    [InlineData(DeviceProxy.Off, DeviceProxy.On, false, ProxyStep.CallerOff)] // step 2
    [InlineData(DeviceProxy.On, DeviceProxy.Off, false, ProxyStep.CalleeOff)]
    [InlineData(DeviceProxy.On, DeviceProxy.Auto, true, ProxyStep.CallerOn)] // step 3
    [InlineData(DeviceProxy.Auto, DeviceProxy.On, true, ProxyStep.CalleeOn)]
    public void What_devices_say_goes_before_On_Off_and_Auto(DeviceProxy caller, DeviceProxy callee, bool relay, ProxyStep step)
    {
        Decides(Devices(caller, callee, MediaProxyMode.Auto), relay, step);
        Decides(Devices(caller, callee, MediaProxyMode.Off), relay, step);
        Decides(Devices(caller, callee, MediaProxyMode.On), relay, step);
    }

    [Fact]
    public void Off_is_direct_where_Auto_would_relay() => Decides(Mode(MediaProxyMode.Off) with { LocalRing = true }, false, ProxyStep.ModeOff);

    [Fact]
    public void On_is_relayed_where_Auto_would_not() => Decides(Mode(MediaProxyMode.On), true, ProxyStep.ModeOn);

    [Fact]
    public void A_ring_back_tone_of_ours_is_relayed() => Decides(Plain with { LocalRing = true }, true, ProxyStep.LocalRing);

    [Fact]
    public void Registrations_over_TLS_are_relayed()
    {
        Decides(Plain with { Caller = Plain.Caller with { EncryptedRegistration = true } }, true, ProxyStep.EncryptedRegistration);
        Decides(Plain with { Callee = Plain.Callee with { EncryptedRegistration = true } }, true, ProxyStep.EncryptedRegistration);
    }

    [Fact]
    public void Ends_in_different_networks_are_relayed_unless_that_is_off()
    {
        ProxyFacts facts = Plain with { Caller = new ProxyEnd { Source = Lan, Media = Lan } };
        Decides(facts, true, ProxyStep.BetweenNetworks);
        Decides(facts with { Settings = new MediaSettings { ProxyBetweenNetworks = false } }, false, ProxyStep.Nothing);
    }

    [Fact]
    public void Ends_of_one_NAT_are_relayed_unless_that_is_off()
    {
        ProxyFacts facts = Plain with { Caller = Plain.Caller with { Media = Lan }, Callee = new ProxyEnd { Source = Public.WithPort(1024), RegisteredBehindNat = true } };
        Decides(facts, true, ProxyStep.SameNat);
        Decides(facts with { Settings = new MediaSettings { ProxySameNat = false } }, false, ProxyStep.Nothing);
    }

    [Fact]
    public void An_end_behind_a_NAT_of_its_own_is_relayed_unless_that_is_off()
    {
        ProxyFacts bySdp = Plain with { Caller = Plain.Caller with { Media = Lan } };
        Decides(bySdp, true, ProxyStep.BehindNat);
        Decides(Plain with { Caller = Plain.Caller with { Contact = Lan } }, true, ProxyStep.BehindNat);
        Decides(Plain with { Callee = Plain.Callee with { RegisteredBehindNat = true } }, true, ProxyStep.BehindNat);
        Decides(bySdp with { Settings = new MediaSettings { ProxyBehindNat = false } }, false, ProxyStep.Nothing);
    }

    [Fact]
    public void Where_nothing_asks_for_it_media_is_direct() => Decides(Plain, false, ProxyStep.Nothing);

    [Fact]
    public void A_media_server_beside_a_PBX_of_the_same_block_is_no_NAT() =>
        Decides(Plain with { Caller = new ProxyEnd { Source = Lan, Media = NetAddress.Parse("192.168.9.9:4000") }, Callee = new ProxyEnd { Source = NetAddress.Parse("192.168.2.2:5060") } }, false, ProxyStep.Nothing);

    [Theory]
    [InlineData("192.0.2.1", Network.Internet)]
    [InlineData("10.255.0.1", Network.Private10)]
    [InlineData("172.16.0.1", Network.Private172)]
    [InlineData("172.31.255.1", Network.Private172)]
    [InlineData("172.32.0.1", Network.Internet)]
    [InlineData("192.168.0.1", Network.Private192)]
    [InlineData("100.64.0.1", Network.CarrierShared)]
    [InlineData("100.127.255.1", Network.CarrierShared)]
    [InlineData("100.128.0.1", Network.Internet)]
    [InlineData("169.254.3.4", Network.LinkLocal)]
    [InlineData("127.0.0.1", Network.Loopback)]
    [InlineData("[::1]", Network.Loopback)]
    [InlineData("[fd00::1]", Network.UniqueLocal)]
    [InlineData("[fe80::1]", Network.LinkLocal)]
    [InlineData("[2001:db8::1]", Network.Internet)]
    public void Each_private_block_is_a_network_of_its_own(string address, Network network) => Assert.Equal(network, Networks.Of(NetAddress.Parse(address + ":5060")));

    [Fact]
    public void IP_versions_are_different_networks_and_an_unknown_address_is_in_none()
    {
        Assert.True(Networks.Differ(Public, NetAddress.Parse("[2001:db8::1]:5060")));
        Assert.False(Networks.Differ(Public, OtherPublic));
        Assert.False(Networks.Differ(Lan, default));
    }

    private static ProxyFacts Mode(MediaProxyMode mode) => Plain with { Settings = new MediaSettings { ProxyMode = mode } };

    private static ProxyFacts Devices(DeviceProxy caller, DeviceProxy callee, MediaProxyMode mode) =>
        Mode(mode) with { Caller = Plain.Caller with { Device = caller }, Callee = Plain.Callee with { Device = callee } };

    private static void Decides(in ProxyFacts facts, bool relay, ProxyStep step) => Assert.Equal(new ProxyDecision(relay, step), ProxyTable.Decide(facts));
}
