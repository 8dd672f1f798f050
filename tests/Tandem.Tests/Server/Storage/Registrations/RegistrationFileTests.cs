using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Server.Hosting;
using Tandem.Server.Storage.Registrations;
using Tandem.Sip.Transports;
using Tandem.Switching.Registrations;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Server.Storage.Registrations;

public sealed class RegistrationFileTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Instant Now = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-registrations-");
    private static readonly SipListener[] Listeners = [new(NetAddress.Parse("198.51.100.7:5060")), new(NetAddress.Parse("198.51.100.7:5060"), SipTransport.Tcp)];

    private readonly LocationBook _book = new();

    private string File => Path.Combine(_folder.FullName, "registrations");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_registered_is_registered_after_a_restart_as_it_was()
    {
        Binding four = Of(5551, 600) with { Listener = 1, BehindNat = true };
        Binding six = Of(5552, 60) with { Source = NetAddress.Parse("[2001:db8::7]:5060"), UserAgent = "Größe 1" };
        _book.Set(four);
        _book.Set(six);
        Assert.True(new RegistrationFile(File, Listeners).Save(_book, Now));
        LocationBook back = Load(out string? trouble);
        Assert.Null(trouble);
        Assert.Equal(2, back.Count);
        foreach (Binding binding in back.All)
        {
            Binding before = binding.Phone == four.Phone ? four : six;
            Assert.Equal(before.Contact, binding.Contact);
            Assert.Equal(before with { Contact = binding.Contact }, binding);
        }
    }

    [Fact]
    public void What_expired_meanwhile_or_is_no_phone_any_more_is_dropped()
    {
        _book.Set(Of(5551, 600));
        _book.Set(Of(5552, 30));
        _book.Set(Of(5553, 600));
        new RegistrationFile(File, Listeners).Save(_book, Now);
        var back = new LocationBook();
        Assert.Null(new RegistrationFile(File, Listeners).Load(back, static phone => phone != DialString.Parse("5553"), Now + TimeSpan.FromSeconds(30)));
        Assert.Equal(DialString.Parse("5551"), Assert.Single(back.All).Phone);
    }

    [Fact]
    public void A_phone_keeps_its_listener_when_the_switch_starts_with_others_and_is_dropped_when_none_could_reach_it()
    {
        SipListener udp = Listeners[0], tcp = Listeners[1], tls = new(NetAddress.Parse("198.51.100.7:5061"), SipTransport.Tls), other = new(NetAddress.Parse("198.51.100.9:5060"), SipTransport.Tcp);
        _book.Set(Of(5551, 600) with { Listener = 1 });
        new RegistrationFile(File, Listeners).Save(_book, Now);
        Assert.Equal(2, ListenerAfterRestartWith(udp, tls, tcp, other));
        Assert.Equal(0, ListenerAfterRestartWith(tcp));
        Assert.Equal(1, ListenerAfterRestartWith(udp, other)); // of its transport and IP version
        Assert.Null(ListenerAfterRestartWith(udp, tls));

        int? ListenerAfterRestartWith(params SipListener[] listeners)
        {
            var back = new LocationBook();
            Assert.Null(new RegistrationFile(File, listeners).Load(back, static _ => true, Now));
            return back.All.SingleOrDefault()?.Listener;
        }
    }

    [Fact]
    public void Nothing_is_written_while_nothing_changes()
    {
        _book.Set(Of(5551, 600));
        var file = new RegistrationFile(File, Listeners);
        Assert.True(file.Save(_book, Now));
        Assert.False(file.Save(_book, Now));
        _book.Remove(DialString.Parse("5551"));
        Assert.True(file.Save(_book, Now));
        Assert.Equal(0, Load(out _).Count);
    }

    [Fact]
    public void The_first_start_has_no_file_and_says_nothing()
    {
        Assert.Equal(0, Load(out string? trouble).Count);
        Assert.Null(trouble);
    }

    [Fact]
    public void A_file_with_any_byte_changed_or_cut_off_anywhere_is_named_and_not_used()
    {
        _book.Set(Of(5551, 600));
        new RegistrationFile(File, Listeners).Save(_book, Now);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x20;
            System.IO.File.WriteAllBytes(File, damaged);
            Assert.Equal(0, Load(out string? changed).Count);
            Assert.Contains("damaged", changed);
            System.IO.File.WriteAllBytes(File, whole[..i]);
            Assert.Equal(0, Load(out string? cut).Count);
            Assert.Contains("damaged", cut);
        }
    }

    [Fact]
    public void A_phone_registered_in_an_earlier_life_hears_the_keep_alive_and_is_called_where_it_was()
    {
        _book.Set(Of(int.Parse(SwitchFixture.NumberOne), 600) with { Source = SwitchFixture.PhoneOne, BehindNat = true, Expires = Instant.Never });
        new RegistrationFile(File, Listeners).Save(_book, Now);
        var world = new SwitchFixture(locations: Load(out _));
        world.Advance(1);
        Assert.Equal(SwitchFixture.PhoneOne, Assert.Single(world.RawSent).To);
        var caller = new CallerLeg(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, SwitchFixture.NumberOne);
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberTwo, SwitchFixture.Password)).Expect(100);
        Assert.Equal("INVITE", world.Next(SwitchFixture.PhoneOne).Method);
    }

    [Fact]
    public async Task A_switch_that_was_stopped_knows_its_phones_when_it_starts_again()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        var options = new SwitchOptions { DataFolder = Path.Combine(_folder.FullName, "data"), Sip = [NetAddress.Parse("127.0.0.1:0")] };
        await using (SwitchHost first = await SwitchHost.Start(options, static _ => { }))
        {
            byte[] document = [.. """{"accounts":[{"account":"1","name":"A","currency":"USD"}],"phones":[{"e164":"5551","account":"1","password":"correct horse"}]}"""u8];
            Assert.Null((await first.Control.ApplyAsync(document, dryRun: false, "test", stop)).Fault);
            Instant until = first.Clock.Now() + TimeSpan.FromHours(1);
            first.Locations.Set(Of(5551, 0) with { Expires = until });
            first.Locations.Set(Of(5552, 0) with { Expires = until }); // configured no more
        }
        await using SwitchHost second = await SwitchHost.Start(options, static _ => { });
        Assert.Equal(DialString.Parse("5551"), Assert.Single(second.Locations.All).Phone);
    }

    [Fact]
    public async Task A_damaged_file_is_told_to_the_operator_and_the_switch_starts()
    {
        var options = new SwitchOptions { DataFolder = _folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")] };
        System.IO.File.WriteAllText(File, "nonsense that is long enough to be read");
        List<string> said = [];
        await using SwitchHost host = await SwitchHost.Start(options, said.Add);
        Assert.Contains(said, static s => s.Contains("registrations", StringComparison.Ordinal) && s.Contains("damaged", StringComparison.Ordinal));
        Assert.Equal(0, host.Locations.Count);
    }

    [Fact]
    public void A_hundred_thousand_registrations_cost_little()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100_000; i++) _book.Set(Of(1_000_000 + i, 3600));
        long bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 100_000;
        long start = Stopwatch.GetTimestamp();
        new RegistrationFile(File, Listeners).Save(_book, Now);
        TimeSpan save = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        LocationBook back = Load(out _);
        TimeSpan load = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{bytes} bytes each; {new FileInfo(File).Length / 100_000} on disk; saved in {save.TotalMilliseconds:0} ms, loaded in {load.TotalMilliseconds:0} ms");
        Assert.Equal(100_000, back.Count);
        Assert.InRange(new FileInfo(File).Length, 100_000, 100_000 * 200);
        GC.KeepAlive(_book);
    }

    private LocationBook Load(out string? trouble)
    {
        var book = new LocationBook();
        trouble = new RegistrationFile(File, Listeners).Load(book, static _ => true, Now);
        return book;
    }

    private static Binding Of(int phone, int seconds) =>
        new(DialString.Parse(phone.ToString()), System.Text.Encoding.UTF8.GetBytes($"sip:{phone}@192.168.1.10:5060;transport=udp"), NetAddress.V4(0xc0000233, 1024 + (phone % 60_000)), Now, Now + TimeSpan.FromSeconds(seconds), "Phone 9000 2.1." + (phone % 100))
        {
            CallId = 77,
            CSeq = (uint)phone,
        };
}
