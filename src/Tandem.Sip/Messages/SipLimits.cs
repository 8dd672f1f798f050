namespace Tandem.Sip.Messages;

/// <summary>The hard limits of what is read; <see cref="SipLimit"/> gives each its reason and its answer (docs/limits.md).</summary>
public static class SipLimits
{
    public const int MessageBytes = 65_535;
    public const int LineBytes = 8_192;
    public const int Headers = 128;
    public const int UriBytes = 1_024;
    public const int Vias = 70;
    public const int Routes = 16;
    public const int Parameters = 64;
    public const int Parts = 16;
    public const int PartHeadBytes = 1_024;
    public const int AnswerBytes = 16_384;
}
