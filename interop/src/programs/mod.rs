//! KRL programs on any engine with the HTTP interface of pico-engine 1.4.
//!
//! A [`Script`] of `pico-engine/steps/` installs rulesets of `pico-engine/rulesets/` on a new
//! pico and sends requests; [`run`] keeps the [`Answer`]s with ids, times and addresses made
//! alike. What the reference answered is in `pico-engine/recorded/`.

mod answer;
mod files;
mod ground;
mod script;

pub use answer::Answer;
pub use files::Files;
pub use script::Script;

use crate::Result;
use answer::Same;
use ground::Ground;

/// Runs a script against the engine at `base`, which has no slash at its end.
///
/// The first answers are those of the installations.
pub async fn run(script: &Script, base: &str) -> Result<Vec<Answer>> {
    let files = Files::start().await?;
    let mut ground = Ground::prepare(&script.name, base, files.url()).await?;
    let mut answers = Vec::new();
    for step in script.installations().iter().chain(&script.steps) {
        let (answer, body) = ground.ask(step).await?;
        let same = Same::new(&ground.places);
        answers.push(same.answer(step, answer, &body));
    }
    Ok(answers)
}
