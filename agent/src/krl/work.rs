//! The `http` module as work that turns want from outside.

use super::http::{HttpRequest, perform};
use crate::engine::{Answered, Engine, Outward};
use crate::net;
use picomesh_pico::Pico;
use serde_json::{Map, Value};

/// Calls web servers for programs.
pub struct HttpWork(net::Client);

impl HttpWork {
    /// Calls through this client and its address filter.
    pub fn new(client: net::Client) -> Self {
        Self(client)
    }
}

impl Outward for HttpWork {
    fn perform<'a>(&'a self, _: &'a Engine, _: &'a Pico, body: Value) -> Answered<'a> {
        Box::pin(async move {
            let method = body["method"].as_str().unwrap_or_default();
            let none = Map::new();
            let args = body["args"].as_object().unwrap_or(&none);
            let request = HttpRequest::from_args(method, args)?;
            let response = perform(&self.0, request).await?;
            Ok(Value::Object(response.into_map()))
        })
    }
}
