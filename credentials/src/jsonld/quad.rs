//! RDF terms and quads, and how they print as N-Quads.
//!
//! Source: RDF 1.1 N-Quads §4; RDFC-1.0 §A (canonical form of N-Quads).

use std::fmt::Write;

use crate::Error;

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// A subject, object or graph name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    Iri(String),
    /// A blank node, by number; the name in the document is not kept.
    Blank(usize),
    /// A literal with its datatype.
    Literal(String, String),
    /// A language-tagged string.
    Tagged(String, String),
}

/// Subject, predicate, object, graph name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quad {
    pub(super) subject: Term,
    pub(super) predicate: String,
    pub(super) object: Term,
    pub(super) graph: Option<Term>,
}

impl Term {
    /// A plain string.
    pub(super) fn string(text: impl Into<String>) -> Self {
        Self::Literal(text.into(), format!("{XSD}string"))
    }

    fn write(&self, label: &dyn Fn(usize) -> String, out: &mut String) {
        match self {
            Self::Iri(iri) => {
                let _ = write!(out, "<{iri}>");
            }
            Self::Blank(number) => out.push_str(&label(*number)),
            Self::Literal(text, datatype) => {
                quote(text, out);
                if datatype.strip_prefix(XSD) != Some("string") {
                    let _ = write!(out, "^^<{datatype}>");
                }
            }
            Self::Tagged(text, language) => {
                quote(text, out);
                let _ = write!(out, "@{language}");
            }
        }
    }
}

impl Quad {
    /// One line, with the given labels for blank nodes.
    pub(super) fn line(&self, label: &dyn Fn(usize) -> String) -> String {
        let mut out = String::with_capacity(160);
        self.subject.write(label, &mut out);
        let _ = write!(out, " <{}> ", self.predicate);
        self.object.write(label, &mut out);
        if let Some(graph) = &self.graph {
            out.push(' ');
            graph.write(label, &mut out);
        }
        out.push_str(" .\n");
        out
    }

    /// The blank nodes with their position (`s`, `o`, `g`), as RDFC-1.0 §4.7 names it.
    pub(super) fn blanks(&self) -> impl Iterator<Item = (usize, char)> {
        let blank = |term: Option<&Term>| match term {
            Some(Term::Blank(number)) => Some(*number),
            Some(Term::Iri(_) | Term::Literal(..) | Term::Tagged(..)) | None => None,
        };
        [
            (blank(Some(&self.subject)), 's'),
            (blank(Some(&self.object)), 'o'),
            (blank(self.graph.as_ref()), 'g'),
        ]
        .into_iter()
        .filter_map(|(number, position)| Some((number?, position)))
    }
}

/// RDFC-1.0 §A: escapes for BS, HT, LF, FF, CR, `"`, `\`; `\uXXXX` for other controls and DEL.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// RFC 5646, as far as N-Quads accepts it (`LANGTAG`).
pub(super) fn language(tag: &str) -> Result<String, Error> {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let well_formed = (1..=8).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        });
    if well_formed { Ok(tag.to_owned()) } else { Err(Error::malformed("language tag", tag)) }
}
