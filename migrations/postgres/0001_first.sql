-- Every table carries the pico's id as the first column of its key, so that a database that
-- shards can shard by pico. Peer-made text is stored as bytes; names made from it are hashes.

CREATE TABLE store (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE pico (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    parent   TEXT COLLATE "C" REFERENCES pico (id) ON DELETE CASCADE,
    name     TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL CHECK (version >= 0),
    data_key BYTEA NOT NULL
);
CREATE INDEX pico_parent ON pico (parent, id);

CREATE TABLE channel (
    pico TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    eci  TEXT COLLATE "C" NOT NULL,
    did  TEXT COLLATE "C",
    body BYTEA NOT NULL,
    PRIMARY KEY (pico, eci)
);
CREATE UNIQUE INDEX channel_eci ON channel (eci);

CREATE TABLE pico_ruleset (
    pico     TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    rid      TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    config   BYTEA NOT NULL,
    PRIMARY KEY (pico, rid)
);

CREATE TABLE entity_variable (
    pico  TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    rid   TEXT COLLATE "C" NOT NULL,
    name  TEXT COLLATE "C" NOT NULL,
    value BYTEA NOT NULL,
    PRIMARY KEY (pico, rid, name)
);

CREATE TABLE did (
    pico     TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    did      TEXT COLLATE "C" NOT NULL,
    eci      TEXT COLLATE "C" NOT NULL,
    document BYTEA NOT NULL,
    PRIMARY KEY (pico, did),
    FOREIGN KEY (pico, eci) REFERENCES channel (pico, eci) ON DELETE CASCADE
);
CREATE INDEX did_channel ON did (pico, eci);

-- `kid_hash` is SHA-256 of the key id: an envelope names it, and it may be long.
CREATE TABLE secret (
    pico     TEXT COLLATE "C" NOT NULL,
    kid_hash BYTEA NOT NULL,
    did      TEXT COLLATE "C" NOT NULL,
    kid      TEXT NOT NULL,
    kind     BIGINT NOT NULL,
    sealed   BYTEA NOT NULL,
    PRIMARY KEY (pico, kid_hash),
    FOREIGN KEY (pico, did) REFERENCES did (pico, did) ON DELETE CASCADE
);
CREATE UNIQUE INDEX secret_kid ON secret (kid_hash);
CREATE INDEX secret_did ON secret (pico, did);

-- SHA-256 of (sender, my DID, message id): what acted once does not act again.
CREATE TABLE seen (
    pico    TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    hash    BYTEA NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (pico, hash)
);
CREATE INDEX seen_time ON seen (seen_at);

-- Effects that are not done yet. `dead_at` is set when nobody tries any more.
CREATE TABLE outbox (
    pico       TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    id         TEXT COLLATE "C" NOT NULL,
    kind       TEXT NOT NULL,
    body       BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    dead_at    BIGINT,
    error      BYTEA,
    PRIMARY KEY (pico, id)
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE dead_at IS NULL;

CREATE TABLE schedule (
    pico   TEXT COLLATE "C" NOT NULL REFERENCES pico (id) ON DELETE CASCADE,
    id     TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    body   BYTEA NOT NULL,
    PRIMARY KEY (pico, id)
);
CREATE INDEX schedule_due ON schedule (due_at);
