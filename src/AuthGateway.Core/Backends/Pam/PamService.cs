namespace AuthGateway.Core.Backends.Pam;

/// <summary>Where a PAM service is defined.</summary>
internal static class PamService
{
    private static readonly string[] SystemFolders = ["/etc/pam.d", "/usr/lib/pam.d"];

    /// <summary>The service's file; null when there is none, and PAM would use the service <c>other</c>.</summary>
    public static string? FindFile(string service, string folder)
    {
        foreach (var place in folder.Length == 0 ? SystemFolders : [folder])
        {
            var file = Path.Combine(place, service);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }
}
