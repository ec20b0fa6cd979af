using AuthGateway.Core.Services.ActiveSync;

namespace AuthGateway.Tests.Core.Services.ActiveSync;

public sealed class WbxmlRootTests
{
    [Theory]
    [InlineData("45", ActiveSyncCommand.Sync)]
    [InlineData("000045", ActiveSyncCommand.Sync)]
    [InlineData("000756", ActiveSyncCommand.FolderSync)]
    [InlineData("000753", ActiveSyncCommand.FolderCreate)]
    [InlineData("000754", ActiveSyncCommand.FolderDelete)]
    [InlineData("000755", ActiveSyncCommand.FolderUpdate)]
    [InlineData("000545", ActiveSyncCommand.MoveItems)]
    [InlineData("000645", ActiveSyncCommand.GetItemEstimate)]
    [InlineData("000847", ActiveSyncCommand.MeetingResponse)]
    [InlineData("000A45", ActiveSyncCommand.ResolveRecipients)]
    [InlineData("000B45", ActiveSyncCommand.ValidateCert)]
    [InlineData("000D45", ActiveSyncCommand.Ping)]
    [InlineData("000D05", ActiveSyncCommand.Ping)]
    [InlineData("000E45", ActiveSyncCommand.Provision)]
    [InlineData("000F45", ActiveSyncCommand.Search)]
    [InlineData("001245", ActiveSyncCommand.Settings)]
    [InlineData("001445", ActiveSyncCommand.ItemOperations)]
    [InlineData("001545", ActiveSyncCommand.SendMail)]
    [InlineData("001546", ActiveSyncCommand.SmartForward)]
    [InlineData("001547", ActiveSyncCommand.SmartReply)]
    [InlineData("001945", ActiveSyncCommand.Find)]
    internal void TryReadCommand_Root_NamesTheCommand(string hex, ActiveSyncCommand expected)
    {
        WbxmlRoot.TryReadCommand(Convert.FromHexString("03016A00" + hex + "01"), out var command).ShouldBeTrue();
        command.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("03016A00")]
    [InlineData("03016A0000")]
    [InlineData("03016A00000D")]
    [InlineData("03016A0446414B4545")] // a string table could hold anything
    [InlineData("02016A0045")]
    [InlineData("0301040045")]
    [InlineData("03016A00C5")]
    [InlineData("03016A0046")]
    [InlineData("03016A00000D000E45")]
    [InlineData("3C3F786D6C")]
    public void TryReadCommand_AnythingElse_IsNoCommand(string hex) =>
        WbxmlRoot.TryReadCommand(Convert.FromHexString(hex), out _).ShouldBeFalse();
}
