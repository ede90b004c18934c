//! Calls: functions of programs, operators of the library, members of modules.

use super::callable::{Callable, Cell, Kind, Member};
use super::frame::{Frame, Work};
use super::instance::Link;
use super::operate::{is_klog, is_noop, is_send_directive, text};
use super::run::{Flow, INSTRUCTIONS_PER_FUEL};
use super::{Instance, Machine, MemberKind, ModuleUse, Request};
use crate::ast::LogLevel;
use crate::compile::Capture;
use crate::fault::Fault;
use crate::library::{self, Args, Operator, Outcome};
use crate::value::{Text, Value};
use std::sync::Arc;

/// Memory of a function besides what it captures, about.
const CLOSURE_BYTES: usize = 64;
/// Memory of a cell, about.
const CELL_BYTES: usize = 96;
/// Values that are cleared for one operation when a function is entered.
const SLOTS_PER_FUEL: u64 = 16;

impl Machine {
    /// Fails unless the value on the stack can be called.
    pub(super) fn check(&self, is_action: bool) -> Result<(), Fault> {
        match self.stack.last() {
            Some(value) => check(value, is_action),
            None => Err(Fault::Broken("nothing to call".into())),
        }
    }

    /// Begins a call. The callee and so many arguments are on the stack; the last of them have
    /// these names.
    pub(super) fn begin(
        &mut self,
        count: usize,
        names: &[Text],
        is_action: bool,
    ) -> Result<Flow, Fault> {
        let place = self.stack.len() - count - 1;
        check(&self.stack[place], is_action)?;
        let Value::Callable(callable) = &self.stack[place] else {
            return Err(Fault::Broken("nothing to call".into()));
        };
        let context = if is_action { self.context() } else { self.instance() };
        match &callable.0 {
            Kind::Closure(closure) => {
                let function = closure.function;
                let here = self.instance();
                let instance = match self.instances.get(here as usize) {
                    Some(known) if Arc::as_ptr(known) == closure.instance.as_ptr() => here,
                    Some(_) | None => {
                        let home = closure.instance.clone();
                        self.home(&home)?
                    }
                };
                self.enter(instance, function, place, names, context)?;
                Ok(Flow::Enter)
            }
            Kind::Operator(operator, _) => {
                let operator = *operator;
                let (positional, named) = self.take_arguments(place, names);
                if is_action {
                    return self.act(operator, Args { positional, named });
                }
                self.operate(operator, positional, named)
            }
            Kind::Member(member) => {
                let member = member.clone();
                let (positional, named) = self.take_arguments(place, names);
                self.call_member(&member, Args { positional, named }, is_action)
            }
            Kind::Cell(_) => Err(Fault::Broken("a cell is called".into())),
        }
    }

    /// Enters a function whose arguments are on the stack.
    fn enter(
        &mut self,
        instance: u32,
        function: u32,
        place: usize,
        names: &[Text],
        context: u32,
    ) -> Result<(), Fault> {
        let program = &self.instances[instance as usize].program;
        let Some(code) = program.function(function) else {
            return Err(Fault::Broken("no function".into()));
        };
        let base = place + 1;
        let (parameters, slots) = (code.parameters.len(), code.slots);
        let cost =
            code.code.len() as u64 / INSTRUCTIONS_PER_FUEL + u64::from(slots) / SLOTS_PER_FUEL;
        if !names.is_empty() {
            bind(&mut self.stack, base, &code.parameters, names);
        }
        self.stack.truncate(base + parameters);
        let top = base + slots as usize;
        if top * size_of::<Value>() > self.meter.heap_max {
            return Err(Fault::Limit("HEAP_BYTES_MAX"));
        }
        if self.stack.len() < top {
            self.stack.resize(top, Value::Undefined);
        }
        self.meter.spend(cost)?;
        let work = Work::Code { function, pc: 0, base: base as u32 };
        self.push_frame(Frame { instance, context, work })
    }

    /// Takes the arguments and what was called from the stack.
    fn take_arguments(&mut self, place: usize, names: &[Text]) -> (Vec<Value>, Vec<(Text, Value)>) {
        let mut positional = self.stack.split_off(place + 1);
        let named = positional.split_off(positional.len() - names.len());
        self.stack.truncate(place);
        (positional, names.iter().cloned().zip(named).collect())
    }

    /// Carries out an operator of the library.
    pub(super) fn operate(
        &mut self,
        operator: Operator,
        positional: Vec<Value>,
        named: Vec<(Text, Value)>,
    ) -> Result<Flow, Fault> {
        if is_klog(operator) {
            return self.klog(&Args { positional, named });
        }
        match library::call(operator, Args { positional, named }, &mut self.meter)? {
            Outcome::Value(value) => Ok(Flow::Deliver(value)),
            Outcome::Iterate(iteration) => {
                let instance = self.instance();
                let work = Work::Iterate(iteration);
                self.push_frame(Frame { instance, context: instance, work })?;
                Ok(Flow::Iterate)
            }
        }
    }

    /// `klog` is the value that it logs.
    fn klog(&mut self, args: &Args) -> Result<Flow, Fault> {
        let value = argument(args, 0, "val");
        let message = match argument(args, 1, "message") {
            message if message.is_nothing() => "klog".into(),
            message => text(&message),
        };
        let (instance, context) = (self.instance(), self.context());
        let rid = self.rid();
        self.push_frame(Frame { instance, context, work: Work::Keep(value.clone()) })?;
        let level = LogLevel::Info;
        Ok(Flow::Request(Request::Log { rid, level, message: Some(message), value }))
    }

    /// Carries out an action of the library.
    fn act(&mut self, operator: Operator, args: Args) -> Result<Flow, Fault> {
        if is_send_directive(operator) {
            let (name, options) = (argument(&args, 0, "name"), argument(&args, 1, "options"));
            let rid = self.acting_rid();
            return Ok(Flow::Request(Request::Directive { rid, name, options }));
        }
        if is_noop(operator) {
            return Ok(Flow::Deliver(Value::Null));
        }
        self.operate(operator, args.positional, args.named)
    }

    fn call_member(&mut self, member: &Member, args: Args, is_action: bool) -> Result<Flow, Fault> {
        if &*member.domain == "event" && &*member.name == "attr" {
            self.is_pure = false;
            return Ok(Flow::Deliver(self.event_attribute(Some(&argument(&args, 0, "name")))));
        }
        if matches!(&*member.domain, "math" | "time") {
            // What time it is depends on the turn.
            self.is_pure &= &*member.domain == "math";
            let (domain, name, now) = (&member.domain, &member.name, self.now_ms as f64);
            let value = library::modules::call(domain, name, args, now, &mut self.meter);
            return value.unwrap_or(Ok(Value::Null)).map(Flow::Deliver);
        }
        let kind = if is_action { ModuleUse::Action } else { ModuleUse::Function };
        let rid = if is_action { self.acting_rid() } else { self.rid() };
        let (domain, name) = (member.domain.clone(), member.name.clone());
        Ok(Flow::Request(Request::Module { rid, domain, name, kind, args }))
    }

    /// Looks a module's member up: as a value, or because it is about to be called.
    pub(super) fn member(
        &mut self,
        instance: &Instance,
        member: u32,
        is_callee: bool,
    ) -> Result<Flow, Fault> {
        let names = &instance.program.members[member as usize];
        let link = names.link.and_then(|link| instance.links[link as usize].get());
        let native = match link {
            Some(Link::Instance(module)) => {
                if module.program.is_provided(&names.name) {
                    let value = module.global(&names.name).cloned().unwrap_or_default();
                    return Ok(Flow::Deliver(value));
                }
                None
            }
            Some(Link::Native(module)) => module.member(&names.name),
            None => match instance.modules.get(&names.domain) {
                Some(module) => module.member(&names.name),
                None => {
                    let name = &names.name;
                    let text = format!("Cannot read properties of null (reading '{name}')");
                    return Err(Fault::type_error(text));
                }
            },
        };
        match native {
            Some(member) if member.kind == MemberKind::Property => self.property(member),
            Some(member) => {
                let callable = Callable(Kind::Member(member.clone()));
                Ok(Flow::Deliver(Value::Callable(callable)))
            }
            // That nothing is no function is said where it is called.
            None if is_callee => Ok(Flow::Deliver(Value::Undefined)),
            None => {
                let (domain, name) = (&names.domain, &names.name);
                let text = format!("$ctx.module(...).{name} is not a function ({domain}:{name})");
                Err(Fault::type_error(text))
            }
        }
    }

    fn property(&mut self, member: &Member) -> Result<Flow, Fault> {
        self.is_pure &= &*member.domain == "math";
        Ok(match &*member.domain {
            "math" => {
                let (domain, name, args) = (&member.domain, &member.name, Args::default());
                let value = library::modules::call(domain, name, args, 0.0, &mut self.meter);
                Flow::Deliver(value.unwrap_or(Ok(Value::Null))?)
            }
            "event" => Flow::Deliver(self.event_fact(&member.name)),
            "meta" => Flow::Deliver(self.meta_fact(&member.name)),
            _ => Flow::Request(Request::Module {
                rid: self.rid(),
                domain: member.domain.clone(),
                name: member.name.clone(),
                kind: ModuleUse::Property,
                args: Args::default(),
            }),
        })
    }

    /// Makes a function, with what it takes along.
    pub(super) fn closure(
        &mut self,
        instance: &Arc<Instance>,
        id: u32,
        base: usize,
    ) -> Result<(), Fault> {
        let Some(function) = instance.program.function(id) else {
            return Err(Fault::Broken("no function".into()));
        };
        let bytes = size_of_val(&*function.captures) * 8 + CLOSURE_BYTES;
        self.meter.allocate(bytes)?;
        let captures = function.captures.iter().map(|capture| match capture {
            Capture::Local(slot) => Ok(self.stack[base + *slot as usize].clone()),
            Capture::Late(slot) => self.late(base + *slot as usize),
            Capture::Captured(index) => self.taken_along(base, *index),
            Capture::Callee => Ok(self.stack[base - 1].clone()),
        });
        let captures = captures.collect::<Result<_, Fault>>()?;
        let home = Arc::downgrade(instance);
        let callable = Callable::closure(home, id, function.is_action, captures)?;
        self.push(Value::Callable(callable));
        Ok(())
    }

    /// The cell of a variable that gets its value later.
    fn late(&mut self, place: usize) -> Result<Value, Fault> {
        if let Value::Callable(callable) = &self.stack[place]
            && let Kind::Cell(cell) = &callable.0
            && !cell.is_filled()
        {
            return Ok(self.stack[place].clone());
        }
        self.meter.allocate(CELL_BYTES)?;
        let cell = Arc::new(Cell::default());
        self.cells.push(Arc::downgrade(&cell));
        let value = Value::Callable(Callable(Kind::Cell(cell)));
        self.stack[place] = value.clone();
        Ok(value)
    }

    /// What the running function took along, cells as they are.
    fn taken_along(&self, base: usize, index: u16) -> Result<Value, Fault> {
        if let Value::Callable(callee) = &self.stack[base - 1]
            && let Kind::Closure(closure) = &callee.0
            && let Some(value) = closure.captures.get(index as usize)
        {
            return Ok(value.clone());
        }
        Err(Fault::Broken("nothing was captured".into()))
    }
}

/// Puts arguments into the order of the parameters: by name, else by place.
fn bind(stack: &mut Vec<Value>, base: usize, parameters: &[Text], names: &[Text]) {
    let mut given = stack.split_off(base);
    let mut named = given.split_off(given.len() - names.len());
    for (index, parameter) in parameters.iter().enumerate() {
        // Of two with one name the later counts. A name may be a place.
        let is_named = |name: &Text| name == parameter || name.parse() == Ok(index);
        let value = match names.iter().rposition(|name| name == parameter) {
            Some(place) => std::mem::take(&mut named[place]),
            None => match given.get_mut(index) {
                Some(value) => std::mem::take(value),
                None => match names.iter().rposition(is_named) {
                    Some(place) => std::mem::take(&mut named[place]),
                    None => Value::Undefined,
                },
            },
        };
        stack.push(value);
    }
}

fn check(value: &Value, is_action: bool) -> Result<(), Fault> {
    let (is_callable, what) = match value {
        Value::Callable(callable) if is_action => (callable.is_action(), "an action"),
        Value::Callable(callable) => (callable.is_function(), "a function"),
        _ => (false, if is_action { "an action" } else { "a function" }),
    };
    if is_callable {
        return Ok(());
    }
    Err(Fault::type_error(format_args!("{} is not {what}", text(value))))
}

/// An argument by its name, else by its place.
fn argument(args: &Args, place: usize, name: &str) -> Value {
    let named = args.named.iter().rev().find(|(known, _)| &**known == name);
    named
        .map(|(_, value)| value)
        .or_else(|| args.positional.get(place))
        .cloned()
        .unwrap_or_default()
}
