//! What a machine can be started with.

use super::frame::{Frame, Work};
use super::instance::{self, Link, Module};
use super::run::Flow;
use super::{Instance, Machine, Modules, Step};
use crate::compile::{CodeId, Program};
use crate::fault::Fault;
use crate::library::{Args, Meter};
use crate::value::{Map, Text, Value};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

impl Machine {
    /// Begins to link a program. `uses` says what each of its uses stands for, in their order.
    /// When it is done, [`Machine::take_instance`] is the instance.
    pub fn init(&mut self, program: Arc<Program>, modules: Arc<Modules>, uses: Vec<Module>) {
        self.reset();
        let init = program.init;
        let instance = Instance::new(program, modules, uses, Map::default());
        self.instances.push(Arc::new(instance));
        self.start(init, Vec::new());
    }

    /// Begins a query: a shared function is called with the arguments that have the names of its
    /// parameters, any other value is the answer itself.
    pub fn query(
        &mut self,
        instance: &Arc<Instance>,
        name: &str,
        arguments: &Map,
    ) -> Result<(), Fault> {
        self.reset();
        self.enlist(instance);
        let value = match instance.global(name) {
            Some(value) => value.clone(),
            None if name == "__testing" => instance.program.testing.clone(),
            None => Value::Undefined,
        };
        if !matches!(&value, Value::Callable(callable) if callable.is_function()) {
            self.incoming = Some(Ok(value));
            return Ok(());
        }
        let named = arguments.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        self.start_call(value, Args { positional: Vec::new(), named }, false)
    }

    /// Begins a call of what a ruleset provides.
    pub fn call(
        &mut self,
        instance: &Arc<Instance>,
        name: &str,
        args: Args,
        is_action: bool,
    ) -> Result<(), Fault> {
        self.reset();
        self.enlist(instance);
        let is_provided = instance.program.is_provided(name);
        let value = instance.global(name).filter(|_| is_provided).cloned().unwrap_or_default();
        self.start_call(value, args, is_action)
    }

    /// Begins a condition of a rule's event expression. `captures` are the captures of that
    /// primitive, of which its `setting` makes variables.
    pub fn condition(
        &mut self,
        instance: &Arc<Instance>,
        rule: usize,
        primitive: usize,
        captures: Vec<Value>,
    ) {
        let rule = instance.program.rules.get(rule);
        let code = rule.and_then(|rule| rule.conditions.get(primitive).copied().flatten());
        self.start_alone(instance, code, captures, Value::Boolean(true));
        self.rule = rule.map(|rule| rule.name.clone());
    }

    /// Begins the expression of a rule's `within`, whose value
    /// [`Select::within_ms`](crate::select::Select::within_ms) takes.
    pub fn within(&mut self, instance: &Arc<Instance>, rule: usize) {
        let code = instance.program.rules.get(rule).and_then(|rule| rule.within);
        self.start_alone(instance, code, Vec::new(), Value::Undefined);
    }

    /// Begins the body of a rule. `settings` are the variables of its event expression, in the
    /// order of [`Select::variables`](crate::select::Select::variables).
    pub fn rule_body(&mut self, instance: &Arc<Instance>, rule: usize, settings: Vec<Value>) {
        let rule = instance.program.rules.get(rule);
        self.start_alone(instance, rule.map(|rule| rule.body), settings, Value::Undefined);
        self.rule = rule.map(|rule| rule.name.clone());
    }

    fn start_alone(
        &mut self,
        instance: &Arc<Instance>,
        code: Option<CodeId>,
        parameters: Vec<Value>,
        otherwise: Value,
    ) {
        self.reset();
        self.enlist(instance);
        match code {
            Some(code) => self.start(code, parameters),
            None => self.incoming = Some(Ok(otherwise)),
        }
    }

    /// Forgets what ran before.
    fn reset(&mut self) {
        self.stack.clear();
        self.frames.clear();
        self.instances.clear();
        instance::empty(std::mem::take(&mut self.cells));
        self.incoming = None;
        self.waiting = None;
        self.at = 0;
        self.rule = None;
        self.has_fired = false;
        self.is_pure = true;
        self.room = self.meter.heap_max;
    }

    /// Begins code of the instance that was enlisted first.
    fn start(&mut self, function: CodeId, parameters: Vec<Value>) {
        let code = self.instances.first().and_then(|instance| instance.program.function(function));
        let Some(code) = code else { return };
        let (slots, count) = (code.slots as usize, code.parameters.len());
        // In the place of what is called.
        self.stack.push(Value::Undefined);
        self.stack.extend(parameters.into_iter().take(count));
        self.stack.resize(1 + slots, Value::Undefined);
        let work = Work::Code { function, pc: 0, base: 1 };
        self.frames.push(Frame { instance: 0, context: 0, work });
    }

    fn start_call(&mut self, callee: Value, args: Args, is_action: bool) -> Result<(), Fault> {
        let mut names: Vec<Text> = Vec::with_capacity(args.named.len());
        self.push(callee);
        let count = args.positional.len() + args.named.len();
        self.stack.extend(args.positional);
        for (name, value) in args.named {
            names.push(name);
            self.push(value);
        }
        match self.begin(count, &names, is_action)? {
            Flow::Deliver(value) | Flow::Done(value) => self.incoming = Some(Ok(value)),
            flow => self.waiting = Some(flow),
        }
        Ok(())
    }

    /// Begins the initialisation of a module, if it is one that each user has for himself.
    pub(super) fn begin_use(&mut self, user: &Arc<Instance>, index: u32) -> Result<Flow, Fault> {
        let used = &user.program.uses[index as usize];
        let keys = &user.program.shapes[used.shape as usize].names;
        let from = self.stack.len() - keys.len();
        let with = Map::new(keys.iter().cloned().zip(self.stack.drain(from..)))?;
        let link = match user.wanted.get(index as usize) {
            Some(Module::Program(program, wanted)) => {
                let (program, wanted) = (program.clone(), wanted.clone());
                return self.begin_module(user, index, program, wanted, with);
            }
            Some(Module::Instance(instance)) => Link::Instance(instance.clone()),
            Some(Module::Native(native)) => Link::Native(native.clone()),
            Some(Module::Missing) | None => {
                return Err(Fault::error(format_args!("Module not found: {}", used.rid)));
            }
        };
        let _ = user.links[index as usize].set(link);
        Ok(Flow::Enter)
    }

    fn begin_module(
        &mut self,
        user: &Arc<Instance>,
        index: u32,
        program: Arc<Program>,
        wanted: Vec<Module>,
        with: Map,
    ) -> Result<Flow, Fault> {
        if with.is_empty()
            && let Some(shared) = program.shared_instance(&user.modules)
        {
            let _ = user.links[index as usize].set(Link::Instance(shared));
            return Ok(Flow::Enter);
        }
        let function = program.init;
        let slots = program.function(function).map_or(0, |code| code.slots as usize);
        let module = Instance::new(program, user.modules.clone(), wanted, with);
        let user = self.instance();
        let module = self.enlist(&Arc::new(module));
        let work = Work::Link { user, index };
        self.push_frame(Frame { instance: module, context: module, work })?;
        self.push(Value::Undefined);
        let base = self.stack.len();
        self.stack.resize(base + slots, Value::Undefined);
        let work = Work::Code { function, pc: 0, base: base as u32 };
        self.push_frame(Frame { instance: module, context: module, work })?;
        Ok(Flow::Enter)
    }

    /// Links a module, whose initialisation is done, to its user.
    pub(super) fn link(&mut self) -> Result<Flow, Fault> {
        let Some(Frame { instance, work: Work::Link { user, index }, .. }) = self.frames.pop()
        else {
            return Err(Fault::Broken("nothing to link".into()));
        };
        let module = Link::Instance(self.instances[instance as usize].clone());
        let _ = self.instances[user as usize].links[index as usize].set(module);
        Ok(Flow::Enter)
    }

    /// The instance whose initialisation is done. It keeps what the initialisation made.
    pub fn take_instance(&mut self) -> Option<Arc<Instance>> {
        let instance = self.instances.first()?.clone();
        instance.keep_cells(std::mem::take(&mut self.cells));
        Some(instance)
    }
}

impl Program {
    /// An instance that all picos can share, if nothing in it depends on a pico: the program uses
    /// no modules of its own, and its initialisation neither asks for nor is told anything.
    pub fn shared_instance(self: &Arc<Self>, modules: &Arc<Modules>) -> Option<Arc<Instance>> {
        if !self.uses.is_empty() || self.is_unshareable.load(Ordering::Relaxed) {
            return None;
        }
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(instance) = shared.upgrade() {
            return Some(instance);
        }
        let mut machine = Machine::new(Meter::default());
        machine.init(self.clone(), modules.clone(), Vec::new());
        let done = matches!(machine.run(u64::MAX), Ok(Step::Done(_))) && machine.is_pure;
        let instance = machine.take_instance().filter(|_| done);
        match &instance {
            Some(instance) => *shared = Arc::downgrade(instance),
            None => self.is_unshareable.store(true, Ordering::Relaxed),
        }
        instance
    }
}
