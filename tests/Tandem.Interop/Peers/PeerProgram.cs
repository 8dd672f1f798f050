namespace Tandem.Interop.Peers;

/// <summary>Programs of others as the distribution installs them; a test that needs one that is missing is skipped.</summary>
internal static class PeerProgram
{
    public static string Sipp => Find("sipp", "sip-tester");

    public static string Baresip => Find("baresip", "baresip");

    public static string Kamailio => Find("kamailio", "kamailio");

    public static string Curl => Find("curl", "curl");

    public static string Svmap => Find("svmap", "sipvicious");

    public static string Svwar => Find("svwar", "sipvicious");

    public static string Svcrack => Find("svcrack", "sipvicious");

    public static string Sipsak => Find("sipsak", "sipsak");

    public static string Linphone => Find("linphonec", "linphone-cli");

    private static string Find(string program, string package)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/bin", "/usr/sbin"];
        string? found = folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (found is null) Assert.Skip($"{program} is not installed (apt-get install {package}).");
        return found;
    }
}
