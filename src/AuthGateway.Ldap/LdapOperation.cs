using System.Formats.Asn1;

namespace AuthGateway.Ldap;

/// <summary>A request sent and not yet answered in full. The reader task feeds it, one message at a time.</summary>
internal abstract class LdapOperation
{
    public int MessageId { get; set; }

    public abstract IReadOnlyList<LdapControl> Controls { get; }

    public abstract void WriteRequest(AsnWriter writer);

    /// <summary>Takes one answer; true when it was the last. Throws <see cref="BerException"/> for an answer that does not belong to the request.</summary>
    public abstract bool Receive(byte tag, BerReader body, IReadOnlyList<LdapControl> controls, int messageBytes);

    public abstract void Fail(LdapFailure failure, string message, Exception? cause, LdapResultCode? code = null);
}

internal abstract class LdapOperation<T> : LdapOperation
{
    // Awaiting code must never run on the reader task: it would hold up every other answer.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    protected virtual bool AnswerBegan => false;

    public override void Fail(LdapFailure failure, string message, Exception? cause, LdapResultCode? code = null)
    {
        if (_completion.TrySetException(new LdapException(failure, message, cause) { ResultCode = code, AnswerBegan = AnswerBegan }))
        {
            _ = _completion.Task.Exception; // observed, also when the caller has gone
        }
    }

    protected void Complete(T answer) => _completion.TrySetResult(answer);
}
