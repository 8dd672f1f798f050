using System.Net.Mail;
using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Settings;

namespace Tandem.Server.Alarms;

/// <summary>
/// Mails what becomes of alarms (SERVER_ALARM_ENABLE_EMAIL): everything since the last mail in one, none sooner after another than SERVER_ALARM_EMAIL_DELAY. A mail the server does not take is
/// tried again after as long, with what came meanwhile. Alarms nobody would be mailed of are not kept.
/// </summary>
/// <param name="send">Delivers a mail; throws when it cannot.</param>
/// <param name="say">Told, in a sentence, that a mail could not be delivered.</param>
internal sealed class AlarmMail(Func<MailMessage, CancellationToken, Task> send, Action<string> say)
{
    private const int MostLines = 1_000;

    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private Instant? _last;
    private int _forgotten;

    /// <summary>What was raised, confirmed or cleared.</summary>
    public void Note(IReadOnlyList<Alarm> alarms)
    {
        lock (_lock)
        {
            foreach (Alarm alarm in alarms)
            {
                if (alarm.Confirmed is not null && alarm.Cleared is null) continue; // somebody has seen it: he needs no mail
                if (_lines.Count < MostLines) _lines.Add(Line(alarm));
                else _forgotten++;
            }
        }
    }

    /// <summary>Sends what there is, when it is time. One caller at a time.</summary>
    public async Task SendAsync(AlarmSettings settings, Instant now, CancellationToken stop)
    {
        string[] lines;
        int forgotten;
        lock (_lock)
        {
            if (!settings.Mailed || settings.MailTo.Length == 0) _lines.Clear();
            if (_lines.Count == 0 || (_last is { } last && now - last < settings.MailEvery)) return;
            lines = [.. _lines];
            forgotten = _forgotten;
            _last = now;
        }
        try
        {
            using MailMessage mail = Compose(settings.MailTo, lines, forgotten);
            await send(mail, stop);
        }
        catch (Exception e) when (e is SmtpException or FormatException or InvalidOperationException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            say($"alarms cannot be mailed to {settings.MailTo}: {e.GetBaseException().Message.TrimEnd('.')}; tried again");
            return;
        }
        lock (_lock)
        {
            _lines.RemoveRange(0, Math.Min(lines.Length, _lines.Count));
            _forgotten = 0;
        }
    }

    private static MailMessage Compose(string to, string[] lines, int forgotten)
    {
        var text = new StringBuilder();
        foreach (string line in lines) text.Append(line).Append('\n');
        if (forgotten > 0) text.Append($"and {forgotten} more\n");
        var mail = new MailMessage { From = new MailAddress($"tandem@{Environment.MachineName}"), Subject = lines.Length == 1 ? lines[0] : $"{lines.Length} alarms raised or over", Body = text.Append("\nWhat stands now: tandem alarms\n").ToString() };
        foreach (string address in to.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) mail.To.Add(address);
        return mail;
    }

    // One line, whatever a program stated: it becomes the subject.
    private static string Line(Alarm alarm)
    {
        string says = string.Concat((alarm.Says.Length > 200 ? alarm.Says[..200] : alarm.Says).Select(static c => char.IsControl(c) ? ' ' : c));
        return alarm.Cleared is { } cleared ? $"{cleared}: alarm {alarm.Id} is over: {says}" : $"{alarm.Raised}: alarm {alarm.Id}, {alarm.Level}: {says}";
    }
}
