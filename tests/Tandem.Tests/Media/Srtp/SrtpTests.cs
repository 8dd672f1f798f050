using System.Buffers.Binary;
using Tandem.Media.Srtp;

namespace Tandem.Tests.Media.Srtp;

public class SrtpTests
{
    // RFC 3711 §B.3
    private const string MasterKey = "E1F97A0D3E018BE0D64FA32C06DE4139", MasterSalt = "0EC675AD498AFEEBB6960B3AABE6";

    private static readonly SrtpKey Key = new(SrtpSuite.AesCm128HmacSha1Tag80, Convert.FromHexString(MasterKey + MasterSalt));

    public static TheoryData<SrtpSuite> Suites => [SrtpSuite.AesCm128HmacSha1Tag80, SrtpSuite.AesCm128HmacSha1Tag32, SrtpSuite.AeadAes128Gcm, SrtpSuite.AeadAes256Gcm];

    [Theory]
    [InlineData(0, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(2, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(1, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")]
    public void Session_keys_are_those_of_RFC_3711_B3(byte label, string expected)
    {
        byte[] derived = new byte[expected.Length / 2];
        SrtpCipher.Derive(Convert.FromHexString(MasterKey), Convert.FromHexString(MasterSalt), label, derived);
        Assert.Equal(expected, Convert.ToHexString(derived));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_key_stream_is_that_of_RFC_3711_B2_by_instructions_and_by_the_runtime(bool byInstructions)
    {
        using var aes = new AesCounter(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"), byInstructions);
        byte[] iv = Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000");
        byte[] stream = new byte[0xff02 * 16];
        aes.Apply(iv, stream);
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(stream, 0, 48));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44", Convert.ToHexString(stream, 0xfeff * 16, 48));
    }

    [Fact]
    public void Both_ways_of_AES_give_the_same_for_every_length_and_both_key_sizes()
    {
        foreach (int keyBytes in (int[])[16, 32])
        {
            byte[] key = [.. Enumerable.Range(1, keyBytes).Select(static i => (byte)(i * 7))];
            using AesCounter one = new(key), other = new(key, byInstructions: false);
            for (int length = 0; length < 200; length++)
            {
                byte[] a = new byte[length], b = new byte[length];
                one.Apply(new byte[16], a);
                other.Apply(new byte[16], b);
                Assert.Equal(a, b);
            }
        }
    }

    [Fact]
    public void A_packet_of_the_common_suite_is_as_others_make_it()
    {
        byte[] packet = Convert.FromHexString("800F1234DECAFBADCAFEBABE" + "ABABABABABABABABABABABABABABABAB" + "00000000000000000000");
        int length = 28;
        using var sender = new SrtpSender(Key);
        Assert.Equal(SrtpFault.None, sender.SealRtp(packet, ref length));
        Assert.Equal("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", Convert.ToHexString(packet, 0, length));
    }

    [Fact]
    public void So_is_an_RTCP_packet()
    {
        byte[] packet = Convert.FromHexString("81C8000BCAFEBABE" + "ABABABABABABABABABABABABABABABAB" + "0000000000000000000000000000");
        int length = 24;
        using var sender = new SrtpSender(Key);
        Assert.Equal(SrtpFault.None, sender.SealRtcp(packet, ref length));
        Assert.Equal("81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798", Convert.ToHexString(packet, 0, length));
    }

    [Theory]
    [InlineData("000102030405060708090a0b0c0d0e0f", "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13")]
    public void GCM_packets_are_those_of_RFC_7714_16(string key, string expected)
    {
        using var cipher = new GcmCipher(Convert.FromHexString(key), Convert.FromHexString("517569642070726f2071756f"));
        byte[] packet = [.. Convert.FromHexString("8040f17b8041f8d35501a0b2"), .. "Gallia est omnis divisa in partes tres"u8, .. new byte[16]];
        int length = cipher.Seal(packet, packet.Length - 16, 12, 0x5501a0b2, 0xf17b);
        Assert.Equal(expected, Convert.ToHexStringLower(packet, 0, length));
        Assert.Equal(length - 16, cipher.Open(packet, 12, 0x5501a0b2, 0xf17b));
        Assert.Equal("Gallia est omnis divisa in partes tres"u8.ToArray(), packet[12..(length - 16)]);
    }

    [Fact]
    public void GCM_of_RTCP_is_that_of_RFC_7714_17()
    {
        using var cipher = new GcmCipher(Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), Convert.FromHexString("517569642070726f2071756f"));
        byte[] packet = [.. Convert.FromHexString("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"), .. new byte[20]];
        int length = cipher.SealRtcp(packet, packet.Length - 20, 0x4d617273, 0x5d4);
        Assert.Equal("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4", Convert.ToHexStringLower(packet, 0, length));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void What_one_end_makes_the_other_reads_over_two_wraps_of_the_sequence(SrtpSuite suite)
    {
        SrtpKey key = Draw(suite, 1);
        using var sender = new SrtpSender(key);
        using var receiver = new SrtpReceiver(key);
        for (int i = 0; i < 140_000; i += 97)
        {
            byte[] packet = Rtp((ushort)(60_000 + i), out byte[] clear);
            int length = clear.Length;
            Assert.Equal(SrtpFault.None, sender.SealRtp(packet, ref length));
            Assert.Equal(clear.Length + suite.TagBytes(), length);
            Assert.NotEqual(clear[12..], packet[12..clear.Length]);
            Assert.Equal(SrtpFault.None, receiver.OpenRtp(packet.AsSpan(0, length), out int opened));
            Assert.Equal(clear, packet[..opened]);
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void RTCP_goes_there_and_back(SrtpSuite suite)
    {
        SrtpKey key = Draw(suite, 2);
        using var sender = new SrtpSender(key);
        using var receiver = new SrtpReceiver(key);
        for (int i = 0; i < 5; i++)
        {
            byte[] clear = Convert.FromHexString("81C9000700000001000000020000000000001234000000050000000000000000");
            byte[] packet = new byte[clear.Length + SrtpSuites.MostGrowth];
            clear.CopyTo(packet, 0);
            int length = clear.Length;
            Assert.Equal(SrtpFault.None, sender.SealRtcp(packet, ref length));
            byte[] again = packet[..length];
            Assert.Equal(SrtpFault.None, receiver.OpenRtcp(packet.AsSpan(0, length), out int opened));
            Assert.Equal(clear, packet[..opened]);
            Assert.Equal(SrtpFault.Replayed, receiver.OpenRtcp(again, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_changed_bit_a_wrong_key_a_replay_and_a_stump_are_told_apart_and_change_nothing(SrtpSuite suite)
    {
        SrtpKey key = Draw(suite, 3);
        using var sender = new SrtpSender(key);
        using var receiver = new SrtpReceiver(key);
        using var stranger = new SrtpReceiver(Draw(suite, 4));
        byte[] first = Seal(sender, 1), second = Seal(sender, 2);
        Assert.Equal(SrtpFault.NotAuthentic, stranger.OpenRtp([.. first], out _));
        for (int bit = 8; bit < first.Length * 8; bit += 5) // the version decides before
        {
            byte[] changed = [.. first];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpFault.None, receiver.OpenRtp(changed, out _));
        }
        Assert.Equal(SrtpFault.Malformed, receiver.OpenRtp(first.AsSpan(0, 15).ToArray(), out _));
        Assert.Equal(SrtpFault.None, receiver.OpenRtp([.. second], out _));
        Assert.Equal(SrtpFault.None, receiver.OpenRtp([.. first], out _)); // late, and new
        Assert.Equal(SrtpFault.Replayed, receiver.OpenRtp([.. first], out _));
        Assert.Equal(SrtpFault.Replayed, receiver.OpenRtp([.. second], out _));
    }

    [Fact]
    public void What_is_64_packets_late_is_too_old()
    {
        using var sender = new SrtpSender(Key);
        using var receiver = new SrtpReceiver(Key);
        byte[][] packets = [.. Enumerable.Range(1, 70).Select(i => Seal(sender, (ushort)i))];
        Assert.Equal(SrtpFault.None, receiver.OpenRtp(packets[69], out _));
        Assert.Equal(SrtpFault.None, receiver.OpenRtp(packets[6], out _));
        Assert.Equal(SrtpFault.Replayed, receiver.OpenRtp(packets[5], out _));
    }

    [Fact]
    public void Nothing_is_sealed_twice_under_one_index()
    {
        using var sender = new SrtpSender(Key);
        Seal(sender, 7);
        byte[] other = Rtp(7, out byte[] clear);
        int length = clear.Length;
        Assert.Equal(SrtpFault.Replayed, sender.SealRtp(other, ref length));
        Assert.Equal(clear, other[..length]);
    }

    [Fact]
    public void A_storm_of_sources_is_bounded_and_none_of_those_known_is_forgotten()
    {
        using var sender = new SrtpSender(Key);
        int sealedCount = 0;
        for (uint ssrc = 0; ssrc < 1000; ssrc++)
        {
            byte[] packet = Rtp(1, out byte[] clear, ssrc);
            int length = clear.Length;
            if (sender.SealRtp(packet, ref length) == SrtpFault.None) sealedCount++;
        }
        Assert.Equal(SrtpSources.Most, sealedCount);
        byte[] known = Rtp(2, out byte[] text, 0);
        int size = text.Length;
        Assert.Equal(SrtpFault.None, sender.SealRtp(known, ref size));
    }

    [Fact]
    public void Contributing_sources_and_the_extension_stay_readable()
    {
        using var sender = new SrtpSender(Key);
        using var receiver = new SrtpReceiver(Key);
        byte[] clear = Convert.FromHexString("9108000100000000000000AA" + "000000BB" + "BEDE0001" + "10FF0000" + "0102030405");
        byte[] packet = [.. clear, .. new byte[SrtpSuites.MostGrowth]];
        int length = clear.Length;
        Assert.Equal(SrtpFault.None, sender.SealRtp(packet, ref length));
        Assert.Equal(clear[..24], packet[..24]);
        Assert.Equal(SrtpFault.None, receiver.OpenRtp(packet.AsSpan(0, length), out int opened));
        Assert.Equal(clear, packet[..opened]);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Nothing_is_allocated_per_packet(SrtpSuite suite)
    {
        SrtpKey key = Draw(suite, 5);
        using var sender = new SrtpSender(key);
        using var receiver = new SrtpReceiver(key);
        byte[] packet = Rtp(0, out byte[] clear);
        ushort sequence = 0;
        long allocated = Allocations.Least(() =>
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence++);
            int length = clear.Length;
            sender.SealRtp(packet, ref length);
            receiver.OpenRtp(packet.AsSpan(0, length), out _);
        });
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Names_are_read_as_written()
    {
        foreach (SrtpSuite suite in SrtpSuites.Offered)
        {
            Assert.True(SrtpSuites.TryParse(suite.Name(), out SrtpSuite parsed));
            Assert.Equal(suite, parsed);
        }
        Assert.False(SrtpSuites.TryParse("aes_cm_128_hmac_sha1_80"u8, out _));
        Assert.False(SrtpSuites.TryParse("F8_128_HMAC_SHA1_80"u8, out _));
    }

    [Fact]
    public void A_key_never_shows_itself() => Assert.Equal("AesCm128HmacSha1Tag80", Key.ToString());

    private static SrtpKey Draw(SrtpSuite suite, byte seed) =>
        new(suite, [.. Enumerable.Range(0, suite.KeyBytes() + suite.SaltBytes()).Select(i => (byte)((i * 31) + (seed * 101)))]);

    private static byte[] Seal(SrtpSender sender, ushort sequence)
    {
        byte[] packet = Rtp(sequence, out byte[] clear);
        int length = clear.Length;
        Assert.Equal(SrtpFault.None, sender.SealRtp(packet, ref length));
        return packet[..length];
    }

    private static byte[] Rtp(ushort sequence, out byte[] clear, uint ssrc = 0x11223344)
    {
        clear = new byte[172];
        clear[0] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(clear.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(clear.AsSpan(8), ssrc);
        clear.AsSpan(12).Fill(0xd5);
        return [.. clear, .. new byte[SrtpSuites.MostGrowth]];
    }
}
