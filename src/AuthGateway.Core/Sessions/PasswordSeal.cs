using System.Security.Cryptography;
using System.Text;
using AuthGateway.Core.Identities;

namespace AuthGateway.Core.Sessions;

/// <summary>
/// Keeps a password under a key made of the browser's token: whoever holds the database, or the gateway's memory without the
/// cookie, has nothing to read it with. AES-256-GCM, bound to the session and its user.
/// </summary>
internal static class PasswordSeal
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static byte[] Seal(SessionToken token, string sessionId, UserIdentity user, Secret password)
    {
        var box = new byte[1 + NonceLength + TagLength + password.Utf8.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> key = stackalloc byte[32];
        Derive(token, key);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, password.Utf8, box.AsSpan(1 + NonceLength + TagLength), box.AsSpan(1 + NonceLength, TagLength), Bound(sessionId, user));
        CryptographicOperations.ZeroMemory(key);
        return box;
    }

    public static Secret? Open(SessionToken token, SessionRecord session, byte[] box)
    {
        if (box.Length < 1 + NonceLength + TagLength || box[0] != Version)
        {
            return null;
        }

        Span<byte> key = stackalloc byte[32];
        Derive(token, key);
        var length = box.Length - 1 - NonceLength - TagLength;
        var plain = length <= Secret.MaxBytes ? stackalloc byte[length] : new byte[length];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(box.AsSpan(1, NonceLength), box.AsSpan(1 + NonceLength + TagLength), box.AsSpan(1 + NonceLength, TagLength), plain, Bound(session.Id, session.User));
            return Secret.FromUtf8(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static void Derive(SessionToken token, Span<byte> key) => HKDF.DeriveKey(HashAlgorithmName.SHA256, token.Bytes, key, default, "authgateway session password 1"u8);

    private static byte[] Bound(string sessionId, UserIdentity user) => Encoding.UTF8.GetBytes($"session|password|{sessionId}|{user.Key}");
}
