//! `replace`, by text or by a function of the program.
//!
//! A function gets what JavaScript would pass: the match, its groups, where it stands (in UTF-16
//! units), and the text. A global pattern that matches nothing goes on a character later; the
//! reference would go on for ever.

use crate::fault::Fault;
use crate::library::arguments::Given;
use crate::library::substitute::{self, Growing};
use crate::library::{Iteration, Meter, Next, Outcome, pattern};
use crate::regex::RegExp;
use crate::value::{self, Text, Value, utf16};
use std::sync::Arc;

pub(in crate::library) fn replace(mut given: Given, meter: &mut Meter) -> Result<Outcome, Fault> {
    if given.len() < 2 {
        return Ok(Outcome::Value(given.take(0)));
    }
    let text = given.at(0).to_text();
    let replacement = given.take(2);
    if matches!(&replacement, Value::Callable(callable) if callable.is_function()) {
        return Ok(Outcome::Iterate(Box::new(Replace {
            text,
            regexp: pattern::regexp(given.at(1))?,
            function: replacement,
            out: Growing::default(),
            done: 0,
            start: Some(0),
        })));
    }
    let template = if replacement.is_nothing() { "".into() } else { replacement.as_text() };
    let replaced = match given.at(1) {
        Value::RegExp(regexp) => substitute::replace(&text, regexp, &template, meter)?,
        target => substitute::replace_text(&text, &target.as_text(), &template, meter)?,
    };
    meter.take_text(replaced.len())?;
    Ok(Outcome::Value(Value::text(replaced)))
}

struct Replace {
    text: Text,
    regexp: Arc<RegExp>,
    function: Value,
    out: Growing,
    /// Up to where the text has been written.
    done: usize,
    /// Where the next search starts; `None` when there is none.
    start: Option<usize>,
}

impl Iteration for Replace {
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault> {
        if let Some(answer) = answer {
            self.out.push(&value::property_key(&answer, meter)?, meter)?;
        }
        let found = match self.start {
            Some(start) => self.regexp.exec(&self.text, start, meter)?,
            None => None,
        };
        let Some(found) = found else {
            self.out.push(&self.text[self.done..], meter)?;
            return Ok(Next::Done(Value::text(std::mem::take(&mut self.out.text))));
        };
        self.out.push(&self.text[self.done..found.start], meter)?;
        self.done = found.end;
        self.start =
            if self.regexp.is_global() { substitute::after(&self.text, &found) } else { None };
        let part = |(start, end): (usize, usize)| Value::text(&self.text[start..end]);
        let mut arguments = vec![part((found.start, found.end))];
        arguments.extend(found.groups.iter().map(|group| group.map_or(Value::Undefined, part)));
        meter.spend(found.start as u64 / 64)?;
        arguments.push(Value::Number(utf16::index_of(&self.text, found.start) as f64));
        arguments.push(Value::String(self.text.clone()));
        Ok(Next::Call(self.function.clone(), arguments))
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::String(self.text.clone()));
        visit(&self.function);
    }
}
