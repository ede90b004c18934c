//! Programs in KRL as rulesets of a pico.

use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use crate::ruleset::{Fired, Ruleset};
use std::sync::Arc;

/// The compiled ruleset of a URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Where it comes from.
    pub url: Arc<str>,
    /// SHA-256 of its source, in hex.
    pub hash: Arc<str>,
}

impl Source {
    /// Its ruleset id.
    pub fn rid(&self) -> &str {
        ""
    }
    /// What its meta block says: name, description, author, version.
    pub fn meta(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    /// What the checker warned of.
    pub fn warnings(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    /// The rulesets that it uses as modules.
    pub fn uses(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}

/// Why a source does not compile.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct CompileError(String);

/// Compiles the source of a URL.
pub fn compile(url: &Arc<str>, hash: &str, krl: &str) -> Result<Source, CompileError> {
    let _ = krl;
    Ok(Source { url: url.clone(), hash: hash.into() })
}

/// The programs of a pico, linked.
#[derive(Clone, Debug, Default)]
pub struct Links {}

pub(crate) type Instance = std::convert::Infallible;

pub(crate) enum Member {
    Native(Arc<dyn Ruleset>),
    Program(Instance),
}

pub(crate) struct RuleEnd {
    pub(crate) fired: Fired,
    pub(crate) clears_queue: bool,
}

pub(crate) enum RunStop {
    Wait(Fault),
    Pause,
    Over(Result<RuleEnd, Fault>),
}

pub(crate) struct RuleRun {}

impl RuleRun {
    pub(crate) fn new(_: &mut Context, _: &Instance, _: usize, _: &Arc<Event>) -> Self {
        Self {}
    }
    pub(crate) fn run(&mut self, _: &mut Context, _: &mut Links) -> RunStop {
        RunStop::Pause
    }
}

pub(crate) fn candidates(_: &Instance, _: &Event) -> Vec<usize> {
    vec![]
}

impl Links {
    pub(crate) fn member(&mut self, context: &Context, rid: &Rid) -> Result<Option<Member>, Fault> {
        Ok(context.registry().find(context.pico(), rid).map(Member::Native))
    }
}
