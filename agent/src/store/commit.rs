//! Group commit: the writes of many picos' turns in one durable transaction.

use super::engine::Engine;
use super::statement::{Cell, FENCE, HOT, HOT_SQLITE, SUBTREE, Statement, Text, Type};
use super::{Store, StoreError, Writes};
use picomesh_pico::PicoId;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres, SqliteConnection};
use std::collections::{BTreeMap, HashSet};

/// The turns of one pico that are committed together, or writes without a fence.
#[derive(Debug)]
pub struct Unit {
    /// The pico, the version that it was loaded with, and how many turns it took since.
    pub fence: Option<(PicoId, i64, i64)>,
    /// What to write if the version still holds.
    pub writes: Writes,
}

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// On disk. These picos are gone with it.
    Done(Vec<PicoId>),
    /// The pico has another version, or is gone: nothing of the unit was written.
    Conflict,
    /// The database refuses these rows: nothing of the unit was written.
    Refused(String),
}

impl Store {
    /// Commits units together, durably. `Err` means that nothing is known to be written.
    ///
    /// A unit whose fence does not hold is left out and does not harm the others. When the
    /// database refuses the batch, the units are committed one by one.
    pub async fn commit(&self, units: &[Unit]) -> Result<Vec<Committed>, StoreError> {
        match self.commit_together(units).await {
            Err(StoreError::Database(sqlx::Error::Database(error))) if is_refusal(&*error) => {}
            other => return other,
        }
        let mut committed = Vec::with_capacity(units.len());
        for unit in units {
            let one = self.commit_together(std::slice::from_ref(unit)).await;
            committed.push(match one {
                Ok(mut one) => one.pop().unwrap_or(Committed::Conflict),
                Err(StoreError::Database(sqlx::Error::Database(error))) if is_refusal(&*error) => {
                    Committed::Refused(error.to_string())
                }
                Err(error) => return Err(error),
            });
        }
        Ok(committed)
    }

    async fn commit_together(&self, units: &[Unit]) -> Result<Vec<Committed>, StoreError> {
        let fences = units.iter().filter_map(|unit| unit.fence.as_ref());
        let fences: Vec<Vec<Cell>> = fences
            .map(|(id, version, turns)| {
                vec![Cell::Text(id.to_string()), Cell::Int(*version), Cell::Int(*turns)]
            })
            .collect();
        let fences: Vec<&[Cell]> = fences.iter().map(Vec::as_slice).collect();
        match &self.engine {
            Engine::Sqlite { write, .. } => {
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                let held = sqlite_fence(&mut tx, &fences).await?;
                let (rows, committed) = sort(units, &held);
                let gone = sqlite_subtrees(&mut tx, &rows).await?;
                sqlite_write(&mut tx, &rows).await?;
                tx.commit().await?;
                Ok(with_gone(committed, gone))
            }
            Engine::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let held = postgres_fence(&mut tx, &fences).await?;
                let (rows, committed) = sort(units, &held);
                let gone = postgres_subtrees(&mut tx, &rows).await?;
                for (statement, rows) in &rows {
                    let text = statement.text();
                    bind_columns(&text, rows).execute(&mut *tx).await?;
                }
                tx.commit().await?;
                Ok(with_gone(committed, gone))
            }
        }
    }
}

type Rows<'u> = BTreeMap<Statement, Vec<&'u [Cell]>>;

/// The rows of the units whose fence holds, and what becomes of each unit.
fn sort<'u>(units: &'u [Unit], held: &HashSet<String>) -> (Rows<'u>, Vec<Committed>) {
    let holds = |unit: &Unit| match &unit.fence {
        Some((id, ..)) => held.contains(id.as_str()),
        None => true,
    };
    let committed = units.iter().map(|unit| match holds(unit) {
        true => Committed::Done(vec![]),
        false => Committed::Conflict,
    });
    let writes = units.iter().filter(|unit| holds(unit)).map(|unit| &unit.writes);
    (Writes::gather(writes), committed.collect())
}

/// Every unit learns of all picos that are gone: their caches are dropped wherever they are.
fn with_gone(mut committed: Vec<Committed>, gone: Vec<PicoId>) -> Vec<Committed> {
    if !gone.is_empty()
        && let Some(Committed::Done(list)) =
            committed.iter_mut().find(|one| matches!(one, Committed::Done(_)))
    {
        *list = gone;
    }
    committed
}

/// Writes the rows in the order of the statements, the hot ones as one text.
async fn sqlite_write(conn: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), sqlx::Error> {
    let mut is_hot_done = false;
    for (statement, own) in rows {
        if !HOT.contains(statement) {
            sqlx::query(statement.text().sqlite).bind(as_json(own)).execute(&mut *conn).await?;
        } else if !std::mem::replace(&mut is_hot_done, true) {
            // The text is made of constants alone.
            let mut query = sqlx::query(sqlx::AssertSqlSafe(HOT_SQLITE.as_str()));
            for statement in &HOT {
                query = query.bind(rows.get(statement).map_or("[]".into(), |rows| as_json(rows)));
            }
            query.execute(&mut *conn).await?;
        }
    }
    Ok(())
}

async fn sqlite_fence(
    conn: &mut SqliteConnection,
    fences: &[&[Cell]],
) -> Result<HashSet<String>, sqlx::Error> {
    if fences.is_empty() {
        return Ok(HashSet::new());
    }
    let query = sqlx::query_scalar::<_, String>(FENCE.sqlite).bind(as_json(fences));
    Ok(query.fetch_all(conn).await?.into_iter().collect())
}

async fn postgres_fence(
    conn: &mut PgConnection,
    fences: &[&[Cell]],
) -> Result<HashSet<String>, sqlx::Error> {
    use sqlx::Row;
    if fences.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = bind_columns(&FENCE, fences).fetch_all(conn).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

async fn sqlite_subtrees(
    conn: &mut SqliteConnection,
    rows: &Rows<'_>,
) -> Result<Vec<PicoId>, sqlx::Error> {
    let mut gone = vec![];
    for id in deleted(rows) {
        let below = sqlx::query_scalar::<_, String>(SUBTREE).bind(id);
        gone.extend(below.fetch_all(&mut *conn).await?);
    }
    Ok(gone.iter().filter_map(|id| PicoId::parse(id).ok()).collect())
}

async fn postgres_subtrees(
    conn: &mut PgConnection,
    rows: &Rows<'_>,
) -> Result<Vec<PicoId>, sqlx::Error> {
    let mut gone = vec![];
    for id in deleted(rows) {
        let below = sqlx::query_scalar::<_, String>(SUBTREE).bind(id);
        gone.extend(below.fetch_all(&mut *conn).await?);
    }
    Ok(gone.iter().filter_map(|id| PicoId::parse(id).ok()).collect())
}

fn deleted<'r>(rows: &'r Rows<'_>) -> impl Iterator<Item = &'r String> {
    let rows = rows.get(&Statement::PicoDelete).into_iter().flatten();
    rows.filter_map(|row| match row.first() {
        Some(Cell::Text(id)) => Some(id),
        _ => None,
    })
}

/// Whether the database answered, and its answer was no to these rows.
fn is_refusal(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.is_unique_violation() || error.is_foreign_key_violation() || error.is_check_violation()
}

/// Rows as SQLite takes them: a JSON array of arrays, bytes in hex.
fn as_json(rows: &[&[Cell]]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => serde_json::Value::from(text.as_str()),
        Cell::Bytes(bytes) => hex::encode(bytes).into(),
        Cell::Int(number) => (*number).into(),
        Cell::Null => serde_json::Value::Null,
    };
    let rows = rows.iter().map(|row| row.iter().map(cell).collect::<serde_json::Value>());
    rows.collect::<serde_json::Value>().to_string()
}

/// Rows as Postgres takes them: an array for each column.
fn bind_columns<'q>(text: &Text, rows: &[&[Cell]]) -> Query<'q, Postgres, PgArguments> {
    let mut query = sqlx::query(text.postgres);
    for (index, kind) in text.columns.iter().enumerate() {
        let column = rows.iter().map(|row| row.get(index).unwrap_or(&Cell::Null));
        query = match kind {
            Type::Text => query.bind(column.map(as_text).collect::<Vec<_>>()),
            Type::Bytes => query.bind(column.map(as_bytes).collect::<Vec<_>>()),
            Type::Int => query.bind(column.map(as_int).collect::<Vec<_>>()),
        };
    }
    query
}

fn as_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone()),
        Cell::Bytes(_) | Cell::Int(_) | Cell::Null => None,
    }
}

fn as_bytes(cell: &Cell) -> Option<Vec<u8>> {
    match cell {
        Cell::Bytes(bytes) => Some(bytes.clone()),
        Cell::Text(_) | Cell::Int(_) | Cell::Null => None,
    }
}

fn as_int(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        Cell::Text(_) | Cell::Bytes(_) | Cell::Null => None,
    }
}
