//! Operators on text with patterns.
//!
//! Source: krl-stdlib 1.4 over ECMA-262 §22. A search always starts at the start of the text: in
//! JavaScript a global pattern that is kept in a variable would go on where it last stood.

use super::arguments::Given;
use super::{Growth, Meter, substitute};
use crate::fault::Fault;
use crate::regex::RegExp;
use crate::value::{Array, Text, Value};
use std::sync::Arc;

/// About what a piece of text takes in a list.
const PIECE_BYTES: usize = 48;

/// A pattern: itself, or the text of anything else as one.
pub(super) fn regexp(value: &Value) -> Result<Arc<RegExp>, Fault> {
    match value {
        Value::RegExp(regexp) => Ok(regexp.clone()),
        other => Ok(Arc::new(RegExp::new(&other.as_text(), "")?)),
    }
}

pub(super) fn like(value: &Value, pattern: &Value, meter: &mut Meter) -> Result<bool, Fault> {
    Ok(regexp(pattern)?.exec(&value.as_text(), 0, meter)?.is_some())
}

pub(super) fn like_operator(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    like(given.at(0), given.at(1), meter).map(Value::Boolean)
}

pub(super) fn is_match(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    match given.at(1) {
        pattern @ (Value::String(_) | Value::RegExp(_)) => {
            like(given.at(0), pattern, meter).map(Value::Boolean)
        }
        _ => Ok(Value::Boolean(false)),
    }
}

/// All matches of a global pattern, else the groups of the first one.
pub(super) fn extract(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if given.len() < 2 {
        return Ok(Value::default_array());
    }
    let text = given.text(0);
    let regexp = regexp(given.at(1))?;
    let mut pieces = Pieces::default();
    let mut start = 0;
    while let Some(found) = regexp.exec(&text, start, meter)? {
        if !regexp.is_global() {
            for group in &found.groups {
                pieces.push(group.map(|(start, end)| &text[start..end]), meter)?;
            }
            break;
        }
        pieces.push(Some(&text[found.start..found.end]), meter)?;
        let Some(next) = substitute::after(&text, &found) else { break };
        start = next;
    }
    pieces.finish()
}

pub(super) fn split(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    if let Value::RegExp(regexp) = given.at(1) {
        return split_by(&text, regexp, meter);
    }
    let separator = given.text(1);
    if separator.is_empty() {
        return split_units(&text, meter);
    }
    let mut pieces = Pieces::default();
    for piece in text.split(&*separator) {
        pieces.push(Some(piece), meter)?;
    }
    pieces.finish()
}

/// Each character for itself. A surrogate pair stays together, as half of it is no text.
pub(super) fn split_units(text: &str, meter: &mut Meter) -> Result<Value, Fault> {
    let mut pieces = Pieces::default();
    for (start, c) in text.char_indices() {
        pieces.push(Some(&text[start..start + c.len_utf8()]), meter)?;
    }
    pieces.finish()
}

/// ECMA-262 §22.2.6.14: groups stand between the pieces.
fn split_by(text: &str, regexp: &RegExp, meter: &mut Meter) -> Result<Value, Fault> {
    let mut pieces = Pieces::default();
    if text.is_empty() {
        if regexp.exec(text, 0, meter)?.is_none() {
            pieces.push(Some(""), meter)?;
        }
        return pieces.finish();
    }
    let (mut done, mut start) = (0, 0);
    while let Some(found) = regexp.exec(text, start, meter)? {
        if found.start >= text.len() {
            break;
        }
        if found.end == done {
            let Some(next) = substitute::after(text, &found) else { break };
            start = next;
            continue;
        }
        pieces.push(Some(&text[done..found.start]), meter)?;
        for group in &found.groups {
            pieces.push(group.map(|(start, end)| &text[start..end]), meter)?;
        }
        (done, start) = (found.end, found.end);
    }
    pieces.push(Some(&text[done..]), meter)?;
    pieces.finish()
}

/// `%d` stands for a number, `%s` for text; a backslash before it takes the meaning away.
pub(super) fn sprintf(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if given.at(1).is_nothing() {
        return Ok(Value::text(""));
    }
    let template = given.text(1);
    let specifier = match given.at(0) {
        Value::Number(number) if number.is_finite() => "%d",
        Value::String(_) => "%s",
        _ => return Ok(Value::String(Text::from(template))),
    };
    let pattern = RegExp::new(&format!("(^|[^\\\\]){specifier}"), "g")?;
    let replacement = format!("$1{}", given.text(0));
    let mut text = String::new();
    for (place, part) in template.split("\\\\").enumerate() {
        text.push_str(if place > 0 { "\\" } else { "" });
        text.push_str(&substitute::replace(part, &pattern, &replacement, meter)?);
        meter.fits(text.len())?;
    }
    meter.take_text(text.len())?;
    Ok(Value::text(text.replace(&format!("\\{specifier}"), specifier)))
}

/// Pieces of a text, counted as they come.
#[derive(Default)]
struct Pieces {
    items: Vec<Value>,
    growth: Growth,
}

impl Pieces {
    fn push(&mut self, piece: Option<&str>, meter: &mut Meter) -> Result<(), Fault> {
        self.growth.add(PIECE_BYTES + piece.map_or(0, str::len), meter)?;
        meter.spend(1)?;
        self.items.push(piece.map_or(Value::Undefined, Value::text));
        Ok(())
    }

    fn finish(self) -> Result<Value, Fault> {
        Ok(Value::Array(Array::new(self.items)?))
    }
}
