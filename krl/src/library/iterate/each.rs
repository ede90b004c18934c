//! Operators that call a function for each entry of a list or a map, with the value, its place or
//! key, and the container.

use super::callable;
use crate::fault::Fault;
use crate::library::arguments::Given;
use crate::library::{Growth, Iteration, Meter, Next, Outcome, collection};
use crate::value::{self, Array, Map, Text, Value};
use indexmap::IndexMap;

/// What an answer does.
enum Goal {
    /// Goes on while the answers are (not) truthy; the flag turns the result around.
    Test { stop_at: bool, result_at_stop: bool },
    /// Keeps what was answered truthy.
    Filter(Gathered),
    /// Keeps the answers.
    Map(Gathered),
    /// Keeps the values by answer.
    Collect(IndexMap<Text, Vec<Value>>),
}

enum Gathered {
    Array(Vec<Value>),
    Map(Vec<(Text, Value)>),
}

struct Each {
    container: Value,
    /// `None`: the value itself is the answer.
    function: Option<Value>,
    /// How many entries have been shown.
    shown: usize,
    goal: Goal,
    growth: Growth,
}

pub(in crate::library) fn all(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |_| Goal::Test { stop_at: false, result_at_stop: false }, false)
}

pub(in crate::library) fn notall(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |_| Goal::Test { stop_at: false, result_at_stop: true }, false)
}

pub(in crate::library) fn any(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |_| Goal::Test { stop_at: true, result_at_stop: true }, false)
}

pub(in crate::library) fn none(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |_| Goal::Test { stop_at: true, result_at_stop: false }, false)
}

pub(in crate::library) fn filter(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |container| Goal::Filter(Gathered::like(container)), true)
}

pub(in crate::library) fn map(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |container| Goal::Map(Gathered::like(container)), true)
}

pub(in crate::library) fn collect(given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    each(given, |_| Goal::Collect(IndexMap::new()), true)
}

fn each(
    mut given: Given,
    goal: impl FnOnce(&Value) -> Goal,
    may_lack_function: bool,
) -> Result<Outcome, Fault> {
    let container = given.take(0);
    collection::container(&container)?;
    let function = given.take(1);
    let function = if may_lack_function && function.is_nothing() { None } else { Some(function) };
    let goal = goal(&container);
    Ok(Outcome::Iterate(Box::new(Each {
        container,
        function,
        shown: 0,
        goal,
        growth: Growth::default(),
    })))
}

impl Gathered {
    fn like(container: &Value) -> Self {
        match container {
            Value::Array(_) => Self::Array(Vec::new()),
            _ => Self::Map(Vec::new()),
        }
    }

    fn push(&mut self, key: impl FnOnce() -> Text, value: Value) {
        match self {
            Self::Array(items) => items.push(value),
            Self::Map(entries) => entries.push((key(), value)),
        }
    }

    fn finish(&mut self) -> Result<Value, Fault> {
        Ok(match self {
            Self::Array(items) => Value::Array(Array::new(std::mem::take(items))?),
            Self::Map(entries) => Value::Map(Map::new(std::mem::take(entries))?),
        })
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Array(items) => items.iter().for_each(visit),
            Self::Map(entries) => entries.iter().map(|(_, value)| value).for_each(visit),
        }
    }
}

impl Each {
    /// The entry at a place: its value, and its place or key.
    fn entry(&self, place: usize) -> Option<(Value, Value)> {
        match &self.container {
            Value::Array(array) => {
                Some((array.items().get(place)?.clone(), Value::Number(place as f64)))
            }
            Value::Map(map) => {
                let (key, value) = map.at(place)?;
                Some((value.clone(), Value::String(key.clone())))
            }
            _ => None,
        }
    }

    fn key(container: &Value, place: usize) -> Text {
        match container {
            Value::Map(map) => map.at(place).map(|(key, _)| key.clone()).unwrap_or_default(),
            _ => Text::default(),
        }
    }

    /// Takes the answer for the entry that was shown last; the result if that settles it.
    fn take(&mut self, answer: Value, meter: &mut Meter) -> Result<Option<Value>, Fault> {
        let place = self.shown - 1;
        let key = || Self::key(&self.container, place);
        self.growth.add(size_of::<Value>(), meter)?;
        match &mut self.goal {
            Goal::Test { stop_at, result_at_stop } => {
                let is_stop = answer.is_truthy() == *stop_at;
                return Ok(is_stop.then_some(Value::Boolean(*result_at_stop)));
            }
            Goal::Map(gathered) => gathered.push(key, answer),
            Goal::Filter(gathered) => {
                if answer.is_truthy()
                    && let Some((value, _)) = match &self.container {
                        Value::Array(array) => array.items().get(place).map(|value| (value, ())),
                        Value::Map(map) => map.at(place).map(|(_, value)| (value, ())),
                        _ => None,
                    }
                {
                    gathered.push(key, value.clone());
                }
            }
            Goal::Collect(groups) => {
                let group = value::property_key(&answer, meter)?;
                let value = match &self.container {
                    Value::Array(array) => array.items().get(place).cloned(),
                    Value::Map(map) => map.at(place).map(|(_, value)| value.clone()),
                    _ => None,
                };
                groups.entry(group).or_default().extend(value);
            }
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Value, Fault> {
        Ok(match &mut self.goal {
            Goal::Test { result_at_stop, .. } => Value::Boolean(!*result_at_stop),
            Goal::Map(gathered) | Goal::Filter(gathered) => gathered.finish()?,
            Goal::Collect(groups) => {
                let groups = std::mem::take(groups).into_iter();
                let groups: Result<Vec<_>, Fault> = groups
                    .map(|(key, values)| Ok((key, Value::Array(Array::new(values)?))))
                    .collect();
                Value::Map(Map::new(groups?)?)
            }
        })
    }
}

impl Iteration for Each {
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault> {
        let mut answer = answer;
        loop {
            if let Some(answer) = answer.take()
                && let Some(result) = self.take(answer, meter)?
            {
                return Ok(Next::Done(result));
            }
            meter.spend(1)?;
            let Some((value, key)) = self.entry(self.shown) else {
                return Ok(Next::Done(self.finish()?));
            };
            self.shown += 1;
            match &self.function {
                Some(function) => {
                    let arguments = vec![value, key, self.container.clone()];
                    return Ok(Next::Call(callable(function)?, arguments));
                }
                None => answer = Some(value),
            }
        }
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.container);
        self.function.iter().for_each(&mut *visit);
        match &self.goal {
            Goal::Test { .. } => {}
            Goal::Map(gathered) | Goal::Filter(gathered) => gathered.visit(visit),
            Goal::Collect(groups) => groups.values().flatten().for_each(visit),
        }
    }
}
