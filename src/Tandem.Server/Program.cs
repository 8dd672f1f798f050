using Tandem.Server.Cli;

return await CommandLine.RunAsync(args, HostVerbs.All, Console.Out, Console.Error, CancellationToken.None);
