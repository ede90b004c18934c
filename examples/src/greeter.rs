//! A ruleset that reacts to a protocol: whoever writes to this pico is greeted once.
//!
//! ```text
//! cargo run -p picomesh-examples --bin greeter
//! ```
//!
//! The standard ruleset `picomesh.basic-message` takes texts in (RFC 0095) and raises
//! `basic_message:received`; ours answers by raising `basic_message:send`. So it works over every
//! connection, whichever generation of DIDComm is spoken on it, and knows neither.

use crate::place::{Place, Problem, text};
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde_json::{Map, Value, json};
use std::path::Path;

const RID: &str = "example.greeter";
const MESSAGES: &str = "picomesh.basic-message";

/// The ruleset.
pub fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Greets whoever writes, once.").rule(
        "greet",
        "basic_message",
        "received",
        greet,
    )
}

fn greet(context: &mut Context, event: &Event) -> Result<(), Fault> {
    // Only the standard ruleset says truly that a peer wrote; a channel could say anything.
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only a message that came in is answered"));
    }
    let connection = event.text("connection").unwrap_or_default().to_owned();
    // Two greeters would otherwise greet each other for ever.
    let greeted = format!("greeted/{connection}");
    if context.entity::<bool>(&greeted)?.is_some() {
        return Ok(());
    }
    context.put(&greeted, &true)?;
    let name = context.pico().name.clone();
    let content = event.text("content").unwrap_or_default();
    let content = format!("{name} greets you and has read {content:?}.");
    let attrs = [("connection", json!(connection)), ("content", json!(content))];
    let attrs = attrs.map(|(name, value)| (name.to_owned(), value));
    context.raise("basic_message", "send", Map::from_iter(attrs));
    Ok(())
}

/// Bob writes twice to Ada, who greets; returns what was said at Bob's, `(direction, content)`.
///
/// # Errors
/// When a step does not come true.
pub async fn run(data: &Path) -> Result<Vec<(String, String)>, Problem> {
    let place = Place::open(data, |registry| registry.with_installable(ruleset())).await?;
    let ((ada, _), (bob, _)) = (place.pico("Ada").await?, place.pico("Bob").await?);
    place.install(&ada, RID, Value::Null).await?;
    let (to_bob, to_ada) = place.connect(&ada, &bob).await?;
    for (texts_at_ada, content) in [(1, "Good morning"), (2, "Still there?")] {
        let message = json!({ "connection": to_ada, "content": content });
        place.tell(&bob, "basic_message:send", message).await?;
        let received = |all: &Value| count(all, "received") == texts_at_ada;
        place.until(&ada, (MESSAGES, "messages", json!({})), received).await?;
    }
    // Ada's operator writes, too: with this text Bob has two of hers, and no second greeting.
    let goodbye = json!({ "connection": to_bob, "content": "Goodbye" });
    place.tell(&ada, "basic_message:send", goodbye).await?;
    let is_over = |all: &Value| count(all, "received") == 2;
    let all = place.until(&bob, (MESSAGES, "messages", json!({})), is_over).await?;
    place.close().await;
    let said = all.as_array().into_iter().flatten();
    said.map(|one| Ok((text(one, "direction")?, text(one, "content")?))).collect()
}

fn count(messages: &Value, direction: &str) -> usize {
    let all = messages.as_array().into_iter().flatten();
    all.filter(|one| one["direction"] == direction).count()
}
