using AuthGateway.Core.Sessions.Tokens;

namespace AuthGateway.Commands.Verification;

/// <summary>What an answer must be sealed with to be believed.</summary>
/// <param name="Key">The verifier's key, as seals are made with it.</param>
/// <param name="Nonce">Of this question alone.</param>
/// <param name="Question">What is asked, in 64 digits.</param>
internal sealed record ExpectedSeal(byte[] Key, string Nonce, string Question)
{
    /// <summary>The question's own seal.</summary>
    public string OfQuestion => VerifierSeal.OfQuestion(Key, Nonce, Question);

    /// <summary>True for the seal of this answer to this question.</summary>
    public bool IsOf(string seal, int status, ReadOnlySpan<byte> body) => VerifierSeal.AreEqual(VerifierSeal.OfAnswer(Key, Nonce, Question, status, body), seal);
}
