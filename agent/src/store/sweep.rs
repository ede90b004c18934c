//! What time brings: schedules that fall due, and memories that may fade.

use super::engine::{on_read, on_write};
use super::load::{decode, name_of};
use super::{Store, StoreError};
use picomesh_pico::{PicoId, Schedule};

/// A schedule whose time has come.
#[derive(Clone, Debug)]
pub struct DueSchedule {
    /// The pico whose schedule it is.
    pub pico: PicoId,
    /// The schedule.
    pub schedule: Schedule,
}

impl Store {
    /// Schedules due at `now` (unix milliseconds), the oldest first.
    pub async fn schedules_due(
        &self,
        now: i64,
        limit: i64,
    ) -> Result<Vec<DueSchedule>, StoreError> {
        const SQL: &str = "SELECT schedule.pico, schedule.id, body, data_key
              FROM schedule JOIN pico ON pico.id = schedule.pico
             WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
        let rows: Vec<(String, String, Vec<u8>, Vec<u8>)> = on_read!(&self.engine, pool => {
            sqlx::query_as(SQL).bind(now).bind(limit).fetch_all(pool).await?
        });
        // A row that does not open stays where it is and harms its pico alone.
        let mut due = vec![];
        for (pico, id, body, key) in rows {
            match self.to_due(&pico, &id, &body, &key) {
                Ok(one) => due.push(one),
                Err(error) => tracing::error!(pico, id, %error, "schedule row does not open"),
            }
        }
        Ok(due)
    }

    fn to_due(
        &self,
        pico: &str,
        id: &str,
        body: &[u8],
        key: &[u8],
    ) -> Result<DueSchedule, StoreError> {
        let key = self.key.unwrap_key(pico, key)?;
        let schedule = decode("schedule", &key.open(&["schedule", pico, id], body)?)?;
        Ok(DueSchedule { pico: name_of("pico", pico)?, schedule })
    }

    /// Forgets inputs that acted before `before` (unix milliseconds).
    pub async fn seen_forget(&self, before: i64) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM seen WHERE seen_at < $1";
        Ok(on_write!(&self.engine, pool => {
            sqlx::query(SQL).bind(before).execute(pool).await?.rows_affected()
        }))
    }
}
