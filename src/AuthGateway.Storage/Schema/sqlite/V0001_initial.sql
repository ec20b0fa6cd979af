-- Times are unix milliseconds. Names say what a row is; SQLite's own words are kept to what PostgreSQL says alike where that is possible.

CREATE TABLE lockout_counter (
    counter_key  TEXT   NOT NULL PRIMARY KEY,
    failures     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    -- Random number of the last charge taken: tells a caller whether the one statement charged him or met a lock.
    charge_id    BIGINT NOT NULL
);
CREATE INDEX lockout_counter_locked_until ON lockout_counter (locked_until) WHERE locked_until > 0;

CREATE TABLE audit_record (
    id                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at                BIGINT  NOT NULL,
    event             TEXT    NOT NULL,
    reason            TEXT    NOT NULL,
    verdict           TEXT    NOT NULL,
    request_id        TEXT,
    typed_name        TEXT,
    typed_name_folded TEXT,
    identity          TEXT,
    address           TEXT,
    host              TEXT,
    service           TEXT,
    policy            TEXT,
    method            TEXT,
    path              TEXT,
    command           TEXT,
    device_id         TEXT,
    certificate       TEXT,
    certificate_owner TEXT,
    factors           TEXT,
    user_agent        TEXT,
    detail            TEXT,
    repeats           BIGINT  NOT NULL
);
CREATE INDEX audit_record_at ON audit_record (at);
CREATE INDEX audit_record_typed_name ON audit_record (typed_name_folded, id);
CREATE INDEX audit_record_address ON audit_record (address, id);

CREATE TABLE local_account (
    id            TEXT    NOT NULL PRIMARY KEY,
    login         TEXT    NOT NULL,
    login_folded  TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    mail          TEXT,
    mail_folded   TEXT,
    display_name  TEXT,
    -- JSON array of strings.
    groups        TEXT    NOT NULL,
    disabled      BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL
);
CREATE INDEX local_account_mail ON local_account (mail_folded);

CREATE TABLE signal (
    name   TEXT   NOT NULL PRIMARY KEY,
    raised BIGINT NOT NULL
);
