using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Sdp;

/// <summary>One m-line with what follows it: a view into its <see cref="SessionDescription"/>, valid while that is.</summary>
public readonly struct MediaDescription
{
    private readonly SessionDescription _session;
    private readonly int _index;

    internal MediaDescription(SessionDescription session, int index)
    {
        _session = session;
        _index = index;
    }

    private ref readonly SessionDescription.MediaState State => ref _session.StateOf(_index);

    public MediaKind Kind => State.Kind;

    /// <summary>The media as written, for kinds without a name here.</summary>
    public ReadOnlySpan<byte> Name => _session.Of(State.Name);

    /// <summary>0: rejected or disabled (RFC 3264 §6).</summary>
    public int Port => State.Port;

    public int PortCount => State.PortCount;

    public bool Rejected => State.Port == 0;

    /// <summary>RTP/AVP, RTP/SAVP, udptl ...</summary>
    public ReadOnlySpan<byte> Protocol => _session.Of(State.Protocol);

    /// <summary>The format list, separated by spaces; <see cref="Formats"/> walks it.</summary>
    public ReadOnlySpan<byte> FormatList => _session.Of(State.Formats);

    /// <summary>Address and port media goes to; none when the c= line has a host name. 0.0.0.0 asks for silence (RFC 3264 §8.4).</summary>
    public NetAddress Remote => State.Remote;

    /// <summary>As stated here, else for the session, else sendrecv.</summary>
    public MediaDirection Direction => State.Direction;

    public bool DirectionStated => State.DirectionStated;

    /// <summary>True when this side wants to receive nothing: sendonly, inactive or the older 0.0.0.0.</summary>
    public bool OnHold => State.Direction is MediaDirection.SendOnly or MediaDirection.Inactive || (!State.Remote.IsNone && State.Remote.IsAny);

    /// <summary>Of a=rtcp (RFC 3605); 0 when absent: then port + 1.</summary>
    public int RtcpPort => State.RtcpPort;

    public bool RtcpMux => State.RtcpMux;

    /// <summary>Milliseconds; 0 when absent or out of 1 to 1,000.</summary>
    public int Ptime => State.Ptime;

    /// <summary>What the switch can relay, as far as the line itself goes: RTP and SRTP of any kind, and T.38 over UDPTL. Not what is rejected.</summary>
    public bool IsRelayable => !Rejected && Kind switch
    {
        MediaKind.Image => IsUdptl,
        MediaKind.Message or MediaKind.Other => false,
        _ => IsPlainRtp || IsSecure, // application too: H.224 (RFC 4573) is RTP; data channels and BFCP are not
    };

    /// <summary>What ends can agree on without the switch: keys do not pass it.</summary>
    public bool IsPassable => IsRelayable && !IsSecure;

    /// <summary>SRTP with its keys in the description (RFC 4568); that of DTLS has another protocol.</summary>
    public bool IsSecure => Ascii.EqualsIgnoreCase(Protocol, "RTP/SAVP"u8) || Ascii.EqualsIgnoreCase(Protocol, "RTP/SAVPF"u8);

    /// <summary>RTP/AVPF or RTP/SAVPF (RFC 4585, RFC 5124).</summary>
    public bool HasFeedback => Protocol.Length > 0 && (Protocol[^1] | 0x20) == 'f';

    /// <summary>T.38's own transport (ITU-T T.38 Annex D); no RTP header, no RTCP.</summary>
    public bool IsUdptl => Ascii.EqualsIgnoreCase(Protocol, "udptl"u8);

    private bool IsPlainRtp => Ascii.EqualsIgnoreCase(Protocol, "RTP/AVP"u8) || Ascii.EqualsIgnoreCase(Protocol, "RTP/AVPF"u8);

    /// <summary>The c= line in force, without its type: "IN IP4 192.0.2.1", or with a host name.</summary>
    public ReadOnlySpan<byte> Connection => _session.Of(State.Connection);

    public FormatEnumerator Formats => new(FormatList);

    /// <summary>The values of this m-line's a= lines, in order ("rtpmap:8 PCMA/8000").</summary>
    public AttributeEnumerator Attributes => new(_session, State.FirstLine, State.EndLine);

    public bool HasFormat(ReadOnlySpan<byte> format)
    {
        foreach (ReadOnlySpan<byte> one in Formats)
        {
            if (one.SequenceEqual(format)) return true;
        }
        return false;
    }

    /// <summary>What a=rtpmap says of a format ("telephone-event/8000"); empty for static payload types without one.</summary>
    public ReadOnlySpan<byte> RtpMap(ReadOnlySpan<byte> format)
    {
        int line = RtpMapLine(format);
        return line < 0 ? default : RtpMapAt(line);
    }

    /// <summary>The line that holds the a=rtpmap of a format; -1 when there is none.</summary>
    internal int RtpMapLine(ReadOnlySpan<byte> format)
    {
        for (int line = State.FirstLine; line < State.EndLine; line++)
        {
            ReadOnlySpan<byte> attribute = _session.Of(_session.LineAt(line));
            if (_session.LineAt(line).Type != 'a' || !attribute.StartsWith("rtpmap:"u8)) continue;
            ReadOnlySpan<byte> value = Grammar.TrimStart(attribute[7..]);
            if (value.Length > format.Length && value.StartsWith(format) && value[format.Length] == ' ') return line;
        }
        return -1;
    }

    /// <summary>The encoding in a line that <see cref="RtpMapLine"/> found.</summary>
    internal ReadOnlySpan<byte> RtpMapAt(int line)
    {
        ReadOnlySpan<byte> value = Grammar.TrimStart(_session.Of(_session.LineAt(line))[7..]);
        return Grammar.Trim(value[value.IndexOf((byte)' ')..]);
    }

    /// <summary>For foreach.</summary>
    public ref struct FormatEnumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal FormatEnumerator(ReadOnlySpan<byte> list) => _rest = list;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            _rest = _rest.TrimStart((byte)' ');
            if (_rest.IsEmpty) return false;
            int end = _rest.IndexOf((byte)' ');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return true;
        }

        public readonly FormatEnumerator GetEnumerator() => this;
    }

    /// <summary>For foreach.</summary>
    public ref struct AttributeEnumerator
    {
        private readonly SessionDescription _session;
        private readonly int _end;
        private int _at;

        internal AttributeEnumerator(SessionDescription session, int first, int end)
        {
            _session = session;
            _at = first - 1;
            _end = end;
        }

        public readonly ReadOnlySpan<byte> Current => _session.Of(_session.LineAt(_at));

        public bool MoveNext()
        {
            do _at++;
            while (_at < _end && _session.LineAt(_at).Type != 'a');
            return _at < _end;
        }

        public readonly AttributeEnumerator GetEnumerator() => this;
    }
}
