-- Every table carries the pico's id as the first column of its key, so that a database that
-- shards can shard by pico. Peer-made text is stored as bytes; names made from it are hashes.

CREATE TABLE store (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE pico (
    id       TEXT NOT NULL PRIMARY KEY,
    parent   TEXT REFERENCES pico (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    version  BIGINT NOT NULL CHECK (version >= 0),
    data_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX pico_parent ON pico (parent, id);

CREATE TABLE channel (
    pico TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    eci  TEXT NOT NULL,
    did  TEXT,
    body BLOB NOT NULL,
    PRIMARY KEY (pico, eci)
) WITHOUT ROWID;
CREATE UNIQUE INDEX channel_eci ON channel (eci);

CREATE TABLE pico_ruleset (
    pico     TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    rid      TEXT NOT NULL,
    position BIGINT NOT NULL,
    config   BLOB NOT NULL,
    PRIMARY KEY (pico, rid)
) WITHOUT ROWID;

CREATE TABLE entity_variable (
    pico  TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    rid   TEXT NOT NULL,
    name  TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (pico, rid, name)
) WITHOUT ROWID;

CREATE TABLE did (
    pico     TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    did      TEXT NOT NULL,
    eci      TEXT NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (pico, did),
    FOREIGN KEY (pico, eci) REFERENCES channel (pico, eci) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX did_channel ON did (pico, eci);

-- `kid_hash` is SHA-256 of the key id: an envelope names it, and it may be long.
CREATE TABLE secret (
    pico     TEXT NOT NULL,
    kid_hash BLOB NOT NULL,
    did      TEXT NOT NULL,
    kid      TEXT NOT NULL,
    kind     BIGINT NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (pico, kid_hash),
    FOREIGN KEY (pico, did) REFERENCES did (pico, did) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE UNIQUE INDEX secret_kid ON secret (kid_hash);
CREATE INDEX secret_did ON secret (pico, did);

-- SHA-256 of (sender, my DID, message id): what acted once does not act again.
CREATE TABLE seen (
    pico    TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (pico, hash)
) WITHOUT ROWID;
CREATE INDEX seen_time ON seen (seen_at);

-- Effects that are not done yet. `dead_at` is set when nobody tries any more.
CREATE TABLE outbox (
    pico       TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    body       BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    dead_at    BIGINT,
    error      BLOB,
    PRIMARY KEY (pico, id)
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (due_at) WHERE dead_at IS NULL;

CREATE TABLE schedule (
    pico   TEXT NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    id     TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    body   BLOB NOT NULL,
    PRIMARY KEY (pico, id)
) WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (due_at);
