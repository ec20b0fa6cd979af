using AuthGateway.Core.Backends;
using AuthGateway.Core.Backends.Pam;
using AuthGateway.Core.Faults;

namespace AuthGateway.Tests.Core.Backends.Pam;

public sealed class PamBackendBuilderTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    public void Validate_NumbersOfDaemons_AreWarnedOf(int least, bool isWarned)
    {
        var faults = new FaultList();

        PamBackendBuilder.Validate(new PamBackendOptions { Name = "os", ServiceName = "other", MinUid = least }, "K", faults);

        string.Join('\n', faults.All).Contains("K:MinUid", StringComparison.Ordinal).ShouldBe(isWarned);
        faults.HasErrors.ShouldBeFalse(string.Join('\n', faults.All));
    }
}
