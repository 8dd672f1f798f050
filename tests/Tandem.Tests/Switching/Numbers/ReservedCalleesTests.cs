using Tandem.Primitives;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Switching.Numbers;

/// <summary>Callees reserved for a call to come: the latest holds, once and for a while, and no more are kept than may be.</summary>
public sealed class ReservedCalleesTests
{
    private static readonly Instant Now = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));
    private static readonly DialString Access = DialString.Parse("800");
    private static readonly DialString Caller = DialString.Parse("4930");

    [Fact]
    public void The_latest_reserved_for_the_two_holds_until_it_is_taken_or_its_time_is_over()
    {
        var reserved = new ReservedCallees();
        Assert.True(reserved.TryReserve(Access, Caller, DialString.Parse("1"), Now));
        Assert.True(reserved.TryReserve(Access, Caller, DialString.Parse("2"), Now));
        Assert.Equal(1, reserved.Count);
        Assert.True(reserved.TryFind(Access, Caller, Now + ReservedCallees.Kept - TimeSpan.FromSeconds(1), out DialString callee));
        Assert.Equal("2", callee.ToString());
        Assert.False(reserved.TryFind(Access, Caller, Now + ReservedCallees.Kept, out _));
        Assert.False(reserved.TryFind(Caller, Access, Now, out _));
        reserved.Take(Access, Caller);
        reserved.Take(Access, Caller);
        Assert.Equal(0, reserved.Count);
        Assert.False(reserved.TryFind(Access, Caller, Now, out _));
    }

    [Fact]
    public void At_the_bound_no_more_are_taken_until_some_are_over()
    {
        var reserved = new ReservedCallees(capacity: 2);
        Assert.True(reserved.TryReserve(Access, DialString.Parse("1"), Caller, Now));
        Assert.True(reserved.TryReserve(Access, DialString.Parse("2"), Caller, Now + TimeSpan.FromMinutes(5)));
        Assert.False(reserved.TryReserve(Access, DialString.Parse("3"), Caller, Now + TimeSpan.FromMinutes(5)));
        Assert.True(reserved.TryReserve(Access, DialString.Parse("2"), Caller, Now + TimeSpan.FromMinutes(5))); // it takes its own place again
        Assert.True(reserved.TryReserve(Access, DialString.Parse("3"), Caller, Now + ReservedCallees.Kept));
        Assert.Equal(2, reserved.Count);
    }
}
