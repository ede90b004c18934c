//! The rulesets that the engine knows.

use crate::id::Rid;
use crate::ruleset::Ruleset;
use crate::state::Pico;
use picomesh_krl::machine as krl;
use std::collections::HashMap;
use std::sync::Arc;

/// All rulesets known to the engine: those on every pico, and those that can be installed.
#[derive(Clone, Default)]
pub struct Registry {
    standard: Vec<Arc<dyn Ruleset>>,
    installable: HashMap<Rid, Arc<dyn Ruleset>>,
    modules: HashMap<&'static str, Arc<dyn Ruleset>>,
    /// What programs know of all modules without `use`.
    known: Known,
    /// Where others reach this engine.
    host: Host,
}

/// The members of all modules, those of the language included.
#[derive(Clone)]
struct Known(Arc<krl::Modules>);

impl Default for Known {
    fn default() -> Self {
        Self(krl::Modules::standard())
    }
}

#[derive(Clone)]
struct Host(Arc<str>);

impl Default for Host {
    fn default() -> Self {
        Self("http://localhost:3000".into())
    }
}

impl Registry {
    /// Adds a ruleset that is on every pico; these run first, in the order of their adding.
    #[must_use]
    pub fn with_standard(mut self, ruleset: impl Ruleset + 'static) -> Self {
        self.standard.push(Arc::new(ruleset));
        self
    }

    /// Adds a ruleset that runs where it is installed.
    #[must_use]
    pub fn with_installable(mut self, ruleset: impl Ruleset + 'static) -> Self {
        self.installable.insert(ruleset.rid().clone(), Arc::new(ruleset));
        self
    }

    /// Adds a module that every program in KRL has under this domain.
    ///
    /// It is no ruleset of any pico: what it does, it does with the state of its caller.
    #[must_use]
    pub fn with_module(mut self, domain: &'static str, module: impl Ruleset + 'static) -> Self {
        let native = krl::NativeModule::new(domain, crate::program::members(&module));
        self.known = Known(Arc::new((*self.known.0).clone().with(native)));
        self.modules.insert(domain, Arc::new(module));
        self
    }

    /// The module of a domain, if the agent added one.
    pub fn module(&self, domain: &str) -> Option<&Arc<dyn Ruleset>> {
        self.modules.get(domain)
    }

    /// Says where others reach this engine.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.host = Host(host.into());
        self
    }

    /// What programs know of all modules without `use`.
    pub(crate) fn modules(&self) -> &Arc<krl::Modules> {
        &self.known.0
    }

    /// Where others reach this engine.
    pub(crate) fn host(&self) -> &Arc<str> {
        &self.host.0
    }

    /// The rulesets of a pico in the order in which they see an event.
    pub fn of<'r>(&'r self, pico: &'r Pico) -> impl Iterator<Item = &'r Arc<dyn Ruleset>> {
        let installed = pico.rulesets.iter().filter_map(|one| self.installable.get(&one.rid));
        self.standard.iter().chain(installed)
    }

    /// The rulesets that are on every pico, in the order in which they see an event.
    pub fn standard(&self) -> impl Iterator<Item = &Arc<dyn Ruleset>> {
        self.standard.iter()
    }

    /// One ruleset of a pico, if the pico has it.
    pub fn find(&self, pico: &Pico, rid: &Rid) -> Option<Arc<dyn Ruleset>> {
        self.of(pico).find(|ruleset| ruleset.rid() == rid).cloned()
    }

    /// Whether a ruleset can be installed by this id.
    pub fn is_installable(&self, rid: &Rid) -> bool {
        self.installable.contains_key(rid)
    }
}
