using Tandem.Media.Dtmf;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Server.Alarms;
using Tandem.Server.CdrDelivery;
using Tandem.Server.CdrDelivery.Reports;
using Tandem.Server.Configuration;
using Tandem.Server.Events;
using Tandem.Server.Loops;
using Tandem.Server.Media;
using Tandem.Server.Recording;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Server.Portability;
using Tandem.Server.Pushes;
using Tandem.Server.Storage.BlackList;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Registrations;
using Tandem.Server.Storage.Snapshots;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Audio;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Server.Hosting;

/// <summary>
/// One running switch: the data folder opened and folded, calls of the last run settled, sockets bound, loops turning. Made by
/// <see cref="Start"/>; everything asked of it while it runs goes through <see cref="SwitchControl"/>.
/// </summary>
public sealed class SwitchHost : IAsyncDisposable
{
    internal const string ConfigurationState = "configuration";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrunkPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstNames = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RegistrationsEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BlocksEvery = TimeSpan.FromSeconds(1);

    // Of each shard at a time: their farewells must fit what a listener keeps for one flush.
    private const int HungUpAtOnce = 1_000;

    private readonly List<IDisposable> _owned = [];
    private readonly Action<string> _say;
    private UdpListener?[][] _listeners = [];
    private StreamEdge? _streams;
    private StreamBridge? _bridge;
    private Timer? _registrationTimer;
    private Timer? _blockTimer;
    private int _watchingBlocks;
    private RegistrationFile? _registrations;
    private DynamicBlackListFile? _blackList;
    private int _savingRegistrations;
    private CdrKeeper? _keeper;
    private PromptShelf? _prompts;
    private bool _running;

    private SwitchHost(SwitchOptions options, Action<string> say)
    {
        Options = options;
        _say = say;
    }

    public SwitchOptions Options { get; }

    public LoopClock Clock { get; } = new();

    public Instant Started { get; private set; }

    /// <summary>Where SIP is listened for, ports as the kernel gave them; by listener.</summary>
    public IReadOnlyList<NetAddress> SipAddresses { get; private set; } = [];

    /// <summary>The same with their transports.</summary>
    public IReadOnlyList<SipBinding> SipBindings => [.. SipAddresses.Select((bound, i) => new SipBinding(bound, Options.Sip[i].Transport))];

    internal StreamEdge? Streams => _streams;

    public SwitchControl Control { get; private set; } = null!;

    public ICdrStore Cdrs { get; private set; } = null!;

    internal Books Books { get; private set; } = null!;

    internal ConfigurationBook Configuration { get; private set; } = null!;

    internal DeckShelf Shelf { get; private set; } = null!;

    private DeckClock? _deckClock;

    internal TableBook Tables { get; private set; } = null!;

    internal GatewayStates States { get; } = new() { Zone = TimeZoneInfo.Local };

    internal LocationBook Locations { get; } = new();

    /// <summary>Long questions under way.</summary>
    internal Jobs Jobs => field ??= new Jobs(Clock.Now, _say);

    /// <summary>Configurations of earlier times.</summary>
    internal PastRevisions Past => field ??= new PastRevisions(this);

    internal BlockBook Blocks { get; } = new();

    internal NumberWorld World { get; } = new();

    internal PortedShelf Ported { get; private set; } = null!;

    internal LrnClient? Lrn { get; private set; }

    internal MediaRelay Media { get; private set; } = null!;

    internal Recorder Recorder { get; private set; } = null!;

    internal Shard[] Shards { get; private set; } = [];

    internal SwitchLoop[] Loops { get; private set; } = [];

    internal SwitchWork[] Works { get; private set; } = [];

    internal LedgerDesk Desk { get; private set; } = null!;

    internal CdrProjector Projector { get; private set; } = null!;

    internal CdrReporter Reporter { get; private set; } = null!;

    internal PendingCalls Pending { get; private set; } = null!;

    internal BooksWatch BooksWatch { get; private set; } = null!;

    internal Pusher? Pusher { get; private set; }

    /// <summary>What happens, for whoever reads along.</summary>
    public EventBook Events { get; } = new();

    /// <summary>What stands and what did.</summary>
    public AlarmBook Alarms { get; } = new();

    internal AlarmWatch? AlarmWatch { get; private set; }

    internal bool Stopping { get; private set; }

    internal NameWatch? Names { get; private set; }

    /// <summary>Starts a switch. Anything that cannot be is one clear sentence, and nothing is left running.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="say">Told what the operator should read, a sentence at a time.</param>
    /// <exception cref="DataFolderException">The data folder is in use, not writable, or damaged.</exception>
    /// <exception cref="PortUnavailableException">A port is taken.</exception>
    /// <exception cref="TlsRefusedException">A certificate does not do.</exception>
    /// <exception cref="StartRefusedException">An option or setting does not fit.</exception>
    public static async Task<SwitchHost> Start(SwitchOptions options, Action<string> say)
    {
        var host = new SwitchHost(options, say);
        try
        {
            host.OpenBooks();
            host.OpenNetwork();
            host.RecallRegistrations();
            host.RecallNumbers();
            host.StartLoops();
            host.StartDelivery();
            await host.WatchNames();
            await host.ApplyCommandLine();
            host.AlarmWatch = new AlarmWatch(host, host.Alarms, say);
            host._deckClock = new DeckClock(host, say);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops politely: every call gets its BYE and its CDR, the CDRs reach their consumers, a snapshot is taken.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stopping) return;
        Stopping = true;
        if (AlarmWatch is not null) await AlarmWatch.DisposeAsync();
        if (_deckClock is not null) await _deckClock.DisposeAsync();
        if (Names is not null) await Names.DisposeAsync();
        await Jobs.StopAsync();
        if (_keeper is not null) await _keeper.DisposeAsync();
        if (Lrn is not null) await Lrn.DisposeAsync();
        if (BooksWatch is not null) await BooksWatch.DisposeAsync();
        if (Pusher is not null) await Pusher.DisposeAsync();
        if (_registrationTimer is not null) await _registrationTimer.DisposeAsync();
        if (_blockTimer is not null) await _blockTimer.DisposeAsync();
        if (_running)
        {
            await HangUpAll();
            await WaitForCallsToEnd();
            await LeaveTrunks();
            if (Projector is not null) await Projector.CaughtUpAsync(StopPatience, CancellationToken.None);
            await BooksWatch!.TakeSnapshotAsync();
            for (int i = Loops.Length - 1; i >= 0; i--) Loops[i].Stop(); // the ledger's last: it hears the others' last words
            if (_registrationTimer is not null) SaveRegistrations();
            if (_registrationTimer is not null) SaveBlackList();
        }
        Control?.Dispose();
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    private async Task HangUpAll()
    {
        for (int i = 0; i < Shards.Length; i++)
        {
            while (await Control.OnShard(i, Farewell) > 0)
            {
                // Each round is a turn of its own, and what it said has left before the next.
            }
        }

        static int Farewell(Shard shard, Instant now)
        {
            shard.Close();
            return shard.DropAll(Refusal.ServerStopping, now, HungUpAtOnce);
        }
    }

    private void OpenBooks()
    {
        CreateDataFolder(Options.DataFolder);
        Shelf = new DeckShelf(Options.DataFolder);
        Configuration = new ConfigurationBook(Shelf);
        Books = Books.Open(Options.DataFolder, Restore, Fold);
        _owned.Add(Books.Journal);
        foreach (string notice in Books.Notices) _say(notice);

        (SwitchConfiguration configuration, int revision) = Configuration.Current;
        BillingSettings billing = configuration.Settings.Billing;
        int lost = Books.Ledger.Recover(Clock.Now(), billing.HoldTimePrecision, billing.FreeTime);
        if (lost > 0) _say($"{lost} calls were up when the last run ended: each got its CDR, charged to the last moment it was seen alive.");
        Books.Journal.WriteOut();
        Tables = new TableBook(Compile(configuration, revision, AccountIdOf, Clock.Now()));
    }

    private void Restore(IReadOnlyDictionary<string, byte[]> states)
    {
        if (!states.TryGetValue(ConfigurationState, out byte[]? state)) throw new DataFolderException("The snapshot holds no configuration; move the snapshots folder aside and the whole journal is read instead.");
        if (!Configuration.TryRestore(state, out string error)) throw new DataFolderException($"{error}; move the snapshots folder aside and the whole journal is read instead.");
    }

    private void Fold(Instant at, ReadOnlySpan<byte> payload)
    {
        if (!Configuration.TryFold(payload, out string error)) throw new DataFolderException($"The journal's record of {at} cannot be followed: {error}.");
    }

    internal SwitchTables Compile(SwitchConfiguration configuration, int revision, Func<string, AccountId> accounts, Instant at) =>
        TableCompiler.Compile(configuration, revision, version => Shelf.Rates(version, at), accounts, States, at);

    private AccountId AccountIdOf(string number) => Books.Ledger.TryFindAccount(number, out LedgerAccount? account) ? account.Id : AccountId.None;

    private void OpenNetwork()
    {
        DescriptorLimit.Raise();
        SwitchSettings settings = Tables.Current.Settings;
        OpenStreams(settings);
        var options = new UdpListenerOptions(SharedPort: Options.Shards > 1, TrafficClass: (byte)settings.Sip.QosSignal);
        var bound = new NetAddress[Options.Sip.Count];
        _listeners = [.. Enumerable.Range(0, Options.Shards).Select(_ => new UdpListener?[bound.Length])];
        for (int i = 0; i < bound.Length; i++)
        {
            SipBinding binding = Options.Sip[i];
            bound[i] = binding.Address;
            if (binding.Transport != SipTransport.Udp)
            {
                bound[i] = _streams!.Listen(i, binding.Transport, binding.Address);
                continue;
            }
            foreach (UdpListener?[] shard in _listeners)
            {
                // The first shard may let the kernel choose the port; the others share it.
                var listener = new UdpListener("the SIP port", bound[i], options);
                _owned.Add(listener);
                shard[i] = listener;
                bound[i] = listener.Local;
            }
        }
        SipAddresses = bound;
        OpenMedia(settings);
    }

    private void OpenStreams(SwitchSettings settings)
    {
        if (Options.Sip.All(static b => b.Transport == SipTransport.Udp)) return;
        _bridge = new StreamBridge(Tables);
        TlsPolicy? tls = null;
        if (Options.Sip.Any(static b => b.Transport == SipTransport.Tls))
        {
            TlsOptions options = Options.Tls;
            if (options.Certificates.Count == 0)
            {
                (string certificate, string key, string? says) = SelfMadeCertificate.In(Path.Combine(Options.DataFolder, "tls"), [.. Options.Advertise, .. Options.Sip.Select(static b => b.Address)]);
                options = options with { Certificates = [(certificate, key)] };
                if (says is not null) _say(says);
            }
            tls = new TlsPolicy(options, _bridge.FingerprintOf, _say);
            _owned.Add(tls);
        }
        _streams = new StreamEdge(_bridge, Options.Streams, tls, (byte)settings.Sip.QosSignal, () => Tables.Current.Settings.Sip.TcpCloseReset, _say);
        _owned.Add(_streams);
    }

    private void OpenMedia(SwitchSettings settings)
    {
        var addresses = Options.Media.Select(address => MediaOn(address, "--media with one address, or ADDR=TOLD")).ToList();
        foreach (NetAddress sip in SipAddresses)
        {
            // Each leg is faced in its own IP version: a listener without media beside it could carry no call.
            if (!addresses.Exists(a => a.Bind.IsV6 == sip.IsV6)) addresses.Add(MediaOn(new RelayAddress(sip.WithPort(0)), "--media"));
        }
        Media = new MediaRelay(
            new RelayOptions
            {
                Addresses = addresses,
                FirstPort = settings.Media.PortRange.First,
                LastPort = settings.Media.PortRange.Last,
                TrafficClass = (byte)settings.Media.QosRtp,
                Pump = Options.MediaPump,
                Rest = Options.MediaPortRest,
            },
            Clock,
            _say);
        _owned.Add(Media);
    }

    // What an address is told as: what was said of it, or --advertise, unless it is for ends of certain networks only.
    private RelayAddress MediaOn(RelayAddress address, string remedy)
    {
        if (!address.Advertised.IsNone || (address.For is not null && !address.Bind.IsAny)) return address;
        NetAddress told = AdvertisedFor(address.Bind);
        if (address.Bind.IsAny && told.IsNone) throw new StartRefusedException($"Media on {address.Bind.HostString()} needs an address that far ends can be told: give --advertise, or {remedy}.");
        return address with { Advertised = told };
    }

    private NetAddress AdvertisedFor(in NetAddress bound)
    {
        bool isV6 = bound.IsV6;
        return Options.Advertise.FirstOrDefault(a => a.IsV6 == isV6);
    }

    private List<SipListener> KnownListeners() => [.. SipAddresses.Select((bound, i) => new SipListener(KnownAs(bound), Options.Sip[i].Transport))];

    private NetAddress KnownAs(NetAddress bound)
    {
        NetAddress told = AdvertisedFor(bound);
        if (!told.IsNone) return told.Port == 0 ? told.WithPort(bound.Port) : told;
        if (bound.IsAny) throw new StartRefusedException($"SIP on {bound} needs an address that peers can be told: give --advertise, or --sip with one address.");
        return bound;
    }

    private void StartLoops()
    {
        Started = Clock.Now();
        List<SipListener> known = KnownListeners();
        StreamOutbox?[] outboxes = [.. Enumerable.Range(0, Options.Shards).Select(_ => _streams is null ? null : new StreamOutbox(_streams))];
        var seed = new OsEntropy();
        var spread = new KeyedHash(seed.NextUInt64());
        int count = Options.Shards;
        Shards = new Shard[count];
        Works = new SwitchWork[count];
        Loops = new SwitchLoop[count];
        var wake = new Action[count];
        for (int i = 0; i < count; i++)
        {
            Shards[i] = new Shard(new ShardOptions(i, Options.MaxCallsPerShard, known), new ListenerSender(_listeners[i], outboxes[i]), Media, Tables, Locations, Blocks, new OsEntropy());
        }
        Inbox<LedgerReply>[] replies = [.. Shards.Select(static s => s.Replies)];
        Desk = new LedgerDesk(Books.Ledger, replies, localShard: 0, wake: count > 1 ? shard => wake[shard]() : null);
        Desk.Obey(Tables);
        for (int i = 0; i < count; i++)
        {
            Works[i] = new SwitchWork(i, Shards[i], spread, i == 0 ? (Desk, Books.Journal, Locations) : null);
            Loops[i] = new SwitchLoop($"calls-{i}", Works[i], _listeners[i], Clock, _say, outboxes[i]);
            _owned.Add(Loops[i]);
            wake[i] = Loops[i].Wake;
            Shards[i].Connect(Desk, i == 0 ? null : () => wake[0]());
        }
        foreach (SwitchWork work in Works) work.Connect(Works, wake);
        Shards[0].Say = _say;
        Lrn = new LrnClient(Clock, Answer);
        foreach (Shard shard in Shards) (shard.World, shard.LrnAsker) = (World, Lrn);
        Control = new SwitchControl(this);
        _prompts = new PromptShelf(Options.DataFolder, TakePrompts, _say);
        _prompts.Follow(Configuration.Current.Configuration.IvrAudios).Wait();
        BooksWatch = new BooksWatch(this, _say);
        Recorder = new Recorder(Path.Combine(Options.DataFolder, "recordings"), Options.RecordingBytes, Clock, _say);
        _owned.Add(Recorder);
        foreach (Shard shard in Shards) (shard.Recorder, shard.Watch) = (Recorder, new CallPost(this));
        Alarms.Tell(alarms => alarms.ToList().ForEach(alarm => Events.Tell(EventTopics.Alarms, Api.AlarmView.Of(alarm))));
        Media.Listener = new DigitPost(this);
        Media.Start();
        foreach (SwitchLoop loop in Loops) loop.Start();
        _bridge?.Connect(Works);
        _streams?.Start();
        _running = true;
    }

    // From media threads: a full inbox loses a key, and nothing waits.
    private sealed class DigitPost(SwitchHost host) : IDigitListener
    {
        public void OnDigit(CallId call, MediaSide from, in DtmfDigit digit)
        {
            if (host.Shards[call.Shard].Digits.TryPost(new HeardDigit(call, from, digit))) host.Loops[call.Shard].Wake();
        }
    }

    private sealed class CallPost(SwitchHost host) : ICallWatch
    {
        public void OnState(Shard shard, Call call, Instant now)
        {
            host.Pusher?.OnState(shard, call, now);
            if ((host.Events.Wanted & EventTopics.Calls) != 0) host.Events.Tell(EventTopics.Calls, new CallEventView(SwitchControl.View(call, shard.MediaOf(call), now), call.State == CallState.Farewell ? call.Cdr.EndReason : null));
        }
    }

    private ICdrStore OpenCdrs()
    {
        if (Options.CdrDatabase is not { Length: > 0 } postgres) return CdrStore.Open(Path.Combine(Options.DataFolder, "cdr.db"), Books.Journal.Position, TimeProvider.System, _say);
        try
        {
            return new PostgresCdrs(postgres, Books.Journal.Position, TimeProvider.System, _say);
        }
        catch (FormatException e)
        {
            throw new StartRefusedException($"--cdr-database: {e.Message}");
        }
    }

    private void StartDelivery()
    {
        Cdrs = OpenCdrs();
        _owned.Add(Cdrs);
        var finished = new JournalledCalls(Path.Combine(Options.DataFolder, Books.JournalFolder), () => Books.Journal.DurablePosition);
        _owned.Add(finished);
        CdrSettings Wanted() => Tables.Current.Settings.Cdr;
        var hourly = new CdrTextFiles(Path.Combine(Options.DataFolder, CdrRebuild.Folder), CdrFilePlan.Hourly(TimeZoneInfo.Local, Wanted), Books.Journal.Position, _say);
        var interval = new CdrTextFiles(Path.Combine(Options.DataFolder, "cdr-interval"), CdrFilePlan.Interval(TimeZoneInfo.Local, Wanted), Books.Journal.Position, _say);
        Reporter = new CdrReporter(Path.Combine(Options.DataFolder, "cdr-report"), () => Wanted().ReportServer, TimeZoneInfo.Local, Books.Journal.Position, _say);
        Pending = new PendingCalls(finished, () => Wanted().MostPending);
        ICdrConsumer[] consumers = [Cdrs, hourly, interval, Reporter];
        foreach (ICdrConsumer consumer in consumers) Pending.Serve(() => consumer.Position);
        Projector = new CdrProjector(Pending, consumers, TimeProvider.System, _say);
        _owned.Add(Projector);
        Projector.Start();
        _keeper = new CdrKeeper(Cdrs, Options.CdrKeepDays, Options.CdrArchive, Clock.Now, _say);
        _keeper.Start();
        BooksWatch.Start();
        Pusher = new Pusher(this, _say);
        _registrationTimer = new Timer(_ => SaveSoon(), null, RegistrationsEvery, RegistrationsEvery);
        _blockTimer = new Timer(_ => WatchBlocks(), null, BlocksEvery, BlocksEvery);
    }

    private void WatchBlocks()
    {
        if (Interlocked.Exchange(ref _watchingBlocks, 1) != 0) return;
        Blocks.Sweep(Tables.Current.Settings.Authentication, Clock.Now());
        World.Dynamic.Sweep(Tables.Current.Settings.BlackList, Clock.Now());
        while (Blocks.TryTakeNotice(out string notice) || World.Dynamic.TryTakeNotice(out notice)) _say(notice);
        Volatile.Write(ref _watchingBlocks, 0);
    }

    // Before the shards are made: they take up the phones whose NATs are to be kept open.
    private void RecallRegistrations()
    {
        _registrations = new RegistrationFile(Path.Combine(Options.DataFolder, "registrations"), KnownListeners());
        SwitchTables tables = Tables.Current;
        string? trouble = _registrations.Load(Locations, user => tables.TryFindPhone(user, out _) || tables.TryFindUser(user, out _), Clock.Now());
        foreach (Switching.Registrations.Binding binding in Locations.All)
        {
            if (tables.TryFindUser(binding.Phone, out _)) Locations.NoteGateway(binding.Phone, binding.Source);
        }
        if (trouble is not null) _say(trouble);
    }

    private void RecallNumbers()
    {
        _blackList = new DynamicBlackListFile(Path.Combine(Options.DataFolder, "dynamic-black-lists"));
        if (_blackList.Load(World.Dynamic, Clock.Now()) is { } trouble) _say(trouble);
        Ported = new PortedShelf(Options.DataFolder, World.Ported, Clock.Now, _say);
        _owned.Add(Ported);
        Ported.Open();
    }

    // When there is no room for an answer its call waits until its patience is over.
    private void Answer(int shard, LrnReply reply)
    {
        if (Shards[shard].LrnReplies.TryPost(reply)) Loops[shard].Wake();
    }

    private void SaveSoon()
    {
        SaveRegistrations();
        SaveBlackList();
    }

    private void SaveBlackList()
    {
        try
        {
            lock (_blackList!) _blackList.Save(World.Dynamic, Clock.Now());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _say($"The dynamic black lists could not be written ({e.Message}); after a restart they begin as they were written last.");
        }
    }

    private void SaveRegistrations()
    {
        if (Interlocked.Exchange(ref _savingRegistrations, 1) != 0) return; // the last one is still being written
        try
        {
            _registrations!.Save(Locations, Clock.Now());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _say($"The registrations could not be written ({e.Message}); after a restart phones are found when they register next.");
        }
        finally
        {
            Volatile.Write(ref _savingRegistrations, 0);
        }
    }

    private async Task WatchNames()
    {
        Names = new NameWatch(Clock, Tables, Reach.Of(new SipListeners(Shards[0].Listeners)), new NameServers(Options.NameServers), Control.RecompileAsync, TellTrunks, _say);
        await Names.StartAsync(FirstNames);
    }

    private void TellTrunks()
    {
        Shards[0].TryPost(static (shard, now) => shard.OnNamesChanged(now)); // when there is no room they find out at their next try
        Loops[0].Wake();
    }

    // Each carrier is told that we go; who does not answer is not waited for.
    private async Task LeaveTrunks()
    {
        if (Tables.Current.Trunks.Count == 0) return;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        Instant until = Clock.Now() + TrunkPatience;
        int open = await Control.OnShard(0, static (shard, now) =>
        {
            shard.LeaveTrunks(now);
            return shard.OpenTrunks;
        });
        while (open > 0 && Clock.Now() < until)
        {
            await timer.WaitForNextTickAsync();
            open = await Control.OnShard(0, static (shard, _) => shard.OpenTrunks);
        }
    }

    /// <summary>New tables for calls to come.</summary>
    internal void Publish(SwitchTables tables)
    {
        Tables.Publish(tables);
        _ = _prompts!.Follow(Configuration.Current.Configuration.IvrAudios);
        Names?.Poke();
        foreach (SwitchLoop loop in Loops) loop.Wake(); // the first looks after the registrations at carriers, each after its phones
    }

    private void TakePrompts(PromptBook book)
    {
        foreach (Shard shard in Shards) shard.Prompts = book;
    }

    private async Task ApplyCommandLine()
    {
        foreach ((string name, string value) in Options.Settings)
        {
            Api.Answer<Api.SettingView> answer = await Control.SetSettingAsync(name, value, "command line", CancellationToken.None);
            if (answer.Fault is { } fault) throw new StartRefusedException($"--set {name}={value}: {(fault.Errors.Count > 0 ? fault.Errors[0].Says : fault.Says)}");
        }
    }

    private async Task WaitForCallsToEnd()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        Instant until = Clock.Now() + StopPatience;
        while (Shards.Sum(static s => s.OpenCalls) > 0 && Clock.Now() < until) await timer.WaitForNextTickAsync();
    }

    private static void CreateDataFolder(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) return;
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The data folder {folder} cannot be made: {e.Message}", e);
        }
    }
}

/// <summary>The switch cannot start as asked; the message is one sentence for the operator.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
