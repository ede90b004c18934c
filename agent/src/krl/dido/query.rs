//! Queries from other picos.

use super::DID_O;
use super::open::Opened;
use crate::engine::{Engine, EngineError};
use picomesh_pico::{Context, Fault, Native, Outside, PicoId, Query, Rid};
use serde_json::{Map, Value, json};

/// The ruleset through which the door asks whether a query may be answered.
pub(super) const DOOR: &str = "picomesh.dido";

/// What somebody asks.
pub(super) struct Asked {
    pub(super) rid: String,
    pub(super) name: String,
    pub(super) args: Map<String, Value>,
}

impl Asked {
    pub(super) fn read(opened: &Opened) -> Self {
        let text = |name: &str| opened.body(name).as_str().unwrap_or_default().to_owned();
        let args = match opened.body("args") {
            Value::Object(args) => args.clone(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        Self { rid: text("rid"), name: text("name"), args }
    }
}

/// The ruleset through which the door asks whether a query may be answered. It has no state.
#[must_use]
pub fn door() -> Native {
    Native::new(Rid::literal(DOOR), "Lets queries of other picos in.")
        .query("admit", |context, args| {
            context.call(&Rid::literal(DID_O), "admit", Value::Object(args.clone()))
        })
}

/// Asks the pico of this turn itself, by way of the engine.
pub(super) fn ask(context: &mut Context, asked: Asked) -> Result<Value, Fault> {
    let Asked { rid, name, args } = asked;
    let body = json!({ "function": "ask", "rid": rid, "name": name, "args": args });
    context.outside(Outside::Work { kind: "dido".into(), body })
}

/// The answer to a query that may be answered, or the text that says why there is none.
pub(super) async fn answer(engine: &Engine, pico: &PicoId, asked: Asked) -> Value {
    let refuse = |why: &str| Value::String(format!("Unable to query: {why}"));
    let Asked { rid, name, args } = asked;
    let Ok(parsed) = Rid::parse(&rid) else {
        return refuse(&format!("Error: Module not found: {rid}"));
    };
    match engine.query(pico, Query { rid: parsed, name, args }).await {
        Ok(answer) => answer,
        Err(EngineError::Query(fault)) => {
            let text = crate::engine::thrown(&fault);
            match text {
                text if text.ends_with(" installed.") => {
                    refuse(&format!("Error: Module not found: {rid}"))
                }
                text if text.contains(" does not have query function ") => {
                    refuse("TypeError: null is not a function")
                }
                text => refuse(&text),
            }
        }
        Err(error) => refuse(&error.as_thrown()),
    }
}
