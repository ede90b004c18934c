//! The examples of the KRL book in `docs/krl/` are true.
//!
//! A block fenced as `krl` is one of four things:
//! - `krl` that begins with `ruleset`: it must compile without a word of complaint;
//! - `krl` with `// => value` at the end of a line: what stands before it, back to the one before,
//!   is evaluated and must come to that value, written as JSON, or fail with that text;
//! - `krl` with neither: declarations and an expression that must compile;
//! - `krl rules`: the inside of a ruleset that must compile.
//!
//! `PICOMESH_BOOK_WRITE=1` writes what the examples come to into the book, for review.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends where it goes wrong"
)]

use picomesh_krl::ast::Source;
use picomesh_krl::diagnostic::Diagnostic;
use picomesh_krl::library::Meter;
use picomesh_krl::value::json::encode;
use picomesh_krl::{Error, check, compile, parser};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const MARK: &str = "// =>";

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/krl");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut pages: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.sort();
    assert!(!pages.is_empty(), "the book has pages");
    pages
}

/// What is in a source that is to come to something: JSON, or the text of what went wrong.
fn value_of(source: &str) -> String {
    let first =
        |found: &[Diagnostic]| found.first().map_or_else(String::new, |one| one.message.clone());
    match picomesh_krl::evaluate(source, Meter::default()) {
        Ok(value) => encode(&value, 0, &mut Meter::default()).unwrap(),
        Err(Error::Source(found)) => format!("not KRL: {}", first(&found)),
        Err(Error::Fault(fault)) => fault.to_string(),
    }
}

fn complaint_of_ruleset(source: &str) -> Option<String> {
    let said = |message: &str, at: usize| {
        let line = source[..at.min(source.len())].lines().count();
        Some(format!("{message} (line {line} of it)"))
    };
    let parsed = parser::parse(source);
    if let Some(error) = parsed.errors.first() {
        return said(&error.message, error.span.start as usize);
    }
    let ruleset = parsed.ruleset?;
    if let Some(found) = check::check(&ruleset).first() {
        return said(&found.message, found.span.start as usize);
    }
    let error = compile::compile(&ruleset).err()?;
    said(&error.message, error.span.start as usize)
}

fn complaint_of_snippet(source: &str) -> Option<String> {
    match parser::parse_source(source) {
        Err(found) => found.first().map(|one| one.message.clone()),
        Ok(Source::Snippet { declarations, result }) => {
            let compiled = compile::compile_snippet(&declarations, result.as_ref());
            compiled.err().map(|error| error.message)
        }
        Ok(_) => None,
    }
}

/// One page, read block by block.
#[derive(Default)]
struct Page {
    /// The page as it should be.
    is: String,
    complaints: Vec<String>,
    examples: usize,
}

impl Page {
    fn read(name: &str, text: &str) -> Self {
        let mut page = Self::default();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            page.line(line);
            let Some(kind) = line.strip_prefix("```krl") else {
                if line.starts_with("```") {
                    let rest = lines.by_ref().map(|(_, line)| line);
                    for line in rest {
                        page.line(line);
                        if line.starts_with("```") {
                            break;
                        }
                    }
                }
                continue;
            };
            let mut block = vec![];
            for (_, line) in lines.by_ref() {
                if line.starts_with("```") {
                    break;
                }
                block.push(line);
            }
            page.block(&format!("{name}:{}", number + 1), kind.trim(), &block);
            page.line("```");
        }
        page
    }

    fn line(&mut self, line: &str) {
        writeln!(self.is, "{line}").unwrap();
    }

    fn block(&mut self, place: &str, kind: &str, block: &[&str]) {
        let source = block.join("\n");
        let is_ruleset = source.trim_start().starts_with("ruleset ");
        if kind.is_empty() && !is_ruleset && source.contains(MARK) {
            return self.examples(place, block);
        }
        self.examples += 1;
        let complaint = match kind {
            "rules" => complaint_of_ruleset(&format!("ruleset book {{\n{source}\n}}")),
            "" if is_ruleset => complaint_of_ruleset(&source),
            "" => complaint_of_snippet(&source),
            other => Some(format!("there is no kind {other:?} of block")),
        };
        self.complaints.extend(complaint.map(|complaint| format!("{place}: {complaint}")));
        block.iter().for_each(|line| self.line(line));
    }

    fn examples(&mut self, place: &str, block: &[&str]) {
        let mut source = String::new();
        for line in block {
            let Some((code, wanted)) = line.split_once(MARK) else {
                source.push_str(line);
                source.push('\n');
                self.line(line);
                continue;
            };
            source.push_str(code);
            let (is, wanted) = (value_of(&source), wanted.trim());
            if is != wanted {
                let source = source.trim();
                self.complaints.push(format!("{place}: {source} comes to {is}, not {wanted}"));
            }
            self.examples += 1;
            self.line(format!("{code}{MARK} {is}").trim_end());
            source.clear();
        }
    }
}

#[test]
fn the_examples_of_the_book_are_true() {
    let is_writing = std::env::var("PICOMESH_BOOK_WRITE").is_ok_and(|value| value == "1");
    let (mut complaints, mut examples) = (vec![], 0);
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let page = Page::read(&name, &text);
        if is_writing && page.is != text {
            std::fs::write(&path, &page.is).unwrap();
        }
        examples += page.examples;
        complaints.extend(page.complaints);
    }
    println!("{examples} examples");
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Every operator and every member of a pure module has an example.
#[test]
fn no_operator_is_without_an_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/krl");
    let text = std::fs::read_to_string(folder.join("library.md")).unwrap();
    let examples: Vec<&str> = text.lines().filter(|line| line.contains(MARK)).collect();
    let names = "all any append as band bnot bor bxor capitalize chr cmp collect contains decode \
                 defaultsTo delete difference duplicates encode endsWith extract filter get has \
                 head index intersection isEmpty isnull join keys klog lc length like map match \
                 none noop notall once ord pairwise put range reduce replace reverse set \
                 shiftLeft shiftRight slice sort splice split sprintf startsWith substr tail trim \
                 trimLeading trimTrailing typeof uc union unique values";
    let missing: Vec<&str> = names
        .split_whitespace()
        .filter(|name| {
            assert!(picomesh_krl::library::find(name).is_some(), "{name} is no operator");
            let forms = [format!("{name}("), format!(" {name} "), format!("{name}.")];
            !examples.iter().any(|line| forms.iter().any(|form| line.contains(form)))
        })
        .collect();
    assert!(missing.is_empty(), "no example of {missing:?}");
}

/// The programs in `examples/krl/` compile too; what they do is tested there.
#[test]
fn the_programs_beside_the_book_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/krl");
    let mut programs = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let Ok(files) = std::fs::read_dir(entry.unwrap().path()) else { continue };
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "krl") {
                let complaint = complaint_of_ruleset(&std::fs::read_to_string(&path).unwrap());
                assert_eq!(complaint, None, "{path:?}");
                programs += 1;
            }
        }
    }
    assert!(programs >= 5, "only {programs}");
}
