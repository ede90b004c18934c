//! Whose it is: from a channel id or a key id to the pico, and the root pico.

use super::engine::{on_read, on_write};
use super::load::{name_of, to_secret};
use super::seal::DataKey;
use super::writes::kid_hash;
use super::{Store, StoreError};
use picomesh_pico::{Eci, OwnSecret, PicoId};

impl Store {
    /// The pico that a channel belongs to.
    pub async fn pico_by_eci(&self, eci: &Eci) -> Result<Option<PicoId>, StoreError> {
        const SQL: &str = "SELECT pico FROM channel WHERE eci = $1";
        let pico: Option<String> = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).bind(eci.as_str()).fetch_optional(pool).await?
        });
        pico.map(|pico| name_of("pico", &pico)).transpose()
    }

    /// The pico that a private key belongs to, and the key.
    pub async fn secret_by_kid(
        &self,
        kid: &str,
    ) -> Result<Option<(PicoId, OwnSecret)>, StoreError> {
        const SQL: &str = "SELECT pico.id, pico.data_key, kid, did, kind, sealed
              FROM secret JOIN pico ON pico.id = secret.pico WHERE kid_hash = $1";
        type Row = (String, Vec<u8>, String, String, i64, Vec<u8>);
        let hash = kid_hash(kid).to_vec();
        let row: Option<Row> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(&hash).fetch_optional(pool).await?
        });
        let Some((pico, wrapped, kid, did, kind, sealed)) = row else {
            return Ok(None);
        };
        let key: DataKey = self.key.unwrap_key(&pico, &wrapped)?;
        let secret = to_secret(&pico, &key, (kid, did, kind, sealed))?;
        Ok(Some((name_of("pico", &pico)?, secret)))
    }

    /// The root pico; `None` in a fresh store.
    pub async fn root(&self) -> Result<Option<PicoId>, StoreError> {
        const SQL: &str = "SELECT id FROM pico WHERE parent IS NULL ORDER BY id LIMIT 1";
        let root: Option<String> = on_read!(&self.engine, pool => {
            sqlx::query_scalar(SQL).fetch_optional(pool).await?
        });
        root.map(|root| name_of("pico", &root)).transpose()
    }

    /// How many picos there are.
    pub async fn pico_count(&self) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM pico";
        Ok(on_read!(&self.engine, pool => sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// A value that belongs to the whole store, as it was put.
    pub(super) async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        setting(&self.engine, name).await
    }

    /// Puts a value that belongs to the whole store, unless it is there.
    pub(super) async fn setting_put(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        setting_put(&self.engine, name, value).await
    }
}

pub(super) async fn setting(
    engine: &super::Engine,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    const SQL: &str = "SELECT value FROM store WHERE name = $1";
    Ok(on_read!(engine, pool => sqlx::query_scalar(SQL).bind(name).fetch_optional(pool).await?))
}

pub(super) async fn setting_put(
    engine: &super::Engine,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO store (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    on_write!(engine, pool => {
        sqlx::query(SQL).bind(name).bind(value).execute(pool).await?;
    });
    Ok(())
}
