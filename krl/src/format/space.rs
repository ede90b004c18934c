//! Between which units a space stands.

use super::unit::Unit;
use crate::lexer::Kind;

/// Whether a space stands before the unit when it is not the first of its line.
pub(super) fn is_before(units: &[Unit], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let (left, right) = (&units[before], &units[at]);
    if right.is_tight || left.is_prefix || right.kind == Kind::End {
        return false;
    }
    if right.kind == Kind::Raw {
        match right.text {
            "," | ";" | ")" | "]" | "." => return false,
            ":" => return false,
            // Only a block of one expression stands on one line.
            "}" => return units[right.mate].is_block && right.mate != before,
            _ => {}
        }
    }
    if left.kind == Kind::Raw {
        match left.text {
            "(" | "[" | "." => return false,
            "{" => return left.is_block,
            // The colon of a map's entry follows a string, that of a domain a word.
            ":" => return before.checked_sub(1).is_some_and(|key| units[key].kind == Kind::String),
            _ => {}
        }
    }
    true
}
