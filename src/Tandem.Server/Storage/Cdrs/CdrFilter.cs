using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>A query's conditions as SQL with its values beside it.</summary>
internal sealed class CdrFilter
{
    private const long HourMicros = 3_600_000_000;

    private readonly StringBuilder _sql = new("stop_time >= @since AND stop_time < @until");
    private readonly StringBuilder _hours = new("hour >= @since AND hour < @until");
    private readonly List<(string, object)> _values = [];
    private bool _rowsOnly;

    public CdrFilter(CdrQuery query, Instant now)
    {
        (Since, Until) = query.Range(now);
        _values.Add(("@since", Since.Micros));
        _values.Add(("@until", Until.Micros));
        _rowsOnly = Since.Micros % HourMicros != 0 || Until.Micros % HourMicros != 0;
        // The hours know only who paid.
        And("(sale_account = @account OR cost_account = @account)", "@account", query.Account);
        And("(caller_gateway = @gateway OR callee_gateway = @gateway)", "@gateway", query.Gateway, "(caller_gateway = @gateway OR callee_gateway = @gateway)");
        And("caller_gateway = @callerGateway", "@callerGateway", query.CallerGateway, "caller_gateway = @callerGateway");
        And("callee_gateway = @calleeGateway", "@calleeGateway", query.CalleeGateway, "callee_gateway = @calleeGateway");
        (string, string)? caller = AndNumber("caller_e164", "@caller", query.CallerPrefix), callee = AndNumber("callee_e164", "@callee", query.CalleePrefix);
        Number = callee ?? caller;
        And("end_reason = @reason", "@reason", query.EndReason, "end_reason = @reason");
        And("end_direction = @direction", "@direction", (int?)query.EndDirection, "end_direction = @direction");
        And("hold_millis >= @minHold", "@minHold", query.MinSeconds * 1000L);
        And("hold_millis < @maxHold", "@maxHold", (query.MaxSeconds + 1) * 1000L);
        And("sale_nanos >= @minCost", "@minCost", query.MinAmountNanos);
        And("sale_nanos <= @maxCost", "@maxCost", query.MaxAmountNanos);
        if (query.Answered is { } answered)
        {
            _sql.Append(answered ? " AND answer_time IS NOT NULL" : " AND answer_time IS NULL");
            _rowsOnly = true;
        }
        if (query.After is { } after)
        {
            _sql.Append(" AND (stop_time, call) < (@afterStop, @afterCall)");
            _values.Add(("@afterStop", after.Stop.Micros));
            _values.Add(("@afterCall", after.Call.Value));
            if (after.Stop < Until) Until = after.Stop + TimeSpan.FromMicroseconds(1);
            _rowsOnly = true;
        }
    }

    /// <summary>The number whose beginning is asked for: its column, and that condition alone. Null: none is.</summary>
    public (string Column, string Sql)? Number { get; }

    public Instant Since { get; }

    public Instant Until { get; }

    /// <summary>For a table of calls.</summary>
    public string Sql => _sql.ToString();

    /// <summary>For the sums of hours; null when they do not know enough.</summary>
    public string? HoursSql => _rowsOnly ? null : _hours.ToString();

    public IReadOnlyList<(string Name, object Value)> Values => _values;

    private void And(string condition, string name, object? value, string? hours = null)
    {
        if (value is null) return;
        _sql.Append(" AND ").Append(condition);
        if (hours is null) _rowsOnly = true;
        else _hours.Append(" AND ").Append(hours);
        _values.Add((name, value));
    }

    // How a number begins, as a range of its index: the column and the condition; null where it is not asked for.
    private (string Column, string Sql)? AndNumber(string column, string name, string? prefix)
    {
        if (prefix is null) return null;
        string sql = $"{column} >= {name} AND {column} < {name}End";
        And(sql, name, prefix);
        _values.Add(($"{name}End", prefix + "\U0010FFFF"));
        return (column, sql);
    }
}
