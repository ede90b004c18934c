//! From the text of a pattern to a tree.
//!
//! Source: ECMA-262 §22.2.1 and, without the flag `u`, its Annex B §B.1.2. What is refused, and
//! in which words, follows V8.

mod escape;
mod name;

use super::class::{Set, Shorthand};
use super::error::Refusal;
use super::{Options, REGEX_NESTING_MAX, REGEX_SIZE_MAX};
use crate::value::Text;

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Node {
    Empty,
    Char(u32),
    Any,
    Class {
        set: Set,
        negated: bool,
    },
    Start,
    End,
    Boundary {
        negated: bool,
    },
    /// A group, with its number when it captures.
    Group {
        index: Option<u32>,
        node: Box<Node>,
    },
    BackReference(u32),
    /// A backreference by name, as a place in [`Parsed::references`].
    NamedReference(usize),
    Look {
        behind: bool,
        negative: bool,
        node: Box<Node>,
    },
    /// The groups in it are `groups.0 .. groups.1`.
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        groups: (u32, u32),
    },
    Concat(Vec<Node>),
    Alternatives(Vec<Node>),
}

/// A pattern that was read.
pub(super) struct Parsed {
    pub(super) node: Node,
    /// The names of the capturing groups, from group 1 on.
    pub(super) names: Vec<Option<Text>>,
    /// The groups that named backreferences mean.
    pub(super) references: Vec<u32>,
}

type Result<T> = std::result::Result<T, Refusal>;

/// Reads a pattern.
pub(super) fn parse(pattern: &str, options: Options) -> Result<Parsed> {
    if pattern.len() > REGEX_SIZE_MAX {
        return Err(Refusal::Limit("REGEX_SIZE_MAX"));
    }
    let text: Vec<u32> = pattern.chars().map(u32::from).collect();
    let (groups_total, has_names) = count_groups(&text);
    let mut parser = Parser {
        text,
        at: 0,
        unicode: options.unicode,
        ignore_case: options.ignore_case,
        groups_total,
        has_names: has_names || options.unicode,
        names: Vec::new(),
        references: Vec::new(),
    };
    let node = parser.alternatives(0)?;
    if parser.at < parser.text.len() {
        return Err(Refusal::Syntax("Unmatched ')'"));
    }
    let references = parser.references.iter().map(|name| parser.group_named(name));
    let references = references.collect::<Option<_>>();
    let references = references.ok_or(Refusal::Syntax("Invalid named capture referenced"))?;
    Ok(Parsed { node, names: parser.names, references })
}

/// How many groups capture, and whether one of them has a name: both decide what a backslash
/// means, long before the group itself is read.
fn count_groups(text: &[u32]) -> (u32, bool) {
    let is = |at: usize, c: char| text.get(at) == Some(&u32::from(c));
    let (mut count, mut has_names, mut is_class, mut at) = (0, false, false, 0);
    while at < text.len() {
        if is(at, '\\') {
            at += 1;
        } else if is(at, '[') {
            is_class = true;
        } else if is(at, ']') {
            is_class = false;
        } else if is(at, '(') && !is_class {
            let is_named =
                is(at + 1, '?') && is(at + 2, '<') && !is(at + 3, '=') && !is(at + 3, '!');
            has_names |= is_named;
            count += u32::from(is_named || !is(at + 1, '?'));
        }
        at += 1;
    }
    (count, has_names)
}

struct Parser {
    text: Vec<u32>,
    at: usize,
    unicode: bool,
    ignore_case: bool,
    groups_total: u32,
    /// Whether `\k` is a reference and nothing else.
    has_names: bool,
    names: Vec<Option<Text>>,
    references: Vec<Text>,
}

/// What a quantifier asks for.
struct Quantifier {
    min: u32,
    max: Option<u32>,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied().and_then(char::from_u32)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn eat_all(&mut self, wanted: &str) -> bool {
        let is_there = wanted.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c));
        self.at += if is_there { wanted.chars().count() } else { 0 };
        is_there
    }

    fn group_named(&self, name: &str) -> Option<u32> {
        let place = self.names.iter().position(|known| known.as_deref() == Some(name))?;
        u32::try_from(place + 1).ok()
    }

    /// Recursion is bounded by [`REGEX_NESTING_MAX`].
    fn alternatives(&mut self, depth: usize) -> Result<Node> {
        if depth > REGEX_NESTING_MAX {
            return Err(Refusal::Limit("REGEX_NESTING_MAX"));
        }
        let mut alternatives = Vec::new();
        loop {
            let mut nodes = Vec::new();
            while !matches!(self.peek(), None | Some('|' | ')')) {
                nodes.push(self.term(depth)?);
            }
            alternatives.push(one(nodes, Node::Concat));
            if !self.eat('|') {
                return Ok(one(alternatives, Node::Alternatives));
            }
        }
    }

    fn term(&mut self, depth: usize) -> Result<Node> {
        let first_group = self.group_count() + 1;
        let Some(c) = self.peek() else { return Ok(Node::Empty) };
        let node = match c {
            '^' => return Ok(self.past(Node::Start)),
            '$' => return Ok(self.past(Node::End)),
            '\\' if matches!(self.peek_at(1), Some('b' | 'B')) => {
                self.at += 1;
                let negated = self.peek() == Some('B');
                return Ok(self.past(Node::Boundary { negated }));
            }
            '(' => {
                let node = self.group(depth)?;
                if let Node::Look { behind, .. } = &node
                    && (*behind || self.unicode)
                {
                    return match self.quantifier()? {
                        Some(_) => Err(Refusal::Syntax("Invalid quantifier")),
                        None => Ok(node),
                    };
                }
                node
            }
            '*' | '+' | '?' => return Err(Refusal::Syntax("Nothing to repeat")),
            '{' if self.interval().is_some() => {
                return Err(Refusal::Syntax("Nothing to repeat"));
            }
            '{' | '}' | ']' if self.unicode => {
                return Err(Refusal::Syntax("Lone quantifier brackets"));
            }
            '.' => self.past(Node::Any),
            '[' => self.class()?,
            '\\' => self.atom_escape()?,
            _ => self.past(Node::Char(u32::from(c))),
        };
        let Some(Quantifier { min, max }) = self.quantifier()? else { return Ok(node) };
        let greedy = !self.eat('?');
        let groups = (first_group, self.group_count() + 1);
        Ok(Node::Repeat { node: Box::new(node), min, max, greedy, groups })
    }

    fn past(&mut self, node: Node) -> Node {
        self.at += 1;
        node
    }

    fn group_count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    fn group(&mut self, depth: usize) -> Result<Node> {
        self.at += 1;
        let look =
            [("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true)];
        let look = look.into_iter().find(|(opening, ..)| self.eat_all(opening));
        let index = if look.is_some() || self.eat_all("?:") {
            None
        } else {
            let name = if self.eat_all("?<") {
                Some(self.group_name()?)
            } else if self.eat('?') {
                return Err(Refusal::Syntax("Invalid group"));
            } else {
                None
            };
            if name.as_deref().is_some_and(|name| self.group_named(name).is_some()) {
                return Err(Refusal::Syntax("Duplicate capture group name"));
            }
            self.names.push(name);
            Some(self.group_count())
        };
        let node = Box::new(self.alternatives(depth + 1)?);
        if !self.eat(')') {
            return Err(Refusal::Syntax("Unterminated group"));
        }
        Ok(match look {
            Some((_, behind, negative)) => Node::Look { behind, negative, node },
            None => Node::Group { index, node },
        })
    }

    fn quantifier(&mut self) -> Result<Option<Quantifier>> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let Some((quantifier, length)) = self.interval() else {
                    if self.unicode {
                        return Err(Refusal::Syntax("Incomplete quantifier"));
                    }
                    return Ok(None);
                };
                self.at += length;
                if quantifier.max.is_some_and(|max| max < quantifier.min) {
                    return Err(Refusal::Syntax("numbers out of order in {} quantifier"));
                }
                return Ok(Some(quantifier));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Quantifier { min, max }))
    }

    /// `{2}`, `{2,}` or `{2,3}` from here on, and its length.
    fn interval(&self) -> Option<(Quantifier, usize)> {
        let mut length = 1;
        let number = |length: &mut usize| {
            let mut value = None;
            while let Some(digit) = self.peek_at(*length).and_then(|c| c.to_digit(10)) {
                value = Some(value.unwrap_or(0_u32).saturating_mul(10).saturating_add(digit));
                *length += 1;
            }
            value
        };
        let min = number(&mut length)?;
        let mut max = Some(min);
        if self.peek_at(length) == Some(',') {
            length += 1;
            max = number(&mut length);
        }
        (self.peek_at(length) == Some('}')).then_some((Quantifier { min, max }, length + 1))
    }

    /// `[…]`
    fn class(&mut self) -> Result<Node> {
        self.at += 1;
        let negated = self.eat('^');
        let mut set = Set::default();
        loop {
            if self.eat(']') {
                return Ok(Node::Class { set, negated });
            }
            let first = self.class_atom()?;
            if self.peek() != Some('-') || matches!(self.peek_at(1), None | Some(']')) {
                first.add_to(&mut set);
                continue;
            }
            self.at += 1;
            let last = self.class_atom()?;
            match (first, last) {
                (Atom::Char(first), Atom::Char(last)) if first > last => {
                    return Err(Refusal::Syntax("Range out of order in character class"));
                }
                (Atom::Char(first), Atom::Char(last)) => set.push(first, last),
                _ if self.unicode => return Err(Refusal::Syntax("Invalid character class")),
                (first, last) => {
                    first.add_to(&mut set);
                    set.push(u32::from('-'), u32::from('-'));
                    last.add_to(&mut set);
                }
            }
        }
    }

    fn class_atom(&mut self) -> Result<Atom> {
        match self.text.get(self.at) {
            None => Err(Refusal::Syntax("Unterminated character class")),
            Some(code) if *code == u32::from('\\') => self.class_escape(),
            Some(code) => {
                self.at += 1;
                Ok(Atom::Char(*code))
            }
        }
    }
}

/// A part of a class, or what an escape stands for.
enum Atom {
    Char(u32),
    Shorthand(Shorthand, bool),
}

impl Atom {
    fn add_to(&self, set: &mut Set) {
        match self {
            Self::Char(code) => set.push(*code, *code),
            Self::Shorthand(shorthand, negated) => {
                set.extend(&Set::shorthand(*shorthand, *negated))
            }
        }
    }

    fn into_node(self) -> Node {
        match self {
            Self::Char(code) => Node::Char(code),
            Self::Shorthand(shorthand, negated) => {
                Node::Class { set: Set::shorthand(shorthand, negated), negated: false }
            }
        }
    }
}

fn one(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        0 => Node::Empty,
        1 => nodes.remove(0),
        _ => many(nodes),
    }
}
