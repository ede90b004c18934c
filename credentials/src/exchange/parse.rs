//! Reading a presentation definition, with limits first.

use serde_json::{Map, Value};

use super::definition::{Definition, Field, InputDescriptor, Requirement, Rule, SchemaUri, Source};
use super::{
    DESCRIPTORS_MAX, FIELDS_MAX, Filter, JsonPath, NESTING_MAX, PATHS_MAX, REQUIREMENTS_MAX,
};
use crate::{Error, limits};

type Object = Map<String, Value>;

pub(super) fn definition(value: &Value) -> Result<Definition, Error> {
    limits::check(value)?;
    let map = object(value, "definition")?;
    let id = text(map, "id")?.ok_or_else(|| malformed("no id"))?;
    let descriptors = array(map, "input_descriptors", DESCRIPTORS_MAX, "DESCRIPTORS_MAX")?;
    if descriptors.is_empty() {
        return Err(malformed("no input_descriptors"));
    }
    let input_descriptors = descriptors.iter().map(descriptor).collect::<Result<Vec<_>, _>>()?;
    for (index, descriptor) in input_descriptors.iter().enumerate() {
        if input_descriptors.iter().take(index).any(|other| other.id == descriptor.id) {
            return Err(malformed(format!("two descriptors {}", descriptor.id)));
        }
    }
    let mut count = 0;
    let requirements = requirements(map, "submission_requirements", 0, &mut count)?;
    for requirement in &requirements {
        check_groups(requirement, &input_descriptors)?;
    }
    let (name, purpose) = (text(map, "name")?, text(map, "purpose")?);
    let source = value.clone();
    Ok(Definition { id, name, purpose, input_descriptors, requirements, source })
}

fn descriptor(value: &Value) -> Result<InputDescriptor, Error> {
    let map = object(value, "input descriptor")?;
    let id = text(map, "id")?.ok_or_else(|| malformed("a descriptor without id"))?;
    let groups = match map.get("group") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(group)) => vec![group.clone()],
        Some(Value::Array(groups)) => groups.iter().map(owned_text).collect::<Result<_, _>>()?,
        Some(_) => return Err(malformed("group")),
    };
    let empty = Map::new();
    let constraints = match map.get("constraints") {
        None | Some(Value::Null) => &empty,
        Some(value) => object(value, "constraints")?,
    };
    refuse_unknown(constraints)?;
    let fields = array(constraints, "fields", FIELDS_MAX, "FIELDS_MAX")?;
    let mut limit_disclosure = directive(constraints, "limit_disclosure")?;
    let mut parsed = Vec::new();
    for value in fields {
        let map = object(value, "field")?;
        // A predicate asks for a statement about the value in place of the value.
        limit_disclosure |= directive(map, "predicate")?;
        parsed.push(field(map)?);
    }
    Ok(InputDescriptor {
        id,
        groups,
        purpose: text(map, "purpose")?,
        schema: schema(map.get("schema"))?,
        fields: parsed,
        is_holder: is_holder(constraints)?,
        subject_is_issuer: directive(constraints, "subject_is_issuer")?,
        limit_disclosure,
    })
}

/// Constraints that we would otherwise skip in silence.
fn refuse_unknown(constraints: &Object) -> Result<(), Error> {
    const KNOWN: [&str; 4] = ["fields", "limit_disclosure", "is_holder", "subject_is_issuer"];
    for (name, value) in constraints {
        let preferred = value.get("directive").is_some_and(|directive| directive == "preferred");
        if !KNOWN.contains(&name.as_str()) && !value.is_null() && !preferred {
            return Err(Error::Unsupported(format!("constraint {name}")));
        }
    }
    Ok(())
}

fn field(map: &Object) -> Result<Field, Error> {
    let paths = array(map, "path", PATHS_MAX, "PATHS_MAX")?;
    if paths.is_empty() {
        return Err(malformed("a field without path"));
    }
    let paths = paths.iter().map(|path| JsonPath::parse(&owned_text(path)?));
    let paths = paths.collect::<Result<Vec<_>, _>>()?;
    let filter = map.get("filter").filter(|filter| !filter.is_null());
    let filter = filter.map(Filter::parse).transpose()?;
    let optional = match map.get("optional") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(optional)) => *optional,
        Some(_) => return Err(malformed("optional")),
    };
    Ok(Field { id: text(map, "id")?, paths, filter, optional })
}

/// v1: a list of URIs, or `oneof_filter` with lists of them (ACA-Py).
fn schema(value: Option<&Value>) -> Result<Vec<Vec<SchemaUri>>, Error> {
    let group = |value: &Value| -> Result<Vec<SchemaUri>, Error> {
        let single = std::slice::from_ref(value);
        let items = value.as_array().map_or(single, Vec::as_slice);
        if items.len() > PATHS_MAX {
            return Err(Error::TooLarge("PATHS_MAX"));
        }
        items.iter().map(schema_uri).collect()
    };
    let groups = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(map)) if map.contains_key("oneof_filter") => {
            let groups = array(map, "oneof_filter", PATHS_MAX, "PATHS_MAX")?;
            groups.iter().map(group).collect::<Result<_, _>>()?
        }
        // ACA-Py's own serialization of either form.
        Some(Value::Object(map)) if map.contains_key("uri_groups") => {
            let groups = array(map, "uri_groups", PATHS_MAX, "PATHS_MAX")?;
            groups.iter().map(group).collect::<Result<_, _>>()?
        }
        Some(value) => vec![group(value)?],
    };
    if groups.iter().any(Vec::is_empty) {
        return Err(malformed("an empty schema"));
    }
    Ok(groups)
}

fn schema_uri(value: &Value) -> Result<SchemaUri, Error> {
    let map = object(value, "schema")?;
    let uri = text(map, "uri")?.ok_or_else(|| malformed("a schema without uri"))?;
    let required = map.get("required").and_then(Value::as_bool).unwrap_or(false);
    Ok(SchemaUri { uri, required })
}

/// `[{"directive": "required", "field_id": […]}]`: demanded of the whole credential, whichever
/// fields are named.
fn is_holder(constraints: &Object) -> Result<bool, Error> {
    let mut required = false;
    for value in array(constraints, "is_holder", FIELDS_MAX, "FIELDS_MAX")? {
        required |= directive(object(value, "is_holder")?, "directive")?;
    }
    Ok(required)
}

fn requirements(
    map: &Object,
    key: &'static str,
    depth: usize,
    count: &mut usize,
) -> Result<Vec<Requirement>, Error> {
    if depth > NESTING_MAX {
        return Err(Error::TooLarge("NESTING_MAX"));
    }
    let values = array(map, key, REQUIREMENTS_MAX, "REQUIREMENTS_MAX")?;
    *count += values.len();
    if *count > REQUIREMENTS_MAX {
        return Err(Error::TooLarge("REQUIREMENTS_MAX"));
    }
    let mut requirements = Vec::new();
    for value in values {
        let map = object(value, "submission requirement")?;
        let rule = match text(map, "rule")?.as_deref() {
            Some("all") => Rule::All,
            Some("pick") => {
                let (count, min) = (number(map, "count")?, number(map, "min")?);
                Rule::Pick { count, min, max: number(map, "max")? }
            }
            _ => return Err(malformed("rule")),
        };
        let nested = self::requirements(map, "from_nested", depth + 1, count)?;
        let source = match (text(map, "from")?, nested.is_empty()) {
            (Some(group), true) => Source::Group(group),
            (None, false) => Source::Nested(nested),
            _ => return Err(malformed("either from or from_nested")),
        };
        requirements.push(Requirement { rule, source });
    }
    Ok(requirements)
}

fn check_groups(requirement: &Requirement, all: &[InputDescriptor]) -> Result<(), Error> {
    match &requirement.source {
        Source::Group(group) if all.iter().any(|descriptor| descriptor.groups.contains(group)) => {
            Ok(())
        }
        Source::Group(group) => Err(malformed(format!("no descriptor in group {group}"))),
        Source::Nested(nested) => nested.iter().try_for_each(|inner| check_groups(inner, all)),
    }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Object, Error> {
    value.as_object().ok_or_else(|| malformed(format!("{what} is not an object")))
}

fn array<'a>(
    map: &'a Object,
    key: &str,
    max: usize,
    limit: &'static str,
) -> Result<&'a [Value], Error> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= max => Ok(items),
        Some(Value::Array(_)) => Err(Error::TooLarge(limit)),
        Some(_) => Err(malformed(format!("{key} is not an array"))),
    }
}

fn text(map: &Object, key: &str) -> Result<Option<String>, Error> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => owned_text(value).map(Some),
    }
}

fn owned_text(value: &Value) -> Result<String, Error> {
    value.as_str().map(str::to_owned).ok_or_else(|| malformed("not a string"))
}

fn number(map: &Object, key: &str) -> Result<Option<usize>, Error> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number.map(Some).ok_or_else(|| malformed(format!("{key} is no count")))
        }
    }
}

/// `required` is true, `preferred` and absent false.
fn directive(map: &Object, key: &str) -> Result<bool, Error> {
    match map.get(key).and_then(Value::as_str) {
        Some("required") => Ok(true),
        Some("preferred" | "allowed" | "disallowed") => Ok(false),
        None if map.get(key).is_none_or(Value::is_null) => Ok(false),
        _ => Err(malformed(format!("{key} is neither required nor preferred"))),
    }
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::malformed("presentation definition", reason)
}
