using AuthGateway.Core.Services.ActiveSync;

namespace AuthGateway.Tests.Core.Services.ActiveSync;

public sealed class ActiveSyncQueryTests
{
    private const string Whole = "Cmd=Sync&User=alice&DeviceId=ABC1&DeviceType=iPhone";

    [Theory]
    [InlineData("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", "14.0", ActiveSyncCommand.Sync, "v140Device", "hex:76313430646576696365", null, "SmartPhone", null)]
    [InlineData("eQIJBBCuTs0Z9ZK6Vldwb/dM8JusBHVeHIQDUFBDBwEBAwYxMTkyODEBBUlOQk9Y", "12.1", ActiveSyncCommand.SmartForward,
        "ae4ecd19f592ba5657706ff74cf09bac", "hex:ae4ecd19f592ba5657706ff74cf09bac", 2216451701u, "PPC", null)]
    [InlineData("oBEJBBBOaW5lMkVDN0VDMEJCNTREBAGJpmIHQW5kcm9pZAcBAA==", "16.0", ActiveSyncCommand.Settings, "Nine2EC7EC0BB54D",
        "hex:6e696e65326563376563306262353464", 1655081217u, "Android", null)]
    [InlineData("jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2U=", "14.1", ActiveSyncCommand.FolderSync, "MPRTEST0001", "hex:6d70727465737430303031", null, "MprTest", "alice")]
    internal void TryParse_Base64_IsRead(
        string raw, string version, ActiveSyncCommand command, string rawDevice, string device, uint? key, string type, string? user)
    {
        var query = Accept(raw);
        query.Form.ShouldBe(ActiveSyncForm.Base64);
        query.ProtocolVersion.ShouldBe(version);
        query.Command.ShouldBe(command);
        query.RawDeviceId.ShouldBe(rawDevice);
        query.DeviceId.ShouldBe(device);
        query.PolicyKey.ShouldBe(key);
        query.DeviceType.ShouldBe(type);
        query.User.ShouldBe(user);
    }

    [Fact]
    public void TryParse_Base64Parameters_AreRead()
    {
        var query = Accept("eQIJBBCuTs0Z9ZK6Vldwb/dM8JusBHVeHIQDUFBDBwEBAwYxMTkyODEBBUlOQk9Y");
        query.SaveInSent.ShouldBeTrue();
        query.AcceptMultiPart.ShouldBeFalse();
        query.ItemId.ShouldBe("119281");
        query.CollectionId.ShouldBe("INBOX");
    }

    [Theory]
    [InlineData(Whole, "alice")]
    [InlineData("?" + Whole, "alice")]
    [InlineData("User=GW%5Calice&DeviceId=ABC1&DeviceType=iPhone&Cmd=Sync", "GW\\alice")] // the order of iOS
    [InlineData("User=GW\\alice&DeviceId=ABC1&DeviceType=iPhone&Cmd=Sync", "GW\\alice")]
    [InlineData("Cmd=Sync&User=alice%40gw.test&DeviceId=ABC1&DeviceType=iPhone", "alice@gw.test")]
    [InlineData("Cmd=Sync&User=%C3%A5lice&DeviceId=ABC1&DeviceType=iPhone", "ålice")]
    [InlineData("Cmd=Sync&DeviceId=ABC1&DeviceType=iPhone&AttachmentName=a%3a1&CollectionId=5&ItemId=5%3A1&LongId=x&Occurrence=1&SaveInSent=T", null)]
    public void TryParse_Plain_IsRead(string raw, string? user)
    {
        var query = Accept(raw);
        query.Form.ShouldBe(ActiveSyncForm.Plain);
        query.Command.ShouldBe(ActiveSyncCommand.Sync);
        query.User.ShouldBe(user);
        query.RawDeviceId.ShouldBe("ABC1");
        query.DeviceId.ShouldBe("hex:61626331");
        query.DeviceType.ShouldBe("iPhone");
        query.ProtocolVersion.ShouldBeNull();
    }

    [Theory]
    [InlineData("MPRTEST0001", "jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2U=")]
    [InlineData("mprtest0001", "jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2U=")]
    [InlineData("AE4ECD19F592BA5657706FF74CF09BAC", "eQIJBBCuTs0Z9ZK6Vldwb/dM8JusBHVeHIQDUFBDBwEBAwYxMTkyODEBBUlOQk9Y")]
    public void TryParse_BothForms_NameOneDevice(string plainId, string base64) =>
        Accept($"Cmd=Sync&User=alice&DeviceId={plainId}&DeviceType=x").DeviceId.ShouldBe(Accept(base64).DeviceId);

    [Theory]
    [InlineData("", ActiveSyncFault.Missing)]
    [InlineData("?", ActiveSyncFault.Missing)]
    [InlineData(Whole + "?DeviceId=EVIL2", ActiveSyncFault.SecondQuestionMark)]
    [InlineData("??" + Whole, ActiveSyncFault.SecondQuestionMark)]
    [InlineData(Whole + "&DeviceId=EVIL", ActiveSyncFault.Duplicate)]
    [InlineData(Whole + "&deviceid=EVIL", ActiveSyncFault.Duplicate)]
    [InlineData(Whole + "&CMD=Ping", ActiveSyncFault.Duplicate)]
    [InlineData(Whole + "&User=bob", ActiveSyncFault.Duplicate)]
    [InlineData(Whole + "&DeviceType=x", ActiveSyncFault.Duplicate)]
    [InlineData(Whole + "&ItemId=1&ItemId=2", ActiveSyncFault.Duplicate)]
    [InlineData("Cmd=Sync&User=alice&deviceid=ABC1&DeviceType=x", ActiveSyncFault.UnknownKey)]
    [InlineData("Cmd=Sync&User=alice&D%65viceId=ABC1", ActiveSyncFault.UnknownKey)]
    [InlineData(Whole + "&foo=1", ActiveSyncFault.UnknownKey)]
    [InlineData(Whole + "&DeviceId[]=EVIL", ActiveSyncFault.UnknownKey)]
    [InlineData(Whole + "&", ActiveSyncFault.MalformedPair)]
    [InlineData("&" + Whole, ActiveSyncFault.MalformedPair)]
    [InlineData(Whole + "&&ItemId=1", ActiveSyncFault.MalformedPair)]
    [InlineData(Whole + "&ItemId", ActiveSyncFault.MalformedPair)]
    [InlineData(Whole + "&=1", ActiveSyncFault.MalformedPair)]
    [InlineData(Whole + ";DeviceId=EVIL", ActiveSyncFault.ForbiddenCharacter)]
    [InlineData(Whole + "#", ActiveSyncFault.ForbiddenCharacter)]
    [InlineData(Whole + " ", ActiveSyncFault.ForbiddenCharacter)]
    [InlineData(Whole + "\r\n", ActiveSyncFault.ForbiddenCharacter)]
    [InlineData(Whole + "\u00E9", ActiveSyncFault.ForbiddenCharacter)]
    [InlineData("Cmd=Sync&DeviceId=R%41W1", ActiveSyncFault.EscapedValue)]
    [InlineData("Cmd=S%79nc&DeviceId=ABC1", ActiveSyncFault.EscapedValue)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&DeviceType=i%20Phone", ActiveSyncFault.EscapedValue)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&DeviceType=i+Phone", ActiveSyncFault.EscapedValue)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&ItemId=%4", ActiveSyncFault.MalformedEscape)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=a%zz", ActiveSyncFault.MalformedEscape)]
    [InlineData("User=alice&DeviceId=ABC1&DeviceType=x", ActiveSyncFault.MissingCommand)]
    [InlineData("Cmd=&DeviceId=ABC1", ActiveSyncFault.MissingCommand)]
    [InlineData("Cmd=sync&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=0&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=None&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=OPTIONS&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=WebserviceDevice&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=WebserviceUsers&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=WebserviceInfo&DeviceId=ABC1", ActiveSyncFault.UnknownCommand)]
    [InlineData("Cmd=Sync&User=alice&DeviceType=x", ActiveSyncFault.MissingDeviceId)]
    [InlineData("Cmd=Sync&DeviceId=&DeviceType=x", ActiveSyncFault.MissingDeviceId)]
    [InlineData("Cmd=Sync&DeviceId=A-1", ActiveSyncFault.BadDeviceId)]
    [InlineData("Cmd=Sync&DeviceId=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ActiveSyncFault.BadDeviceId)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&DeviceType=", ActiveSyncFault.BadDeviceType)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&DeviceType=a/b", ActiveSyncFault.BadDeviceType)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=admin%23bob", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob*admin", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob%3Ax", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob%0d%0a", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob%00", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=b%2562ob", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob%26User=alice", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=bob+x", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=Sync&DeviceId=ABC1&User=%ff", ActiveSyncFault.BadUser)]
    [InlineData("Cmd=SendMail&DeviceId=ABC1&SaveInSent=t", ActiveSyncFault.BadParameter)]
    // base64
    [InlineData("Cmd", ActiveSyncFault.BadBase64)]
    [InlineData("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25", ActiveSyncFault.BadBase64)]
    [InlineData("jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2V=", ActiveSyncFault.BadBase64)]
    [InlineData("jQkJBAtNUFJURVNUMDAwMQAHTXByVGVzdAgFYWxpY2U", ActiveSyncFault.BadBase64)]
    [InlineData("jAAJ", ActiveSyncFault.BadLength)]
    internal void TryParse_QueryTwoUpstreamsReadDifferently_IsRefused(string raw, ActiveSyncFault fault)
    {
        ActiveSyncQuery.TryParse(raw, isPost: true, out var query, out var actual).ShouldBeFalse();
        actual.ShouldBe(fault);
        query.ShouldBeNull();
    }

    [Theory]
    [InlineData("8C000904 0141 00 0150", ActiveSyncFault.None)]
    [InlineData("8C000904 0141 00 00", ActiveSyncFault.None)]
    [InlineData("8C000904 0141 0401000000 0150 070103", ActiveSyncFault.None)]
    [InlineData("AA000904 0141 00 0150", ActiveSyncFault.UnknownVersion)]
    [InlineData("8C050904 0141 00 0150", ActiveSyncFault.UnknownCommand)]
    [InlineData("8C180904 0141 00 0150", ActiveSyncFault.UnknownCommand)]
    [InlineData("8CFF0904 0141 00 0150", ActiveSyncFault.UnknownCommand)]
    [InlineData("8C000904 00 00 0150", ActiveSyncFault.MissingDeviceId)]
    [InlineData("8C000904 022D41 00 0150", ActiveSyncFault.BadDeviceId)]
    [InlineData("8C000904 0100 00 0150", ActiveSyncFault.BadDeviceId)]
    [InlineData("8C000904 0141 020102 0150", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 0141 00 0550", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 0141 00", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 FF41 00 0150", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 0141 00 0150 08", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 0141 00 0150 080561", ActiveSyncFault.BadLength)]
    [InlineData("8C000904 0141 00 0120", ActiveSyncFault.BadDeviceType)]
    [InlineData("8C000904 0141 00 0150 0500", ActiveSyncFault.UnknownParameter)]
    [InlineData("8C000904 0141 00 0150 2800", ActiveSyncFault.UnknownParameter)]
    [InlineData("8C000904 0141 00 0150 080161 080162", ActiveSyncFault.Duplicate)]
    [InlineData("8C000904 0141 00 0150 0700", ActiveSyncFault.BadParameter)]
    [InlineData("8C000904 0141 00 0150 070104", ActiveSyncFault.BadParameter)]
    [InlineData("8C000904 0141 00 0150 0800", ActiveSyncFault.BadUser)]
    [InlineData("8C000904 0141 00 0150 080123", ActiveSyncFault.BadUser)]
    internal void TryParse_Base64Fields_AreExact(string hex, ActiveSyncFault fault)
    {
        var raw = Convert.ToBase64String(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        ActiveSyncQuery.TryParse(raw, isPost: true, out _, out var actual).ShouldBe(fault == ActiveSyncFault.None);
        actual.ShouldBe(fault);
    }

    [Theory]
    [InlineData("", ActiveSyncForm.None)]
    [InlineData("?", ActiveSyncForm.None)]
    [InlineData("User=alice&DeviceId=ABC1&DeviceType=x", ActiveSyncForm.Plain)]
    [InlineData("Cmd=OPTIONS&User=alice&DeviceId=ABC1&DeviceType=x", ActiveSyncForm.Plain)]
    internal void TryParse_Options_NeedsNoCommand(string raw, ActiveSyncForm form)
    {
        ActiveSyncQuery.TryParse(raw, isPost: false, out var query, out _).ShouldBeTrue();
        query!.Form.ShouldBe(form);
        query.Command.ShouldBe(ActiveSyncCommand.None);
    }

    [Fact]
    public void TryParse_RandomBytes_NeverThrow()
    {
        var random = new Random(25);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            if (bytes.Length > 8)
            {
                (bytes[0], bytes[1], bytes[4]) = (140, 0, 1);
            }

            var accepted = ActiveSyncQuery.TryParse(Convert.ToBase64String(bytes), isPost: true, out var query, out _);
            (query is not null).ShouldBe(accepted);
            WbxmlRoot.TryReadCommand(bytes, out var command).ShouldBe(command != ActiveSyncCommand.None);
        }
    }

    private static ActiveSyncQuery Accept(string raw)
    {
        ActiveSyncQuery.TryParse(raw, isPost: true, out var query, out var fault).ShouldBeTrue(fault.ToString());
        return query!;
    }
}
