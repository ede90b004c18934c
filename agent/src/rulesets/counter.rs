//! The smallest ruleset: it counts. For a first try, for examples and for measurements.

use picomesh_pico::{Native, Rid};
use serde_json::json;

/// Counts `counter:inc` events; shares `n`.
pub(super) fn counter() -> Native {
    Native::new(Rid::literal("picomesh.counter"), "Counts the events counter:inc.")
        .rule("count", "counter", "inc", |context, _event| {
            let n = context.entity::<u64>("n")?.unwrap_or(0) + 1;
            context.put("n", &n)?;
            context.directive("counted", json!({ "n": n }));
            Ok(())
        })
        .query("n", |context, _args| Ok(context.entity::<u64>("n")?.unwrap_or(0).into()))
}
