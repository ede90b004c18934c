//! What time brings: due schedules become events, old memories fade.

use super::{Engine, EngineError};
use picomesh_pico::{Event, Origin};
use std::time::Duration;

/// How often the timer looks, when nothing is due sooner.
const TICK: Duration = Duration::from_millis(250);
/// Schedules fired in one look.
const SCHEDULES_PER_TICK_MAX: i64 = 1000;
/// How long an input is remembered, so that it acts once: longer than anybody retries.
const SEEN_MS: i64 = 30 * 24 * 3600 * 1000;
/// Time between two sweeps of old memories, in milliseconds.
const SWEEP_MS: i64 = 3600 * 1000;

/// Runs until the engine stops.
pub(super) async fn run(engine: Engine) {
    let mut next_sweep = engine.inner.clock.now() + SWEEP_MS;
    loop {
        tokio::select! {
            () = engine.inner.stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        if let Err(error) = fire_due(&engine).await {
            tracing::warn!(%error, "schedules could not be read");
        }
        let now = engine.inner.clock.now();
        if now >= next_sweep {
            next_sweep = now + SWEEP_MS;
            if let Err(error) = engine.inner.store.seen_forget(now - SEEN_MS).await {
                tracing::warn!(%error, "old inputs could not be forgotten");
            }
        }
    }
}

/// Fires what is due. A fire and its effects are one commit, so a due time acts once even if
/// two processes see it.
async fn fire_due(engine: &Engine) -> Result<(), EngineError> {
    let now = engine.inner.clock.now();
    let due = engine.inner.store.schedules_due(now, SCHEDULES_PER_TICK_MAX).await?;
    let fires = due.into_iter().map(|due| async move {
        let schedule = due.schedule;
        let event = Event {
            id: schedule.id.clone(),
            domain: schedule.domain,
            name: schedule.name,
            attrs: schedule.attrs,
            origin: Origin::Schedule { id: schedule.id, due_at: schedule.due_at },
            eci: schedule.eci,
            once: None,
            for_rid: None,
            at: None,
        };
        if let Err(error) = engine.event(&due.pico, event).await {
            tracing::warn!(pico = %due.pico, %error, "a schedule did not fire");
        }
    });
    futures::future::join_all(fires).await;
    Ok(())
}
