-- Rulesets brought in by URL. A source is kept once, by the hash of its content (SHA-256, hex).
-- They belong to the engine, not to a pico: what a pico has of them is in `pico_ruleset`.

CREATE TABLE ruleset_source (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    krl  BYTEA NOT NULL
);

CREATE TABLE ruleset_url (
    url        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    rid        TEXT COLLATE "C" NOT NULL,
    hash       TEXT COLLATE "C" NOT NULL REFERENCES ruleset_source (hash),
    flushed_at BIGINT NOT NULL
);
