//! Classes of characters: `[a-z]`, `\d`, `\W`.

use super::fold::{fold, folding};

/// Last code point.
const CODE_MAX: u32 = 0x10_ffff;

/// Characters by ranges, ends included.
#[derive(Clone, Debug, Default)]
pub(super) struct Set(Vec<(u32, u32)>);

/// What a backslash and a letter stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shorthand {
    Digit,
    Space,
    Word,
    /// Under the flags `i` and `u` two more characters are cases of `k` and `s`.
    WordOfAnyCase,
}

impl Set {
    pub(super) fn push(&mut self, first: u32, last: u32) {
        self.0.push((first, last));
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub(super) fn shorthand(shorthand: Shorthand, negated: bool) -> Self {
        let ranges: &[(u32, u32)] = match shorthand {
            Shorthand::Digit => &[(0x30, 0x39)],
            Shorthand::Word => &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)],
            Shorthand::WordOfAnyCase => &[
                (0x30, 0x39),
                (0x41, 0x5a),
                (0x5f, 0x5f),
                (0x61, 0x7a),
                (0x17f, 0x17f),
                (0x212a, 0x212a),
            ],
            Shorthand::Space => &[
                (0x09, 0x0d),
                (0x20, 0x20),
                (0xa0, 0xa0),
                (0x1680, 0x1680),
                (0x2000, 0x200a),
                (0x2028, 0x2029),
                (0x202f, 0x202f),
                (0x205f, 0x205f),
                (0x3000, 0x3000),
                (0xfeff, 0xfeff),
            ],
        };
        let set = Self(ranges.to_vec());
        if negated { set.complement() } else { set }
    }

    /// Sorts and joins the ranges.
    fn normal(mut self) -> Self {
        self.0.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (first, last) in self.0 {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    fn complement(self) -> Self {
        let mut next = 0;
        let mut ranges = Vec::new();
        for (first, last) in self.normal().0 {
            if first > next {
                ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= CODE_MAX {
            ranges.push((next, CODE_MAX));
        }
        Self(ranges)
    }

    fn contains(&self, code: u32) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < code);
        self.0.get(place).is_some_and(|(first, _)| *first <= code)
    }

    /// With what its characters fold to.
    fn folded(self, unicode: bool) -> Self {
        let set = self.normal();
        // Without `u` nothing crosses the border of ASCII.
        let is_ascii = !unicode && set.0.last().is_none_or(|(_, last)| *last < 0x80);
        let table = folding(unicode);
        let table =
            if is_ascii { &table[..table.partition_point(|(c, _)| *c < 0x80)] } else { table };
        let more = table.iter().filter(|(code, _)| set.contains(*code));
        let more: Vec<_> = more.map(|(_, folded)| (*folded, *folded)).collect();
        Self(set.0.into_iter().chain(more).collect()).normal()
    }
}

/// A set made ready for matching.
#[derive(Debug)]
pub(super) struct Class {
    set: Set,
    negated: bool,
    /// `Some(unicode)` when case does not count.
    fold: Option<bool>,
    /// The answer for each character of ASCII.
    ascii: u128,
}

impl Class {
    pub(super) fn new(set: Set, negated: bool, fold: Option<bool>) -> Self {
        let set = match fold {
            Some(unicode) => set.folded(unicode),
            None => set.normal(),
        };
        let mut class = Self { set, negated, fold, ascii: 0 };
        let bits =
            (0..0x80).filter(|code| class.search(*code)).fold(0, |bits, code| bits | 1 << code);
        class.ascii = bits;
        class
    }

    #[inline]
    pub(super) fn contains(&self, code: u32) -> bool {
        if code < 0x80 { self.ascii >> code & 1 == 1 } else { self.search(code) }
    }

    fn search(&self, code: u32) -> bool {
        let code = self.fold.map_or(code, |unicode| fold(code, unicode));
        self.set.contains(code) != self.negated
    }

    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.set.0.len() * size_of::<(u32, u32)>()
    }
}
