//! The outbox: effects that are not done yet, and those that nobody tries any more.

use super::engine::{on_read, on_write};
use super::load::{decode, name_of};
use super::{Store, StoreError};
use picomesh_pico::{Job, PicoId};

/// A job that this process may do until its lease runs out.
#[derive(Clone, Debug)]
pub struct LeasedJob {
    /// The pico that asked.
    pub pico: PicoId,
    /// What it asked for.
    pub job: Job,
    /// Tries so far, this one not counted.
    pub attempts: i64,
    /// When it was asked for, in unix milliseconds.
    pub created_at: i64,
}

/// A job that is waiting, or that nobody tries any more.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeadLetter {
    /// The job.
    pub id: String,
    /// What kind of job it is.
    pub kind: String,
    /// When it was asked for, in unix milliseconds.
    pub created_at: i64,
    /// Next try, in unix milliseconds.
    pub due_at: i64,
    /// Tries so far.
    pub attempts: i64,
    /// When it was given up, in unix milliseconds.
    pub dead_at: Option<i64>,
    /// Why the last try failed.
    pub error: String,
}

type Row = (String, String, Vec<u8>, i64, i64, Vec<u8>);

impl Store {
    /// Leases the oldest due jobs to this process until `now + lease` (milliseconds).
    ///
    /// A process that dies lets its leases run out, so a job may be done twice; receivers drop
    /// repeats by id. `SKIP LOCKED` keeps processes from queueing on a row.
    pub async fn outbox_lease(
        &self,
        now: i64,
        lease: i64,
        limit: i64,
    ) -> Result<Vec<LeasedJob>, StoreError> {
        const SQLITE: &str = "UPDATE outbox SET due_at = $1 + $2
              WHERE (pico, id) IN (SELECT pico, id FROM outbox
                     WHERE dead_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $3)
          RETURNING pico, id, body, attempts, created_at,
                    (SELECT data_key FROM pico WHERE pico.id = outbox.pico)";
        const POSTGRES: &str = "UPDATE outbox SET due_at = $1 + $2
              WHERE (pico, id) IN (SELECT pico, id FROM outbox
                     WHERE dead_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $3
                       FOR UPDATE SKIP LOCKED)
          RETURNING pico, id, body, attempts, created_at,
                    (SELECT data_key FROM pico WHERE pico.id = outbox.pico)";
        let rows: Vec<Row> = match &self.engine {
            super::Engine::Sqlite { write, .. } => {
                sqlx::query_as(SQLITE).bind(now).bind(lease).bind(limit).fetch_all(write).await?
            }
            super::Engine::Postgres(pool) => {
                sqlx::query_as(POSTGRES).bind(now).bind(lease).bind(limit).fetch_all(pool).await?
            }
        };
        // A row that does not open stays where it is and harms its pico alone.
        let mut jobs: Vec<LeasedJob> = vec![];
        for row in rows {
            let id = row.1.clone();
            match self.to_job(row) {
                Ok(job) => jobs.push(job),
                Err(error) => tracing::error!(job = %id, %error, "outbox row does not open"),
            }
        }
        jobs.sort_by(|a, b| a.job.id.cmp(&b.job.id));
        Ok(jobs)
    }

    fn to_job(
        &self,
        (pico, id, body, attempts, created_at, key): Row,
    ) -> Result<LeasedJob, StoreError> {
        let key = self.key.unwrap_key(&pico, &key)?;
        let job = decode("job", &key.open(&["outbox", &pico, &id], &body)?)?;
        Ok(LeasedJob { pico: name_of("pico", &pico)?, job, attempts, created_at })
    }

    /// Jobs of a pico in the order of their ids: those given up, or all.
    pub async fn outbox_list(
        &self,
        pico: &PicoId,
        dead_only: bool,
        after: &str,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        const SQL: &str = "SELECT id, kind, created_at, due_at, attempts, dead_at, error
              FROM outbox WHERE pico = $1 AND id > $2 AND ($3 = 0 OR dead_at IS NOT NULL)
              ORDER BY id LIMIT $4";
        type Listed = (String, String, i64, i64, i64, Option<i64>, Option<Vec<u8>>);
        let rows: Vec<Listed> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(pico.as_str()).bind(after).bind(i64::from(dead_only))
                .bind(limit).fetch_all(pool).await?
        });
        let letter = |(id, kind, created_at, due_at, attempts, dead_at, error): Listed| {
            let error = String::from_utf8_lossy(&error.unwrap_or_default()).into_owned();
            DeadLetter { id, kind, created_at, due_at, attempts, dead_at, error }
        };
        Ok(rows.into_iter().map(letter).collect())
    }

    /// Makes a given-up job due again; false when the pico has no such job.
    pub async fn outbox_redrive(
        &self,
        pico: &PicoId,
        id: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE outbox SET dead_at = NULL, attempts = 0, due_at = $3
              WHERE pico = $1 AND id = $2 AND dead_at IS NOT NULL";
        let changed = on_write!(&self.engine, pool => {
            sqlx::query(SQL).bind(pico.as_str()).bind(id).bind(now).execute(pool).await?
                .rows_affected()
        });
        Ok(changed > 0)
    }

    /// Deletes a given-up job; false when the pico has no such job.
    pub async fn outbox_discard(&self, pico: &PicoId, id: &str) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM outbox WHERE pico = $1 AND id = $2 AND dead_at IS NOT NULL";
        let changed = on_write!(&self.engine, pool => {
            sqlx::query(SQL).bind(pico.as_str()).bind(id).execute(pool).await?.rows_affected()
        });
        Ok(changed > 0)
    }
}
