namespace Tandem.Server.WebApi;

/// <summary>The <c>retCode</c> of a reply. The first five are those clients of the incumbent know; the others are ours (docs/webapi.md).</summary>
internal enum WebCode
{
    Success = 0,

    /// <summary>What the request names does not exist.</summary>
    NotFound = -10007,

    /// <summary>The range of days is longer than one query may have.</summary>
    IntervalTooLong = -10033,

    /// <summary>A parameter has a wrong type or value, or there is no such parameter.</summary>
    WrongParameter = -10124,

    /// <summary>A parameter that must be there is missing.</summary>
    MissingParameter = -12103,

    /// <summary>The address, the token or the certificate is not one that may call this method.</summary>
    Forbidden = -13001,

    /// <summary>There is no such method.</summary>
    NoSuchMethod = -13002,

    /// <summary>It is there already, or contradicts what is there.</summary>
    Conflict = -13003,

    /// <summary>The switch cannot do it now; the same request may be sent again.</summary>
    Unavailable = -13004,

    /// <summary>The switch does not do this (docs/webapi.md says why); nothing was done.</summary>
    NotServed = -13005,

    /// <summary>The body is too large or no JSON object in UTF-8.</summary>
    WrongBody = -13006,

    /// <summary>So much money needs a second person (SERVER_PAYMENT_CONFIRM_ABOVE), and a method is answered at once; nothing was done.</summary>
    NeedsSecondPerson = -13007,
}
