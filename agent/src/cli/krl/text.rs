//! `krl check`, `krl fmt` and `krl eval`: text in, text out.

use picomesh_krl::diagnostic::{Diagnostic, Lines, Severity};
use picomesh_krl::library::Meter;
use picomesh_krl::value::json::encode;
use picomesh_krl::{Error, check, parser};
use serde_json::{Value, json};
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

/// Largest source that is read, in bytes.
const SOURCE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A place in a file and what is wrong there.
struct Finding {
    file: String,
    line: u32,
    column: u32,
    diagnostic: Diagnostic,
}

impl Finding {
    fn all(file: &Path, source: &str, diagnostics: Vec<Diagnostic>) -> Vec<Self> {
        let lines = Lines::new(source);
        let one = |diagnostic: Diagnostic| {
            let (line, column) = lines.place(diagnostic.span.start);
            Self { file: file.display().to_string(), line, column, diagnostic }
        };
        diagnostics.into_iter().map(one).collect()
    }

    fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    fn severity(&self) -> &'static str {
        match self.diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    fn line(&self) -> String {
        let Self { file, line, column, diagnostic } = self;
        let hint = diagnostic.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{file}:{line}:{column}: {}: {}{hint}", self.severity(), diagnostic.message)
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": self.severity(),
            "message": self.diagnostic.message,
            "hint": self.diagnostic.hint,
        })
    }
}

/// Says what is wrong; whether nothing but warnings is.
pub(super) fn check(
    files: &[PathBuf],
    is_json: bool,
    out: &mut impl Write,
) -> Result<bool, String> {
    let mut findings = vec![];
    for file in files {
        let source = read(file)?;
        let parsed = parser::parse(&source);
        let mut diagnostics = parsed.errors;
        if let Some(ruleset) = &parsed.ruleset
            && diagnostics.is_empty()
        {
            diagnostics = check::check(ruleset);
        }
        findings.extend(Finding::all(file, &source, diagnostics));
    }
    if is_json {
        let list: Value = findings.iter().map(Finding::json).collect();
        say(out, &format!("{list:#}"))?;
    } else {
        for finding in &findings {
            say(out, &finding.line())?;
        }
    }
    Ok(!findings.iter().any(Finding::is_error))
}

/// Brings files into the one form; whether all have it, or have it now.
pub(super) fn format(
    files: &[PathBuf],
    is_check: bool,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<bool, String> {
    let mut is_well = true;
    for file in files {
        let source = read(file)?;
        let new = match picomesh_krl::format::format(&source) {
            Ok(new) => new,
            Err(diagnostics) => {
                is_well = false;
                for finding in Finding::all(file, &source, diagnostics) {
                    say(notes, &finding.line())?;
                }
                continue;
            }
        };
        if is_check {
            if new != source {
                is_well = false;
                say(out, &file.display().to_string())?;
            }
        } else if is_standard_input(file) {
            out.write_all(new.as_bytes()).map_err(|error| error.to_string())?;
        } else if new != source {
            write(file, &new)?;
        }
    }
    Ok(is_well)
}

/// Says what an expression comes to; whether it came to anything.
pub(super) fn evaluate(
    source: &str,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<bool, String> {
    let value = match picomesh_krl::evaluate(source, Meter::default()) {
        Ok(value) => value,
        Err(Error::Source(diagnostics)) => {
            for finding in Finding::all(Path::new("-"), source, diagnostics) {
                say(notes, &finding.line())?;
            }
            return Ok(false);
        }
        Err(error) => return Err(error.to_string()),
    };
    let text = encode(&value, 0, &mut Meter::default()).map_err(|error| error.to_string())?;
    say(out, &text)?;
    Ok(true)
}

fn say(out: &mut impl Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| error.to_string())
}

fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn read(file: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut text = String::new();
    let read = if is_standard_input(file) {
        std::io::stdin().take(SOURCE_BYTES_MAX + 1).read_to_string(&mut text)
    } else {
        let opened = std::fs::File::open(file).map_err(failed)?;
        opened.take(SOURCE_BYTES_MAX + 1).read_to_string(&mut text)
    };
    match read.map_err(failed)? as u64 {
        size if size > SOURCE_BYTES_MAX => Err(format!("{}: is too large", file.display())),
        _ => Ok(text),
    }
}

/// Whole or not at all: a crash must not leave half a ruleset.
fn write(file: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    // Where a link leads, or the link would be replaced by a file.
    let file = file.canonicalize().map_err(failed)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".formatted");
    let beside = file.with_file_name(name);
    std::fs::write(&beside, text).map_err(failed)?;
    let permissions = std::fs::metadata(&file).map_err(failed)?.permissions();
    std::fs::set_permissions(&beside, permissions).map_err(failed)?;
    std::fs::rename(&beside, &file).map_err(failed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(directory: &tempfile::TempDir, name: &str, source: &str) -> PathBuf {
        let path = directory.path().join(name);
        std::fs::write(&path, source).unwrap();
        path
    }

    #[test]
    fn every_error_has_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let good = file(&directory, "good.krl", "ruleset a.b {\n  global { x = 1 }\n}\n");
        let bad = file(&directory, "bad.krl", "ruleset a.b {\n  global { x = }\n}\n");
        let mut out = vec![];
        assert!(check(std::slice::from_ref(&good), false, &mut out).unwrap() && out.is_empty());
        assert!(!check(&[good.clone(), bad.clone()], false, &mut out).unwrap());
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(&format!("{}:2:", bad.display())), "{text}");
        let mut out = vec![];
        assert!(!check(&[bad], true, &mut out).unwrap());
        let found: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&found[0]["line"], &found[0]["severity"]), (&json!(2), &json!("error")));
        assert!(check(&[directory.path().join("none.krl")], false, &mut vec![]).is_err());
    }

    #[test]
    fn files_are_brought_into_the_one_form() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory, "a.krl", "ruleset   a.b{global{x=1}}");
        let run = |is_check| {
            format(std::slice::from_ref(&path), is_check, &mut vec![], &mut vec![]).unwrap()
        };
        assert!(!run(true), "it has another form");
        assert!(run(false) && run(true), "now it has the one form");
        let bad = file(&directory, "bad.krl", "ruleset");
        let (mut out, mut notes) = (vec![], vec![]);
        assert!(!format(std::slice::from_ref(&bad), false, &mut out, &mut notes).unwrap());
        assert!(out.is_empty() && !notes.is_empty());
        assert_eq!(std::fs::read_to_string(&bad).unwrap(), "ruleset", "left as it is");
    }

    #[test]
    fn expressions_come_to_json() {
        let say = |source: &str| {
            let (mut out, mut notes) = (vec![], vec![]);
            let is_well = evaluate(source, &mut out, &mut notes);
            (is_well, String::from_utf8(out).unwrap())
        };
        assert_eq!(say("[1, 2].map(function(x) { x * 2.5 })"), (Ok(true), "[2.5,5]\n".into()));
        assert_eq!(say("x = 6 x * 7"), (Ok(true), "42\n".into()));
        assert_eq!(say("1 +").0, Ok(false));
    }
}
