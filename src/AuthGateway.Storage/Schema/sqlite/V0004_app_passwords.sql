CREATE TABLE app_password (
    id                  TEXT   NOT NULL PRIMARY KEY,
    -- HMAC-SHA-256 under a key made of the master key; the secret itself is nowhere.
    digest              BLOB   NOT NULL UNIQUE,
    identity_key        TEXT   NOT NULL,
    login               TEXT   NOT NULL,
    tag                 TEXT   NOT NULL,
    -- What it opens and from where, each a JSON list of words.
    opens               TEXT   NOT NULL,
    networks            TEXT   NOT NULL,
    device_id           TEXT,
    created_at          BIGINT NOT NULL,
    expires_at          BIGINT,
    used_at             BIGINT,
    used_address        TEXT,
    used_agent          TEXT,
    -- Binds all but the login and the last use together, under another key: an edited row opens nothing.
    seal                BLOB   NOT NULL
);
CREATE UNIQUE INDEX app_password_tag ON app_password (identity_key, tag);

-- Revoked ones, so that a client that still sends one is told no without a directory being asked.
CREATE TABLE app_password_ended (
    digest       BLOB   NOT NULL PRIMARY KEY,
    identity_key TEXT   NOT NULL,
    login        TEXT   NOT NULL,
    tag          TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL
);
CREATE INDEX app_password_ended_at ON app_password_ended (ended_at);
