//! A program linked on one pico: its globals, its configuration, the modules it uses.

use super::callable::Cell;
use super::{Modules, NativeModule};
use crate::compile::Program;
use crate::value::{Map, Value};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// A program linked on one pico. Its globals have their values once [`Machine::init`] is done.
///
/// [`Machine::init`]: super::Machine::init
#[derive(Debug)]
pub struct Instance {
    pub(crate) program: Arc<Program>,
    pub(crate) config: Map,
    pub(crate) modules: Arc<Modules>,
    pub(crate) globals: Box<[OnceLock<Value>]>,
    pub(crate) links: Box<[OnceLock<Link>]>,
    /// What each `use` will be linked to.
    pub(crate) wanted: Vec<Module>,
    /// Cells that globals hold.
    pub(crate) cells: Mutex<Vec<Weak<Cell>>>,
}

/// What a `use` of a program stands for on a pico.
#[derive(Clone, Debug)]
pub enum Module {
    /// A program: every user has an instance of its own. With what its own uses stand for.
    Program(Arc<Program>, Vec<Module>),
    /// An instance that was made before; what a user says `with` is ignored.
    Instance(Arc<Instance>),
    /// A module that is not written in KRL.
    Native(Arc<NativeModule>),
    /// None: the initialisation fails.
    Missing,
}

/// A module that is in use.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    Instance(Arc<Instance>),
    Native(Arc<NativeModule>),
}

impl Instance {
    pub(crate) fn new(
        program: Arc<Program>,
        modules: Arc<Modules>,
        wanted: Vec<Module>,
        config: Map,
    ) -> Self {
        let globals = program.global_names.iter().map(|_| OnceLock::new()).collect();
        let links = program.uses.iter().map(|_| OnceLock::new()).collect();
        Self { program, config, modules, globals, links, wanted, cells: Mutex::default() }
    }

    /// Its program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The value of a global, if it has one.
    pub fn global(&self, name: &str) -> Option<&Value> {
        let index = *self.program.globals.get(name)?;
        self.globals.get(index as usize)?.get()
    }

    pub(crate) fn keep_cells(&self, cells: Vec<Weak<Cell>>) {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).extend(cells);
    }
}

/// Functions of globals that know each other through cells would stay for ever.
impl Drop for Instance {
    fn drop(&mut self) {
        let cells = self.cells.get_mut().unwrap_or_else(PoisonError::into_inner);
        empty(std::mem::take(cells));
    }
}

pub(crate) fn empty(cells: Vec<Weak<Cell>>) {
    for cell in cells {
        drop(cell.upgrade().and_then(|cell| cell.empty()));
    }
}
