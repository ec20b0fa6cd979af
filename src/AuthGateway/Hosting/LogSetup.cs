using AuthGateway.Core.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace AuthGateway.Hosting;

/// <summary>The log: one line an event on standard error, JSON lines in a file where one is configured.</summary>
internal static class LogSetup
{
    public static Serilog.Core.Logger Create(LogOptions options)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(options.Level switch
            {
                "debug" => LogEventLevel.Debug,
                "warning" => LogEventLevel.Warning,
                "error" => LogEventLevel.Error,
                _ => LogEventLevel.Information,
            })
            // The framework speaks only when something is wrong, unless somebody is looking for a fault.
            .MinimumLevel.Override("Microsoft", options.Level is "debug" ? LogEventLevel.Debug : LogEventLevel.Warning)
            .MinimumLevel.Override("Yarp", options.Level is "debug" ? LogEventLevel.Debug : LogEventLevel.Warning)
            .Enrich.FromLogContext()
            // ":j" quotes strings and escapes line ends; ":lj" would let a forged line through.
            .WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:j}{NewLine}{Exception}",
                standardErrorFromLevel: LogEventLevel.Verbose,
                formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        if (options.File.Length > 0)
        {
            configuration.WriteTo.File(new JsonFormatter(renderMessage: true), options.File, rollingInterval: RollingInterval.Day, retainedFileCountLimit: 14, shared: false);
        }

        return configuration.CreateLogger();
    }

    /// <summary>
    /// Stops the framework's chatter before it reaches the log. Its request diagnostics are closed altogether: for them the server would
    /// open an activity and a scope around each request and put a trace header on each upstream request, which nobody reads here; the
    /// request id does their work. All open when somebody is looking for a fault. The rules name the provider, because its own rule does.
    /// </summary>
    public static void Filter(ILoggingBuilder logging, LogOptions options)
    {
        if (options.Level is not "debug")
        {
            logging
                .AddFilter<SerilogLoggerProvider>("Microsoft", LogLevel.Warning)
                .AddFilter<SerilogLoggerProvider>("Yarp", LogLevel.Warning)
                .AddFilter<SerilogLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)

                // A start that fails is told in one sentence by the verb; a worker that fails is told once, as critical.
                .AddFilter<SerilogLoggerProvider>("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        }
    }
}
