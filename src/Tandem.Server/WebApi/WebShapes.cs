namespace Tandem.Server.WebApi;

/// <summary>The objects of the Web API, in the notation of <see cref="WebShape"/>. Odd spellings are those clients know.</summary>
internal static class WebShapes
{
    public static readonly WebShape CustomerAdditional = WebShape.Of("""
        cardType:i cardNumber address postCode linkMan telephone fax email emailCc emailBcc reportType:i companyName bank
        """);

    public static readonly WebShape CustomerWrite = WebShape.Of("""
        account* name* money:d limitMoney:d feeRateGroup type:i lockType:i agentAccount phoneBookLimit:i validTime:l ctdBillingType:i memo
        infoCustomerAdditional:CustomerAdditional
        """, ("CustomerAdditional", CustomerAdditional));

    public static readonly WebShape Customer = WebShape.Of("""
        account name money:d limitMoney:d feeRateGroup type:i lockType:i agentAccount phoneBookLimit:i canceled:b startTime:l validTime:l
        todayConsumption:d ctdBillingType:i category:i bindedE164s[] memo infoCustomerAdditional:CustomerAdditional
        """, ("CustomerAdditional", CustomerAdditional));

    public static readonly WebShape AgentFilter = WebShape.Of("filterAgentAccount* querySonMode:i*");

    public static readonly WebShape ForwardE164 = WebShape.Of("forwardMethod:i alertSecond:i e164");

    public static readonly WebShape PeriodForwarding = WebShape.Of("weekOfDay beginSecondInDay:i endSecondInDay:i forwardE164:ForwardE164", ("ForwardE164", ForwardE164));

    public static readonly WebShape PhoneValueAdded = WebShape.Of("""
        callerIdDisplay:b callTransfer:b doNotDisturb:b periodForwarding:b infoPhoneValueAddedPeriodForwardings:PeriodForwarding[]
        unconditionalForward:b unconditionalForwardE164:ForwardE164 noAnswerForward:b noAnswerForwardE164:ForwardE164
        offlineForward:b offlineForwardE164:ForwardE164 busyForward:b busyForwardE164:ForwardE164
        callForwardDisplay:i callTransferNormalDisplay:i callTransferAskDisplay:i
        colorRing:b remoteColorRingPassthrough:b colorRingName language unableToConnectVoicePrompts:i callRemainingTimePrompts:i
        balanceNotEnoughAlarm:i voiceMail:b voiceMailCheckPassword:b voiceMailMaxNumber:i voiceMailExpireDay:i voiceMailAudioType:i
        """, ("PeriodForwarding", PeriodForwarding), ("ForwardE164", ForwardE164));

    public static readonly WebShape PhoneAdditional = WebShape.Of("""
        registerType:i protocol:i ip port:i localIp rtpRelay:i rtpInterruptDetection:i callDurationLimit:i useCallerPhoneDisplay:i noBillingToPhone:i
        displayCallerShortNumber:b useRoutingGatewayNotOnline:i minProfitPercentEnable:b minProfitPercent:i maxSecondRatesEnable:b maxSecondRates:d
        firstRoutingPolicy:i secondRoutingPolicy:i sipAuthenticationMethod:i sipRemoteAlertingMethod:i sipTimerSupport:b sip100RelSupport:b sipT38Support:b
        sipPrivacySupport:b sipPrivacy:i sipPPreferredIdentity:i sipPAssertedIdentity:i dtmfReceiveMethod:i dtmfSIPSendMethod:i
        sipCodecAssign:b sipCodecs[] able:b rtpIncludeDtmfInband:b rtpNeedDtmfInband:b ivrEquipmentType:i ivrServiceName ivrCallbackBillingMode:i
        ivrCallbackMergeBillingMode:i ivrDirectMergeBillingMode:i ivrSecondBillingMode:i ivrCallbackBillingSecordNotConnectedOnAccessE164:b
        ivrCallbackBillingSecordConnectedOnSecondAccount:b ivrAccessVerifyActivePhoneCard:b ivrAccessVerifyBindedE164:b
        ivrAccessVerifyCallerE164Phone:b ivrEnablePhoneSetting:b lrnEnable:b lrnEatPrefixLength:i lrnFailureAction:i lrnInterstateBillingPrefix
        lrnUndeterminedBillingPrefix rewriteCalleeMobileAreaEnable:b rewriteCalleeMobileArea callStateReport:b sipRequestAddress:i sipResponseAddress:i
        """);

    public static readonly WebShape Phone = WebShape.Of("""
        e164* account password displayNumber lockType:i callLevel:i feerateGroup monthlyMoneyMinimum:d monthlyMoneyMaximum:d monthlyRentFee:d
        rewriteRulesOutCallee:t rewriteRulesInCallee:t rewriteRulesInCaller:t routingGatewayGroupsAllow:b routingGatewayGroups equipment calleeBilling:b
        customerPassword lineCallIn:i lineCallOut:i lineCapacity:i phonebookLimit:i callerLimitE164GroupsAllow:b callerLimitE164Groups
        calleeLimitE164Allow:b calleeLimitE164Groups dids memo infoPhoneValueAdded:PhoneValueAdded infoPhoneAdditional:PhoneAdditional
        """, ("PhoneValueAdded", PhoneValueAdded), ("PhoneAdditional", PhoneAdditional));

    public static readonly WebShape PhoneOnline = WebShape.Of("e164 currentCall:i remoteIp localIp registerTime:l updateTime:l protocol:i cryptoType:i productId");

    public static readonly WebShape ProportionCalleePrefix = WebShape.Of("proportion:i* addPrefix*");

    public static readonly WebShape MappingGateway = WebShape.Of("""
        name* password lockType:i callLevel:i capacity:i priority:i gatewayGroups:t routingGatewayGroupsAllow:b routingGatewayGroups:t registerType:i
        remoteIps:t callerE164CheckEnable:b callerE164CheckCity:b callerE164CheckMobile:b callerE164CheckOther:b
        calleeE164CheckEnable:b calleeE164CheckCity:b calleeE164CheckMobile:b calleeE164CheckOther:b customerPassword rtpForwardType:i
        mediaCheckDirection:i calleeE164Restrict:i maxCallDurationLower:i maxCallDurationUpper:i allowPhoneBilling:b allowBindedE164Billing:b
        enablePhoneSetting:b denySameCityCodesAllow:b denySameCityCodes:t checkMobileAreaAllow:b checkMobileArea:t
        calloutCalleePrefixesAllow:b calloutCalleePrefixes:t calloutCallerPrefixesAllow:b calloutCallerPrefixes:t
        rewriteRulesOutCallee:t rewriteRulesOutCaller:t rewriteRulesInMobileAreaAllow:b rewriteRulesInMobileArea:t timeoutCallProceeding:i
        sipResponseAddressMethod:i sipRequestAddressMethod:i dtmfSendMethodH323:i dtmfSendMethodSIP:i dtmfReceiveMethod:i
        dtmfSendPayloadTypeH323:i dtmfSendPayloadTypeSIP:i dtmfReceivePayloadType:i q931ProgressIndicator:i eaccount
        callFailedQ931CauseValue callFailedSipCode sipRemoteRingSignal:i sipCalleeE164Domain:i sipCallerE164Domain:i
        h323CalleeE164Domain:i h323CallerE164Domain:i memo sipAuthenticationMethod:i h323FastStart:b h323H245Tunneling:b h323H245InSetup:b
        h323AutoCallProceeding:b h323CallProceedingFromSIPTrying:b h323AlertingFromSIP183Sdp:b h323T38:b sipTimer:b sip100Rel:b sipT38:b
        sipPrivacySupport:b groupE164Change:b callerAllowLength:i calleeAllowLength:i callerLimitE164GroupsAllow:b callerLimitE164Groups
        calleeLimitE164GroupsAllow:b calleeLimitE164Groups minProfitPercentEnable:b minProfitPercent:i maxSecondRatesEnable:b maxSecondRates:d
        firstRoutePolicy:i secondRoutePolicy:i h323G729SendMode:i sipG729SendMode:i sipG729Annexb:i sipG723Annexa:i
        h323CodecAssign:b h323Codecs[] sipCodecAssign:b sipCodecs[] able:b rtpIncludeDtmfInband:b rtpNeedDtmfInband:b
        forwardSignalRewriteE164GroupEnable:b forwardSignalRewriteE164Group softswitchName lrnEnable:b lrnEatPrefixLength:i lrnFailureAction:i
        lrnInterstateBillingPrefix lrnUndeterminedBillingPrefix language mediaRecord:b dynamicBlackListInStandalone:b calculateRouteQuality:i
        proportionCalleePrefixs:ProportionCalleePrefix[]
        """, ("ProportionCalleePrefix", ProportionCalleePrefix));

    public static readonly WebShape MappingGatewayOnline = WebShape.Of("""
        id:i name currentCall:i capacity:i asr:d acd:l remoteIps natIp localIp registerTime:l updateTime:l keepTime:l cryptoType:i softswitchName softswitchIp
        """);

    public static readonly WebShape ScheduledCallinPrefixes = WebShape.Of("days:i[]* beginTime:i* endTime:i* action:i* type:i* prefixes[]*");

    public static readonly WebShape RoutingGateway = WebShape.Of("""
        name* prefix prefixStyle:i password customerPassword gatewayGroups capacity:i lockType:i priority:i registerType:i remoteIp rtpForwardType:i
        encrypt:b protocol:i signalPort:i localIp mediaCheckDirection:i maxCallDurationLower:i maxCallDurationUpper:i calleeE164Restrict:i
        callerE164CheckEnable:b callerE164CheckCity:b callerE164CheckMobile:b callerE164CheckOther:b
        calleeE164CheckEnable:b calleeE164CheckCity:b calleeE164CheckMobile:b calleeE164CheckOther:b
        callinCallerPrefixesAllow:b callinCallerPrefixes:t callinCalleePrefixesAllow:b callinCalleePrefixes:t
        callinForwardPrefixesAllow:b callinForwardPrefixes:t rewriteRulesInCaller:t rewriteRulesInCallee:t rewriteRulesInMobileAreaAllow:b
        rewriteRulesInMobileArea:t timeoutSetup:i timeoutCallProceeding:i timeoutCallProceedingOlc:i timeoutAlerting:i timeoutInvite:i timeoutTrying:i
        timeoutSessionProgressSdp:i timeoutSessionProgress:i timeoutRinging:i denyCallerCalleeAllow:b denyCallerCallee:t
        denySameCityCodesAllow:b denySameCityCodes:t checkMobileAreaAllow:b checkMobileArea:t switchAllowRing:b switchAllowSdp:b switchAllowRtp:b
        switchAllowBusy:b switchAllowErrorCode:b sipResponseAddressMethod:i sipRequestAddressMethod:i dtmfSendMethodH323:i dtmfSendMethodSIP:i
        dtmfReceiveMethod:i dtmfSendPayloadTypeH323:i dtmfSendPayloadTypeSIP:i dtmfReceivePayloadType:i q931NumberingPlan:i q931NumberType:i
        q931PresentationIndicator:i q931ScreeningIndicator:i clearingAccount h323FastStart:b h323H245Tunneling:b h323H245InSetup:b h323T38:b
        sipTimer:b sip100Rel:b sipT38:b sipDisplay:b sipRemotePartyId:b sipPrivacy:i sipPPreferredIdentity:i sipPAssertedIdentity:i groupE164Change:b
        callerAllowLength:i calleeAllowLength:i callerLimitE164GroupsAllow:b callerLimitE164Groups calleeLimitE164GroupsAllow:b calleeLimitE164Groups
        h323G729SendMode:i sipG729SendMode:i sipG729Annexb:i sipG723Annexa:i h323CodecAssign:b h323Codecs[] sipCodecAssign:b sipCodecs[] able:b
        rtpIncludeDtmfInband:b rtpNeedDtmfInband:b feerateRestrict:b leastCostRouting:b minProfitPercentEnable:b minProfitPercent:i
        maxSecondRatesEnable:b maxSecondRates:d enablePhoneDisplay:b clearingAccountUseCalloutE164:b softswitchName
        forwardSignalRewriteE164GroupEnable:b forwardSignalRewriteE164Group memo dynamicBlackListInStandalone:b mediaRecord:b
        externalNumberVerifyBits:l externalNumberVerifyRewriteCaller externalNumberVerifyRewriteCallee
        scheduledCallinPrefixes:ScheduledCallinPrefixes[] signalPortLocal:i calculateRouteQuality:i
        """, ("ScheduledCallinPrefixes", ScheduledCallinPrefixes));

    public static readonly WebShape RoutingGatewayOnline = WebShape.Of("""
        id:i name prefix currentCall:i capacity:i asr:d responseRatio:d connectedRatio:d acd:l remoteIp natIp localIp registerTime:l updateTime:l
        keepTime:l cryptoType:i registerName retryAfter:l softswitchName softswitchIp
        """);

    public static readonly WebShape RtpFlow = WebShape.Of("rtpPackets:i rtpBytes:i rtpDuration:l");

    public static readonly WebShape CurrentCall = WebShape.Of("""
        callerE164 calleeE164 callerGatewayId calleeGatewayId connectedTime:l keepTime:l callCodec callerCodec calleeCodec callerRtpIp calleeRtpIp
        callerReceiveDtmf:i callerSendDtmf:i calleeReceiveDtmf:i calleeSendDtmf:i callerInfoRtpFlowAudio:RtpFlow calleeInfoRtpFlowAudio:RtpFlow
        callerInfoRtpFlowVideo:RtpFlow calleeInfoRtpFlowVideo:RtpFlow callerTerminal calleeTerminal callerCryptoType:i calleeCryptoType:i
        callerLocalIp calleeLocalIp callId:i
        """, ("RtpFlow", RtpFlow));

    public static readonly WebShape Pay = WebShape.Of("account money:d validTime:l payMoney:d");

    public static readonly WebShape GiftTime = WebShape.Of("prefix:t* startTime:i* endTime:i* giftTime:i* billingTime:i* memo");

    public static readonly WebShape SuiteWrite = WebShape.Of("""
        name* rentPeriod:i* rentType:i* nonholonomicOrder:b* rentFee:d* minConsumption:d* lowerConsumption:d* giftMoney:d* infoGiftTimes:GiftTime[] memo
        """, ("GiftTime", GiftTime));

    public static readonly WebShape Suite = WebShape.Of("id:i").And(SuiteWrite);

    public static readonly WebShape SuiteOrder = WebShape.Of("id:i suiteId:i availableTime:l expireTime:l priority:i rentPercent:d memo");

    public static readonly WebShape CurrentSuite = WebShape.Of("""
        id:i suiteId:i suiteOrderId:i rentPeriod:i rentType:i rentFee:d expireTime:l minConsumption:d currentConsumption:d lowerConsumption:d giftMoney:d
        infoGiftTimes:GiftTime[] memo
        """, ("GiftTime", GiftTime));

    public static readonly WebShape ActivePhoneCard = WebShape.Of("pin account password displayE164 bindLimit:i activeTime:l memo");

    public static readonly WebShape BindedE164 = WebShape.Of("e164 pin account displayE164 rewriteRulesOutCallee:t bindTime:l language memo");

    public static readonly WebShape FeeRateSection = WebShape.Of("fee:d time:i position:i");

    public static readonly WebShape FeeRate = WebShape.Of("""
        feePrefix areaCode type:i areaName infoFeeRateSections:FeeRateSection[] fee:d period:i lockType:i ivrFee:d ivrPeriod:i
        """, ("FeeRateSection", FeeRateSection));

    public static readonly WebShape E164Convert = WebShape.Of("id:i account e164 mappingGatewayCallerE164 routingGatewayCalleeE164 memo");

    public static readonly WebShape PayHistory = WebShape.Of("account fee:d type:i payType:i customerMoney:d payTime:l memo");

    public static readonly WebShape Cdr = WebShape.Of("""
        callerE164 callerAccessE164 callerProductId callerToGatewayE164 callerGateway callerip calleeE164 calleeAccessE164 calleeProductId
        calleeToGatewayE164 calleeGateway calleeip start:l stop:l holdTime:i feeTime:i fee:d feePrefix suiteFee:d suiteFeeTime:i agentFee:d agentFeeTime:i
        agentFeePrefix agentSuiteFee:d agentSuiteFeeTime:i callLevel:i account accountName agentAccount agentName endDirection:i endReason:i
        calleeBilling:i billingMode:i flowNo:l
        """);

    private static readonly WebShape Totals = WebShape.Of("cdrCount:l totalFee:d totalTime:l totalSuiteFee:d totalSuiteFeeTime:l");

    private static readonly WebShape Levels = WebShape.Of("""
        netFee:d netTime:l netCount:i localFee:d localTime:l localCount:i domesticFee:d domesticTime:l domesticCount:i
        internationalFee:d internationalTime:l internationalCount:i
        """);

    public static readonly WebShape ReportCustomerFee = WebShape.Of("beginTime:l endTime:l account accountName").And(Totals).And(Levels);

    public static readonly WebShape ReportPhoneFee = WebShape.Of("beginTime:l endTime:l e164 calleeBilling:i account accountName agentAccount").And(Totals).And(Levels);

    public static readonly WebShape ReportCustomerLocationFee = WebShape.Of("beginTime:l endTime:l areaCode areaName account accountName agentAccount").And(Totals);

    public static readonly WebShape PhoneBook = WebShape.Of("e164 shortE164s[] name department deviceType:i addressType:i type:i lastUpdateTime:l memo");

    public static readonly WebShape PhoneBookOverWrite = WebShape.Of("e164:i shortE164:i");

    public static readonly WebShape SoftSwitch = WebShape.Of("name identification createTime:l accessTime:l accessAddress memo");

    public static readonly WebShape Performance = WebShape.Of("callSize:i cdrQueueSize:i");

    public static readonly WebShape AvailableTime = WebShape.Of("account accountName accountMoney:d timeRemain:i timeRemainRoutingGateway:i");

    public static readonly WebShape IvrSecondAvailableTime = WebShape.Of("account accountName accountMoney:d timeRemain:i");

    public static readonly WebShape Consumption = WebShape.Of("account money:d customerMoney:d type:i consumptionName time:l");

    public static readonly WebShape CustomerBrief = WebShape.Of("account money:d limitMoney:d");

    public static readonly WebShape LimitE164 = WebShape.Of("e164* memo");

    public static readonly WebShape IvrAudio = WebShape.Of("id:i type:i name language ivrServiceName size:i memo");

    public static readonly WebShape PhoneCard = WebShape.Of("money:d limitMoney:d bitsOfConfig:i feeRateGroup expireTime:l usedTime:l usedAccount agentAccount suiteNames[] memo");

    public static readonly WebShape AlarmCurrent = WebShape.Of("id:i type:i level:i name startTime:l stopTime:l value:d upper:d lower:d confirmUser confirmTime:l memo");

    public static readonly WebShape MobileArea = WebShape.Of("mobilePrefix* areaCode* areaName memo");
}
