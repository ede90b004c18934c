//! Counts what is alive, and empties cells that nothing reaches any more.
//!
//! Between two counts only what is allocated is summed up; a count is due when both together
//! could exceed the limit. Shared values are counted once.

use super::callable::{Cell, Kind};
use super::frame::Work;
use super::{Instance, Machine};
use crate::fault::Fault;
use crate::value::Value;
use std::collections::HashSet;
use std::sync::{Arc, Weak};

/// Values that cost one operation to count.
const VALUES_PER_FUEL: u64 = 16;
/// Memory of a container besides what it holds, about.
const CONTAINER_BYTES: usize = 64;
/// Memory of a map's entry besides its key's text, about.
const ENTRY_BYTES: usize = 64;

/// What is found alive.
#[derive(Default)]
struct Count {
    seen: HashSet<usize>,
    /// Containers that are still to be looked into.
    rest: Vec<Value>,
    bytes: usize,
    values: u64,
}

impl Machine {
    /// Counts what is alive when that could exceed the limit. Everything that is in use must
    /// stand on the stack or in frames.
    #[inline]
    pub(super) fn watch_heap(&mut self) -> Result<(), Fault> {
        if self.meter.allocated <= self.room { Ok(()) } else { self.count_heap() }
    }

    #[cold]
    fn count_heap(&mut self) -> Result<(), Fault> {
        let mut count = Count::default();
        count.bytes += self.stack.len() * size_of::<Value>();
        self.stack.iter().for_each(|value| count.value(value));
        if let Some(Ok(value)) = &self.incoming {
            count.value(value);
        }
        for frame in &self.frames {
            match &frame.work {
                Work::Iterate(iteration) => iteration.visit(&mut |value| count.value(value)),
                Work::Keep(value) => count.value(value),
                Work::Code { .. } | Work::Link { .. } => {}
            }
        }
        self.instances.iter().for_each(|instance| count.instance(instance));
        count.finish();
        let Count { seen, bytes, values, .. } = count;
        self.sweep(&seen);
        self.meter.allocated = 0;
        self.room = self.meter.heap_max.saturating_sub(bytes);
        if bytes > self.meter.heap_max {
            return Err(Fault::Limit("HEAP_BYTES_MAX"));
        }
        self.meter.spend(values / VALUES_PER_FUEL)
    }

    /// Empties the cells that were not seen: only cells reach them.
    fn sweep(&mut self, seen: &HashSet<usize>) {
        let mut garbage = Vec::new();
        self.cells.retain(|cell| {
            let is_alive = seen.contains(&address(cell));
            if !is_alive {
                garbage.push(cell.clone());
            }
            is_alive
        });
        super::instance::empty(garbage);
    }
}

fn address(cell: &Weak<Cell>) -> usize {
    cell.as_ptr() as usize
}

impl Count {
    /// Counts a value whose own place (its 24 bytes) is counted where it stands.
    fn value(&mut self, value: &Value) {
        self.values += 1;
        match value {
            Value::Undefined | Value::Null | Value::Boolean(_) | Value::Number(_) => {}
            Value::String(text) => {
                let is_new = Arc::strong_count(text) == 1
                    || self.seen.insert(Arc::as_ptr(text).cast::<u8>() as usize);
                if is_new {
                    self.bytes += text.len() + 2 * size_of::<usize>();
                }
            }
            Value::RegExp(regexp) => {
                if self.seen.insert(Arc::as_ptr(regexp) as usize) {
                    self.bytes += regexp.size_bytes();
                }
            }
            Value::Array(array) => self.container(value, array.address()),
            Value::Map(map) => self.container(value, map.address()),
            Value::Callable(callable) => match &callable.0 {
                Kind::Closure(closure) => self.container(value, Arc::as_ptr(closure) as usize),
                Kind::Cell(cell) => self.container(value, Arc::as_ptr(cell) as usize),
                Kind::Operator(..) | Kind::Member(_) => {}
            },
        }
    }

    fn container(&mut self, value: &Value, address: usize) {
        if self.seen.insert(address) {
            self.bytes += CONTAINER_BYTES;
            self.rest.push(value.clone());
        }
    }

    fn instance(&mut self, instance: &Arc<Instance>) {
        for value in instance.globals.iter().filter_map(|global| global.get()) {
            self.value(value);
        }
        for value in instance.config.iter().map(|(_, value)| value) {
            self.value(value);
        }
    }

    fn finish(&mut self) {
        while let Some(value) = self.rest.pop() {
            match &value {
                Value::Array(array) => {
                    self.bytes += size_of_val(array.items());
                    array.items().iter().for_each(|item| self.value(item));
                }
                Value::Map(map) => {
                    for (key, item) in map.iter() {
                        self.bytes += ENTRY_BYTES;
                        if Arc::strong_count(key) == 1 {
                            self.bytes += key.len() + 2 * size_of::<usize>();
                        }
                        self.value(item);
                    }
                }
                Value::Callable(callable) => match &callable.0 {
                    Kind::Closure(closure) => {
                        self.bytes += size_of_val(&*closure.captures);
                        closure.captures.iter().for_each(|item| self.value(item));
                    }
                    Kind::Cell(cell) => {
                        if let Some(item) = cell.get() {
                            self.value(&item);
                        }
                    }
                    Kind::Operator(..) | Kind::Member(_) => {}
                },
                Value::Undefined
                | Value::Null
                | Value::Boolean(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::RegExp(_) => {}
            }
        }
    }
}
