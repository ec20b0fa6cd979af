using System.Runtime.InteropServices;

namespace AuthGateway.Core.Login;

/// <summary>A keyed hash of everything credentials were judged under. Spread evenly by its making, so any part of it is a hash code.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CredentialKey(ulong A, ulong B, ulong C, ulong D)
{
    public override int GetHashCode() => (int)A;
}
