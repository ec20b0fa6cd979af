using System.CommandLine;
using AuthGateway.Commands;
using AuthGateway.Core.Audit;
using AuthGateway.Core.Backends.Local;
using AuthGateway.Core.Factors.AppPasswords;
using AuthGateway.Core.Faults;
using AuthGateway.Core.Lockout;
using AuthGateway.Core.Signals;
using AuthGateway.Rendering;
using AuthGateway.TestKit.Stores;

namespace AuthGateway.Tests.Commands;

/// <summary>Runs whole command lines on stores in memory.</summary>
internal sealed class CommandBench : ILocalAccountStore, ILockoutStore, IAuditStore, ISignalStore, ITerminal
{
    private readonly Queue<string?> _answers = new();

    public List<LocalAccount> Accounts { get; } = [];

    public List<LockoutEntry> Counters { get; } = [];

    public InMemorySessionStore Sessions { get; } = new();

    public InMemoryTotpStore Apps { get; } = new();

    public InMemoryRecoveryCodeStore RecoveryCodes { get; } = new();

    public InMemoryEnrolmentCodeStore EnrolmentCodes { get; } = new();

    public InMemoryAppPasswordStore AppPasswords { get; } = new();

    public AppPasswordKey AppPasswordKey { get; } = new(new byte[AppPasswordKey.Length]);

    public ScriptedGateway Gateway { get; } = new();

    public List<AuditRecord> Records { get; } = [];

    public List<string> Raised { get; } = [];

    public AuditQuery? LastQuery { get; private set; }

    public bool AuditIsDown { get; set; }

    public string Result { get; private set; } = "";

    public string Progress { get; private set; } = "";

    public bool IsInteractive { get; set; } = true;

    public TextReader Input { get; set; } = TextReader.Null;

    public PasswordHasher Hasher { get; } = new(1000);

    public static DateTimeOffset Now { get; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static RootCommand Root(CommandLineHost host) =>
        host.CreateRoot("test", UserCommand.Create(host), ImportCommand.Create(host), LockoutCommand.Create(host), SessionCommand.Create(host), TotpCommand.Create(host), AppPasswordCommand.Create(host), AuditCommand.Create(host));

    public CommandBench Types(params string?[] answers)
    {
        foreach (var answer in answers)
        {
            _answers.Enqueue(answer);
        }

        return this;
    }

    public async Task<int> RunAsync(params string[] args)
    {
        using var result = new StringWriter();
        using var progress = new StringWriter();
        var host = new CommandLineHost(
            _ => Task.FromResult(new Stores
            {
                Accounts = this,
                Lockouts = this,
                Sessions = Sessions,
                Apps = Apps,
                RecoveryCodes = RecoveryCodes,
                EnrolmentCodes = EnrolmentCodes,
                AppPasswords = AppPasswords,
                AppPasswordKey = () => AppPasswordKey,
                OpenGateway = () => Gateway,
                Audit = this,
                Signals = this,
                Hasher = Hasher,
            }),
            json => new Output(result, progress, json),
            this,
            new FixedTime());
        var exit = await CommandLineHost.RunAsync(Root(host), args, new InvocationConfiguration { Output = result, Error = progress });
        (Result, Progress) = (result.ToString(), progress.ToString());
        return exit;
    }

    public string? AskSecret(string question) => _answers.Dequeue();

    public ValueTask<LocalAccount?> FindAsync(string foldedName, CancellationToken cancellationToken) => new(
        Accounts.Find(account => account.Login.ToLowerInvariant() == foldedName) ?? Accounts.Find(account => account.Mail?.ToLowerInvariant() == foldedName));

    public ValueTask<LocalAccount?> FindByIdAsync(string id, CancellationToken cancellationToken) => new(Accounts.Find(account => account.Id == id));

    public ValueTask<bool> ImportAsync(AccountImport import, IEnumerable<AuditRecord> records, CancellationToken cancellationToken)
    {
        if (AuditIsDown)
        {
            throw new StoreUnavailableException("The disk is full.");
        }

        Accounts.AddRange(import.Added);
        foreach (var account in import.Changed)
        {
            var index = Accounts.FindIndex(other => other.Id == account.Id);
            Accounts[index] = account with { PasswordHash = account.PasswordHash.Length == 0 ? Accounts[index].PasswordHash : account.PasswordHash };
        }

        Records.AddRange(records);
        return new(true);
    }

    public ValueTask<bool> AddAsync(LocalAccount account, CancellationToken cancellationToken)
    {
        Accounts.Add(account);
        return new(true);
    }

    public ValueTask<bool> UpdateAsync(LocalAccount account, CancellationToken cancellationToken)
    {
        var index = Accounts.FindIndex(other => other.Id == account.Id);
        if (index >= 0)
        {
            Accounts[index] = account;
        }

        return new(index >= 0);
    }

    public ValueTask<bool> ReplaceHashAsync(string id, string oldHash, string newHash, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<LocalAccount>> ListAsync(CancellationToken cancellationToken) => new([.. Accounts]);

    public ValueTask<IReadOnlyList<CounterOutcome>> ChargeAllAsync(IReadOnlyList<CounterCharge> charges, long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<LockoutEntry?>> SettleAllAsync(IReadOnlyList<CounterSettlement> settlements, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> ClearAsync(string key, CancellationToken cancellationToken) => new(Counters.RemoveAll(entry => entry.Key == key) > 0);

    public ValueTask<IReadOnlyList<LockoutEntry>> ListAsync(string? keyPart, int limit, CancellationToken cancellationToken) =>
        new([.. Counters.Where(entry => keyPart is null || entry.Key.Contains(keyPart, StringComparison.OrdinalIgnoreCase)).Take(limit)]);

    public ValueTask<IReadOnlyList<LockoutEntry>> ListLockedAsync(long nowMs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> PruneAsync(long nowMs, CounterBounds bounds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<FamiliarPlace>> ListPlacesAsync(string identityKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RememberPlaceAsync(string identityKey, FamiliarPlace place, int most, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> PrunePlacesAsync(long beforeMs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        if (AuditIsDown)
        {
            throw new StoreUnavailableException("The disk is full.");
        }

        Records.AddRange(records);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<AuditRecord>> SearchAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        LastQuery = query;
        return new([.. Records.Take(query.Limit)]);
    }

    public ValueTask<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<long> ReadAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RaiseAsync(string name, CancellationToken cancellationToken)
    {
        Raised.Add(name);
        return ValueTask.CompletedTask;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
