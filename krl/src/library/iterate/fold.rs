//! `reduce` and `pairwise`.

use super::callable;
use crate::fault::Fault;
use crate::library::arguments::Given;
use crate::library::collection::only_arrays;
use crate::library::{Iteration, Meter, Next, Outcome};
use crate::value::{Array, Value};

struct Reduce {
    array: Array,
    function: Value,
    sum: Value,
    place: usize,
}

pub(in crate::library) fn reduce(mut given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    let Value::Array(array) = given.take(0) else { return Err(only_arrays()) };
    let has_default = given.len() > 2;
    let function = given.take(1);
    let count = array.items().len();
    if count == 0 {
        let result = if has_default { given.take(2) } else { Value::Number(0.0) };
        return Ok(Outcome::Value(result));
    }
    let is_function = matches!(&function, Value::Callable(callable) if callable.is_function());
    if !is_function && (!has_default || count > 1) {
        return Err(Fault::error(format_args!(
            "The .reduce() operator cannot use {} as a function",
            function.as_text()
        )));
    }
    let (sum, place) = match has_default {
        true => (given.take(2), 0),
        false => (array.items()[0].clone(), 1),
    };
    Ok(Outcome::Iterate(Box::new(Reduce { array, function, sum, place })))
}

impl Iteration for Reduce {
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault> {
        meter.spend(1)?;
        if let Some(answer) = answer {
            self.sum = answer;
            self.place += 1;
        }
        let sum = std::mem::take(&mut self.sum);
        let Some(item) = self.array.items().get(self.place) else { return Ok(Next::Done(sum)) };
        let place = Value::Number(self.place as f64);
        let arguments = vec![sum, item.clone(), place, Value::Array(self.array.clone())];
        Ok(Next::Call(callable(&self.function)?, arguments))
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Array(self.array.clone()));
        visit(&self.function);
        visit(&self.sum);
    }
}

struct Pairwise {
    lists: Array,
    function: Value,
    count: usize,
    results: Vec<Value>,
}

pub(in crate::library) fn pairwise(mut given: Given, _: &mut Meter) -> Result<Outcome, Fault> {
    let refusal = |text: &str, value: &Value| {
        Fault::type_error(format_args!("The .pairwise() operator {text} {}", value.as_text()))
    };
    let lists = match given.take(0) {
        Value::Array(lists) => lists,
        value => return Err(refusal("cannot be called on", &value)),
    };
    if lists.items().len() < 2 {
        return Err(Fault::type_error("The .pairwise() operator needs a longer array"));
    }
    let function = given.take(1);
    if !matches!(&function, Value::Callable(callable) if callable.is_function()) {
        return Err(Fault::type_error(format_args!(
            "The .pairwise() operator cannot use {} as a function",
            function.as_text()
        )));
    }
    let lengths = lists.items().iter().map(|list| match list {
        Value::Array(list) => list.items().len(),
        _ => 1,
    });
    let count = lengths.max().unwrap_or(0);
    Ok(Outcome::Iterate(Box::new(Pairwise { lists, function, count, results: Vec::new() })))
}

impl Iteration for Pairwise {
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault> {
        if let Some(answer) = answer {
            self.results.push(answer);
        }
        let place = self.results.len();
        if place == self.count {
            return Ok(Next::Done(Value::Array(Array::new(std::mem::take(&mut self.results))?)));
        }
        let lists = self.lists.items();
        meter.take_items(lists.len() + 1)?;
        let at = |list: &Value| match list {
            Value::Array(list) => list.items().get(place).cloned().unwrap_or_default(),
            value if place == 0 => value.clone(),
            _ => Value::Undefined,
        };
        Ok(Next::Call(callable(&self.function)?, lists.iter().map(at).collect()))
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Array(self.lists.clone()));
        visit(&self.function);
        self.results.iter().for_each(visit);
    }
}
