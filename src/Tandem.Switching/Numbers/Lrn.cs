namespace Tandem.Switching.Numbers;

/// <summary>Who said whom a number was ported to, in decision logs: for ever.</summary>
public enum LrnSource : byte { Table = 0, Cache = 1, Server = 2 }

/// <summary>How a call is priced after its number was looked up, in decision logs: for ever.</summary>
public enum Jurisdiction : byte { Intrastate = 0, Interstate = 1, Undetermined = 2 }
