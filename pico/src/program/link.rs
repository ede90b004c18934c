//! Linking: a program with the modules that it uses on this pico.
//!
//! A module is resolved by its id among what this pico has installed, so that two picos can use
//! different rulesets by one id. Every user has an instance of its own, with its own
//! configuration; entity variables are the module's. Globals get their values when a program is
//! linked, and keep them until one of the sources changes or the pico leaves memory.

use super::driver::{Driver, Ended};
use super::source::Source;
use super::{RunStop, host};
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Rid;
use crate::ruleset::Ruleset;
use crate::state::Installed;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::{
    Instance, Machine, MemberKind, MetaFacts, Module, Modules, NativeModule, RulesetFacts,
};
use picomesh_krl::value::{Text, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// How deeply modules may use modules.
const MODULE_DEPTH_MAX: usize = 16;

/// A ruleset of a pico, as the turn runs it.
pub(crate) enum Member {
    Native(Arc<dyn Ruleset>),
    Program(Arc<Linked>),
}

/// A program linked on a pico.
pub(crate) struct Linked {
    pub(crate) rid: Rid,
    pub(crate) source: Source,
    pub(crate) instance: Arc<Instance>,
    /// How it and the modules below it are installed, and their versions.
    made_of: Vec<(Installed, Arc<str>)>,
}

/// The programs of a pico, linked.
#[derive(Clone, Default)]
pub struct Links {
    linked: HashMap<Rid, Arc<Linked>>,
    modules: Option<Arc<Modules>>,
    facts: Arc<HashMap<Text, RulesetFacts>>,
    facts_of: Vec<Installed>,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.linked.keys()).finish()
    }
}

/// A link that is being made.
pub(crate) struct Linking {
    driver: Driver,
    made_of: Vec<(Installed, Arc<str>)>,
}

impl Links {
    /// A ruleset of the pico; `None` when the pico has none of this id.
    ///
    /// Linking may wait; `linking` keeps what is under way.
    pub(crate) fn member(
        &mut self,
        context: &mut Context,
        linking: &mut Option<Box<Linking>>,
        rid: &Rid,
    ) -> Result<RunOrMember, Fault> {
        if let Some(native) = context.registry().find(context.pico(), rid) {
            return Ok(RunOrMember::Member(Member::Native(native)));
        }
        let Some(source) = source(context, rid)? else { return Ok(RunOrMember::None) };
        if linking.is_none() {
            let made_of = made_of(context, rid)?;
            if let Some(linked) = self.linked.get(rid)
                && linked.made_of == made_of
            {
                return Ok(RunOrMember::Member(Member::Program(linked.clone())));
            }
            let modules = self.modules(context);
            if let Some(instance) = source.compiled.program.shared_instance(&modules) {
                return Ok(RunOrMember::Member(self.keep(rid, source, instance, made_of)));
            }
            let mut uses = vec![];
            for used in &source.compiled.uses_in_order() {
                uses.push(module(context, used, 0)?);
            }
            // A program starts for itself, whatever event or query it is that first needs it.
            let eci = context.core.event_eci.take();
            let txn_id = std::mem::take(&mut context.core.txn_id);
            let mut machine = self.machine(context, Meter::default(), false);
            (context.core.event_eci, context.core.txn_id) = (eci, txn_id);
            machine.init(source.compiled.program.clone(), modules, uses);
            *linking = Some(Box::new(Linking { driver: Driver::new(machine), made_of }));
        }
        let Some(mut under_way) = linking.take() else { return Ok(RunOrMember::None) };
        let caller = context.core.set_rid(rid);
        let stop = under_way.driver.run(context, self);
        context.core.set_rid(&caller);
        match stop {
            RunStop::Wait(fault) => {
                *linking = Some(under_way);
                Err(fault)
            }
            RunStop::Pause => {
                *linking = Some(under_way);
                Ok(RunOrMember::Pause)
            }
            RunStop::Over(Ok(Ended::Value(_) | Ended::Rule(_))) => {
                let Linking { driver, made_of } = *under_way;
                let instance = driver.into_machine().and_then(|mut m| m.take_instance());
                let instance =
                    instance.ok_or_else(|| Fault::Broken("nothing was linked".into()))?;
                Ok(RunOrMember::Member(self.keep(rid, source, instance, made_of)))
            }
            RunStop::Over(Err(fault)) => Err(fault),
        }
    }

    fn keep(
        &mut self,
        rid: &Rid,
        source: Source,
        instance: Arc<Instance>,
        made_of: Vec<(Installed, Arc<str>)>,
    ) -> Member {
        let linked = Arc::new(Linked { rid: rid.clone(), source, instance, made_of });
        self.linked.insert(rid.clone(), linked.clone());
        Member::Program(linked)
    }

    /// The modules that every program knows.
    fn modules(&mut self, context: &Context) -> Arc<Modules> {
        self.modules.get_or_insert_with(|| context.registry().modules().clone()).clone()
    }

    /// A machine that is told what programs of this pico are told.
    pub(crate) fn machine(&mut self, context: &Context, meter: Meter, is_query: bool) -> Machine {
        let pico = context.pico();
        if self.facts_of != pico.rulesets {
            self.facts_of.clone_from(&pico.rulesets);
            self.facts = Arc::new(pico.rulesets.iter().map(facts).collect());
        }
        let eci = context.core.event_eci.as_ref();
        let mut machine = Machine::new(meter);
        machine.set_now(context.now());
        machine.set_meta(Arc::new(MetaFacts {
            eci: eci.map_or(Value::Null, |eci| Value::text(eci.as_str())),
            host: context.registry().host().clone(),
            pico_id: pico.id.as_str().into(),
            txn_id: match context.core.txn_id.as_str() {
                "" => Value::Null,
                id => Value::text(id),
            },
            is_query,
            rulesets: self.facts.clone(),
        }));
        machine
    }
}

/// What looking for a ruleset came to.
pub(crate) enum RunOrMember {
    Member(Member),
    Pause,
    None,
}

fn facts(installed: &Installed) -> (Text, RulesetFacts) {
    let url = installed.url.clone().map_or(Value::Null, Value::String);
    let config = host::from_json(&installed.config).unwrap_or_default();
    (installed.rid.as_str().into(), RulesetFacts { url, config })
}

/// The compiled source of a ruleset that is installed by URL.
fn source(context: &Context, rid: &Rid) -> Result<Option<Source>, Fault> {
    match context.pico().installed(rid).and_then(|installed| installed.url.clone()) {
        Some(url) => context.source(&url),
        None => Ok(None),
    }
}

/// How a ruleset and the modules below it are installed, and their versions.
fn made_of(context: &Context, rid: &Rid) -> Result<Vec<(Installed, Arc<str>)>, Fault> {
    let mut parts: Vec<(Installed, Arc<str>)> = vec![];
    let mut wanted = vec![rid.clone()];
    while let Some(rid) = wanted.pop() {
        if parts.iter().any(|(installed, _)| installed.rid == rid) {
            continue;
        }
        let Some(source) = source(context, &rid)? else { continue };
        let Some(installed) = context.pico().installed(&rid) else { continue };
        wanted.extend(source.compiled.uses.iter().cloned());
        parts.push((installed.clone(), source.hash.clone()));
    }
    Ok(parts)
}

/// What programs know of a ruleset written in Rust.
pub(crate) fn members(
    ruleset: &dyn Ruleset,
) -> impl Iterator<Item = (&'static str, MemberKind)> + use<> {
    ruleset.provides().into_iter().map(|(name, provided)| {
        let kind = match provided.is_action {
            true => MemberKind::Action,
            false => MemberKind::Function,
        };
        (name, kind)
    })
}

/// What a use of a module stands for on this pico.
fn module(context: &Context, rid: &Rid, depth: usize) -> Result<Module, Fault> {
    if let Some(native) = context.registry().find(context.pico(), rid) {
        let module = NativeModule::new(rid.as_str(), members(&*native));
        return Ok(Module::Native(Arc::new(module)));
    }
    let Some(source) = source(context, rid)? else { return Ok(Module::Missing) };
    if depth == MODULE_DEPTH_MAX {
        return Err(Fault::Limit { name: "MODULE_DEPTH_MAX" });
    }
    let uses = source.compiled.uses_in_order();
    let uses: Result<Vec<Module>, Fault> =
        uses.iter().map(|used| module(context, used, depth + 1)).collect();
    Ok(Module::Program(source.compiled.program.clone(), uses?))
}
