//! Rulesets brought in by URL: their sources, each kept once.

use super::engine::{on_read, on_write};
use super::{Store, StoreError};

/// The ruleset of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetRow {
    /// Where it comes from.
    pub url: String,
    /// Its id.
    pub rid: String,
    /// SHA-256 of its source, in hex.
    pub hash: String,
    /// Its source.
    pub krl: String,
    /// When it was flushed last, in unix milliseconds.
    pub flushed_at: i64,
}

impl Store {
    /// The ruleset of a URL; `None` when it was never brought in.
    pub async fn ruleset(&self, url: &str) -> Result<Option<RulesetRow>, StoreError> {
        const SQL: &str = "SELECT rid, ruleset_url.hash, krl, flushed_at
              FROM ruleset_url JOIN ruleset_source ON ruleset_source.hash = ruleset_url.hash
             WHERE url = $1";
        let row: Option<(String, String, Vec<u8>, i64)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(url).fetch_optional(pool).await?
        });
        let Some((rid, hash, krl, flushed_at)) = row else { return Ok(None) };
        let corrupt = |_| StoreError::Corrupt { what: "ruleset", reason: "not UTF-8".into() };
        let krl = String::from_utf8(krl).map_err(corrupt)?;
        Ok(Some(RulesetRow { url: url.into(), rid, hash, krl, flushed_at }))
    }

    /// Makes a source the ruleset of a URL.
    pub async fn ruleset_put(&self, row: &RulesetRow) -> Result<(), StoreError> {
        const SOURCE: &str =
            "INSERT INTO ruleset_source (hash, krl) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        const URL: &str = "INSERT INTO ruleset_url (url, rid, hash, flushed_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT (url) DO UPDATE
               SET rid = excluded.rid, hash = excluded.hash, flushed_at = excluded.flushed_at";
        // Two statements: a source that no URL names yet harms nobody.
        on_write!(&self.engine, pool => {
            sqlx::query(SOURCE).bind(&row.hash).bind(row.krl.as_bytes()).execute(pool).await?;
        });
        on_write!(&self.engine, pool => {
            sqlx::query(URL).bind(&row.url).bind(&row.rid).bind(&row.hash).bind(row.flushed_at)
                .execute(pool).await?;
        });
        Ok(())
    }
}
