using System.Collections.Frozen;

namespace Tandem.Server.WebApi;

/// <summary>
/// Fields of the Web API that are kept with their entity and given back: contact data, which is all they are for, and what a capability that the switch
/// does not have yet will act on. They stand in the entity's field "additional".
/// </summary>
internal static class WebKept
{
    /// <summary>The document's field that holds them.</summary>
    public const string Field = "additional";

    public static readonly FrozenDictionary<string, string> Accounts = Of(
        ("contact data", "cardType cardNumber address postCode linkMan telephone fax email emailCc emailBcc companyName bank memo"),
        ("mailed reports", "reportType"), ("the phone book", "phoneBookLimit"), ("callbacks billed by traffic", "ctdBillingType"));

    public static readonly FrozenDictionary<string, string> Phones = Of(
        ("IVR", "ivrEquipmentType ivrServiceName ivrCallbackBillingMode ivrCallbackMergeBillingMode ivrDirectMergeBillingMode ivrSecondBillingMode ivrCallbackBillingSecordNotConnectedOnAccessE164 ivrCallbackBillingSecordConnectedOnSecondAccount ivrAccessVerifyActivePhoneCard ivrAccessVerifyBindedE164 ivrAccessVerifyCallerE164Phone ivrEnablePhoneSetting"),
        ("voice prompts", "language unableToConnectVoicePrompts callRemainingTimePrompts balanceNotEnoughAlarm"),
        ("colour ring", "colorRing remoteColorRingPassthrough colorRingName"),
        ("voice mail", "voiceMail voiceMailCheckPassword voiceMailMaxNumber voiceMailExpireDay voiceMailAudioType"),
        ("the phone book", "phonebookLimit displayCallerShortNumber"));

    public static readonly FrozenDictionary<string, string> MappingGateways = Of(
        ("H.323", "dtmfSendMethodH323 dtmfSendPayloadTypeH323 q931ProgressIndicator h323CalleeE164Domain h323CallerE164Domain h323FastStart h323H245Tunneling h323H245InSetup h323AutoCallProceeding h323CallProceedingFromSIPTrying h323AlertingFromSIP183Sdp h323T38 h323G729SendMode h323CodecAssign h323Codecs"),
        ("IVR", "language enablePhoneSetting"));

    public static readonly FrozenDictionary<string, string> RoutingGateways = Of(
        ("H.323", "dtmfSendMethodH323 dtmfSendPayloadTypeH323 q931NumberingPlan q931NumberType q931PresentationIndicator q931ScreeningIndicator h323FastStart h323H245Tunneling h323H245InSetup h323T38 h323G729SendMode h323CodecAssign h323Codecs timeoutSetup timeoutCallProceeding timeoutCallProceedingOlc timeoutAlerting"));

    private static FrozenDictionary<string, string> Of(params (string For, string Names)[] rooms) =>
        rooms.SelectMany(static r => r.Names.Split(' ').Select(n => (Name: n, r.For))).ToFrozenDictionary(static p => p.Name, static p => p.For, StringComparer.Ordinal);
}
