using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tandem.Interop.Peers;

/// <summary>
/// A program of somebody else, run for one test: what it says is kept for the failure message, and it is gone when the test is
/// over, however that went.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    private const int MostKept = 64 * 1024;

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly List<(string Text, TaskCompletionSource Heard)> _awaited = [];

    private PeerProcess(Process process) => _process = process;

    public string Name { get; private init; } = "";

    /// <summary>Further files worth reading when it fails.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static PeerProcess Start(string program, IEnumerable<string> arguments, IReadOnlyList<string> logs, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal)) start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var peer = new PeerProcess(process) { Name = Path.GetFileName(program), Logs = logs };
        process.OutputDataReceived += (_, line) => peer.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => peer.Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return peer;
    }

    /// <summary>Ends when the program does; it is given so long.</summary>
    /// <exception cref="TimeoutException">It did not end; the message has what it said.</exception>
    public async Task<int> EndAsync(TimeSpan patience, CancellationToken stop)
    {
        try
        {
            await _process.WaitForExitAsync(stop).WaitAsync(patience, stop);
            return _process.ExitCode;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Name} did not end within {patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.\n{Story()}", e);
        }
    }

    /// <summary>Ends when the program has said something.</summary>
    /// <exception cref="TimeoutException">It did not say it; the message has what it said.</exception>
    public async Task HearAsync(string text, TimeSpan patience, CancellationToken stop)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_said)
        {
            if (_said.ToString().Contains(text, StringComparison.Ordinal)) return;
            _awaited.Add((text, heard));
        }
        try
        {
            await heard.Task.WaitAsync(patience, stop);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{Name} did not say '{text}'.\n{Story()}", e);
        }
    }

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Everything it said, and the ends of its log files.</summary>
    public string Story()
    {
        var story = new StringBuilder();
        lock (_said) story.Append($"--- {Name} said:\n").Append(_said);
        foreach (string log in Logs)
        {
            if (!File.Exists(log)) continue;
            string text = File.ReadAllText(log);
            story.Append($"--- {Path.GetFileName(log)}:\n").Append(text.AsSpan(Math.Max(0, text.Length - 8_000)));
        }
        return story.ToString();
    }

    /// <summary>SIGKILL, with all its children; returns when it is gone.</summary>
    public void Kill()
    {
        if (_process.HasExited) return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit(5_000);
    }

    public void Dispose()
    {
        try
        {
            Kill();
        }
        catch (InvalidOperationException)
        {
            // It was gone in between.
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_said)
        {
            _said.Append(line).Append('\n');
            if (_said.Length > MostKept) _said.Remove(0, _said.Length - (MostKept / 2));
            for (int i = _awaited.Count - 1; i >= 0; i--)
            {
                if (!line.Contains(_awaited[i].Text, StringComparison.Ordinal)) continue;
                _awaited[i].Heard.TrySetResult();
                _awaited.RemoveAt(i);
            }
        }
    }
}
