//! Loading a pico and the pieces of its state that a turn asks for.

use super::engine::on_read;
use super::seal::DataKey;
use super::writes::{ChannelBody, kid_hash};
use super::{Store, StoreError};
use picomesh_pico::{
    Channel, Child, Eci, Installed, Key, Loaded, OwnDid, OwnSecret, Pico, PicoId, Rid, Schedule,
    SecretKind,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A secret as its row has it: key id, DID, kind, sealed key.
type SecretRow = (String, String, i64, Vec<u8>);
/// A channel as its row has it.
type ChannelRow = (String, Option<String>, Vec<u8>);

impl Store {
    /// A pico with its data key; `None` when there is none.
    pub async fn pico(&self, id: &PicoId) -> Result<Option<(Pico, DataKey)>, StoreError> {
        const PICO: &str = "SELECT parent, name, version, data_key FROM pico WHERE id = $1";
        const RULESETS: &str =
            "SELECT rid, config FROM pico_ruleset WHERE pico = $1 ORDER BY position, rid";
        type Row = (Option<String>, String, i64, Vec<u8>);
        let row: Option<Row> = on_read!(&self.engine, pool => {
            sqlx::query_as(PICO).bind(id.as_str()).fetch_optional(pool).await?
        });
        let Some((parent, name, version, wrapped)) = row else {
            return Ok(None);
        };
        let key = self.key.unwrap_key(id.as_str(), &wrapped)?;
        let rows: Vec<(String, Vec<u8>)> = on_read!(&self.engine, pool => {
            sqlx::query_as(RULESETS).bind(id.as_str()).fetch_all(pool).await?
        });
        let mut rulesets = Vec::with_capacity(rows.len());
        for (rid, sealed) in rows {
            let config = key.open(&["pico_ruleset", id.as_str(), &rid], &sealed)?;
            rulesets.push(decode::<Installed>("ruleset", &config)?);
        }
        let parent = parent.map(|parent| name_of("pico", &parent)).transpose()?;
        Ok(Some((Pico { id: id.clone(), parent, name, version, rulesets }, key)))
    }

    /// The piece of a pico's state that a key names.
    pub async fn load(&self, id: &PicoId, key: &DataKey, what: &Key) -> Result<Loaded, StoreError> {
        let pico = id.as_str();
        Ok(match what {
            Key::Entity(rid, name) => Loaded::Entity(self.entity(pico, key, rid, name).await?),
            Key::Entities { rid, prefix, after, limit } => {
                Loaded::Entities(self.entities(pico, key, rid, prefix, after, *limit).await?)
            }
            Key::Channel(eci) => Loaded::Channel(self.channel(pico, eci).await?),
            Key::Channels { after, limit } => {
                Loaded::Channels(self.channels(pico, after, *limit).await?)
            }
            Key::Children { after, limit } => {
                Loaded::Children(self.children(pico, after, *limit).await?)
            }
            Key::Descendant(below) => Loaded::Descendant(self.is_descendant(pico, below).await?),
            Key::Did(did) => Loaded::Did(self.did(pico, key, did).await?),
            Key::Secret(kid) => Loaded::Secret(self.secret(pico, key, kid).await?),
            Key::Secrets(did) => Loaded::Secrets(self.secrets(pico, key, did).await?),
            Key::Schedule(id) => Loaded::Schedule(self.schedule(pico, key, id).await?),
            Key::Schedules => Loaded::Schedules(self.schedules(pico, key).await?),
            Key::Seen(hash) => Loaded::Seen(self.is_seen(pico, hash).await?),
            Key::Ruleset(url) => {
                // Rulesets are the library's; whoever asks here finds none.
                tracing::error!(%url, "a ruleset was looked for among a pico's rows");
                Loaded::Ruleset(None)
            }
        })
    }

    async fn entity(
        &self,
        pico: &str,
        key: &DataKey,
        rid: &Rid,
        name: &str,
    ) -> Result<Option<Arc<[u8]>>, StoreError> {
        const SQL: &str =
            "SELECT value FROM entity_variable WHERE pico = $1 AND rid = $2 AND name = $3";
        let sealed: Option<Vec<u8>> = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).bind(pico).bind(rid.as_str()).bind(name)
                .fetch_optional(pool).await?
        });
        let place = ["entity_variable", pico, rid.as_str(), name];
        sealed.map(|sealed| key.open(&place, &sealed).map(Arc::from)).transpose()
    }

    async fn entities(
        &self,
        pico: &str,
        key: &DataKey,
        rid: &Rid,
        prefix: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, Arc<[u8]>)>, StoreError> {
        const SQL: &str = "SELECT name, value FROM entity_variable
              WHERE pico = $1 AND rid = $2 AND name >= $3 AND name < $4 AND name > $5
              ORDER BY name LIMIT $6";
        // Names are UTF-8, so no name that starts with the prefix lies above this.
        let above = format!("{prefix}\u{10ffff}");
        let rows: Vec<(String, Vec<u8>)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(rid.as_str()).bind(prefix).bind(&above)
                .bind(after).bind(i64::from(limit)).fetch_all(pool).await?
        });
        let open = |(name, sealed): (String, Vec<u8>)| {
            let value = key.open(&["entity_variable", pico, rid.as_str(), &name], &sealed)?;
            Ok((name, value.into()))
        };
        rows.into_iter().map(open).collect()
    }

    async fn channel(&self, pico: &str, eci: &Eci) -> Result<Option<Channel>, StoreError> {
        const SQL: &str = "SELECT eci, did, body FROM channel WHERE pico = $1 AND eci = $2";
        let row: Option<ChannelRow> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(eci.as_str()).fetch_optional(pool).await?
        });
        row.map(to_channel).transpose()
    }

    async fn channels(
        &self,
        pico: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Channel>, StoreError> {
        const SQL: &str = "SELECT eci, did, body FROM channel
              WHERE pico = $1 AND eci > $2 ORDER BY eci LIMIT $3";
        let rows: Vec<ChannelRow> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(after).bind(i64::from(limit))
                .fetch_all(pool).await?
        });
        rows.into_iter().map(to_channel).collect()
    }

    async fn children(
        &self,
        pico: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Child>, StoreError> {
        const SQL: &str =
            "SELECT id, name FROM pico WHERE parent = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows: Vec<(String, String)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(after).bind(i64::from(limit))
                .fetch_all(pool).await?
        });
        let child = |(id, name): (String, String)| Ok(Child { id: name_of("pico", &id)?, name });
        rows.into_iter().map(child).collect()
    }

    async fn is_descendant(&self, pico: &str, below: &PicoId) -> Result<bool, StoreError> {
        const SQL: &str = "WITH RECURSIVE above (id) AS (
                SELECT parent FROM pico WHERE id = $1
                UNION ALL SELECT pico.parent FROM pico JOIN above ON pico.id = above.id)
            SELECT count(*) FROM above WHERE id = $2";
        let count: i64 = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).bind(below.as_str()).bind(pico).fetch_one(pool).await?
        });
        Ok(count > 0)
    }

    async fn did(
        &self,
        pico: &str,
        key: &DataKey,
        did: &str,
    ) -> Result<Option<OwnDid>, StoreError> {
        const SQL: &str = "SELECT eci, document FROM did WHERE pico = $1 AND did = $2";
        let row: Option<(String, Vec<u8>)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(did).fetch_optional(pool).await?
        });
        let Some((eci, sealed)) = row else {
            return Ok(None);
        };
        let document = key.open(&["did", pico, did], &sealed)?;
        let eci = name_of("channel", &eci)?;
        Ok(Some(OwnDid { did: did.to_owned(), eci, document, secrets: vec![] }))
    }

    async fn secret(
        &self,
        pico: &str,
        key: &DataKey,
        kid: &str,
    ) -> Result<Option<OwnSecret>, StoreError> {
        const SQL: &str =
            "SELECT kid, did, kind, sealed FROM secret WHERE pico = $1 AND kid_hash = $2";
        let hash = kid_hash(kid).to_vec();
        let row: Option<SecretRow> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(&hash).fetch_optional(pool).await?
        });
        row.map(|row| to_secret(pico, key, row)).transpose()
    }

    async fn secrets(
        &self,
        pico: &str,
        key: &DataKey,
        did: &str,
    ) -> Result<Vec<OwnSecret>, StoreError> {
        const SQL: &str =
            "SELECT kid, did, kind, sealed FROM secret WHERE pico = $1 AND did = $2 ORDER BY kid";
        let rows: Vec<SecretRow> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).bind(did).fetch_all(pool).await?
        });
        rows.into_iter().map(|row| to_secret(pico, key, row)).collect()
    }

    async fn schedule(
        &self,
        pico: &str,
        key: &DataKey,
        id: &str,
    ) -> Result<Option<Schedule>, StoreError> {
        const SQL: &str = "SELECT body FROM schedule WHERE pico = $1 AND id = $2";
        let sealed: Option<Vec<u8>> = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).bind(pico).bind(id).fetch_optional(pool).await?
        });
        let open =
            |sealed: Vec<u8>| decode("schedule", &key.open(&["schedule", pico, id], &sealed)?);
        sealed.map(open).transpose()
    }

    async fn schedules(&self, pico: &str, key: &DataKey) -> Result<Vec<Schedule>, StoreError> {
        const SQL: &str = "SELECT id, body FROM schedule WHERE pico = $1 ORDER BY due_at, id";
        let rows: Vec<(String, Vec<u8>)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico).fetch_all(pool).await?
        });
        let open = |(id, sealed): (String, Vec<u8>)| {
            decode("schedule", &key.open(&["schedule", pico, &id], &sealed)?)
        };
        rows.into_iter().map(open).collect()
    }

    async fn is_seen(&self, pico: &str, hash: &[u8; 32]) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT count(*) FROM seen WHERE pico = $1 AND hash = $2";
        let count: i64 = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).bind(pico).bind(hash.to_vec()).fetch_one(pool).await?
        });
        Ok(count > 0)
    }
}

fn to_channel((eci, did, body): ChannelRow) -> Result<Channel, StoreError> {
    let body: ChannelBody = decode("channel", &body)?;
    Ok(body.with(name_of("channel", &eci)?, did))
}

pub(super) fn to_secret(
    pico: &str,
    key: &DataKey,
    (kid, did, kind, sealed): SecretRow,
) -> Result<OwnSecret, StoreError> {
    let bytes = Zeroizing::new(key.open(&["secret", pico, &kid], &sealed)?);
    let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| StoreError::Sealed("secret"))?;
    let kind = match kind {
        1 => SecretKind::Ed25519,
        2 => SecretKind::X25519,
        other => {
            let reason = format!("kind {other}");
            return Err(StoreError::Corrupt { what: "secret", reason });
        }
    };
    Ok(OwnSecret { kid, did, kind, bytes: Zeroizing::new(bytes) })
}

/// An id as it stands in a row.
pub(super) fn name_of<T: std::str::FromStr<Err: std::fmt::Display>>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| StoreError::Corrupt { what, reason: error.to_string() })
}

pub(super) fn decode<T: DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
) -> Result<T, StoreError> {
    let corrupt =
        |error: serde_json::Error| StoreError::Corrupt { what, reason: error.to_string() };
    serde_json::from_slice(bytes).map_err(corrupt)
}
