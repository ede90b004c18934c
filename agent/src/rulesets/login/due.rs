//! What ends or is forgotten, and when.
//!
//! Each row names its time first, so that a sweep reads only what is due. One schedule stands
//! for the earliest of them; an idle provider has none and writes nothing.

use super::authority::Authority;
use super::{now, proof, session};
use picomesh_pico::{Context, Event, Fault, Origin, Schedule};
use serde::{Deserialize, Serialize};
use serde_json::Map;

/// The schedule of the next sweep.
const SWEEP: &str = "login-sweep";
/// Rows that one sweep looks at; what is left over waits for the next one.
const SWEEP_ROWS_MAX: u32 = 64;

/// What is to be done at the time.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Due {
    /// A session ends, if it is still waiting.
    End {
        /// Its id.
        session: String,
    },
    /// Entities go, and what other rulesets keep for them.
    Forget {
        /// Their names.
        names: Vec<String>,
        /// An exchange of present-proof.
        exchange: Option<String>,
        /// An invitation.
        invitation: Option<String>,
    },
}

impl Due {
    /// Entities alone go.
    pub(super) fn forget(names: Vec<String>) -> Self {
        Self::Forget { names, exchange: None, invitation: None }
    }
}

/// Makes something due at `at`, Unix seconds; `key` tells it from others of the same second.
pub(super) fn put(context: &mut Context, at: u64, key: &str, due: &Due) -> Result<(), Fault> {
    context.put(&name(at, key), due)?;
    sweep_at(context, at)
}

/// Takes it back.
pub(super) fn delete(context: &mut Context, at: u64, key: &str) -> Result<(), Fault> {
    context.delete(&name(at, key))
}

fn name(at: u64, key: &str) -> String {
    format!("due/{at:012}/{key}")
}

fn time(name: &str) -> Option<u64> {
    name.split('/').nth(1)?.parse().ok()
}

fn sweep_at(context: &mut Context, at: u64) -> Result<(), Fault> {
    let due_at = i64::try_from(at).unwrap_or(i64::MAX / 1000) * 1000;
    let standing = context.schedule(SWEEP)?;
    if standing.is_some_and(|standing| standing.due_at <= due_at) {
        return Ok(());
    }
    context.schedule_put(Schedule {
        id: SWEEP.into(),
        domain: "login".into(),
        name: "sweep".into(),
        attrs: Map::new(),
        due_at,
        repeat: None,
        rid: None,
        eci: None,
    })
}

/// `login:sweep`, by the schedule alone.
pub(super) fn sweep(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    if !matches!(event.origin, Origin::Schedule { .. }) {
        return Err(Fault::refused("forbidden", "only the schedule does this"));
    }
    let now = now(context);
    let rows = context.scan::<Due>("due/", "", SWEEP_ROWS_MAX)?;
    let (mut next, is_whole) = (None, rows.len() < SWEEP_ROWS_MAX as usize);
    for (name, due) in rows {
        let at = time(&name).ok_or_else(|| Fault::Broken(name.clone()))?;
        if at > now {
            next = Some(at);
            break;
        }
        context.delete(&name)?;
        match due {
            Due::End { session } => session::end(authority, context, &session)?,
            Due::Forget { names, exchange, invitation } => {
                for name in names {
                    context.delete(&name)?;
                }
                if let Some(exchange) = exchange {
                    proof::forget_exchange(context, &exchange)?;
                }
                if let Some(invitation) = invitation {
                    proof::forget_invitation(context, &invitation)?;
                }
            }
        }
    }
    match next {
        Some(at) => sweep_at(context, at),
        None if !is_whole => sweep_at(context, now),
        None => Ok(()),
    }
}
