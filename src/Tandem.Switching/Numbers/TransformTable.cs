using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Numbers;

/// <summary>Platform numbers and by what numbers they are known outside (docs/numbers.md, Number transform table).</summary>
public sealed class TransformTable
{
    public static readonly TransformTable Empty = new([]);

    private readonly Dictionary<DialString, DialString> _callersIn = [];
    private readonly Dictionary<DialString, DialString> _calleesOut = [];

    /// <exception cref="InvalidOperationException">One calling number becomes two.</exception>
    public TransformTable(IEnumerable<NumberTransformConfig> rows)
    {
        foreach (NumberTransformConfig row in rows)
        {
            DialString platform = DialString.Parse(row.E164);
            foreach (string caller in row.MappingGatewayCallers)
            {
                if (!_callersIn.TryAdd(DialString.Parse(caller), platform)) throw new InvalidOperationException($"The calling number {caller} becomes {_callersIn[DialString.Parse(caller)]} and {row.E164}.");
            }
            if (row.RoutingGatewayCallee.Length > 0) _calleesOut.Add(platform, DialString.Parse(row.RoutingGatewayCallee));
        }
    }

    /// <summary>The platform number of a calling number seen at a mapping gateway.</summary>
    public bool TryCaller(in DialString seen, out DialString platform) => _callersIn.TryGetValue(seen, out platform);

    /// <summary>What a routing gateway is told of a called platform number.</summary>
    public bool TryCallee(in DialString platform, out DialString sent) => _calleesOut.TryGetValue(platform, out sent);
}
