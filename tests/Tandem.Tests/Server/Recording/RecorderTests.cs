using System.Buffers.Binary;
using Tandem.Media.Codecs;
using Tandem.Media.Relay;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Recording;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Server.Recording;

public sealed class RecorderTests : IDisposable
{
    private static readonly CallId Call = CallId.Mint(new Instant(1_700_000_000_000_000), 0, 1);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "tandem-recordings-" + Guid.NewGuid().ToString("n"));
    private readonly List<string> _said = [];

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        else File.Delete(_folder);
    }

    [Fact]
    public void Both_sides_are_laid_side_by_side_in_time_and_what_is_missing_is_silence()
    {
        Instant begin = new(1_700_000_000_000_000);
        StereoTrack track = new(begin);
        List<short> written = [];
        void Write(ReadOnlyMemory<short> samples) => written.AddRange(samples.Span);
        byte[] left = [.. Enumerable.Repeat(G711.EncodeALaw(1_000), 160)], right = [.. Enumerable.Repeat(G711.EncodeMuLaw(-2_000), 160)];
        for (int i = 0; i < 50; i++)
        {
            if (i == 20) continue; // lost
            // The packets' arrivals jitter by 15 ms; their time stamps do not.
            track.Put(new RecordedPacket(FlowSide.A, true, 160, (uint)(160 * i), begin + TimeSpan.FromMilliseconds((20 * (i + 1)) + (i % 4 * 5))), left, Write);
            if (i >= 25) track.Put(new RecordedPacket(FlowSide.B, false, 160, (uint)(9_000 + (160 * i)), begin + TimeSpan.FromMilliseconds(20 * (i + 1))), right, Write);
        }
        track.Flush(8_000, Write);
        short[] caller = [.. written.Where(static (_, i) => i % 2 == 0)], callee = [.. written.Where(static (_, i) => i % 2 == 1)];
        Assert.Equal(8_000, caller.Length);
        short loud = G711.DecodeALaw(G711.EncodeALaw(1_000)), low = G711.DecodeMuLaw(G711.EncodeMuLaw(-2_000));
        Assert.Equal([.. Enumerable.Repeat(loud, 3_200), .. new short[160], .. Enumerable.Repeat(loud, 8_000 - 3_360)], caller);
        Assert.Equal([.. new short[4_000], .. Enumerable.Repeat(low, 4_000)], callee);
    }

    [Fact]
    public void A_recording_is_a_stereo_WAV_file_of_both_sides_named_by_day_time_and_call()
    {
        string file;
        using (Recorder recorder = Open())
        {
            Assert.True(recorder.TryBegin(Call, "1", "2", new LoopClock().Now(), out IRecording? recording, out _));
            file = recording.File;
            recording.Tap.Put(FlowSide.A, true, new byte[160], 0, new LoopClock().Now());
            recording.Tap.Put(FlowSide.B, false, new byte[160], 0, new LoopClock().Now());
            Until(() => File.Exists(Path.Combine(_folder, file)));
            recording.End();
            Until(() => recorder.Active == 0);
        }
        Assert.Matches($"^[0-9]{{8}}/[0-9]{{6}}-{Call}\\.wav$", file);
        byte[] wav = File.ReadAllBytes(Path.Combine(_folder, file));
        Assert.Equal("RIFF"u8, wav.AsSpan(0, 4));
        Assert.Equal((2, 8_000, 16), (wav[22], BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24)), wav[34]));
        Assert.Equal(wav.Length - 44, BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(40)));
        Assert.Equal(wav.Length - 8, BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(4)));
        Assert.Contains(wav[44..], static b => b != 0);
    }

    [Fact]
    public void When_the_folder_is_full_the_oldest_recording_is_deleted()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "20260101"));
        string oldest = Path.Combine(_folder, "20260101", "000000-a.wav"), newer = Path.Combine(_folder, "20260101", "000001-b.wav");
        File.WriteAllBytes(oldest, new byte[60_000]);
        File.WriteAllBytes(newer, new byte[30_000]);
        using Recorder recorder = Open(mostBytes: 80_000);
        Assert.True(recorder.TryBegin(Call, "1", "2", new LoopClock().Now(), out IRecording? recording, out _));
        Until(() => !File.Exists(oldest));
        Assert.True(File.Exists(newer));
        recording.End();
        Until(() => recorder.Active == 0);
        Assert.Contains(_said, static s => s.Contains("000000-a.wav", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_those_under_way_take_all_the_room_no_new_one_is_begun()
    {
        using Recorder recorder = Open(mostBytes: 10);
        Assert.True(recorder.TryBegin(Call, "1", "2", new LoopClock().Now(), out IRecording? recording, out _));
        Until(() => recorder.Refusal is not null);
        Assert.False(recorder.TryBegin(Call, "1", "2", new LoopClock().Now(), out _, out string whyNot));
        Assert.Contains("take all of the", whyNot);
        recording.End();
        Until(() => recorder.Refusal is null);
    }

    [Fact]
    public void A_disk_that_takes_nothing_ends_the_recording_and_nothing_else()
    {
        File.WriteAllText(_folder, "a file where the folder should be");
        using Recorder recorder = Open();
        Assert.True(recorder.TryBegin(Call, "1", "2", new LoopClock().Now(), out IRecording? recording, out _));
        Until(() => recorder.Failed == 1 && recorder.Active == 0);
        for (int i = 0; i < 1_000; i++) recording.Tap.Put(FlowSide.A, true, new byte[160], (uint)i, new Instant(i)); // nobody takes it out: left out, no harm
        recording.End();
        Assert.Contains(_said, static s => s.Contains("the call goes on", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_put_in_comes_out_across_the_rings_end_and_a_full_ring_drops_and_counts()
    {
        RecordingRing ring = new();
        byte[] codes = new byte[4_096];
        for (int i = 0; i < 2_000; i++)
        {
            ring.Put(FlowSide.B, i % 2 == 0, [.. Enumerable.Repeat((byte)i, 100 + (i % 200))], (uint)i, new Instant(i));
            Assert.True(ring.TryTake(codes, out RecordedPacket packet));
            Assert.Equal(new RecordedPacket(FlowSide.B, i % 2 == 0, 100 + (i % 200), (uint)i, new Instant(i)), packet);
            Assert.All(codes[..packet.Length], b => Assert.Equal((byte)i, b));
        }
        for (int i = 0; i < 500; i++) ring.Put(FlowSide.A, true, new byte[160], (uint)i, new Instant(i));
        Assert.Equal(500 - (65_536 / 176), ring.Lost);
    }

    [Fact]
    public void The_media_thread_allocates_nothing()
    {
        RecordingRing ring = new();
        byte[] codes = new byte[160], room = new byte[4_096];
        ring.Put(FlowSide.A, true, codes, 0, default);
        ring.TryTake(room, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            ring.Put(FlowSide.A, true, codes, (uint)i, default);
            ring.TryTake(room, out _);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private Recorder Open(long mostBytes = 1L << 30) => new(_folder, mostBytes, new LoopClock(), says =>
    {
        lock (_said) _said.Add(says);
    });

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TimeSpan.FromSeconds(20)));
}
