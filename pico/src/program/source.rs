//! Compiled rulesets, shared by all picos.

use super::about::about;
use crate::id::Rid;
use picomesh_krl::compile::Program;
use picomesh_krl::diagnostic::{Diagnostic, Lines};
use picomesh_krl::{check, parser};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The compiled ruleset of a URL.
#[derive(Clone)]
pub struct Source {
    /// Where it comes from.
    pub url: Arc<str>,
    /// SHA-256 of its source, in hex.
    pub hash: Arc<str>,
    pub(crate) compiled: Arc<Compiled>,
}

pub(crate) struct Compiled {
    pub(crate) rid: Rid,
    pub(crate) program: Arc<Program>,
    /// Which rules an event of this domain and name could select; `*` for any.
    pub(crate) by_event: HashMap<String, HashMap<String, Vec<usize>>>,
    pub(crate) uses: Vec<Rid>,
    about: Value,
    warnings: Value,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url && self.hash == other.hash
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.url, self.hash)
    }
}

impl Source {
    /// Its ruleset id.
    pub fn rid(&self) -> &str {
        self.compiled.rid.as_str()
    }

    /// What its meta block says, in the order of the source.
    pub fn meta(&self) -> &Value {
        &self.compiled.about
    }

    /// What the checker warned of.
    pub fn warnings(&self) -> &Value {
        &self.compiled.warnings
    }

    /// The rulesets that it uses as modules.
    pub fn uses(&self) -> impl Iterator<Item = &str> {
        self.compiled.uses.iter().map(Rid::as_str)
    }
}

/// Why a source does not compile; the text is pico-engine's, with the place in the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CompileError(pub String);

/// Compiles the source of a URL.
pub fn compile(url: &Arc<str>, hash: &str, krl: &str) -> Result<Source, CompileError> {
    let lines = Lines::new(krl);
    let parsed = parser::parse(krl);
    if let Some(error) = parsed.errors.first() {
        return Err(CompileError(format!("ParseError: {}", lines.reference_text(error))));
    }
    let Some(ruleset) = parsed.ruleset else {
        return Err(CompileError("ParseError: Expected a ruleset".into()));
    };
    let found = check::check(&ruleset);
    let refused = |error: &Diagnostic| CompileError(lines.reference_refusal(error));
    if let Some(error) = found.iter().find(|found| found.is_error()) {
        return Err(refused(error));
    }
    let program = picomesh_krl::compile::compile(&ruleset)
        .map_err(|error| refused(&Diagnostic::error(error.message, error.span)))?;
    let broken = |text: String| CompileError(format!("Error: {text}"));
    let rid = Rid::parse(program.rid()).map_err(|error| broken(error.to_string()))?;
    let mut by_event: HashMap<String, HashMap<String, Vec<usize>>> = HashMap::new();
    for (index, rule) in program.rules().iter().enumerate() {
        for primitive in rule.select.primitives() {
            let rules = by_event.entry(primitive.domain().to_owned()).or_default();
            let rules = rules.entry(primitive.name().to_owned()).or_default();
            if !rules.contains(&index) {
                rules.push(index);
            }
        }
    }
    let mut uses: Vec<Rid> = vec![];
    for used in program.uses() {
        let rid = Rid::parse(&used.rid).map_err(|error| broken(error.to_string()))?;
        if !uses.contains(&rid) {
            uses.push(rid);
        }
    }
    let about = about(&ruleset, program.meta());
    let warnings = found.iter().map(|warning| lines.reference_warning(warning)).collect();
    let warnings = Value::Array(warnings);
    let compiled = Compiled { rid, program, by_event, uses, about, warnings };
    Ok(Source { url: url.clone(), hash: hash.into(), compiled: Arc::new(compiled) })
}

impl Compiled {
    /// The modules that it uses, one for each `use`, in source order.
    pub(crate) fn uses_in_order(&self) -> Vec<Rid> {
        let uses = self.program.uses().iter();
        uses.filter_map(|used| self.uses.iter().find(|rid| rid.as_str() == &*used.rid))
            .cloned()
            .collect()
    }
}
