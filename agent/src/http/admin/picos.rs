//! Picos: list, make, show, rename, delete.

use super::answer::{directive, json_with, nothing, ok, page};
use super::call::pico;
use super::channels::{Channel, NewChannel};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use picomesh_pico::{CHILDREN_PER_CALL_MAX, SYSTEM_RID};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// A pico to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPico {
    /// Whose child it is; the root's unless given.
    parent: Option<String>,
    /// Shown to people; 1 to 255 bytes.
    name: String,
    /// Its channels; one that lets everything through unless given.
    channels: Option<Vec<NewChannel>>,
}

/// Picos to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPicos {
    /// Whose children they are; the root's unless given.
    parent: Option<String>,
    /// At most 1000.
    children: Vec<NewChild>,
}

/// One of several picos to be made.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewChild {
    /// Shown to people; 1 to 255 bytes.
    name: String,
    /// Its channels; one that lets everything through unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<NewChannel>>,
}

/// Picos that were made.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct MadePicos {
    /// In the order of the request.
    children: Vec<MadePico>,
}

/// A pico that was made.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct MadePico {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its channels.
    channels: Vec<Channel>,
}

/// A pico.
#[derive(Serialize, ToSchema)]
struct Pico {
    /// Its id.
    id: String,
    /// Its parent's id; none for the root.
    parent: Option<String>,
    /// Its name.
    name: String,
    /// How many turns it has committed.
    turns: i64,
    /// Ids of the rulesets that were installed on it.
    rulesets: Vec<String>,
}

/// A page of picos.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Picos {
    /// The picos.
    items: Vec<Child>,
    /// `after` of the following page; null on the last.
    next: Option<String>,
}

/// A pico in a list.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Child {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// What to change of a pico.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PicoChange {
    /// Its new name; 1 to 255 bytes.
    name: String,
}

/// This server.
#[derive(Serialize, ToSchema)]
struct Server {
    /// Id of the root pico.
    root: String,
    /// Version of the program.
    version: String,
    /// The kind of database.
    store: String,
}

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET "/v1", server, "server_show", "Show this server")
            .answers::<Server>(StatusCode::OK),
        row!(GET "/v1/picos", list, "pico_list", "List the children of a pico")
            .query("parent", "Whose children; the root's unless given.")
            .pages()
            .answers::<Picos>(StatusCode::OK),
        row!(POST "/v1/picos", create, "pico_create", "Make a pico")
            .takes::<NewPico>()
            .answers::<MadePico>(StatusCode::CREATED),
        row!(POST "/v1/picos/batch", create_many, "pico_create_many", "Make many picos")
            .about("All of them or none, in one commit.")
            .takes::<NewPicos>()
            .answers::<MadePicos>(StatusCode::CREATED),
        row!(GET "/v1/picos/{pico}", show, "pico_show", "Show a pico")
            .about("The id `root` names the root pico, here and in every other path.")
            .answers::<Pico>(StatusCode::OK),
        row!(PATCH "/v1/picos/{pico}", change, "pico_change", "Rename a pico")
            .takes::<PicoChange>()
            .answers_nothing(),
        row!(DELETE "/v1/picos/{pico}", delete, "pico_delete", "Delete a pico")
            .about("With all picos below it, their channels, keys and state. There is no way back.")
            .answers_nothing(),
    ];
    family("picos", rows)
}

async fn server(api: Arc<Api>, _call: Call) -> Result<Response, Problem> {
    ok(&Server {
        root: api.engine.root().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: api.engine.store().engine_name().to_owned(),
    })
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let wanted = call.page()?;
    let parent = pico(&api.engine, call.asked("parent").unwrap_or("root"))?;
    let args = json!({ "after": wanted.after, "limit": wanted.limit });
    let children = api.ask(&parent, SYSTEM_RID, "children", args).await?;
    page(children, wanted.limit, "id")
}

async fn create(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let NewPico { parent, name, channels } = call.json()?;
    let child = NewChild { name, channels };
    let made = make(&api, parent.as_deref(), &[child]).await?;
    json_with(StatusCode::CREATED, made.get(0).unwrap_or(&Value::Null))
}

async fn create_many(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let NewPicos { parent, children } = call.json()?;
    if children.is_empty() || children.len() > CHILDREN_PER_CALL_MAX {
        let reason = format!("from 1 to {CHILDREN_PER_CALL_MAX} picos");
        return Err(Problem::bad_request(reason).pointer("/children"));
    }
    let made = make(&api, parent.as_deref(), &children).await?;
    json_with(StatusCode::CREATED, &json!({ "children": made }))
}

async fn make(api: &Api, parent: Option<&str>, children: &[NewChild]) -> Result<Value, Problem> {
    let parent = pico(&api.engine, parent.unwrap_or("root"))?;
    let attrs = json!({ "children": children });
    let answer = api.act(&parent, "pico", "create_children", attrs).await?;
    directive(answer, "children")
}

async fn show(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let id = call.pico(&api.engine)?;
    let (pico, _) = api.engine.store().pico(&id).await?.ok_or_else(Problem::not_found)?;
    ok(&Pico {
        id: pico.id.into(),
        parent: pico.parent.map(String::from),
        name: pico.name,
        turns: pico.version,
        rulesets: pico.rulesets.into_iter().map(|installed| installed.rid.into()).collect(),
    })
}

async fn change(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let change: PicoChange = call.json()?;
    api.act(&call.pico(&api.engine)?, "pico", "rename", json!(change)).await?;
    nothing()
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let (root, pico) = (api.engine.root(), call.pico(&api.engine)?);
    if pico == *root {
        return Err(Problem::conflict("the root pico stays"));
    }
    api.act(root, "pico", "delete_child", json!({ "id": pico })).await?;
    nothing()
}
