//! What may stand between `<` and `>`: IRIs, keywords and their look-alikes.
//!
//! Source: RFC 3987 as far as N-Quads demands (`IRIREF`), JSON-LD 1.1 API §5.2.

use crate::Error;

/// An absolute IRI that prints safely as N-Quads.
pub(super) fn is_absolute(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    let mut chars = scheme.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && is_printable(text)
}

/// No character that could end the IRI early and start a quad of the attacker's.
pub(super) fn is_printable(text: &str) -> bool {
    let ends = |c: char| matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\');
    !text.chars().any(|c| c <= ' ' || c == '\u{7f}' || ends(c))
}

/// The keywords of JSON-LD 1.1.
pub(super) fn is_keyword(text: &str) -> bool {
    matches!(
        text,
        "@base"
            | "@container"
            | "@context"
            | "@default"
            | "@direction"
            | "@embed"
            | "@explicit"
            | "@graph"
            | "@id"
            | "@included"
            | "@index"
            | "@json"
            | "@language"
            | "@list"
            | "@nest"
            | "@none"
            | "@omitDefault"
            | "@prefix"
            | "@preserve"
            | "@propagate"
            | "@protected"
            | "@requireAll"
            | "@reverse"
            | "@set"
            | "@type"
            | "@value"
            | "@version"
            | "@vocab"
    )
}

/// `@` and letters only: reserved, whether a keyword or not.
pub(super) fn has_keyword_form(text: &str) -> bool {
    text.strip_prefix('@')
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Refuses what is not an absolute IRI: it would not be signed.
pub(super) fn absolute(text: String) -> Result<String, Error> {
    if is_absolute(&text) { Ok(text) } else { Err(Error::UndefinedTerm(text)) }
}
