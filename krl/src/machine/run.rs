//! The loop.

use super::callable::Kind;
use super::frame::{Frame, Work};
use super::{Machine, Request, RuleEnd, Step};
use crate::compile::{End, Op};
use crate::fault::Fault;
use crate::library::Next;
use crate::value::{Array, Map, Value};
use std::sync::Arc;

/// Instructions that cost one operation when a function is entered or a loop goes on. So code
/// without operations is not free.
pub(super) const INSTRUCTIONS_PER_FUEL: u64 = 64;

/// What happens next.
pub(super) enum Flow {
    /// The uppermost frame is code, and runs.
    Enter,
    /// The uppermost frame calls functions, and begins to.
    Iterate,
    /// This is for the uppermost frame.
    Deliver(Value),
    Done(Value),
    Rule(RuleEnd),
    Request(Request),
    Slice,
}

impl Machine {
    /// Runs on, for about so many operations.
    pub fn run(&mut self, slice: u64) -> Result<Step, Fault> {
        let stop = self.meter.fuel.saturating_sub(slice);
        let mut flow = match (self.waiting.take(), self.incoming.take()) {
            (Some(flow), _) => flow,
            (None, Some(incoming)) => Flow::Deliver(incoming?),
            (None, None) => Flow::Enter,
        };
        loop {
            flow = match flow {
                Flow::Enter => self.execute(stop)?,
                Flow::Iterate => self.advance(None)?,
                Flow::Deliver(value) => {
                    self.incoming = Some(Ok(value));
                    if self.meter.fuel < stop {
                        return Ok(Step::Slice);
                    }
                    self.watch_heap()?;
                    self.deliver()?
                }
                Flow::Done(value) => return Ok(Step::Done(value)),
                Flow::Rule(end) => return Ok(Step::Rule(end)),
                Flow::Slice => return Ok(Step::Slice),
                Flow::Request(request) => {
                    self.is_pure = false;
                    return Ok(Step::Request(request));
                }
            };
        }
    }

    /// Answers a request.
    pub fn answer(&mut self, answer: Result<Value, Fault>) {
        self.incoming = Some(answer);
    }

    /// Hands what comes in to the uppermost frame.
    fn deliver(&mut self) -> Result<Flow, Fault> {
        let value = self.incoming.take().transpose()?.unwrap_or_default();
        match self.frames.last().map(|frame| &frame.work) {
            None => Ok(Flow::Done(value)),
            Some(Work::Code { .. }) => {
                self.push(value);
                Ok(Flow::Enter)
            }
            Some(Work::Iterate(_)) => self.advance(Some(value)),
            Some(Work::Keep(_)) => {
                let kept = self.frames.pop().map(|frame| frame.work);
                Ok(Flow::Deliver(match kept {
                    Some(Work::Keep(kept)) => kept,
                    Some(Work::Code { .. } | Work::Iterate(_) | Work::Link { .. }) | None => value,
                }))
            }
            Some(Work::Link { .. }) => self.link(),
        }
    }

    /// Lets an operator make its next call.
    fn advance(&mut self, answer: Option<Value>) -> Result<Flow, Fault> {
        let Some(Frame { work: Work::Iterate(iteration), .. }) = self.frames.last_mut() else {
            return Err(Fault::Broken("no iteration".into()));
        };
        match iteration.step(answer, &mut self.meter)? {
            Next::Done(value) => {
                self.frames.pop();
                Ok(Flow::Deliver(value))
            }
            Next::Call(callee, arguments) => {
                self.meter.spend(1)?;
                let count = arguments.len();
                self.push(callee);
                self.stack.extend(arguments);
                self.begin(count, &[], false)
            }
        }
    }

    /// Runs code until something else is to be done.
    fn execute(&mut self, stop: u64) -> Result<Flow, Fault> {
        'instance: loop {
            let here = self.instance();
            let Some(instance) = self.instances.get(here as usize).cloned() else {
                return Err(Fault::Broken("no instance".into()));
            };
            let program = &*instance.program;
            loop {
                if self.meter.fuel < stop {
                    return Ok(Flow::Slice);
                }
                self.watch_heap()?;
                let (function, mut pc, base) = match self.frames.last() {
                    Some(Frame { instance, work: Work::Code { function, pc, base }, .. }) => {
                        if *instance != here {
                            continue 'instance;
                        }
                        (*function, *pc as usize, *base as usize)
                    }
                    Some(_) | None => return Err(Fault::Broken("no code".into())),
                };
                let Some(function) = program.function(function) else {
                    return Err(Fault::Broken("no function".into()));
                };
                let code = &*function.code;
                // Ends when another frame is to run.
                let flow = loop {
                    let op = code[pc];
                    pc += 1;
                    self.at = pc as u32;
                    match op {
                        Op::Undefined => self.push(Value::Undefined),
                        Op::Constant(index) => {
                            self.push(program.constants[index as usize].clone());
                        }
                        Op::Local(slot) => self.push(self.stack[base + slot as usize].clone()),
                        Op::SetLocal(slot) => self.stack[base + slot as usize] = self.pop(),
                        Op::LocalCell(slot) => {
                            let value = self.open(&self.stack[base + slot as usize])?;
                            self.push(value);
                        }
                        Op::SetCell(slot) => self.set_cell(base + slot as usize),
                        Op::Captured(index) => {
                            let value = self.captured(base, index)?;
                            self.push(value);
                        }
                        Op::Callee => self.push(self.stack[base - 1].clone()),
                        Op::Global(index) => match instance.globals[index as usize].get() {
                            Some(value) => self.push(value.clone()),
                            None => {
                                return Err(uninitialised(&program.global_names[index as usize]));
                            }
                        },
                        Op::SetGlobal(index) => {
                            let value = self.pop();
                            // A program sets each of its globals once.
                            let _ = instance.globals[index as usize].set(value);
                        }
                        Op::Pop => drop(self.pop()),
                        Op::Jump(distance) => pc = jump(pc, distance),
                        Op::JumpUnless(distance) => {
                            if !self.pop().is_truthy() {
                                pc = jump(pc, distance);
                            }
                        }
                        Op::And(distance) => match self.stack.last() {
                            Some(value) if !value.is_truthy() => pc = jump(pc, distance),
                            Some(_) | None => drop(self.pop()),
                        },
                        Op::Or(distance) => match self.stack.last() {
                            Some(value) if value.is_truthy() => pc = jump(pc, distance),
                            Some(_) | None => drop(self.pop()),
                        },
                        Op::JumpIfGiven(slot, distance) => {
                            if !self.stack[base + slot as usize].is_undefined() {
                                pc = jump(pc, distance);
                            }
                        }
                        Op::Binary(operator) => self.binary(operator)?,
                        Op::Not => {
                            let value = self.pop();
                            self.push(Value::Boolean(!value.is_truthy()));
                        }
                        Op::Negate | Op::Plus => self.unary(matches!(op, Op::Negate))?,
                        Op::Path => self.path()?,
                        Op::Index => self.index()?,
                        Op::Dot(name) => self.dot(&program.names[name as usize])?,
                        Op::Array(count) => {
                            self.meter.take_items(count as usize)?;
                            let items = self.stack.split_off(self.stack.len() - count as usize);
                            self.push(Value::Array(Array::new(items)?));
                        }
                        Op::Map(shape) => {
                            let keys = &program.shapes[shape as usize].names;
                            self.meter.take_items(2 * keys.len())?;
                            let from = self.stack.len() - keys.len();
                            let map = Map::new(keys.iter().cloned().zip(self.stack.drain(from..)))?;
                            self.push(Value::Map(map));
                        }
                        Op::Concat(count) => self.concat(count as usize)?,
                        Op::Closure(id) => self.closure(&instance, id, base)?,
                        Op::Same(constant) => {
                            let value = self.pop();
                            let same = same(&value, &program.constants[constant as usize]);
                            self.push(Value::Boolean(same));
                        }
                        Op::CheckFunction => self.check(false)?,
                        Op::CheckAction => self.check(true)?,
                        Op::Call(count) => {
                            self.save(pc);
                            self.meter.spend(1)?;
                            break self.begin(count as usize, &[], false)?;
                        }
                        Op::Act(count) => {
                            self.save(pc);
                            self.meter.spend(1)?;
                            break self.begin(count as usize, &[], true)?;
                        }
                        Op::CallNamed(shape) | Op::ActNamed(shape) => {
                            self.save(pc);
                            self.meter.spend(1)?;
                            let shape = &program.shapes[shape as usize];
                            let count = shape.positional as usize + shape.names.len();
                            let is_action = matches!(op, Op::ActNamed(_));
                            break self.begin(count, &shape.names, is_action)?;
                        }
                        Op::Operate(operator, count) => {
                            let from = self.stack.len() - count as usize;
                            let positional = self.stack.split_off(from);
                            self.save(pc);
                            break self.operate(operator, positional, Vec::new())?;
                        }
                        Op::Return => {
                            let value = self.pop();
                            self.stack.truncate(base - 1);
                            self.frames.pop();
                            break Flow::Deliver(value);
                        }
                        Op::Loop(slot) => self.begin_loop(base + slot as usize)?,
                        Op::LoopTest(slot, distance) => {
                            if self.loop_left(base + slot as usize) == 0 {
                                pc = jump(pc, distance);
                            }
                        }
                        Op::LoopValue(slot) => self.loop_value(base + slot as usize),
                        Op::LoopKey(slot) => self.loop_key(base + slot as usize),
                        Op::LoopLast(slot) => {
                            let left = self.loop_left(base + slot as usize);
                            self.push(Value::Boolean(left <= 1));
                        }
                        Op::LoopNext(slot, distance) => {
                            let cost =
                                1 + u64::from(distance.unsigned_abs()) / INSTRUCTIONS_PER_FUEL;
                            self.meter.spend(cost)?;
                            self.loop_next(base + slot as usize);
                            pc = jump(pc, distance);
                            self.save(pc);
                            break Flow::Enter;
                        }
                        Op::Fired(slot) => {
                            self.has_fired |= self.stack[base + slot as usize].is_truthy();
                        }
                        Op::EndRule(end) => {
                            self.stack.clear();
                            self.frames.clear();
                            return Ok(Flow::Rule(match end {
                                End::Continue => RuleEnd::Continue,
                                End::Last => RuleEnd::Last,
                                End::Error => RuleEnd::Error,
                            }));
                        }
                        Op::Member(member) => {
                            self.save(pc);
                            break self.member(&instance, member, false)?;
                        }
                        Op::MemberCallee(member) => {
                            self.save(pc);
                            break self.member(&instance, member, true)?;
                        }
                        Op::Use(index) => {
                            self.save(pc);
                            break self.begin_use(&instance, index)?;
                        }
                        Op::Configure(name) => {
                            if let Some(value) = instance.config.get(&program.names[name as usize])
                            {
                                self.pop();
                                self.push(value.clone());
                            }
                        }
                        Op::Entity(_)
                        | Op::Random(_)
                        | Op::EntityPut(_)
                        | Op::EntityPutPath(_)
                        | Op::EntityClear(_)
                        | Op::EntityClearPath(_)
                        | Op::Raise(_)
                        | Op::Schedule(_)
                        | Op::Log(_)
                        | Op::Error(_) => {
                            self.save(pc);
                            self.meter.spend(1)?;
                            return self.effect(program, op).map(Flow::Request);
                        }
                    }
                };
                match flow {
                    Flow::Enter => {}
                    Flow::Deliver(value) => match self.frames.last() {
                        Some(Frame { work: Work::Code { .. }, .. }) => self.push(value),
                        Some(_) | None => return Ok(Flow::Deliver(value)),
                    },
                    flow => return Ok(flow),
                }
            }
        }
    }

    /// Notes where the uppermost code goes on.
    fn save(&mut self, next: usize) {
        if let Some(Frame { work: Work::Code { pc, .. }, .. }) = self.frames.last_mut() {
            *pc = next as u32;
        }
    }

    /// What a function took along.
    fn captured(&self, base: usize, index: u16) -> Result<Value, Fault> {
        if let Value::Callable(callee) = &self.stack[base - 1]
            && let Kind::Closure(closure) = &callee.0
            && let Some(value) = closure.captures.get(index as usize)
        {
            return self.open(value);
        }
        Err(Fault::Broken("nothing was captured".into()))
    }

    /// The value of a variable that may live in a cell.
    fn open(&self, value: &Value) -> Result<Value, Fault> {
        match value {
            Value::Callable(callable) => match &callable.0 {
                Kind::Cell(cell) => cell.get().ok_or_else(|| uninitialised("it")),
                Kind::Closure(_) | Kind::Operator(..) | Kind::Member(_) => Ok(value.clone()),
            },
            Value::Undefined
            | Value::Null
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Map(_)
            | Value::RegExp(_) => Ok(value.clone()),
        }
    }

    /// Gives a variable its value: through the cell that waits for it, if there is one.
    fn set_cell(&mut self, place: usize) {
        let value = self.pop();
        if let Value::Callable(callable) = &self.stack[place]
            && let Kind::Cell(cell) = &callable.0
            && !cell.is_filled()
        {
            let cell = Arc::clone(cell);
            cell.fill(value);
            return;
        }
        self.stack[place] = value;
    }
}

fn jump(pc: usize, distance: i32) -> usize {
    pc.wrapping_add_signed(distance as isize)
}

fn uninitialised(name: &str) -> Fault {
    Fault::Thrown(format!("ReferenceError: Cannot access '{name}' before initialization").into())
}

/// JavaScript's `===`, for texts and numbers.
fn same(value: &Value, label: &Value) -> bool {
    match (value, label) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        _ => false,
    }
}
