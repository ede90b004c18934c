//! A ring of ids: remembers so many, and tells which one falls out for a new one.
//!
//! It keeps histories bounded without counting or scanning them.

use picomesh_pico::{Context, Fault};

/// Adds an id; returns the oldest one if it has to go.
pub(super) fn push(
    context: &mut Context,
    ring: &str,
    size: u64,
    id: &str,
) -> Result<Option<String>, Fault> {
    let counter = format!("ring/{ring}");
    let count: u64 = context.entity(&counter)?.unwrap_or(0);
    let slot = format!("ring/{ring}/{}", count % size);
    let oldest = context.entity(&slot)?;
    context.put(&slot, id)?;
    context.put(&counter, &(count + 1))?;
    Ok(oldest)
}
