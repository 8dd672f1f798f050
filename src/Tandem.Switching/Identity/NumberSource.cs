namespace Tandem.Switching.Identity;

/// <summary>Where a mapping gateway's called number is read from. The numbers are the operators' (docs/identity.md).</summary>
public enum CalleeSource : byte { To = 0, RequestUri = 1, Diversion = 2 }

/// <summary>Where a mapping gateway's calling number is read from. The numbers are the operators' (docs/identity.md).</summary>
public enum CallerSource : byte { From = 0, RemotePartyId = 1, Display = 2, PAssertedIdentity = 3, PPreferredIdentity = 4 }
