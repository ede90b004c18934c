//! The rulesets that the engine knows.

use crate::id::Rid;
use crate::ruleset::Ruleset;
use crate::state::Pico;
use std::collections::HashMap;
use std::sync::Arc;

/// All rulesets known to the engine: those on every pico, and those that can be installed.
#[derive(Clone, Default)]
pub struct Registry {
    standard: Vec<Arc<dyn Ruleset>>,
    installable: HashMap<Rid, Arc<dyn Ruleset>>,
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
