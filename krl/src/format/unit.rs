//! Tokens with all that their layout depends on.

use crate::lexer::{self, Comment, Kind, Token};
use crate::parser::{Mark, Marks};

/// A token, or a chevron as a whole.
#[derive(Debug)]
pub(super) struct Unit<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    /// Comments between the unit before and this one.
    pub(super) comments: Vec<Remark<'s>>,
    /// How many lines of the source end right before it.
    pub(super) breaks: usize,
    /// The other bracket; for all else the unit itself.
    pub(super) mate: usize,
    pub(super) is_line: bool,
    pub(super) is_continuation: bool,
    pub(super) is_block: bool,
    pub(super) is_one_expression: bool,
    pub(super) is_tight: bool,
    pub(super) is_prefix: bool,
    /// A long line may break before it; lower ones break first.
    pub(super) breaks_at: Option<u8>,
    /// A bracket behind which a line ends in any case.
    pub(super) is_hard: bool,
}

/// A comment and how it stands.
#[derive(Debug)]
pub(super) struct Remark<'s> {
    pub(super) text: &'s str,
    pub(super) place: Place,
    /// How many lines of the source end right before it.
    pub(super) breaks: usize,
}

/// How a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the end of a line.
    Trailing,
    /// On lines of its own.
    Own,
    /// Before something on the same line.
    Leading,
}

impl Unit<'_> {
    pub(super) fn is_raw(&self, text: &str) -> bool {
        self.kind == Kind::Raw && self.text == text
    }

    pub(super) fn opens(&self) -> bool {
        self.kind == Kind::Raw && matches!(self.text, "(" | "[" | "{")
    }

    pub(super) fn closes(&self) -> bool {
        self.kind == Kind::Raw && matches!(self.text, ")" | "]" | "}")
    }
}

/// The units of a source that was read without an error; the last one is its end.
pub(super) fn units<'s>(source: &'s str, marks: &Marks) -> Vec<Unit<'s>> {
    let tokens = needed(whole_chevrons(source, lexer::tokens(source)));
    let comments = lexer::comments(source);
    let mut comments = comments.into_iter().peekable();
    let mut units: Vec<Unit> = Vec::with_capacity(tokens.len());
    let mut waiting = vec![];
    let mut end = 0;
    for token in &tokens {
        while let Some(comment) = comments.next_if(|c| c.span.start < token.span.start) {
            // Within a chevron.
            if (comment.span.start as usize) < end {
                continue;
            }
            let next = comments.peek().map_or(token.span.start, |c| c.span.start);
            let next = next.min(token.span.start) as usize;
            let is_last = token.kind == Kind::End && next == source.len();
            waiting.push(remark(source, &comment, end, next, is_last));
            end = comment.span.end as usize;
        }
        let breaks = lines(&source[end..token.span.start as usize]);
        end = token.span.end as usize;
        end_lines(&mut waiting);
        units.push(unit(*token, std::mem::take(&mut waiting), breaks, units.len()));
    }
    apply(&mut units, &tokens, marks);
    find_mates(&mut units);
    find_hard(&mut units);
    units
}

fn unit<'s>(token: Token<'s>, comments: Vec<Remark<'s>>, breaks: usize, at: usize) -> Unit<'s> {
    Unit {
        kind: token.kind,
        text: token.text,
        comments,
        breaks,
        mate: at,
        is_line: false,
        is_continuation: false,
        is_block: false,
        is_one_expression: false,
        is_tight: false,
        is_prefix: false,
        breaks_at: None,
        is_hard: false,
    }
}

/// Leaves out what says nothing.
fn needed(tokens: Vec<Token>) -> Vec<Token> {
    let next = tokens.iter().skip(1).map(Some).chain([None]);
    let pairs = tokens.iter().zip(next);
    pairs.filter(|(token, next)| !is_idle(**token, *next)).map(|(token, _)| *token).collect()
}

fn apply(units: &mut [Unit], tokens: &[Token], marks: &Marks) {
    for (start, mark) in marks {
        let Ok(at) = tokens.binary_search_by_key(start, |token| token.span.start) else {
            continue;
        };
        let unit = &mut units[at];
        match mark {
            Mark::Line => unit.is_line = true,
            Mark::Continuation => unit.is_continuation = true,
            Mark::Block => unit.is_block = true,
            Mark::OneExpression => unit.is_one_expression = true,
            Mark::Tight => unit.is_tight = true,
            Mark::Prefix => unit.is_prefix = true,
            Mark::Break(power) => unit.breaks_at = Some(*power),
        }
    }
}

/// Makes one token of each chevron: its text is the program's own.
fn whole_chevrons<'s>(source: &'s str, tokens: Vec<Token<'s>>) -> Vec<Token<'s>> {
    let mut list: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open = vec![];
    for token in tokens {
        if token.kind == Kind::ChevronOpen {
            open.push(token.span);
        } else if token.kind == Kind::ChevronClose {
            let Some(start) = open.pop() else { continue };
            if open.is_empty() {
                let span = start.to(token.span);
                let text = &source[span.start as usize..span.end as usize];
                list.push(Token { kind: Kind::ChevronText, text, span });
            }
        } else if open.is_empty() {
            list.push(token);
        }
    }
    list
}

/// Whether a token can be left out.
fn is_idle(token: Token, next: Option<&Token>) -> bool {
    // Words that would go on with what stands before the `;`.
    const GO_ON: &[&str] = &[
        "after",
        "and",
        "at",
        "attributes",
        "before",
        "between",
        "cmp",
        "else",
        "finally",
        "for",
        "if",
        "like",
        "not",
        "on",
        "or",
        "repeat",
        "setting",
        "then",
        "where",
        "within",
    ];
    let Some(next) = next else { return false };
    let is_closing = next.kind == Kind::Raw && matches!(next.text, ")" | "]" | "}");
    match (token.kind, token.text) {
        (Kind::Raw, ",") => is_closing,
        (Kind::Raw, ";") => {
            is_closing || (next.kind == Kind::Symbol && !GO_ON.contains(&next.text))
        }
        _ => false,
    }
}

/// A comment before one that ends its line ends it with that one.
fn end_lines(remarks: &mut [Remark]) {
    for at in (1..remarks.len()).rev() {
        if remarks[at].place == Place::Trailing && remarks[at - 1].place == Place::Leading {
            let is_own = remarks[at - 1].breaks > 0;
            remarks[at - 1].place = if is_own { Place::Own } else { Place::Trailing };
        }
    }
}

fn remark<'s>(
    source: &str,
    comment: &Comment<'s>,
    before: usize,
    next: usize,
    is_last: bool,
) -> Remark<'s> {
    let breaks = lines(&source[before..comment.span.start as usize]);
    let after = &source[comment.span.end as usize..next];
    let ends_line = is_last || comment.text.starts_with("//") || lines(after) > 0;
    let place = match (ends_line, breaks) {
        (false, _) => Place::Leading,
        (true, 0) if before > 0 => Place::Trailing,
        (true, _) => Place::Own,
    };
    Remark { text: comment.text.trim_end(), place, breaks }
}

fn lines(gap: &str) -> usize {
    // A lone carriage return ends a line comment too.
    let feeds = gap.bytes().filter(|byte| *byte == b'\n').count();
    feeds.max(usize::from(gap.contains('\r')))
}

fn find_mates(units: &mut [Unit]) {
    let mut open = vec![];
    for at in 0..units.len() {
        if units[at].opens() {
            open.push(at);
        } else if units[at].closes()
            && let Some(mate) = open.pop()
        {
            units[at].mate = mate;
            units[mate].mate = at;
        }
    }
}

/// Finds the brackets that cannot stand on one line with what is in them.
fn find_hard(units: &mut [Unit]) {
    // How many reasons there are up to each unit.
    let mut reasons = vec![0_usize; units.len() + 1];
    for (at, unit) in units.iter().enumerate() {
        let is_reason = !unit.comments.is_empty()
            || unit.text.contains('\n')
            || (unit.is_block && !unit.is_one_expression && unit.mate != at + 1);
        reasons[at + 1] = reasons[at] + usize::from(is_reason);
    }
    let mut remarks = vec![0_usize; units.len() + 1];
    for (at, unit) in units.iter().enumerate() {
        remarks[at + 1] = remarks[at] + usize::from(!unit.comments.is_empty());
    }
    for (at, unit) in units.iter_mut().enumerate() {
        if !unit.opens() {
            continue;
        }
        let (from, to) = (at + 1, unit.mate + 1);
        let is_hard_block = unit.is_block
            && ((!unit.is_one_expression && unit.mate != at + 1) || reasons[to] > reasons[from]);
        unit.is_hard = is_hard_block || remarks[to] > remarks[from];
    }
}
