using Tandem.Primitives;
using Tandem.Sip.Locating;

namespace Tandem.Switching.Routing;

/// <summary>What the DNS last said of a gateway's host name; immutable, published by one write.</summary>
/// <param name="Target">What was asked for: a gateway stated anew waits for its own.</param>
/// <param name="Hops">In no order yet: each call draws its own. Empty when the name does not resolve.</param>
/// <param name="Trouble">Why not, in one sentence without its full stop; empty otherwise.</param>
/// <param name="At">When these hops were found first.</param>
/// <param name="Checked">When the DNS was looked at last.</param>
/// <param name="Until">When it is looked at again.</param>
/// <param name="Stale">The name servers are silent; this is what they said last.</param>
public sealed record ResolvedName(SipTarget Target, HopSet Hops, string Trouble, Instant At, Instant Checked, Instant Until, bool Stale);
