using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>What voice services use: phone books and sounds.</summary>
internal static class ServiceKinds
{
    private const int MostShortNumbers = 16;
    private const int MostAudioType = 7;

    public static readonly EntityKind<PhoneBookConfig> PhoneBook = new()
    {
        List = "phoneBook",
        Noun = "phone book entry",
        Blank = new PhoneBookConfig { Id = "", Account = "", E164 = "" },
        Of = static c => c.PhoneBook,
        With = static (c, all) => c with { PhoneBook = all },
        Fields =
        [
            Field<PhoneBookConfig>.Text("id", static e => e.Id, static (e, v) => e with { Id = v }, 1, 128).Required(),
            Field<PhoneBookConfig>.Text("account", static e => e.Account, static (e, v) => e with { Account = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<PhoneBookConfig>.Text("e164", static e => e.E164, static (e, v) => e with { E164 = v }, 1, DialString.MaxLength, EntityKinds.WrongNumber).Required(),
            Field<PhoneBookConfig>.List("shortE164s", static e => e.ShortNumbers, static (e, v) => e with { ShortNumbers = v }, 0, MostShortNumbers, EntityKinds.WrongNumber),
            Field<PhoneBookConfig>.Text("name", static e => e.Name, static (e, v) => e with { Name = v }, 0, 255),
            Field<PhoneBookConfig>.Text("department", static e => e.Department, static (e, v) => e with { Department = v }, 0, 255),
            Field<PhoneBookConfig>.Number("deviceType", static e => e.DeviceType, static (e, v) => e with { DeviceType = v }, 0, 3),
            Field<PhoneBookConfig>.Number("addressType", static e => e.AddressType, static (e, v) => e with { AddressType = v }, 0, 2),
            Field<PhoneBookConfig>.Number("type", static e => e.Type, static (e, v) => e with { Type = v }, 0, int.MaxValue),
            Field<PhoneBookConfig>.Moment("lastUpdateTime", static e => e.Updated, static (e, v) => e with { Updated = v }),
            Field<PhoneBookConfig>.Text("memo", static e => e.Memo, static (e, v) => e with { Memo = v }, 0, 255),
        ],
    };

    public static readonly EntityKind<IvrAudioConfig> IvrAudios = new()
    {
        List = "ivrAudios",
        Noun = "audio",
        Blank = new IvrAudioConfig { Id = "" },
        Of = static c => c.IvrAudios,
        With = static (c, all) => c with { IvrAudios = all },
        Fields =
        [
            Field<IvrAudioConfig>.Text("id", static a => a.Id, static (a, v) => a with { Id = v }, 1, 10, static id => id.All(char.IsAsciiDigit) ? null : $"'{DocumentNode.Printable(id)}' is no number").Required(),
            Field<IvrAudioConfig>.Number("type", static a => a.Type, static (a, v) => a with { Type = v }, 0, MostAudioType),
            Field<IvrAudioConfig>.Text("name", static a => a.Name, static (a, v) => a with { Name = v }, 1, 64, EntityKinds.WrongName).Required(),
            Field<IvrAudioConfig>.Text("language", static a => a.Language, static (a, v) => a with { Language = v }, 0, 16),
            Field<IvrAudioConfig>.Text("ivrServiceName", static a => a.Service, static (a, v) => a with { Service = v }, 0, 64),
            Field<IvrAudioConfig>.Text("content", static a => a.Content, static (a, v) => a with { Content = v }, 0, 64, static h => h.Length == 0 || (h.Length == 64 && h.All(char.IsAsciiHexDigitLower)) ? null : "64 lower-case hex digits are needed"),
            Field<IvrAudioConfig>.Number("size", static a => a.Size, static (a, v) => a with { Size = v }, 0, int.MaxValue),
            Field<IvrAudioConfig>.Text("memo", static a => a.Memo, static (a, v) => a with { Memo = v }, 0, 255),
        ],
    };
}
