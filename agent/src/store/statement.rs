//! The write statements of the hot path: each takes many rows at once.
//!
//! On SQLite the rows come as one JSON array (bytes in hex), on Postgres as one array for each
//! column. Both texts of a statement mean the same; the store tests run both.

use std::sync::LazyLock;

/// A value of a row.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Text(String),
    Bytes(Vec<u8>),
    Int(i64),
    Null,
}

/// Type of a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Type {
    Text,
    Bytes,
    Int,
}

/// A write statement, in the order in which they run within a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Statement {
    RulesetForget,
    RulesetDelete,
    PicoInsert,
    PicoRename,
    ChannelPut,
    DidPut,
    SecretPut,
    RulesetPut,
    ScheduleDelete,
    SchedulePut,
    EntityPut,
    EntityDelete,
    SeenPut,
    OutboxPut,
    OutboxDone,
    OutboxRetry,
    ChannelDelete,
    PicoDelete,
}

/// The two texts of a statement and the columns of its rows.
pub(super) struct Text {
    pub(super) columns: &'static [Type],
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// Moves the version of every pico on, if it is the expected one, and says which moved.
pub(super) const FENCE: Text = Text {
    columns: &[Type::Text, Type::Int, Type::Int],
    sqlite: "UPDATE pico SET version = version + (r.value->>2)
               FROM json_each($1) AS r
              WHERE pico.id = r.value->>0 AND pico.version = r.value->>1
          RETURNING pico.id",
    postgres: "UPDATE pico SET version = pico.version + r.turns
                 FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r (id, version, turns)
                WHERE pico.id = r.id AND pico.version = r.version
            RETURNING pico.id",
};

/// What nearly every turn writes: on SQLite these go to the database's thread as one text, as
/// each way there and back costs more than the statement. They follow one another in order.
pub(super) const HOT: [Statement; 5] = [
    Statement::EntityPut,
    Statement::EntityDelete,
    Statement::SeenPut,
    Statement::OutboxPut,
    Statement::OutboxDone,
];

/// The texts of [`HOT`] one after the other; the rows of each are its own parameter.
pub(super) static HOT_SQLITE: LazyLock<String> = LazyLock::new(|| {
    let texts = HOT.iter().enumerate().map(|(index, statement)| {
        statement.text().sqlite.replace("$1", &format!("${}", index + 1))
    });
    texts.collect::<Vec<_>>().join(";\n")
});

/// A pico with everything below it, before it is deleted.
pub(super) const SUBTREE: &str = "WITH RECURSIVE below (id) AS (
        SELECT id FROM pico WHERE id = $1
        UNION ALL SELECT pico.id FROM pico JOIN below ON pico.parent = below.id)
    SELECT id FROM below";

const TEXT: Type = Type::Text;
const BYTES: Type = Type::Bytes;
const INT: Type = Type::Int;

impl Statement {
    /// The texts of this statement.
    pub(super) fn text(self) -> Text {
        match self {
            Self::RulesetForget => RULESET_FORGET,
            Self::RulesetDelete => RULESET_DELETE,
            Self::PicoInsert => PICO_INSERT,
            Self::PicoRename => PICO_RENAME,
            Self::ChannelPut => CHANNEL_PUT,
            Self::DidPut => DID_PUT,
            Self::SecretPut => SECRET_PUT,
            Self::RulesetPut => RULESET_PUT,
            Self::EntityPut => ENTITY_PUT,
            Self::EntityDelete => ENTITY_DELETE,
            Self::ScheduleDelete => SCHEDULE_DELETE,
            Self::SchedulePut => SCHEDULE_PUT,
            Self::SeenPut => SEEN_PUT,
            Self::OutboxPut => OUTBOX_PUT,
            Self::OutboxDone => OUTBOX_DONE,
            Self::OutboxRetry => OUTBOX_RETRY,
            Self::ChannelDelete => CHANNEL_DELETE,
            Self::PicoDelete => PICO_DELETE,
        }
    }
}

const PICO_INSERT: Text = Text {
    columns: &[TEXT, TEXT, TEXT, BYTES],
    sqlite: "INSERT INTO pico (id, parent, name, version, data_key)
             SELECT value->>0, value->>1, value->>2, 0, unhex(value->>3) FROM json_each($1)",
    postgres: "INSERT INTO pico (id, parent, name, version, data_key)
               SELECT id, parent, name, 0, data_key
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
                   AS r (id, parent, name, data_key)",
};

const PICO_RENAME: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "UPDATE pico SET name = r.value->>1 FROM json_each($1) AS r
              WHERE pico.id = r.value->>0",
    postgres: "UPDATE pico SET name = r.name FROM unnest($1::text[], $2::text[]) AS r (id, name)
                WHERE pico.id = r.id",
};

const PICO_DELETE: Text = Text {
    columns: &[TEXT],
    sqlite: "DELETE FROM pico WHERE id IN (SELECT value->>0 FROM json_each($1))",
    postgres: "DELETE FROM pico WHERE id = ANY ($1::text[])",
};

const CHANNEL_PUT: Text = Text {
    columns: &[TEXT, TEXT, TEXT, BYTES],
    sqlite: "INSERT INTO channel (pico, eci, did, body)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3) FROM json_each($1)
              WHERE true ON CONFLICT (pico, eci)
                 DO UPDATE SET did = excluded.did, body = excluded.body",
    postgres: "INSERT INTO channel (pico, eci, did, body)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
                   ON CONFLICT (pico, eci)
                   DO UPDATE SET did = excluded.did, body = excluded.body",
};

const CHANNEL_DELETE: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "DELETE FROM channel WHERE (pico, eci) IN
             (SELECT value->>0, value->>1 FROM json_each($1))",
    postgres: "DELETE FROM channel WHERE (pico, eci) IN
               (SELECT * FROM unnest($1::text[], $2::text[]))",
};

const DID_PUT: Text = Text {
    columns: &[TEXT, TEXT, TEXT, BYTES],
    sqlite: "INSERT INTO did (pico, did, eci, document)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3) FROM json_each($1)
              WHERE true ON CONFLICT (pico, did) DO UPDATE SET document = excluded.document",
    postgres: "INSERT INTO did (pico, did, eci, document)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
                   ON CONFLICT (pico, did) DO UPDATE SET document = excluded.document",
};

const SECRET_PUT: Text = Text {
    columns: &[TEXT, BYTES, TEXT, TEXT, INT, BYTES],
    sqlite: "INSERT INTO secret (pico, kid_hash, did, kid, kind, sealed)
             SELECT value->>0, unhex(value->>1), value->>2, value->>3, value->>4,
                    unhex(value->>5) FROM json_each($1)
              WHERE true ON CONFLICT (pico, kid_hash) DO UPDATE SET sealed = excluded.sealed",
    postgres: "INSERT INTO secret (pico, kid_hash, did, kid, kind, sealed)
               SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[],
                                    $5::bigint[], $6::bytea[])
                   ON CONFLICT (pico, kid_hash) DO UPDATE SET sealed = excluded.sealed",
};

const RULESET_PUT: Text = Text {
    columns: &[TEXT, TEXT, INT, BYTES],
    sqlite: "INSERT INTO pico_ruleset (pico, rid, position, config)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3) FROM json_each($1)
              WHERE true ON CONFLICT (pico, rid)
                 DO UPDATE SET config = excluded.config",
    postgres: "INSERT INTO pico_ruleset (pico, rid, position, config)
               SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
                   ON CONFLICT (pico, rid)
                   DO UPDATE SET config = excluded.config",
};

const RULESET_DELETE: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "DELETE FROM pico_ruleset WHERE (pico, rid) IN
             (SELECT value->>0, value->>1 FROM json_each($1))",
    postgres: "DELETE FROM pico_ruleset WHERE (pico, rid) IN
               (SELECT * FROM unnest($1::text[], $2::text[]))",
};

const RULESET_FORGET: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "DELETE FROM entity_variable WHERE (pico, rid) IN
             (SELECT value->>0, value->>1 FROM json_each($1))",
    postgres: "DELETE FROM entity_variable WHERE (pico, rid) IN
               (SELECT * FROM unnest($1::text[], $2::text[]))",
};

const ENTITY_PUT: Text = Text {
    columns: &[TEXT, TEXT, TEXT, BYTES],
    sqlite: "INSERT INTO entity_variable (pico, rid, name, value)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3) FROM json_each($1)
              WHERE true ON CONFLICT (pico, rid, name) DO UPDATE SET value = excluded.value",
    postgres: "INSERT INTO entity_variable (pico, rid, name, value)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
                   ON CONFLICT (pico, rid, name) DO UPDATE SET value = excluded.value",
};

const ENTITY_DELETE: Text = Text {
    columns: &[TEXT, TEXT, TEXT],
    sqlite: "DELETE FROM entity_variable WHERE (pico, rid, name) IN
             (SELECT value->>0, value->>1, value->>2 FROM json_each($1))",
    postgres: "DELETE FROM entity_variable WHERE (pico, rid, name) IN
               (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))",
};

const SCHEDULE_PUT: Text = Text {
    columns: &[TEXT, TEXT, INT, BYTES],
    sqlite: "INSERT INTO schedule (pico, id, due_at, body)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3) FROM json_each($1)
              WHERE true ON CONFLICT (pico, id)
                 DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
    postgres: "INSERT INTO schedule (pico, id, due_at, body)
               SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
                   ON CONFLICT (pico, id)
                   DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
};

const SCHEDULE_DELETE: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "DELETE FROM schedule WHERE (pico, id) IN
             (SELECT value->>0, value->>1 FROM json_each($1))",
    postgres: "DELETE FROM schedule WHERE (pico, id) IN
               (SELECT * FROM unnest($1::text[], $2::text[]))",
};

const SEEN_PUT: Text = Text {
    columns: &[TEXT, BYTES, INT],
    sqlite: "INSERT INTO seen (pico, hash, seen_at)
             SELECT value->>0, unhex(value->>1), value->>2 FROM json_each($1)",
    postgres: "INSERT INTO seen (pico, hash, seen_at)
               SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[])",
};

const OUTBOX_PUT: Text = Text {
    columns: &[TEXT, TEXT, TEXT, BYTES, INT, INT],
    sqlite: "INSERT INTO outbox (pico, id, kind, body, created_at, due_at, attempts)
             SELECT value->>0, value->>1, value->>2, unhex(value->>3), value->>4, value->>5, 0
               FROM json_each($1)",
    postgres: "INSERT INTO outbox (pico, id, kind, body, created_at, due_at, attempts)
               SELECT pico, id, kind, body, created_at, due_at, 0
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[],
                             $6::bigint[]) AS r (pico, id, kind, body, created_at, due_at)",
};

const OUTBOX_DONE: Text = Text {
    columns: &[TEXT, TEXT],
    sqlite: "DELETE FROM outbox WHERE (pico, id) IN
             (SELECT value->>0, value->>1 FROM json_each($1))",
    postgres: "DELETE FROM outbox WHERE (pico, id) IN
               (SELECT * FROM unnest($1::text[], $2::text[]))",
};

const OUTBOX_RETRY: Text = Text {
    columns: &[TEXT, TEXT, INT, INT, INT, BYTES],
    sqlite: "UPDATE outbox SET due_at = r.value->>2, attempts = r.value->>3,
                    dead_at = r.value->>4, error = unhex(r.value->>5)
               FROM json_each($1) AS r
              WHERE outbox.pico = r.value->>0 AND outbox.id = r.value->>1",
    postgres: "UPDATE outbox SET due_at = r.due_at, attempts = r.attempts,
                      dead_at = r.dead_at, error = r.error
                 FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
                             $6::bytea[]) AS r (pico, id, due_at, attempts, dead_at, error)
                WHERE outbox.pico = r.pico AND outbox.id = r.id",
};
