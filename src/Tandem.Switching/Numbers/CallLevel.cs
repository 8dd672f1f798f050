namespace Tandem.Switching.Numbers;

/// <summary>How far a call goes, and how far a caller may call: a higher level has the lower ones in it. Numbers as operators know them.</summary>
public enum CallLevel : byte
{
    /// <summary>To phones of this switch.</summary>
    Net = 1,
    Local = 2,
    National = 4,
    International = 5,
}

/// <summary>What the called number must be, for a gateway.</summary>
public enum CalleeRestriction : byte { Anything = 0, Phone = 1, NoPhone = 2 }

/// <summary>The end of a call a list is asked about.</summary>
public enum ListedEnd : byte { Both = 0, Caller = 1, Callee = 2 }
