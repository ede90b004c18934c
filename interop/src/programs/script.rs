//! Scripts: which rulesets, which requests.
//!
//! A path that begins with no slash is below `/c/<channel>/` of a channel that allows
//! everything. `{name}` in paths and bodies stands for a place: `eci` that channel, `ui` and
//! `root` the UI channels of the pico and of the root, `base`, `files`, and what steps saved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{Error, Result};

/// One file of `pico-engine/steps/`.
#[derive(Debug)]
pub struct Script {
    /// Its file's name without the extension.
    pub name: String,
    rulesets: Vec<Value>,
    /// The requests in order.
    pub steps: Vec<Step>,
}

/// One request and what is done with its answer.
#[derive(Debug)]
pub struct Step {
    /// `GET`, `POST`, …
    pub method: String,
    /// With placeholders.
    pub path: String,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// With placeholders.
    pub body: Option<String>,
    /// Parts of a JSON answer that later steps use, by name and JSON pointer.
    pub save: BTreeMap<String, String>,
    /// Asks again until the answer holds this text.
    pub until: Option<String>,
    /// What we answer instead of the reference, and why.
    pub mended: Option<Mended>,
    /// Leaves ids and times as they are.
    pub is_exact: bool,
    /// Keeps no body: it is only looked into.
    pub is_quiet: bool,
}

/// A deliberate difference from the reference.
#[derive(Clone, Debug)]
pub struct Mended {
    /// Why.
    pub why: String,
    /// The body of our answer.
    pub body: String,
}

impl Script {
    /// Reads a script.
    pub fn load(name: &str) -> Result<Self> {
        let path = folder("steps").join(format!("{name}.json"));
        let script: Value = read(&path)?;
        let steps = script["steps"].as_array().ok_or_else(|| Error::missing("steps", &script))?;
        Ok(Self {
            name: name.to_owned(),
            rulesets: script["rulesets"].as_array().cloned().unwrap_or_default(),
            steps: steps.iter().map(step).collect::<Result<_>>()?,
        })
    }

    /// The names of all scripts.
    pub fn names() -> Result<Vec<String>> {
        let mut names: Vec<String> = std::fs::read_dir(folder("steps"))?
            .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into()))
            .collect();
        names.sort();
        Ok(names)
    }

    /// The requests that install the rulesets: a name, or a map of `name` and `config`.
    pub(super) fn installations(&self) -> Vec<Step> {
        let install = |ruleset: &Value| {
            let name = ruleset["name"].as_str().or(ruleset.as_str()).unwrap_or_default();
            let mut attrs = json!({ "url": format!("{{files}}/{name}.krl") });
            if let Some(config) = ruleset.get("config") {
                attrs["config"] = config.clone();
            }
            let mut step = Step::new("POST", "/c/{ui}/event-wait/engine_ui/install");
            step.body = Some(attrs.to_string());
            step.headers.insert("content-type".into(), "application/json".into());
            step
        };
        self.rulesets.iter().map(install).collect()
    }
}

impl Step {
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            headers: BTreeMap::new(),
            body: None,
            save: BTreeMap::new(),
            until: None,
            mended: None,
            is_exact: false,
            is_quiet: false,
        }
    }
}

fn step(source: &Value) -> Result<Step> {
    let text = |name: &str| source[name].as_str().map(str::to_owned);
    let known = [
        "get", "post", "put", "delete", "head", "options", "headers", "json", "form", "text",
        "save", "until", "mended", "exact", "quiet", "about",
    ];
    let fields = source.as_object().ok_or_else(|| Error::missing("fields", source))?;
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Error::Unexpected(format!("{unknown} in {source}")));
    }
    let method = known[..6].iter().find(|method| source[**method].is_string());
    let method = method.ok_or_else(|| Error::missing("a method", source))?;
    let mut step = Step::new(&method.to_uppercase(), &text(method).unwrap_or_default());
    if let Some(json) = source.get("json") {
        step.headers.insert("content-type".into(), "application/json".into());
        step.body = Some(json.to_string());
    } else if let Some(form) = text("form") {
        step.headers.insert("content-type".into(), "application/x-www-form-urlencoded".into());
        step.body = Some(form);
    } else {
        step.body = text("text");
    }
    step.headers.extend(pairs(&source["headers"]));
    step.save.extend(pairs(&source["save"]));
    step.until = text("until");
    step.is_exact = source["exact"] == true;
    step.is_quiet = source["quiet"] == true;
    step.mended = source.get("mended").map(|mended| Mended {
        why: mended["why"].as_str().unwrap_or_default().into(),
        body: mended["body"].as_str().unwrap_or_default().into(),
    });
    Ok(step)
}

fn pairs(map: &Value) -> impl Iterator<Item = (String, String)> {
    let pairs = map.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
}

/// A folder of `interop/pico-engine/`.
pub(super) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pico-engine").join(name)
}

/// A file of JSON.
pub(super) fn read(path: &PathBuf) -> Result<Value> {
    let named =
        |error: &dyn std::fmt::Display| Error::Unexpected(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    serde_json::from_str(&text).map_err(|error| named(&error))
}
