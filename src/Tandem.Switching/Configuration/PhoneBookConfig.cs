using System.Collections.Immutable;
using Tandem.Primitives;

namespace Tandem.Switching.Configuration;

/// <summary>A number in an account's phone book, with the short numbers it may be called by.</summary>
public sealed record PhoneBookConfig
{
    /// <summary>ACCOUNT/NUMBER.</summary>
    public required string Id { get; init; }

    public required string Account { get; init; }

    public required string E164 { get; init; }

    public ImmutableArray<string> ShortNumbers { get; init; } = [];

    public string Name { get; init; } = "";

    public string Department { get; init; } = "";

    /// <summary>0 none, 1 mobile, 2 fixed, 3 IP.</summary>
    public int DeviceType { get; init; }

    /// <summary>0 none, 1 office, 2 home.</summary>
    public int AddressType { get; init; }

    public int Type { get; init; }

    public Instant Updated { get; init; }

    public string Memo { get; init; } = "";

    public static string IdOf(string account, string number) => $"{account}/{number}";
}
