using AuthGateway.Commands;
using AuthGateway.Core.Backends;
using AuthGateway.Core.Configuration;
using AuthGateway.Core.Pipeline;
using AuthGateway.Hosting;
using AuthGateway.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace AuthGateway.Tests.Hosting;

public sealed class HostingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agw-hosting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void RunSettings_Given_AreMadeAbsolute()
    {
        var sources = RunSettings.Resolve("a/appsettings.json", "b");
        sources.ConfigFile.ShouldBe(Path.Combine(Environment.CurrentDirectory, "a/appsettings.json"));
        sources.StateDirectory.ShouldBe(Path.Combine(Environment.CurrentDirectory, "b"));
        sources.Demo.ShouldBeFalse();
    }

    [Fact]
    public void StateDirectory_Missing_IsMadeForItsOwnerOnly()
    {
        var path = Path.Combine(_folder, "state");
        StateDirectory.Prepare(path);
        StateDirectory.Prepare(path);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void StateDirectory_WritableByOthers_IsRefusedWithTheRemedy(UnixFileMode open)
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder, "state")).FullName;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | open);
        var refused = Should.Throw<CommandFailedException>(() => StateDirectory.Prepare(path));
        refused.ExitCode.ShouldBe(ExitCodes.Unavailable);
        refused.Remedy.ShouldBe($"Make it yours alone: chmod 700 {path}");
    }

    /// <summary>Root may do anything anywhere, so there is nothing to refuse it.</summary>
    [Fact]
    public void StateDirectory_OfAnotherUser_IsRefused()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Should.Throw<CommandFailedException>(() => StateDirectory.Prepare("/usr")).Message.ShouldBe("The state folder /usr belongs to another user.");
        }
    }

    [Fact]
    public async Task Services_OfTheProgram_CanAllBeMade()
    {
        var options = new GatewayOptions { Storage = { Path = Path.Combine(_folder, "state", "authgateway.db") } };
        await using var services = GatewayServices.CreateForVerb(new GatewaySources(Path.Combine(_folder, "appsettings.json"), _folder, Demo: false), options);
        services.GetRequiredService<AccessJudge>().Stages.Count.ShouldBe(9);
        services.GetRequiredService<Explanation>().ShouldNotBeNull();
        services.GetRequiredService<BackendDependencies>().Local(new LocalBackendOptions { Name = "local" }).Name.ShouldBe("local");
    }
}
