//! The TOML file: every key with the line where it stands.

use super::settings::Place;
use super::{Error, Origin, SETTINGS, Table};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) settings: BTreeMap<&'static str, (String, Origin)>,
    pub(super) clients: Vec<Table>,
    pub(super) policies: Vec<Table>,
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

pub(super) fn read(path: &Path) -> Result<File, Error> {
    let unreadable = |reason: String| Error::Unreadable { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(unreadable(format!("is not a file of at most {FILE_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    parse(path, &text)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<File, Error> {
    let reader = Reader { path, text };
    let document = DeTable::parse(text).map_err(|error| Error::Syntax {
        origin: reader.origin(error.span().map_or(0, |span| span.start)),
        reason: error.message().lines().collect::<Vec<_>>().join(", "),
    })?;
    let mut file = File::default();
    for (key, value) in document.get_ref() {
        let at = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("limits", DeValue::Table(table)) => {
                reader.settings(table, Place::Limits, &mut file)?
            }
            ("login", DeValue::Table(table)) => reader.login(table, &mut file)?,
            ("limits" | "login", _) => {
                return Err(reader.syntax(at, format!("`{}` must be a table", key.get_ref())));
            }
            (name, value) => reader.setting(name, at, value, Place::Anywhere, &mut file)?,
        }
    }
    Ok(file)
}

impl Reader<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Origin::File { path: PathBuf::from(self.path), line }
    }

    fn syntax(&self, offset: usize, reason: String) -> Error {
        Error::Syntax { origin: self.origin(offset), reason }
    }

    fn settings(&self, table: &DeTable<'_>, place: Place, file: &mut File) -> Result<(), Error> {
        for (key, value) in table {
            self.setting(key.get_ref(), key.span().start, value.get_ref(), place, file)?;
        }
        Ok(())
    }

    fn setting(
        &self,
        name: &str,
        at: usize,
        value: &DeValue<'_>,
        place: Place,
        file: &mut File,
    ) -> Result<(), Error> {
        let known = SETTINGS.iter().find(|known| known.key == name && known.place == place);
        let Some(setting) = known else {
            let table = if place == Place::Limits { "limits." } else { "" };
            return Err(Error::UnknownKey {
                origin: self.origin(at),
                key: format!("{table}{name}"),
            });
        };
        let text = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().replace('_', ""),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                let reason = format!("`{name}` must be a {}", setting.value_name.to_lowercase());
                return Err(self.syntax(at, reason));
            }
        };
        file.settings.insert(setting.key, (text, self.origin(at)));
        Ok(())
    }

    fn login(&self, table: &DeTable<'_>, file: &mut File) -> Result<(), Error> {
        for (key, value) in table {
            let at = key.span().start;
            let target = match key.get_ref().as_ref() {
                "client" => &mut file.clients,
                "policy" => &mut file.policies,
                other => {
                    let key = format!("login.{other}");
                    return Err(Error::UnknownKey { origin: self.origin(at), key });
                }
            };
            let reason = || format!("write it as [[login.{}]]", key.get_ref());
            let DeValue::Array(entries) = value.get_ref() else {
                return Err(self.syntax(at, reason()));
            };
            for entry in entries {
                let DeValue::Table(_) = entry.get_ref() else {
                    return Err(self.syntax(entry.span().start, reason()));
                };
                target.push(Table {
                    value: self.json(entry.get_ref(), entry.span().start)?,
                    origin: self.origin(entry.span().start),
                });
            }
        }
        Ok(())
    }

    fn json(&self, value: &DeValue<'_>, at: usize) -> Result<Value, Error> {
        let number = |text: &str| {
            let reason = format!("`{text}` is not a number that JSON can carry");
            serde_json::from_str(&text.replace('_', "")).map_err(|_| self.syntax(at, reason))
        };
        Ok(match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(integer) => number(integer.as_str())?,
            DeValue::Float(float) => number(float.as_str())?,
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(entries) => Value::Array(
                entries
                    .iter()
                    .map(|entry| self.json(entry.get_ref(), entry.span().start))
                    .collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => {
                let mut map = Map::new();
                for (key, value) in table {
                    let value = self.json(value.get_ref(), value.span().start)?;
                    map.insert(key.get_ref().to_string(), value);
                }
                Value::Object(map)
            }
        })
    }
}
