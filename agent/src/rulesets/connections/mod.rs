//! The ruleset of connections: invitations, handshakes, and who the other ends are.
//!
//! Commands (domain `connections`, from the operator or another ruleset): `create_invitation`,
//! `receive_invitation`, `accept_invitation`, `accept_request`, `reject`, `delete`. It raises
//! `connections:completed` and `connections:abandoned` with the connection's `id`, and
//! `attached:<protocol>` for a request that came with an invitation.
//!
//! The protocols are those of `picomesh-protocols`; here stand identities, records and routes.

mod accept;
mod answers;
mod commands;
mod first;
mod invite;
mod records;
mod refused;
mod reuse;
mod routes;
mod settle;

use super::command::{self, object};
use super::{Setting, connection};
use picomesh_pico::{Context, Event, Fault, Fired, Native, Provided, Rid, Ruleset};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

type Rule = fn(&mut Context, &Setting, &Event) -> Result<(), Fault>;

/// The ruleset of connections.
pub fn ruleset(setting: Arc<Setting>) -> impl Ruleset + 'static {
    let native =
        Native::new(Rid::literal(connection::RID), "Invitations, handshakes and connections.");
    let rules: [(&str, &str, &str, Rule); 17] = [
        ("create_invitation", "connections", "create_invitation", invite::create),
        ("receive_invitation", "connections", "receive_invitation", accept::receive),
        ("accept_invitation", "connections", "accept_invitation", accept::accept_invitation),
        ("accept_request", "connections", "accept_request", commands::accept_request),
        ("reject", "connections", "reject", commands::reject),
        ("delete", "connections", "delete", commands::delete),
        ("resolved", "connections", "resolved", accept::resolved),
        ("request", "didcomm_didexchange", "request", answers::requested),
        ("response", "didcomm_didexchange", "response", answers::responded),
        ("complete", "didcomm_didexchange", "complete", answers::completed),
        ("report", "didcomm_didexchange", "problem_report", answers::reported),
        ("request_1_0", "didcomm_connections", "request", answers::requested),
        ("response_1_0", "didcomm_connections", "response", answers::responded),
        ("report_1_0", "didcomm_connections", "problem_report", answers::reported),
        ("reuse", "didcomm_out_of_band", "handshake_reuse", reuse::asked),
        ("reused", "didcomm_out_of_band", "handshake_reuse_accepted", reuse::accepted),
        ("reuse_refused", "didcomm_out_of_band", "problem_report", reuse::refused),
    ];
    let with_rule = |native: Native, (rule, domain, name, action): (&str, &str, &str, Rule)| {
        let setting = setting.clone();
        native.rule(rule, domain, name, move |context, event| action(context, &setting, event))
    };
    let native = rules.into_iter().fold(native, with_rule);
    let refused = setting.clone();
    let native = native
        .rule("refused", "didcomm", "refused", move |context, event| {
            refused::report(context, &refused, event)
        })
        .query("connections", commands::connections)
        .query("connection", one)
        .query("invitations", commands::invitations)
        .function("connection", |context, args| one(context, &object(args)))
        .function("by_peer", by_peer)
        .function("responded", invite::used)
        .function("forget_invitation", invite::forget);
    let inviting = setting.clone();
    let native = native.function("invitation_for_request", move |context, args| {
        invite::for_request(context, &inviting, args)
    });
    Connections::new(native)
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

fn one(context: &mut Context, args: &Map<String, Value>) -> Result<Value, Fault> {
    let Id { id } = command::arguments(args)?;
    Ok(json!(connection::own(context, &id)?))
}

#[derive(Deserialize)]
struct Pair {
    mine: String,
    theirs: String,
}

fn by_peer(context: &mut Context, args: Value) -> Result<Value, Fault> {
    let Pair { mine, theirs } = command::arguments(&object(args))?;
    Ok(json!(connection::own_by_peer(context, &mine, &theirs)?))
}

/// The native ruleset and one rule more, which looks at every message of a peer before any
/// other ruleset does: the first one may make a connection or confirm it.
struct Connections {
    native: Native,
    names: Vec<String>,
}

impl Connections {
    fn new(native: Native) -> Self {
        let mut names = native.rules().to_vec();
        names.push("first_message".to_owned());
        Self { native, names }
    }
}

impl Ruleset for Connections {
    fn rid(&self) -> &Rid {
        self.native.rid()
    }

    fn description(&self) -> &str {
        self.native.description()
    }

    fn rules(&self) -> &[String] {
        &self.names
    }

    fn candidates(&self, event: &Event) -> Vec<usize> {
        let mut rules = self.native.candidates(event);
        if first::may_be(event) {
            rules.insert(0, self.names.len() - 1);
        }
        rules
    }

    fn fire(&self, rule: usize, event: &Event, context: &mut Context) -> Result<Fired, Fault> {
        if rule + 1 == self.names.len() {
            // Whether somebody takes the message is for the others to say.
            return first::take(context, event).map(|()| Fired::NotFired);
        }
        self.native.fire(rule, event, context)
    }

    fn shares(&self) -> Vec<&str> {
        self.native.shares()
    }

    fn query(
        &self,
        name: &str,
        args: &Map<String, Value>,
        context: &mut Context,
    ) -> Result<Value, Fault> {
        Ruleset::query(&self.native, name, args, context)
    }

    fn call(&self, name: &str, args: Value, context: &mut Context) -> Result<Value, Fault> {
        self.native.call(name, args, context)
    }

    fn provided(&self, name: &str) -> Option<Provided> {
        self.native.provided(name)
    }

    fn provides(&self) -> Vec<(&'static str, Provided)> {
        Ruleset::provides(&self.native)
    }

    fn testing(&self) -> Value {
        self.native.testing()
    }

    fn meta(&self) -> Value {
        self.native.meta()
    }
}
