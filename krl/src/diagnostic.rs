//! What is wrong with a source, and where.

use crate::ast::Span;
use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The source is no program.
    Error,
    /// It is one, but not as it should be.
    Warning,
}

/// Something wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong; the reference's words where it has some.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What might help.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Error, message: message.into(), span, hint: None }
    }

    /// A warning.
    pub fn warning(message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, message: message.into(), span, hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Whether the source is no program because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A diagnostic as tools read it. Lines and columns count from 1, columns in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Located<'d> {
    pub severity: Severity,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub message: &'d str,
    pub hint: Option<&'d str>,
}

/// Where the lines of a source begin.
pub struct Lines<'s> {
    source: &'s str,
    starts: Vec<u32>,
}

impl<'s> Lines<'s> {
    /// The lines of a source.
    pub fn new(source: &'s str) -> Self {
        let ends = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect();
        Self { source, starts }
    }

    /// Line and column of a byte offset, from 1; the column in UTF-16 units.
    pub fn place(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let end = (offset as usize).min(self.source.len());
        let before = self.source.get(start..end).unwrap_or_default();
        (line as u32, before.encode_utf16().count() as u32 + 1)
    }

    /// The offset in UTF-16 units of a byte offset.
    pub fn utf16(&self, offset: u32) -> u32 {
        let end = (offset as usize).min(self.source.len());
        self.source.get(..end).unwrap_or_default().encode_utf16().count() as u32
    }

    /// A diagnostic with its place.
    pub fn locate<'d>(&self, diagnostic: &'d Diagnostic) -> Located<'d> {
        let (line, column) = self.place(diagnostic.span.start);
        let (end_line, end_column) = self.place(diagnostic.span.end);
        let (severity, message) = (diagnostic.severity, diagnostic.message.as_str());
        let hint = diagnostic.hint.as_deref();
        Located { severity, line, column, end_line, end_column, message, hint }
    }

    /// An error of the parser as pico-engine tells it: the text and ` [at line L col C]`.
    pub fn reference_text(&self, diagnostic: &Diagnostic) -> String {
        // The reference looks at most at the last character of the source.
        let last = self.source.char_indices().next_back().map_or(0, |(at, _)| at as u32);
        let (line, column) = self.place(diagnostic.span.start.min(last));
        format!("{} [at line {line} col {column}]", diagnostic.message)
    }

    /// What the checker refuses, as pico-engine tells it. Its columns count from 0 there, and
    /// what is longer than a line says where it ends.
    pub fn reference_refusal(&self, diagnostic: &Diagnostic) -> String {
        let message = &diagnostic.message;
        // What the reference finds before or after it compiles has no place, but a kind.
        let kind = message.split_once(": ").map_or("", |(kind, _)| kind);
        if kind.ends_with("Error") {
            return message.clone();
        }
        if message.starts_with("Actions must not be shared") {
            return format!("Error: {message}");
        }
        let (line, column) = self.place(diagnostic.span.start);
        let (end_line, end_column) = self.place(diagnostic.span.end);
        let end = match end_line == line {
            true => String::new(),
            false => format!(" to line {end_line} col {}", end_column - 1),
        };
        format!("Error: {message} [at line {line} col {}{end}]", column - 1)
    }

    /// A warning as pico-engine tells it.
    pub fn reference_warning(&self, diagnostic: &Diagnostic) -> serde_json::Value {
        let place = |offset| {
            let (line, column) = self.place(offset);
            serde_json::json!({ "line": line, "column": column - 1 })
        };
        let (start, end) = (place(diagnostic.span.start), place(diagnostic.span.end));
        serde_json::json!({
            "loc": { "start": start, "end": end },
            "message": diagnostic.message,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_utf16_units() {
        let lines = Lines::new("a\n\u{1f600}b\n");
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(2), (2, 1));
        assert_eq!(lines.place(6), (2, 3));
        assert_eq!(lines.utf16(6), 4);
    }
}
