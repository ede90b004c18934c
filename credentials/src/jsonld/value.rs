//! Scalars and value objects as RDF literals.
//!
//! Source: JSON-LD 1.1 API §5.3 (Value Expansion), §8.2.2 (Object to RDF).

use serde_json::{Number, Value};

use super::context::{Coercion, Mode, process};
use super::iri;
use super::node::{Place, Walk};
use super::quad::{RDF, Term, XSD, language};
use crate::Error;

/// From here on a whole number is written as a double (§8.2.2).
const INTEGER_MAX: f64 = 1e21;

impl Walk<'_> {
    /// A string, number or boolean under a property.
    pub(super) fn scalar(&mut self, place: Place<'_>, value: &Value) -> Result<Term, Error> {
        let scoped = place.definition().and_then(|definition| definition.context.clone());
        if let Some(scoped) = scoped {
            let mode = Mode { override_protected: true, propagate: true };
            let active = process(place.active, &scoped, mode, self.contexts)?;
            return self.coerced(Place { active: &active, ..place }, value);
        }
        self.coerced(place, value)
    }

    fn coerced(&mut self, place: Place<'_>, value: &Value) -> Result<Term, Error> {
        let definition = place.definition().cloned();
        let coercion = definition.as_ref().map_or(&Coercion::None, |term| &term.coercion);
        match (coercion, value) {
            (Coercion::Id, Value::String(text)) => {
                self.identifier(place.active.expand(text, false)?, text)
            }
            (Coercion::Vocab, Value::String(text)) => {
                self.identifier(place.active.expand(text, true)?, text)
            }
            (Coercion::Datatype(datatype), _) => literal(value, Some(datatype)),
            (_, Value::String(text)) => {
                let own = definition.as_ref().and_then(|term| term.language.clone());
                match own.unwrap_or_else(|| place.active.language.clone()) {
                    Some(tag) => Ok(Term::Tagged(text.clone(), tag)),
                    None => Ok(Term::string(text)),
                }
            }
            _ => literal(value, None),
        }
    }

    /// An object with `@value`.
    pub(super) fn value_object(
        &mut self,
        place: Place<'_>,
        value: &Value,
        kind: Option<&Value>,
        tag: Option<&Value>,
    ) -> Result<Vec<Term>, Error> {
        let is_json = match kind {
            Some(Value::String(kind)) => {
                place.active.expand(kind, true)?.as_deref() == Some("@json")
            }
            _ => false,
        };
        if value.is_null() && !is_json {
            return Ok(Vec::new());
        }
        let term = match (kind, tag) {
            (Some(_), None) if is_json => {
                Term::Literal(crate::jcs::canonical(value)?, format!("{RDF}JSON"))
            }
            (None, None) => literal(value, None)?,
            (None, Some(Value::String(tag))) => {
                let text = value.as_str();
                let text = text.ok_or_else(|| Error::malformed("value object", "no string"))?;
                Term::Tagged(text.to_owned(), language(tag)?)
            }
            (Some(Value::String(kind)), None) => {
                let datatype = place.active.expand(kind, true)?;
                let datatype = datatype.ok_or_else(|| Error::UndefinedTerm(kind.clone()))?;
                literal(value, Some(&iri::absolute(datatype)?))?
            }
            _ => return Err(Error::malformed("value object", "its type and language")),
        };
        Ok(vec![term])
    }
}

fn literal(value: &Value, datatype: Option<&str>) -> Result<Term, Error> {
    let typed = |text: String, own: &str| {
        let datatype = datatype.map_or_else(|| format!("{XSD}{own}"), str::to_owned);
        Term::Literal(text, datatype)
    };
    match value {
        Value::String(text) => Ok(typed(text.clone(), "string")),
        Value::Bool(flag) => Ok(typed(flag.to_string(), "boolean")),
        Value::Number(number) => {
            let double = datatype.and_then(|datatype| datatype.strip_prefix(XSD)) == Some("double");
            let (text, own) = number_text(number, double)?;
            Ok(typed(text, own))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Error::malformed("value object", "its value is no scalar"))
        }
    }
}

/// §8.2.2 steps 10 to 12: canonical integer or double.
fn number_text(number: &Number, double: bool) -> Result<(String, &'static str), Error> {
    if !double && (number.is_i64() || number.is_u64()) {
        return Ok((number.to_string(), "integer"));
    }
    let float = number.as_f64().filter(|float| float.is_finite());
    let float = float.ok_or_else(|| Error::malformed("number", number.to_string()))?;
    if !double && float.fract() == 0.0 && float.abs() < INTEGER_MAX {
        // Adding zero turns -0 into 0.
        return Ok((format!("{:.0}", float + 0.0), "integer"));
    }
    let text = format!("{float:.15E}");
    let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0');
    let zero = if mantissa.ends_with('.') { "0" } else { "" };
    Ok((format!("{mantissa}{zero}E{exponent}"), "double"))
}
