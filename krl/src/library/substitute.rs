//! Replacing what a pattern found, as JavaScript's `String.prototype.replace` does.
//!
//! Source: ECMA-262 §22.1.3.19.1 GetSubstitution.

use super::{Growth, Meter};
use crate::fault::Fault;
use crate::regex::{Match, RegExp};

/// Replaces the first match, or all of them when the pattern is global.
pub(super) fn replace(
    text: &str,
    regexp: &RegExp,
    template: &str,
    meter: &mut Meter,
) -> Result<String, Fault> {
    let mut out = Growing::default();
    let mut done = 0;
    let mut start = 0;
    while let Some(found) = regexp.exec(text, start, meter)? {
        out.push(&text[done..found.start], meter)?;
        expand(template, text, &found, regexp, &mut out, meter)?;
        done = found.end;
        if !regexp.is_global() {
            break;
        }
        let Some(next) = after(text, &found) else { break };
        start = next;
    }
    out.push(&text[done..], meter)?;
    Ok(out.text)
}

/// Replaces the first occurrence of a text.
pub(super) fn replace_text(
    text: &str,
    target: &str,
    template: &str,
    meter: &mut Meter,
) -> Result<String, Fault> {
    meter.spend(text.len() as u64 / 64)?;
    let Some(start) = text.find(target) else { return Ok(text.to_owned()) };
    let found = Match { start, end: start + target.len(), groups: Vec::new() };
    let mut out = Growing::default();
    out.push(&text[..start], meter)?;
    expand_with(template, text, &found, |_| None, &mut out, meter)?;
    out.push(&text[found.end..], meter)?;
    Ok(out.text)
}

/// Where the search goes on after a match: one character on when the match was empty.
pub(super) fn after(text: &str, found: &Match) -> Option<usize> {
    if found.end > found.start {
        return Some(found.end);
    }
    let next = text[found.end..].chars().next()?;
    Some(found.end + next.len_utf8())
}

/// Text that grows under the eye of the meter.
#[derive(Default)]
pub(super) struct Growing {
    pub(super) text: String,
    growth: Growth,
}

impl Growing {
    pub(super) fn push(&mut self, text: &str, meter: &mut Meter) -> Result<(), Fault> {
        self.growth.add(text.len(), meter)?;
        meter.spend(1 + text.len() as u64 / 64)?;
        self.text.push_str(text);
        Ok(())
    }
}

fn expand(
    template: &str,
    text: &str,
    found: &Match,
    regexp: &RegExp,
    out: &mut Growing,
    meter: &mut Meter,
) -> Result<(), Fault> {
    let has_names = regexp.group_names().iter().any(Option::is_some);
    let named = |name: &str| {
        let names = regexp.group_names();
        has_names.then(|| names.iter().position(|other| other.as_deref() == Some(name)))
    };
    expand_with(template, text, found, named, out, meter)
}

/// Writes the template. `named` finds the group of a name: `None` when the pattern has no names.
fn expand_with(
    template: &str,
    text: &str,
    found: &Match,
    named: impl Fn(&str) -> Option<Option<usize>>,
    out: &mut Growing,
    meter: &mut Meter,
) -> Result<(), Fault> {
    let group = |number: usize| match found.groups.get(number) {
        Some(Some((start, end))) => &text[*start..*end],
        _ => "",
    };
    let mut rest = template;
    while let Some(place) = rest.find('$') {
        out.push(&rest[..place], meter)?;
        rest = &rest[place..];
        let bytes = rest.as_bytes();
        let digit = |place: usize| {
            bytes
                .get(place)
                .filter(|byte| byte.is_ascii_digit())
                .map(|byte| usize::from(byte - b'0'))
        };
        let (written, length) = match bytes.get(1) {
            Some(b'$') => ("$", 2),
            Some(b'&') => (&text[found.start..found.end], 2),
            Some(b'`') => (&text[..found.start], 2),
            Some(b'\'') => (&text[found.end..], 2),
            Some(b'<') => match rest.find('>').and_then(|end| Some((end, named(&rest[2..end])?))) {
                Some((end, number)) => (number.map_or("", group), end + 1),
                None => ("$<", 2),
            },
            _ => {
                let one = digit(1);
                let two = one.zip(digit(2)).map(|(tens, ones)| tens * 10 + ones);
                let is_group = |number: &usize| (1..=found.groups.len()).contains(number);
                match (one, two) {
                    (_, Some(number)) if is_group(&number) => (group(number - 1), 3),
                    (Some(number), _) if is_group(&number) => (group(number - 1), 2),
                    _ => ("$", 1),
                }
            }
        };
        out.push(written, meter)?;
        rest = &rest[length..];
    }
    out.push(rest, meter)
}
