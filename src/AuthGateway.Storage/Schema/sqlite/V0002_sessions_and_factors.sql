-- The key at hand is held against this row before anything is encrypted or decrypted.
CREATE TABLE protection_key (
    key_id      TEXT   NOT NULL PRIMARY KEY,
    check_value BLOB   NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE session (
    id              TEXT   NOT NULL PRIMARY KEY,
    -- SHA-256 of the browser's token; the token itself is nowhere.
    token_hash      BLOB   NOT NULL UNIQUE,
    host            TEXT   NOT NULL,
    identity_key    TEXT   NOT NULL,
    -- Who signed in, as JSON with a version of its own.
    identity        TEXT   NOT NULL,
    proven          BIGINT NOT NULL,
    pending         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    proven_at       BIGINT NOT NULL,
    seen_at         BIGINT NOT NULL,
    ends_at         BIGINT NOT NULL,
    address         TEXT   NOT NULL,
    user_agent      TEXT   NOT NULL,
    -- Under a key made of the browser's token, so neither this file nor the master key opens it.
    sealed_password BLOB
);
CREATE INDEX session_identity ON session (identity_key);

CREATE TABLE totp_credential (
    id                  TEXT   NOT NULL PRIMARY KEY,
    identity_key        TEXT   NOT NULL,
    identity_key_folded TEXT   NOT NULL,
    login               TEXT   NOT NULL,
    login_folded        TEXT   NOT NULL,
    label               TEXT   NOT NULL,
    -- Encrypted, bound to this row and its owner.
    seed                BLOB   NOT NULL,
    algorithm           BIGINT NOT NULL,
    digits              BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    last_step           BIGINT NOT NULL,
    used_at             BIGINT
);
CREATE INDEX totp_credential_identity ON totp_credential (identity_key);
CREATE INDEX totp_credential_identity_folded ON totp_credential (identity_key_folded);
CREATE INDEX totp_credential_login ON totp_credential (login_folded);

CREATE TABLE recovery_code (
    identity_key TEXT   NOT NULL,
    code_index   TEXT   NOT NULL,
    hash         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (identity_key, code_index)
);

CREATE TABLE enrolment_code (
    name_folded TEXT   NOT NULL PRIMARY KEY,
    hash        BLOB   NOT NULL,
    expires_at  BIGINT NOT NULL
);
