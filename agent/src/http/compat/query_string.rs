//! The query string, as Express reads it: nested by brackets, repeated names make lists.
//!
//! Source: the `qs` package 6.16 with Express 4's options (1000 pairs, 1000 items of a list, five
//! levels of brackets). Two meanings of one name (`a=1&a[b]=2`) become a list of both.

use super::percent;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Most pairs that are read; the others are passed over.
const PAIRS_MAX: usize = 1000;
/// Most items of a list; a longer one becomes a map with the numbers as keys.
const ITEMS_MAX: usize = 1000;
/// Levels of brackets; what is deeper is one key.
const DEPTH_MAX: usize = 5;

/// What a name stands for while the string is read.
#[derive(Clone, Debug)]
enum Node {
    Text(String),
    /// Items, some of them not given yet. `conflict`: made because two meanings clashed; the
    /// number is the place of the latest.
    List {
        items: Vec<Option<Node>>,
        conflict: Option<usize>,
    },
    /// `overflow`: a list that was too long; the number is its greatest index.
    Map {
        entries: IndexMap<String, Node>,
        overflow: Option<usize>,
        conflict: Option<usize>,
    },
}

/// Reads a query string without its `?`.
pub(super) fn parse(text: &str) -> Map<String, Value> {
    if text.is_empty() {
        return Map::new();
    }
    let mut whole = map(IndexMap::new());
    for (key, value) in in_order(pairs(text)) {
        if let Some(node) = nest(&key, value) {
            whole = merge(whole, node);
        }
    }
    match value(whole) {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

fn map(entries: IndexMap<String, Node>) -> Node {
    Node::Map { entries, overflow: None, conflict: None }
}

fn list(items: Vec<Node>) -> Node {
    Node::List { items: items.into_iter().map(Some).collect(), conflict: None }
}

/// The pairs, those of one name put together.
fn pairs(text: &str) -> IndexMap<String, Node> {
    let text = ["%5B", "%5b"].iter().fold(text.to_owned(), |text, open| text.replace(open, "["));
    let text = ["%5D", "%5d"].iter().fold(text, |text, close| text.replace(close, "]"));
    let mut pairs = IndexMap::new();
    for part in text.split('&').take(PAIRS_MAX) {
        let at = part.find("]=").map(|at| at + 1).or_else(|| part.find('='));
        let (key, value) = at.map_or((part, ""), |at| (&part[..at], &part[at + 1..]));
        let decode = |text| percent::decode_form(text).unwrap_or_else(|raw| raw);
        let (key, value) = (decode(key), Node::Text(decode(value)));
        match pairs.get_mut(&key) {
            None => drop(pairs.insert(key, value)),
            Some(Node::List { items, .. }) => items.push(Some(value)),
            Some(first) => *first = list(vec![first.clone(), value]),
        }
    }
    pairs
}

/// `a[b][]` and its value: `{"a": {"b": [value]}}`.
fn nest(key: &str, value: Node) -> Option<Node> {
    if key.is_empty() {
        return None;
    }
    let segments = segments(key);
    Some(segments.iter().rev().fold(value, |leaf, segment| {
        if segment == "[]" {
            return match leaf {
                list @ (Node::List { .. } | Node::Map { overflow: Some(_), .. }) => list,
                one @ Node::Text(_) | one @ Node::Map { .. } => list(vec![one]),
            };
        }
        let name = segment.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let index = name.filter(|name| is_index(name)).and_then(|name| name.parse::<usize>().ok());
        match index {
            Some(index) if index < ITEMS_MAX => {
                let mut items = vec![None; index];
                items.push(Some(leaf));
                Node::List { items, conflict: None }
            }
            index => {
                let name = name.unwrap_or(segment);
                let mut entries = IndexMap::new();
                if name != "__proto__" {
                    entries.insert(name.to_owned(), leaf);
                }
                Node::Map { entries, overflow: index, conflict: None }
            }
        }
    }))
}

/// Whether this is how JavaScript writes a number from 0 on.
fn is_index(name: &str) -> bool {
    let is_canonical = name == "0" || !name.starts_with('0');
    // Above 15 digits JavaScript would print it otherwise.
    is_canonical && (1..=15).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit())
}

/// `a[b][c]` as `a`, `[b]`, `[c]`; brackets inside brackets belong to the name.
fn segments(key: &str) -> Vec<String> {
    let first = key.find('[');
    let mut segments: Vec<String> = match first.map_or(key, |first| &key[..first]) {
        "" => vec![],
        parent => vec![parent.to_owned()],
    };
    let (mut open, mut count) = (first, 0);
    while let Some(start) = open {
        let close = if count < DEPTH_MAX { matching(key, start) } else { None };
        let Some(close) = close else {
            segments.push(format!("[{}]", &key[start..]));
            break;
        };
        segments.push(key[start..=close].to_owned());
        count += 1;
        open = key[close..].find('[').map(|at| close + at);
    }
    segments
}

/// Where the bracket closes that opens at `start`.
fn matching(key: &str, start: usize) -> Option<usize> {
    let mut level = 0_usize;
    for (at, byte) in key.bytes().enumerate().skip(start) {
        match byte {
            b'[' => level += 1,
            b']' => level -= 1,
            _ => continue,
        }
        if level == 0 {
            return Some(at);
        }
    }
    None
}

fn merge(target: Node, source: Node) -> Node {
    match (target, source) {
        // JavaScript's truth: an empty text is nothing.
        (target, Node::Text(text)) if text.is_empty() => target,
        (target, Node::Text(text)) => add(target, Node::Text(text)),
        (Node::Text(text), source) => prepend(Node::Text(text), source),
        (Node::List { items, conflict }, Node::List { items: more, .. }) => {
            merge_lists(items, conflict, more)
        }
        (Node::List { items, conflict }, Node::Map { entries, overflow, .. }) => {
            let latest = conflict.map(|_| items.len().saturating_sub(1));
            let target = Node::Map { entries: indexed(items), overflow: None, conflict: latest };
            merge_entries(target, entries, overflow)
        }
        (target @ Node::Map { .. }, Node::List { items, .. }) => {
            merge_entries(target, indexed(items), None)
        }
        (target @ Node::Map { .. }, Node::Map { entries, overflow, .. }) => {
            merge_entries(target, entries, overflow)
        }
    }
}

/// A text joins what is there.
fn add(target: Node, text: Node) -> Node {
    match target {
        Node::Text(first) => list(vec![Node::Text(first), text]),
        Node::List { mut items, conflict } => {
            items.push(Some(text));
            bounded(items, conflict)
        }
        Node::Map { mut entries, overflow: Some(last), conflict } => {
            entries.insert((last + 1).to_string(), text);
            Node::Map { entries, overflow: Some(last + 1), conflict }
        }
        Node::Map { mut entries, overflow: None, conflict: Some(last) } => {
            entries.insert((last + 1).to_string(), text);
            Node::Map { entries, overflow: None, conflict: Some(last + 1) }
        }
        target @ Node::Map { .. } => {
            Node::List { items: vec![Some(target), Some(text)], conflict: Some(1) }
        }
    }
}

/// A text that was there first, before what comes.
fn prepend(text: Node, source: Node) -> Node {
    match source {
        Node::List { items, .. } => {
            bounded(std::iter::once(Some(text)).chain(items).collect(), None)
        }
        Node::Map { entries, overflow: Some(last), .. } => {
            let next = |key: String| key.parse::<usize>().map_or(key, |key| (key + 1).to_string());
            let moved = entries.into_iter().map(|(key, node)| (next(key), node));
            let entries = std::iter::once(("0".to_owned(), text)).chain(moved).collect();
            Node::Map { entries, overflow: Some(last + 1), conflict: None }
        }
        source @ Node::Text(_) | source @ Node::Map { .. } => list(vec![text, source]),
    }
}

fn merge_lists(
    mut items: Vec<Option<Node>>,
    conflict: Option<usize>,
    more: Vec<Option<Node>>,
) -> Node {
    for (at, item) in more.into_iter().enumerate() {
        let Some(item) = item else { continue };
        match items.get_mut(at) {
            Some(Some(Node::Text(_))) => items.push(Some(item)),
            Some(Some(_)) if matches!(item, Node::Text(_)) => items.push(Some(item)),
            Some(place @ Some(_)) => *place = place.take().map(|old| merge(old, item)),
            Some(place @ None) => *place = Some(item),
            None => {
                items.resize(at, None);
                items.push(Some(item));
            }
        }
    }
    bounded(items, conflict)
}

fn merge_entries(target: Node, more: IndexMap<String, Node>, long: Option<usize>) -> Node {
    let Node::Map { mut entries, mut overflow, mut conflict } = target else { return target };
    for (key, node) in in_order(more) {
        let index = if is_index(&key) { key.parse::<usize>().ok() } else { None };
        match entries.get_mut(&key) {
            Some(old) => *old = merge(std::mem::replace(old, Node::Text(String::new())), node),
            None => drop(entries.insert(key, node)),
        }
        conflict = conflict.map(|last| last.max(index.unwrap_or(0)));
        overflow = overflow.map(|last| last.max(index.unwrap_or(0)));
    }
    if overflow.is_none() && long.is_some() {
        let indices = entries.keys().filter(|key| is_index(key));
        overflow = indices.filter_map(|key| key.parse().ok()).max().max(long);
    }
    Node::Map { entries, overflow, conflict }
}

/// A list, or a map when it is too long for one.
fn bounded(items: Vec<Option<Node>>, conflict: Option<usize>) -> Node {
    if items.len() <= ITEMS_MAX {
        return Node::List { items, conflict };
    }
    let overflow = Some(items.len() - 1);
    Node::Map { entries: indexed(items), overflow, conflict: None }
}

fn indexed(items: Vec<Option<Node>>) -> IndexMap<String, Node> {
    let numbered = items.into_iter().enumerate();
    numbered.filter_map(|(at, item)| Some((at.to_string(), item?))).collect()
}

/// Entries in the order in which JavaScript enumerates them: indices first, by their number.
fn in_order<T>(mut entries: IndexMap<String, T>) -> IndexMap<String, T> {
    if entries.keys().any(|key| is_index(key)) {
        let index = |key: &str| is_index(key).then(|| key.parse::<u64>().ok()).flatten();
        // Stable: the others keep their order.
        entries.sort_by_cached_key(|key, _| index(key).unwrap_or(u64::MAX));
    }
    entries
}

fn value(node: Node) -> Value {
    match node {
        Node::Text(text) => Value::String(text),
        Node::List { items, .. } => items.into_iter().flatten().map(value).collect(),
        Node::Map { entries, .. } => {
            in_order(entries).into_iter().map(|(key, node)| (key, value(node))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What `qs` made of them, the order of names included.
    #[test]
    fn strings_are_read_as_qs_reads_them() {
        let cases = include_str!("vectors/query_strings.json");
        let cases: Vec<(String, Value)> = serde_json::from_str(cases).unwrap();
        for (text, expected) in cases {
            assert_eq!(Value::Object(parse(&text)).to_string(), expected.to_string(), "{text}");
        }
    }

    /// Rows of hostile input: none is slow, none goes deep.
    #[test]
    fn a_hostile_string_is_bounded() {
        assert_eq!(parse(&"a=1&".repeat(5000))["a"].as_array().map(Vec::len), Some(1000));
        let deep = format!("a{}=1", "[b]".repeat(5000));
        assert!(parse(&deep).contains_key("a"));
        let many: String = (0..1000).map(|i| format!("a[999]=x&k{i}=1&")).collect();
        assert!(parse(&many).contains_key("a"));
        assert!(parse(&"[".repeat(16_000)).len() <= 1);
    }
}
