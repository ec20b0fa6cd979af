namespace AuthGateway.Core.Factors.Enrolment;

/// <summary>Where enrolment codes are kept: one for each name, made by the helpdesk, good for one enrolment.</summary>
public interface IEnrolmentCodeStore
{
    /// <summary>Keeps a code's hash for a folded name; an earlier one of the same name is void.</summary>
    ValueTask PutAsync(string nameFolded, byte[] hash, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>True when an unexpired code with this hash is kept under one of the folded names.</summary>
    ValueTask<bool> ExistsAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Takes the code for used, by one conditional statement; false when it is gone, expired or another one.</summary>
    ValueTask<bool> UseAsync(IReadOnlyCollection<string> namesFolded, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken);
}
