using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Admission;

public sealed class BlockBookTests
{
    private static readonly Instant Noon = new(1_700_000_000_000_000);
    private static readonly NetAddress Attacker = NetAddress.Parse("198.51.100.66:5060");
    private static readonly AuthenticationSettings Three = new() { MaxRetry = 3, FailedSuspend = TimeSpan.FromSeconds(60) };
    private static readonly DialString Phone = DialString.Parse("5551");

    private readonly BlockBook _book = new(capacity: 4);

    [Fact]
    public void The_third_wrong_password_blocks_the_address_and_the_phone_for_the_time()
    {
        Try(2);
        Assert.False(_book.IsBlocked(Attacker, Noon));
        Try(1);
        Assert.True(_book.IsBlocked(Attacker.WithPort(9), Noon + TimeSpan.FromSeconds(59)));
        Assert.True(_book.IsBlocked(Phone, Noon + TimeSpan.FromSeconds(59)));
        Assert.False(_book.IsBlocked(Attacker, Noon + TimeSpan.FromSeconds(60)));
        Assert.Equal(["198.51.100.66", "5551"], _book.List(Noon).Select(static b => b.Who));
        Assert.Equal(["Address 198.51.100.66 is blocked for 60 s: 3 wrong passwords, the last for phone 5551.", "Phone 5551 is blocked for 60 s, but for the address it is registered from: 3 wrong passwords, the last from 198.51.100.66."], Notices());
    }

    [Fact]
    public void Wrong_passwords_far_apart_never_block()
    {
        for (int i = 0; i < 20; i++) Try(1, Noon + TimeSpan.FromSeconds(i * 31));
        Assert.False(_book.IsBlocked(Attacker, Noon + TimeSpan.FromSeconds(19 * 31)));
    }

    [Fact]
    public void Zero_tries_is_no_limit()
    {
        for (int i = 0; i < 100; i++) _book.NoteWrong(Attacker, true, Phone, new AuthenticationSettings { MaxRetry = 0 }, Noon);
        Assert.False(_book.IsBlocked(Attacker, Noon));
    }

    [Fact]
    public void The_end_of_a_block_is_said_and_the_count_begins_anew()
    {
        Try(3);
        Notices();
        _book.Sweep(Three, Noon + TimeSpan.FromSeconds(60));
        Assert.Equal(["Address 198.51.100.66 is not blocked any more: the time is over.", "Phone 5551 is not blocked any more: the time is over."], Notices());
        Assert.Equal(0, _book.Addresses);
        Try(2, Noon + TimeSpan.FromSeconds(61));
        Assert.Empty(_book.List(Noon + TimeSpan.FromSeconds(61)));
    }

    [Fact]
    public void An_operator_ends_a_block()
    {
        Try(3);
        Notices();
        Assert.True(_book.Release(_book.Find("198.51.100.66:7777", Noon)!, "admin"));
        Assert.False(_book.IsBlocked(Attacker, Noon));
        Assert.True(_book.IsBlocked(Phone, Noon));
        Assert.True(_book.Release(_book.Find("5551", Noon)!, "admin"));
        Assert.Null(_book.Find("5551", Noon));
        Assert.Equal(["Address 198.51.100.66 is not blocked any more: released by admin.", "Phone 5551 is not blocked any more: released by admin."], Notices());
    }

    [Fact]
    public void A_whole_64_of_IPv6_is_one_address()
    {
        for (int i = 1; i <= 3; i++) _book.NoteWrong(NetAddress.Parse($"[2001:db8::{i}]:5060"), true, DialString.Empty, Three, Noon);
        Assert.True(_book.IsBlocked(NetAddress.Parse("[2001:db8::ffff]:1"), Noon));
        Assert.False(_book.IsBlocked(NetAddress.Parse("[2001:db8:0:1::1]:1"), Noon));
    }

    [Fact]
    public void Spraying_from_many_addresses_pushes_nobody_out_and_the_phone_is_still_counted()
    {
        Try(3);
        for (int i = 0; i < 100; i++) _book.NoteWrong(NetAddress.V4(0x0a000000 + (uint)i, 5060), true, DialString.Parse("5552"), Three, Noon);
        Assert.Equal((4, 97L), (_book.Addresses, _book.Uncounted));
        Assert.True(_book.IsBlocked(Attacker, Noon));
        Assert.True(_book.IsBlocked(DialString.Parse("5552"), Noon));
        _book.Sweep(Three, Noon + TimeSpan.FromSeconds(61));
        Assert.Equal(0, _book.Addresses);
    }

    private void Try(int times, Instant? at = null)
    {
        for (int i = 0; i < times; i++) _book.NoteWrong(Attacker, true, Phone, Three, at ?? Noon);
    }

    private string[] Notices()
    {
        List<string> said = [];
        while (_book.TryTakeNotice(out string notice)) said.Add(notice);
        return [.. said];
    }
}
