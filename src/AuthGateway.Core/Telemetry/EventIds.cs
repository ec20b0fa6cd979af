namespace AuthGateway.Core.Telemetry;

/// <summary>Every event id of the product. A hundred numbers a room; a number once used is never used for another event.</summary>
public static class EventIds
{
    // 1000 Pipeline
    public const int RequestRefused = 1000;
    public const int RequestAllowed = 1001;
    public const int RequestFailed = 1002;
    public const int EdgeRefused = 1003;

    // 1100 Configuration
    public const int ConfigurationLoaded = 1100;
    public const int ConfigurationRejected = 1101;
    public const int ConfigurationWatchFailed = 1102;
    public const int ConfigurationReloadFailed = 1103;
    public const int ConfigurationLookFailed = 1104;
    public const int ConfigurationNotRecorded = 1105;

    // 1200 Listeners
    public const int CertificateLoaded = 1200;
    public const int CertificateRejected = 1201;
    public const int ConnectionDropped = 1202;
    public const int ListenerStarted = 1203;

    // 1300 Devices
    public const int RevocationListLoaded = 1300;
    public const int RevocationListRejected = 1301;
    public const int DeviceTrustRejected = 1302;
    public const int DeviceRefused = 1303;

    // 1400 Backends
    public const int DirectoryUnavailable = 1400;
    public const int DirectoryRecovered = 1401;
    public const int DirectoryAmbiguous = 1402;
    public const int BackendAccepted = 1403;
    public const int BackendConfigurationFault = 1404;
    public const int DirectoryEntryUnusable = 1405;
    public const int DirectoryDistrusted = 1406;
    public const int DirectoryBroken = 1407;
    public const int DirectoryStateHidden = 1415;
    public const int DirectoryLockoutRead = 1408;
    public const int DirectoryLockoutUnread = 1409;
    public const int RehashFailed = 1450;

    // 1400 Backends, programs: from 1470
    public const int ProgramSaid = 1470;
    public const int ProgramSaidMore = 1471;
    public const int HelperStarted = 1472;
    public const int HelperEnded = 1473;
    public const int HelperStopped = 1474;
    public const int HelperBrokeProtocol = 1475;
    public const int HelperAnsweredUnasked = 1476;
    public const int CheckpasswordFailed = 1477;
    public const int PamChildStarted = 1478;
    public const int PamChildFailed = 1479;
    public const int PamUserReplaced = 1480;

    // 1500 Login
    public const int LoginAccepted = 1500;
    public const int LoginRefused = 1501;
    public const int LoginUnavailable = 1502;

    // 1500 Login, the shield: from 1550
    public const int PasswordRepeated = 1550;

    // 1500 Login, sign-in pages: from 1510
    public const int SignedIn = 1510;
    public const int FactorRefused = 1511;
    public const int FactorProven = 1512;
    public const int SessionEnded = 1513;
    public const int FactorEnrolled = 1514;
    public const int FactorRemoved = 1515;

    // 1500 Login, sign-on without a password: from 1530
    public const int TicketAccepted = 1530;
    public const int TicketRefused = 1531;
    public const int TicketKeysWritten = 1532;
    public const int TicketKeysFailed = 1533;
    public const int SignOnResolved = 1534;
    public const int SignOnRefused = 1535;
    public const int SignOnUnavailable = 1536;

    // 1500 Login, accounts asked about again and passwords changed: from 1540
    public const int AccountEnded = 1540;
    public const int AccountRenewed = 1541;
    public const int AccountsAway = 1542;
    public const int AccountsBack = 1543;
    public const int AccountNotKept = 1544;
    public const int AccountRefreshFailed = 1545;
    public const int PasswordChanged = 1546;
    public const int PasswordChangeRefused = 1547;
    public const int PasswordChangeNotKept = 1548;
    public const int AccountUnconfirmed = 1549;
    public const int AppPasswordAccepted = 1555;
    public const int AppPasswordRefused = 1556;
    public const int AppPasswordUnavailable = 1557;
    public const int AppPasswordUnconfirmed = 1558;
    public const int AppPasswordEndedElsewhere = 1559;
    public const int AppPasswordUnsound = 1560;
    public const int AppPasswordStoreFailed = 1561;

    // 1500 Login, acting for another: from 1575
    public const int ActForResolved = 1575;
    public const int ActForRefused = 1576;
    public const int ActForUnavailable = 1577;
    public const int ActingBegun = 1578;
    public const int ActingEnded = 1579;
    public const int ActingWithdrawn = 1580;

    // 1500 Login, tokens for upstreams: from 1565
    public const int TokenIssued = 1565;
    public const int TokenVerified = 1566;
    public const int TokenRefused = 1567;
    public const int VerifierRefused = 1568;

    // 1600 Lockout
    public const int AccountLocked = 1600;
    public const int AddressLocked = 1601;
    public const int LockoutStoreFailed = 1602;
    public const int LockoutPruned = 1603;
    public const int ClockJumped = 1604;
    public const int WouldLock = 1605;
    public const int BudgetSpent = 1606;
    public const int PlaceNotKept = 1607;

    // 1700 Forwarding
    public const int ForwardFailed = 1700;
    public const int ForwardTimedOut = 1701;
    public const int ForwardUnjudged = 1702;
    public const int UpstreamRefusedLogin = 1703;
    public const int ForwardConfigurationFault = 1704;

    // 1800 Audit
    public const int AuditWritten = 1800;
    public const int AuditWriteFailed = 1801;
    public const int AuditPruned = 1802;
    public const int AuditPruneFailed = 1803;

    // 1900 Storage
    public const int DatabaseOpened = 1900;
    public const int DatabaseMigrated = 1901;
    public const int DatabaseFailed = 1902;

    // 2000 Hosting
    public const int Starting = 2000;
    public const int Started = 2001;
    public const int Stopping = 2002;
    public const int ReloadRequested = 2003;
    public const int SignalsFailed = 2004;
    public const int SignalReloadFailed = 2005;

    // 2100 Sessions
    public const int SessionEndedElsewhere = 2100;
    public const int SessionStoreFailed = 2101;

    // 2200 Factors
    public const int MasterKeyCreated = 2200;

    // 2300 Portal
    public const int PortalFailed = 2300;

    // 2400 Tunnels
    public const int TunnelOpened = 2400;
    public const int TunnelLost = 2401;
    public const int TunnelRefused = 2402;
    public const int TunnelBroke = 2403;
    public const int TunnelLeftover = 2404;
    public const int TunnelFolderFailed = 2405;
    public const int TunnelNotRecorded = 2406;
    public const int TunnelStatusFailed = 2407;
}
