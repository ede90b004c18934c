//! What the parser tells the formatter about tokens, since a token alone does not say it.

/// Something that is so of the token that begins at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It begins a line.
    Line,
    /// It begins a line that belongs to the one above.
    Continuation,
    /// It opens a block of lines.
    Block,
    /// The block that it opens has one expression and nothing else.
    OneExpression,
    /// Nothing stands between it and the token before.
    Tight,
    /// Nothing stands between it and the token behind.
    Prefix,
    /// A long line may break before it; lower ones break first.
    Break(u8),
}

/// Marks by offset.
pub(crate) type Marks = Vec<(u32, Mark)>;

/// Where a line breaks before it breaks at operators of expressions.
pub(super) const BREAK_CLAUSE: u8 = 5;
/// Where it breaks before `|`.
pub(super) const BREAK_ALTERNATE: u8 = 10;
/// Where it breaks before `.` of a chain of calls.
pub(crate) const BREAK_CHAIN: u8 = 90;
