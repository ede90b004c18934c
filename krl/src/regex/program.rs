//! What a pattern compiles to.

use super::class::Class;

/// A slot that holds no offset.
pub(super) const NONE: usize = usize::MAX;

/// A compiled pattern.
pub(super) struct Program {
    pub(super) code: Vec<Inst>,
    pub(super) classes: Vec<Class>,
    /// Two for each group, the whole match first, then one for each loop that may match nothing.
    pub(super) slots: usize,
    /// Whether it has neither backreferences nor lookaround.
    pub(super) is_linear: bool,
    /// Whether it matches at the beginning of the text only.
    pub(super) is_anchored: bool,
    /// Whether it matches at the offset only at which the search begins.
    pub(super) is_sticky: bool,
    /// Letters count as equal whatever their case, by the rules of the flag `u`.
    pub(super) folds_unicode: bool,
    /// Letters count as equal whatever their case.
    pub(super) ignores_case: bool,
    /// What every match begins with.
    pub(super) prefix: String,
}

/// One instruction. `back` means that it reads the character before the place, not after it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inst {
    /// This character.
    Char { code: u32, back: bool },
    /// A character that is this one once its case is folded.
    Fold { code: u32, back: bool },
    /// Any character, or any that ends no line.
    Any { all: bool, back: bool },
    /// A character of a class.
    Class { index: u32, back: bool },
    /// The beginning of the text, or of a line.
    Start { multiline: bool },
    /// The end of the text, or of a line.
    End { multiline: bool },
    /// A place between a word and no word, or none such.
    Boundary { negated: bool },
    /// What a group took.
    BackReference { group: u32, back: bool },
    /// Goes on at the first place and, should that fail, at the second.
    Split { first: u32, second: u32 },
    /// Goes on elsewhere.
    Jump(u32),
    /// Notes the place.
    Save(u32),
    /// Fails where the place is the one noted: an iteration must not match nothing.
    Progress(u32),
    /// Forgets the slots from one up to another.
    Reset { from: u32, to: u32 },
    /// Tries what follows up to `LookEnd`, then goes on at `after` from this same place.
    Look { negative: bool, after: u32 },
    /// What was tried matches.
    LookEnd,
    /// The pattern matches.
    Match,
}

impl Program {
    pub(super) fn size_bytes(&self) -> usize {
        let classes: usize = self.classes.iter().map(Class::size_bytes).sum();
        self.code.len() * size_of::<Inst>() + classes + self.prefix.len()
    }

    /// Whether a match may begin at a place.
    pub(super) fn may_begin(&self, text: &str, start: usize, at: usize) -> bool {
        let is_out = (self.is_anchored && at > 0) || (self.is_sticky && at > start);
        !is_out && text[at..].starts_with(&self.prefix)
    }

    /// Where at or after a place a match may begin; also how many bytes were looked at.
    pub(super) fn candidate(&self, text: &str, start: usize, at: usize) -> (Option<usize>, usize) {
        if (self.is_anchored && at > 0) || (self.is_sticky && at > start) {
            return (None, 0);
        }
        if self.prefix.is_empty() || self.is_sticky {
            return (Some(at), 0);
        }
        match text[at..].find(&self.prefix) {
            Some(distance) => (Some(at + distance), distance),
            None => (None, text.len() - at),
        }
    }
}

/// The character after a place, and how many bytes it has.
#[inline]
pub(super) fn char_after(text: &str, at: usize) -> Option<(u32, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte < 0x80 {
        return Some((u32::from(byte), 1));
    }
    let c = text[at..].chars().next()?;
    Some((u32::from(c), c.len_utf8()))
}

/// The character before a place, and how many bytes it has.
#[inline]
pub(super) fn char_before(text: &str, at: usize) -> Option<(u32, usize)> {
    let c = text[..at].chars().next_back()?;
    Some((u32::from(c), c.len_utf8()))
}

/// Whether a character ends a line.
pub(super) fn ends_line(code: u32) -> bool {
    matches!(code, 0x0a | 0x0d | 0x2028 | 0x2029)
}

/// Whether an instruction without width holds at a place. The other instructions do not.
pub(super) fn holds(inst: Inst, text: &str, at: usize) -> bool {
    let is_end_of_line =
        |found: Option<(u32, usize)>| found.is_some_and(|(code, _)| ends_line(code));
    if let Inst::Start { multiline } = inst {
        at == 0 || (multiline && is_end_of_line(char_before(text, at)))
    } else if let Inst::End { multiline } = inst {
        at == text.len() || (multiline && is_end_of_line(char_after(text, at)))
    } else if let Inst::Boundary { negated } = inst {
        (is_word(char_before(text, at)) != is_word(char_after(text, at))) != negated
    } else {
        false
    }
}

fn is_word(found: Option<(u32, usize)>) -> bool {
    found
        .and_then(|(code, _)| char::from_u32(code))
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}
