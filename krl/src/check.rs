//! What is legal beyond syntax.
//!
//! Source: krl-compiler 1.4, for what is refused or warned of, in which words and where. All
//! errors of a ruleset are reported, in the order in which the reference would meet them, so
//! that the first of them is the one that it reports.
//! Absent on purpose: what shows only at run time, such as modules that are not there.

mod action;
mod declaration;
mod expression;
mod hint;
mod meta;
mod rule;
mod scope;

use crate::ast::Ruleset;
use crate::diagnostic::Diagnostic;
use scope::Scopes;

/// Reports what is wrong with a ruleset: errors and warnings.
pub fn check(ruleset: &Ruleset) -> Vec<Diagnostic> {
    let mut checker = Checker::default();
    checker.ruleset(ruleset);
    let Checker { mut patterns, found, mut late, .. } = checker;
    patterns.extend(found);
    patterns.append(&mut late);
    patterns
}

#[derive(Default)]
struct Checker {
    scopes: Scopes,
    /// What is wrong with regular expressions: the reference sees it while it still parses.
    patterns: Vec<Diagnostic>,
    found: Vec<Diagnostic>,
    /// What is wrong with event expressions: the reference sees it after it has compiled.
    late: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests;
