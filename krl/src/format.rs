//! The one layout of a program.
//!
//! The formatter changes white space, `;` that say nothing and commas before a closing bracket;
//! words, their order, comments and brackets stay. Where lines break depends on the program
//! alone, so that formatting twice is formatting once; of empty lines between declarations,
//! rules and statements one is kept.
//! Absent on purpose: layout within chevrons, and options.

mod print;
mod space;
mod unit;

use crate::diagnostic::Diagnostic;
use crate::parser::parse_layout;

/// Columns that a line may have where there is a choice.
pub const LINE_COLUMNS_MAX: usize = 100;

/// Lays out a ruleset.
pub fn format(source: &str) -> Result<String, Vec<Diagnostic>> {
    let marks = parse_layout(source)?;
    let units = unit::units(source, &marks);
    Ok(print::print(&units))
}
