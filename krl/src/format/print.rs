//! From units to lines.

use super::LINE_COLUMNS_MAX;
use super::space;
use super::unit::{Place, Unit};
use crate::parser::BREAK_CHAIN;

const INDENT: usize = 2;

/// Lays out units.
pub(super) fn print(units: &[Unit]) -> String {
    let pending = Pending::Line { empty: Empty::Kept, further: 0 };
    let (out, column, indent) = (String::new(), 0, 0);
    let mut printer =
        Printer { units, out, column, indent, pending, is_after_open: true, remarked: 0 };
    let end = units.len() - 1;
    printer.segment(0, end);
    printer.line(Empty::Kept);
    printer.remarks(end);
    printer.out.push('\n');
    printer.out
}

/// What stands between what was printed and what comes.
#[derive(Clone, Copy)]
enum Pending {
    Nothing,
    Space,
    Line { empty: Empty, further: usize },
}

/// Whether an empty line may stand there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    Never,
    Kept,
    Always,
}

struct Printer<'u, 's> {
    units: &'u [Unit<'s>],
    out: String,
    column: usize,
    indent: usize,
    pending: Pending,
    is_after_open: bool,
    /// The unit up to which comments are printed.
    remarked: usize,
}

impl Printer<'_, '_> {
    /// Units that begin a line, up to `end`.
    fn segment(&mut self, start: usize, end: usize) {
        let parts = self.continuations(start, end);
        let parts = match parts.is_empty() && !self.fits(start, end) {
            true => self.breaks(start, end),
            false => parts,
        };
        let Some(first) = parts.first() else { return self.plain(start, end, end) };
        self.segment(start, *first);
        self.indent += INDENT;
        for (index, part) in parts.iter().enumerate() {
            self.line(Empty::Never);
            self.segment(*part, parts.get(index + 1).copied().unwrap_or(end));
        }
        self.indent -= INDENT;
    }

    /// Where lines must go on further in.
    fn continuations(&self, start: usize, end: usize) -> Vec<usize> {
        self.top(start, end).filter(|at| self.units[*at].is_continuation).collect()
    }

    /// Where a line that is too long breaks: before the operators that bind least.
    fn breaks(&self, start: usize, end: usize) -> Vec<usize> {
        let power = |at: &usize| self.units[*at].breaks_at;
        let Some(least) = self.top(start, end).filter_map(|at| power(&at)).min() else {
            return vec![];
        };
        let all: Vec<usize> = self.top(start, end).filter(|at| power(at) == Some(least)).collect();
        // `x.f(…)` alone is no chain.
        match least == BREAK_CHAIN && all.len() < 2 {
            true => vec![],
            false => all,
        }
    }

    /// The units behind the first that stand in none of the brackets.
    fn top(&self, start: usize, end: usize) -> impl Iterator<Item = usize> {
        let next = |at: usize| match self.units[at].opens() {
            true => self.units[at].mate + 1,
            false => at + 1,
        };
        let first = Some(start).filter(|at| *at < end);
        std::iter::successors(first, move |at| Some(next(*at)).filter(|at| *at < end)).skip(1)
    }

    /// Units on one line, but for what the brackets among them decide.
    fn plain(&mut self, start: usize, end: usize, line_end: usize) {
        let mut at = start;
        while at < end {
            let unit = &self.units[at];
            match unit.opens() {
                true if unit.is_block => self.block(at, line_end),
                true => self.group(at, line_end),
                false => self.unit(at),
            }
            at = self.units[at].mate.max(at) + 1;
        }
    }

    /// `{ … }` with lines in it.
    fn block(&mut self, open: usize, line_end: usize) {
        let close = self.units[open].mate;
        let is_ruleset = self.indent == 0;
        let is_flat = close == open + 1 || self.fits_through(open, line_end);
        self.unit(open);
        if is_flat && !self.units[open].is_hard {
            self.plain(open + 1, close, line_end);
            return self.unit(close);
        }
        self.indent += INDENT;
        let mut at = open + 1;
        while at < close {
            self.line(match (at == open + 1, is_ruleset) {
                (true, _) => Empty::Never,
                (false, true) => Empty::Always,
                (false, false) => Empty::Kept,
            });
            let next = self.top(at, close).find(|next| self.units[*next].is_line);
            let next = next.unwrap_or(close);
            self.segment(at, next);
            at = next;
        }
        self.close(close);
    }

    /// `( … )`, `[ … ]`, `{ … }` with items in it.
    fn group(&mut self, open: usize, line_end: usize) {
        let close = self.units[open].mate;
        let is_flat = !self.units[open].is_hard
            && (close == open + 1 || self.fits(open, line_end) || self.embraces(open, close));
        self.unit(open);
        if is_flat {
            self.plain(open + 1, close, line_end);
            return self.unit(close);
        }
        self.indent += INDENT;
        let mut at = open + 1;
        while at < close {
            self.line(Empty::Never);
            let comma = self.top(at, close).find(|comma| self.units[*comma].is_raw(","));
            let next = comma.map_or(close, |comma| comma + 1);
            self.segment(at, next);
            at = next;
        }
        self.close(close);
    }

    /// The bracket that closes what stands on lines of its own.
    fn close(&mut self, close: usize) {
        if !self.units[close].comments.is_empty() {
            self.line(Empty::Kept);
            self.remarks(close);
        }
        self.indent -= INDENT;
        self.line(Empty::Never);
        self.unit(close);
    }

    /// Whether the last item is a function, a map or an array whose lines can go on where the
    /// group stands.
    fn embraces(&self, open: usize, close: usize) -> bool {
        let last = close - 1;
        if !self.units[last].closes() {
            return false;
        }
        let inner = self.units[last].mate;
        let commas = std::iter::once(open).chain(self.top(open + 1, close));
        let item = commas
            .filter(|at| *at == open || (*at < inner && self.units[*at].is_raw(",")))
            .last()
            .unwrap_or(open)
            + 1;
        let bracket = &self.units[inner];
        let is_function = matches!(self.units[item].text, "function" | "defaction");
        let is_literal = inner == item && matches!(bracket.text, "{" | "[");
        (is_literal || (is_function && bracket.is_block)) && self.fits(open, inner + 1)
    }

    /// Whether units up to `end`, or to the next end of a line among them, fit on this line.
    fn fits(&self, start: usize, end: usize) -> bool {
        self.measure(start, end, true)
    }

    /// As [`Printer::fits`], but for a block of one expression, on one line.
    fn fits_through(&self, open: usize, end: usize) -> bool {
        !self.units[open].is_hard && self.measure(open, end, true)
    }

    fn measure(&self, start: usize, end: usize, is_first: bool) -> bool {
        let mut column = match self.pending {
            Pending::Line { further, .. } => self.indent + further,
            Pending::Space => self.column + 1,
            Pending::Nothing => self.column,
        };
        let mut has_gap = is_first && !matches!(self.pending, Pending::Nothing);
        for at in start..end {
            let unit = &self.units[at];
            if at >= self.remarked {
                for comment in &unit.comments {
                    match comment.place {
                        Place::Leading => column += comment.text.chars().count() + 1,
                        Place::Trailing | Place::Own if at == start => {}
                        Place::Trailing | Place::Own => return column <= LINE_COLUMNS_MAX,
                    }
                }
            }
            if !has_gap && space::is_before(self.units, at) {
                column += 1;
            }
            has_gap = false;
            let line = unit.text.split('\n').next().unwrap_or_default();
            column += line.chars().count();
            if column > LINE_COLUMNS_MAX {
                return false;
            }
            if line.len() < unit.text.len() || (unit.opens() && unit.is_hard) {
                return true;
            }
        }
        true
    }

    /// Ends the line.
    fn line(&mut self, empty: Empty) {
        self.pending = Pending::Line { empty, further: 0 };
    }

    fn unit(&mut self, at: usize) {
        if matches!(self.pending, Pending::Nothing) && space::is_before(self.units, at) {
            self.pending = Pending::Space;
        }
        self.remarks(at);
        let unit = &self.units[at];
        self.flush(unit.breaks);
        self.text(unit.text);
        self.is_after_open = unit.opens();
    }

    /// The comments before a unit.
    fn remarks(&mut self, at: usize) {
        if at < self.remarked {
            return;
        }
        self.remarked = at + 1;
        let units = self.units;
        for comment in &units[at].comments {
            match comment.place {
                Place::Trailing => {
                    self.text(" ");
                    self.text(comment.text);
                    self.break_line();
                }
                Place::Own => {
                    self.break_line();
                    let Pending::Line { empty, .. } = self.pending else { continue };
                    self.flush(comment.breaks);
                    self.text(comment.text);
                    self.pending = Pending::Line {
                        empty: if empty == Empty::Never { empty } else { Empty::Kept },
                        further: 0,
                    };
                }
                Place::Leading => {
                    self.flush(comment.breaks);
                    self.text(comment.text);
                    self.pending = Pending::Space;
                }
            }
            self.is_after_open = false;
        }
    }

    /// Ends the line if it does not end anyway; what was begun goes on further in.
    fn break_line(&mut self) {
        if !matches!(self.pending, Pending::Line { .. }) {
            self.pending = Pending::Line { empty: Empty::Never, further: INDENT };
        }
    }

    /// Prints what is pending before something that had so many ends of lines before it.
    fn flush(&mut self, breaks: usize) {
        match self.pending {
            Pending::Nothing => {}
            Pending::Space => self.text(" "),
            Pending::Line { empty, further } => {
                let is_empty = match empty {
                    Empty::Never => false,
                    Empty::Kept => breaks > 1 && !self.is_after_open,
                    Empty::Always => !self.is_after_open,
                };
                if !self.out.is_empty() {
                    self.out.push_str(if is_empty { "\n\n" } else { "\n" });
                    self.column = self.indent + further;
                    self.out.extend(std::iter::repeat_n(' ', self.column));
                }
            }
        }
        self.pending = Pending::Nothing;
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = match text.rsplit_once('\n') {
            Some((_, last)) => last.chars().count(),
            None => self.column + text.chars().count(),
        };
    }
}
