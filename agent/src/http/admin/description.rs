//! The OpenAPI 3.1 description, made from the table of operations.

use super::operation::{Operation, SchemaOf, Schemas};
use crate::http::problem::{MEDIA_TYPE, Problem};
use std::collections::BTreeMap;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, HttpMethod, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder,
    Paths, Ref, Required, ResponseBuilder, Type,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use warp::http::Method;

const ABOUT: &str = "Picos, their channels and what they do. Where the server listens to others \
than this machine, every call needs `Authorization: Bearer` with the operator's token. No \
path ends in a slash; unknown fields and parameters are refused.";

/// The description of these operations.
pub(super) fn description(operations: &[Operation]) -> OpenApi {
    let mut schemas: Schemas = vec![("Problem".to_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    let mut paths = Paths::new();
    for operation in operations {
        let described = describe(operation, &mut schemas);
        paths.add_path_operation(operation.path, vec![method(&operation.method)], described);
    }
    let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("operator", SecurityScheme::Http(bearer))
        .build();
    let mut tags: Vec<&str> = operations.iter().map(|operation| operation.tag).collect();
    tags.dedup();
    let info = InfoBuilder::new()
        .title("Picomesh")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .tags(Some(tags.into_iter().map(|tag| TagBuilder::new().name(tag).build())))
        .security(Some([
            SecurityRequirement::new("operator", Vec::<String>::new()),
            // None where only this machine can call.
            SecurityRequirement::default(),
        ]))
        .build()
}

fn describe(operation: &Operation, schemas: &mut Schemas) -> utoipa::openapi::path::Operation {
    let problem = ResponseBuilder::new()
        .description("What went wrong (RFC 9457)")
        .content(MEDIA_TYPE, Content::new(Some(Ref::from_schema_name("Problem"))))
        .build();
    let (status, answer) = operation.answer;
    let mut success =
        ResponseBuilder::new().description(status.canonical_reason().unwrap_or("Done"));
    if status != warp::http::StatusCode::NO_CONTENT {
        success = success.content(operation.media_type, content(answer, schemas));
    }
    let mut described = OperationBuilder::new()
        .tag(operation.tag)
        .summary(Some(operation.summary))
        .operation_id(Some(operation.id))
        .description((!operation.description.is_empty()).then_some(operation.description))
        .response(status.as_str(), success.build())
        .response("default", problem);
    for name in operation.path_parameters() {
        described = described.parameter(parameter(name, ParameterIn::Path, help(name)));
    }
    for query in operation.query.iter().filter(|query| query.name != "*") {
        described = described.parameter(parameter(query.name, ParameterIn::Query, query.help));
    }
    if let Some(request) = operation.request {
        let body = RequestBodyBuilder::new()
            .content("application/json", content(Some(request), schemas))
            .required(Some(Required::True));
        described = described.request_body(Some(body.build()));
    }
    described.build()
}

fn content(schema: Option<SchemaOf>, schemas: &mut Schemas) -> Content {
    Content::new(schema.map(|schema| schema(schemas)))
}

fn parameter(name: &str, place: ParameterIn, help: &str) -> Parameter {
    let is_required = place == ParameterIn::Path;
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if is_required { Required::True } else { Required::False })
        .description(Some(help))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// What the parameters of the paths mean.
fn help(name: &str) -> &'static str {
    match name {
        "pico" => "Id of a pico, or `root`.",
        "eci" => "Address of a channel.",
        "rid" => "Id of a ruleset.",
        "domain" => "Domain of the event.",
        "name" => "Name of the event or the function.",
        _ => "Its id.",
    }
}

fn method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
