using System.Diagnostics;

namespace Tandem.Bench.Load;

/// <summary>A program started by the kit: ended by its id when the kit is done with it, or cancelled.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly string _what;

    public Child(string what, string program, IEnumerable<string> arguments, string folder, bool keepOutput = false, (string Name, string Value)[]? environment = null)
    {
        _what = what;
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in environment ?? []) start.Environment[name] = value;
        try
        {
            _process = Process.Start(start) ?? throw new BenchException($"{what} did not start.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchException($"{what} cannot be started ({e.Message}); is '{program}' installed?");
        }
        _process.ErrorDataReceived += (_, line) => LastWords = line.Data is { Length: > 0 } said ? said : LastWords;
        _process.BeginErrorReadLine();
        if (keepOutput) return;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Pid => _process.Id;

    public string LastWords { get; private set; } = "";

    public bool HasExited => _process.HasExited;

    public StreamReader Output => _process.StandardOutput;

    public StreamWriter Input => _process.StandardInput;

    public async Task<int> Ended(CancellationToken stop)
    {
        await _process.WaitForExitAsync(stop);
        return _process.ExitCode;
    }

    /// <exception cref="BenchException">It ended by itself.</exception>
    public void MustRun()
    {
        if (_process.HasExited) throw new BenchException($"{_what} ended with {_process.ExitCode}: {LastWords}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(5000);
        }
        _process.Dispose();
    }
}
