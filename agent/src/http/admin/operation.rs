//! One row of the table: a method, a path, its description and its handler.

use super::{Api, Call};
use crate::http::Problem;
use futures::future::BoxFuture;
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

/// Longest text in a path, in bytes.
const SEGMENT_BYTES_MAX: usize = 255;

/// Answers a call.
pub type Handler = fn(Arc<Api>, Call) -> BoxFuture<'static, Result<Response, Problem>>;

/// Named schemas; a type adds itself and what it is made of.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// Adds a type to the schemas and names it.
pub type SchemaOf = fn(&mut Schemas) -> RefOr<Schema>;

/// A parameter of the query.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
}

/// One thing that the API does.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for a parameter.
    pub path: &'static str,
    /// Its name in generated clients.
    pub id: &'static str,
    /// The family that it belongs to.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More words, where needed.
    pub description: &'static str,
    /// Parameters of the query.
    pub query: Vec<Parameter>,
    /// What the request carries.
    pub request: Option<SchemaOf>,
    /// The status of success, and what the answer carries.
    pub answer: (StatusCode, Option<SchemaOf>),
    /// The media type of the answer.
    pub media_type: &'static str,
    handler: Handler,
    segments: Vec<&'static str>,
}

impl Operation {
    /// A row; it answers 200 with JSON of any kind until told otherwise.
    #[must_use]
    pub fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            method,
            path,
            id,
            tag: "",
            summary,
            description: "",
            query: vec![],
            request: None,
            answer: (StatusCode::OK, None),
            media_type: "application/json",
            handler,
            segments: path.split('/').skip(1).collect(),
        }
    }

    /// With an answer of another media type than JSON.
    #[must_use]
    pub fn sends(self, media_type: &'static str) -> Self {
        Self { media_type, ..self }
    }

    /// With more words.
    #[must_use]
    pub fn about(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// With a request of this type.
    #[must_use]
    pub fn takes<T: ToSchema>(self) -> Self {
        Self { request: Some(schema_of::<T>), ..self }
    }

    /// With an answer of this status and type.
    #[must_use]
    pub fn answers<T: ToSchema>(self, status: StatusCode) -> Self {
        Self { answer: (status, Some(schema_of::<T>)), ..self }
    }

    /// With an empty answer.
    #[must_use]
    pub fn answers_nothing(self) -> Self {
        Self { answer: (StatusCode::NO_CONTENT, None), ..self }
    }

    /// With a parameter of the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, help: &'static str) -> Self {
        self.query.push(Parameter { name, help });
        self
    }

    /// With the parameters of a listing.
    #[must_use]
    pub fn pages(self) -> Self {
        self.query("after", "Begin after this id: `next` of the page before.")
            .query("limit", "At most so many, 1 to 1000; 100 unless given.")
    }

    /// The names of the parameters in the path.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.segments.iter().filter_map(|segment| parameter(segment))
    }

    /// The parameters when the path is this operation's.
    fn matches(&self, path: &[&str]) -> Option<Vec<(&'static str, String)>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut parameters = vec![];
        for (segment, given) in self.segments.iter().zip(path) {
            match parameter(segment) {
                Some(name) => parameters.push((name, decode(given)?)),
                None if segment == given => {}
                None => return None,
            }
        }
        Some(parameters)
    }
}

/// A row: method and path, handler, id, summary.
macro_rules! row {
    ($method:ident $path:expr, $handler:path, $id:literal, $summary:literal) => {
        $crate::http::admin::Operation::new(
            warp::http::Method::$method,
            $path,
            $id,
            $summary,
            |api, call| Box::pin($handler(api, call)),
        )
    };
}
pub(super) use row;

/// All rows of one family.
pub(super) fn family(tag: &'static str, rows: Vec<Operation>) -> Vec<Operation> {
    rows.into_iter().map(|row| Operation { tag, ..row }).collect()
}

fn schema_of<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    let name = T::name().into_owned();
    schemas.push((name.clone(), T::schema()));
    utoipa::openapi::Ref::from_schema_name(name).into()
}

fn parameter(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'))
}

/// A segment as text; `None` for what no id can be.
fn decode(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    let is_legal = !text.is_empty()
        && text.len() <= SEGMENT_BYTES_MAX
        && !text.contains(['/', '\\'])
        && !matches!(&*text, "." | "..")
        && !text.chars().any(char::is_control);
    is_legal.then(|| text.into_owned())
}

/// A row that was found, with the parameters of its path.
pub(super) struct Match {
    pub(super) handler: Handler,
    pub(super) parameters: Vec<(&'static str, String)>,
    pub(super) query: Vec<&'static str>,
}

/// Finds the operation of a request: 404 without one, 405 with another method.
pub(super) fn find(
    operations: &[Operation],
    method: &Method,
    path: &str,
) -> Result<Match, Problem> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let found = operations
        .iter()
        .filter(|row| row.method == *method)
        .find_map(|row| row.matches(&segments).map(|parameters| (row, parameters)));
    if let Some((row, parameters)) = found {
        let query = row.query.iter().map(|parameter| parameter.name).collect();
        return Ok(Match { handler: row.handler, parameters, query });
    }
    match allow(operations, path) {
        Some(allow) => Err(Problem::method_not_allowed(&allow)),
        None => Err(Problem::not_found()),
    }
}

/// The methods that a path takes; `None` when there is no such path.
pub(super) fn allow(operations: &[Operation], path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let methods: Vec<&str> = operations
        .iter()
        .filter(|row| row.matches(&segments).is_some())
        .map(|row| row.method.as_str())
        .collect();
    (!methods.is_empty()).then(|| methods.join(", "))
}
