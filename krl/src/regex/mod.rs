//! Regular expressions in JavaScript's dialect.
//!
//! A pattern becomes a small program. Two engines run it and agree on every capture:
//! `backtrack` for most texts and for what needs backtracking (backreferences, lookaround),
//! `pike` in linear time for everything else once backtracking turns out to be slow. Both count
//! steps ([`REGEX_STEPS_MAX`]) and neither recurses.
//!
//! Source: ECMA-262 §22.2 with Annex B, messages as V8 words them.
//!
//! Texts are UTF-8 and offsets count bytes, so `.` and classes take a whole code point even
//! without the flag `u`, and a lone surrogate matches nothing. Absent: `\p{…}`, the flag `v`.

mod backtrack;
mod class;
mod compile;
mod error;
mod fold;
mod parse;
mod pike;
mod prefix;
mod program;
#[cfg(test)]
mod tests;

use crate::fault::Fault;
use crate::library::Meter;
use crate::value::Text;
use program::{NONE, Program};

/// Most steps of one search.
pub const REGEX_STEPS_MAX: u64 = 20_000_000;
/// Most instructions of one compiled pattern.
pub const REGEX_SIZE_MAX: usize = 30_000;
/// Most points to come back to during one search.
pub const REGEX_STACK_MAX: usize = 1_500_000;
/// How deeply groups of a pattern may nest.
pub const REGEX_NESTING_MAX: usize = 200;

/// Steps that cost one operation of the program.
const STEPS_PER_FUEL: u64 = 16;
/// Steps for which backtracking goes without a memory of where it was.
const STEPS_UNGUARDED: u64 = 4_000;
/// Largest such memory, in bits. Above, the other engine takes over.
const VISITED_BITS_MAX: usize = 1 << 21;

/// A compiled regular expression.
pub struct RegExp {
    source: Text,
    flags: Text,
    names: Vec<Option<Text>>,
    program: Program,
}

/// Where a pattern was found. Offsets are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// What the capturing groups took, from group 1 on.
    pub groups: Vec<Option<(usize, usize)>>,
}

impl RegExp {
    /// Compiles a pattern. Refused: what JavaScript refuses, in its words, and what grows larger
    /// than [`REGEX_SIZE_MAX`] or nests deeper than [`REGEX_NESTING_MAX`].
    pub fn new(pattern: &str, flags: &str) -> Result<Self, Fault> {
        let options = Options::parse(flags)?;
        let parsed =
            parse::parse(pattern, options).map_err(|refusal| refusal.into_fault(pattern, flags))?;
        let program = compile::compile(&parsed, options)?;
        let source = escaped_source(pattern).into();
        Ok(Self { source, flags: options.text().into(), names: parsed.names, program })
    }

    /// Finds the pattern at or after a byte offset. Fuel is taken in proportion to the steps.
    pub fn exec(
        &self,
        text: &str,
        start: usize,
        meter: &mut Meter,
    ) -> Result<Option<Match>, Fault> {
        let mut search = Search::new(text, meter);
        let found = self.find(&mut search, start);
        search.settle(meter);
        Ok(found?.map(|slots| self.found(&slots)))
    }

    /// The pattern as JavaScript prints it: a slash in it is escaped.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The flags in alphabetical order.
    pub fn flags(&self) -> &str {
        &self.flags
    }

    /// Whether the flag `g` is set.
    pub fn is_global(&self) -> bool {
        self.flags.contains('g')
    }

    /// The names of the capturing groups, from group 1 on.
    pub fn group_names(&self) -> &[Option<Text>] {
        &self.names
    }

    /// Memory that it takes, about.
    pub fn size_bytes(&self) -> usize {
        let names = self.names.iter().flatten().map(|name| name.len() + 16).sum::<usize>();
        size_of::<Self>() + self.source.len() + names + self.program.size_bytes()
    }

    fn find(&self, search: &mut Search<'_>, start: usize) -> Result<Option<Vec<usize>>, Fault> {
        let Some(start) = boundary_from(search.text, start) else { return Ok(None) };
        let program = &self.program;
        if !program.is_linear {
            return backtrack::find(program, search, start, backtrack::Guard::Off).map(Into::into);
        }
        let guard = backtrack::Guard::Steps(search.steps + STEPS_UNGUARDED);
        let found = backtrack::find(program, search, start, guard)?;
        let backtrack::Found::GaveUp { at: from } = found else { return Ok(found.into()) };
        let bits = program.code.len().saturating_mul(search.text.len() - from + 1);
        if bits <= VISITED_BITS_MAX {
            let guard = backtrack::Guard::visited(bits, from);
            return backtrack::find(program, search, from, guard).map(Into::into);
        }
        pike::find(program, search, from)
    }

    fn found(&self, slots: &[usize]) -> Match {
        let pair = |group: usize| {
            let (start, end) = (slots[2 * group], slots[2 * group + 1]);
            (start != NONE && end != NONE).then_some((start, end))
        };
        let (start, end) = pair(0).unwrap_or_default();
        Match { start, end, groups: (1..=self.names.len()).map(pair).collect() }
    }
}

impl PartialEq for RegExp {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.flags == other.flags
    }
}

impl std::fmt::Debug for RegExp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}/{}", self.source, self.flags)
    }
}

/// One search: the text and what it may still cost.
struct Search<'t> {
    text: &'t str,
    steps: u64,
    steps_max: u64,
    limit: &'static str,
}

impl<'t> Search<'t> {
    fn new(text: &'t str, meter: &Meter) -> Self {
        let affordable = meter.fuel.saturating_mul(STEPS_PER_FUEL);
        let (steps_max, limit) = if affordable < REGEX_STEPS_MAX {
            (affordable, "FUEL_MAX")
        } else {
            (REGEX_STEPS_MAX, "REGEX_STEPS_MAX")
        };
        Self { text, steps: 0, steps_max, limit }
    }

    #[inline]
    fn spend(&mut self, steps: u64) -> Result<(), Fault> {
        self.steps += steps;
        if self.steps > self.steps_max { Err(Fault::Limit(self.limit)) } else { Ok(()) }
    }

    fn settle(&self, meter: &mut Meter) {
        meter.fuel = meter.fuel.saturating_sub(self.steps.div_ceil(STEPS_PER_FUEL));
    }
}

/// What the flags ask for.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    has_indices: bool,
    global: bool,
    ignore_case: bool,
    multiline: bool,
    dot_all: bool,
    unicode: bool,
    sticky: bool,
}

impl Options {
    fn parse(flags: &str) -> Result<Self, Fault> {
        let mut options = Self::default();
        for flag in flags.chars() {
            let is_set = options.flag(flag);
            if is_set.is_none_or(|is_set| std::mem::replace(is_set, true)) {
                let text = format!("Invalid flags supplied to RegExp constructor '{flags}'");
                return Err(Fault::Thrown(format!("SyntaxError: {text}").into()));
            }
        }
        Ok(options)
    }

    fn flag(&mut self, flag: char) -> Option<&mut bool> {
        Some(match flag {
            'd' => &mut self.has_indices,
            'g' => &mut self.global,
            'i' => &mut self.ignore_case,
            'm' => &mut self.multiline,
            's' => &mut self.dot_all,
            'u' => &mut self.unicode,
            'y' => &mut self.sticky,
            _ => return None,
        })
    }

    fn text(mut self) -> String {
        "dgimsuy".chars().filter(|flag| self.flag(*flag).is_some_and(|is_set| *is_set)).collect()
    }
}

/// The first boundary between characters at or after an offset.
fn boundary_from(text: &str, offset: usize) -> Option<usize> {
    (offset..=text.len()).find(|offset| text.is_char_boundary(*offset))
}

/// ECMA-262 §22.2.6.13.1 EscapeRegExpPattern.
fn escaped_source(pattern: &str) -> String {
    if pattern.is_empty() {
        return "(?:)".into();
    }
    let mut source = String::with_capacity(pattern.len());
    let (mut is_class, mut is_escaped) = (false, false);
    for c in pattern.chars() {
        let name = match c {
            '\n' => "n",
            '\r' => "r",
            '\u{2028}' => "u2028",
            '\u{2029}' => "u2029",
            '/' if !is_class && !is_escaped => "/",
            _ => "",
        };
        if name.is_empty() {
            source.push(c);
        } else {
            source.push_str(if is_escaped { "" } else { "\\" });
            source.push_str(name);
        }
        match c {
            '[' if !is_escaped => is_class = true,
            ']' if !is_escaped => is_class = false,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    source
}
