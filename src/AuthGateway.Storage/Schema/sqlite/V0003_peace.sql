-- A counter remembers its locks, for each is longer than the one before, and by itself when it says nothing any more.
ALTER TABLE lockout_counter ADD COLUMN total BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lockout_counter ADD COLUMN locks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lockout_counter ADD COLUMN forgotten_at BIGINT NOT NULL DEFAULT 0;
UPDATE lockout_counter SET
    total = failures,
    locks = CASE WHEN locked_until > 0 THEN 1 ELSE 0 END,
    forgotten_at = CASE
        WHEN counter_key >= 'factor-total:' AND counter_key < 'factor-total;' THEN last_at + 315360000000
        WHEN locked_until > last_at + 86400000 THEN locked_until
        ELSE last_at + 86400000 END;
-- What it told is told by the transaction now.
ALTER TABLE lockout_counter DROP COLUMN charge_id;

CREATE TABLE familiar_place (
    identity_key TEXT   NOT NULL,
    -- A digest of user and place: no address and no device can be read from it.
    place_hash   TEXT   NOT NULL,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (identity_key, place_hash)
);
CREATE INDEX familiar_place_last_at ON familiar_place (last_at);
