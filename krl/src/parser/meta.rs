//! The meta block.

use super::layout::BREAK_CLAUSE;
use super::{Mark, Parser, Read};
use crate::ast::{Declaration, Identifier, MetaKind, MetaProperty, Span};
use crate::diagnostic::Diagnostic;
use crate::lexer::Kind;

impl Parser<'_> {
    /// Symbols joined by `.` or `-`, with nothing between them.
    pub(super) fn rid(&mut self) -> Read<Identifier> {
        self.check()?;
        if self.token().kind != Kind::Symbol {
            return self.expected("RulesetID");
        }
        let mut span = self.token().span;
        let mut rid = self.token().text.to_owned();
        loop {
            let joint = self.peek(1);
            let is_joint = joint.is_raw(".") || joint.is_raw("-");
            if !is_joint || joint.span.start != span.end {
                break;
            }
            let next = self.peek(2);
            if next.kind != Kind::Symbol || next.span.start != joint.span.end {
                let (joint, joint_end) = (joint.text, joint.span.end);
                let text = format!(
                    "RulesetID cannot end with a `{joint}`\nValid ruleset IDs are reverse domain \
                     name. i.e. `io.picolabs.some.cool.name`"
                );
                // The place is what stands right behind, be it a blank.
                let start = joint_end;
                return Err(Diagnostic::error(text, Span { start, end: start + 1 }));
            }
            let place = joint.span.start;
            self.marks.extend([(place, Mark::Tight), (place, Mark::Prefix)]);
            rid.push_str(joint.text);
            rid.push_str(next.text);
            span.end = next.span.end;
            self.at += 2;
        }
        self.advance()?;
        Ok(Identifier { name: rid.into(), span })
    }

    /// `meta { … }`; `None` when there is no block.
    pub(super) fn meta(&mut self) -> Read<Option<Vec<MetaProperty>>> {
        if !self.take_symbol("meta")? {
            return Ok(None);
        }
        self.raw("{")?;
        let mut properties = vec![];
        while self.token().kind == Kind::Symbol {
            properties.push(self.meta_property()?);
        }
        self.raw("}")?;
        Ok(Some(properties))
    }

    fn meta_property(&mut self) -> Read<MetaProperty> {
        self.mark(Mark::Line);
        let token = self.advance()?;
        let kind = match token.text {
            "version" | "name" | "description" | "author" => MetaKind::Text(self.expression(0)?),
            "logging" => match (self.take_symbol("on")?, self.is_symbol("off")) {
                (true, _) => MetaKind::Logging(true),
                (false, true) => {
                    self.advance()?;
                    MetaKind::Logging(false)
                }
                (false, false) => return self.expected("`on` or `off`"),
            },
            "key" | "keys" => {
                if self.token().kind != Kind::Symbol {
                    return self.expected("key name");
                }
                MetaKind::Key { name: self.advance()?.into(), value: self.expression(0)? }
            }
            "use" => self.meta_use()?,
            "errors" => {
                self.symbol("to")?;
                MetaKind::ErrorsTo { rid: self.rid()?, version: None }
            }
            "configure" => {
                self.symbol("using")?;
                MetaKind::Configure(self.configured()?)
            }
            "provide" | "provides" => match self.take_symbol("keys")? {
                true => {
                    let keys = self.identifiers()?;
                    self.symbol("to")?;
                    let mut to = vec![self.rid()?];
                    while self.take_raw(",") {
                        to.push(self.rid()?);
                    }
                    MetaKind::ProvidesKeys { keys, to }
                }
                false => MetaKind::Provides(self.identifiers()?),
            },
            "share" | "shares" => MetaKind::Shares(self.identifiers()?),
            key => {
                let text = format!("Unsupported meta key: {key}");
                return Err(Diagnostic::error(text, token.span));
            }
        };
        Ok(MetaProperty { key: token.into(), kind, span: token.span })
    }

    /// Several values get lines of their own, further in.
    fn configured(&mut self) -> Read<Vec<Declaration>> {
        let before = self.marks.len();
        let list = self.declarations()?;
        for declaration in &list {
            let start = declaration.name.span.start;
            let is_line = |mark: &(u32, Mark)| *mark == (start, Mark::Line);
            if let Some(at) = self.marks[before..].iter().position(is_line) {
                self.marks.remove(before + at);
            }
            if list.len() > 1 {
                self.marks.push((start, Mark::Continuation));
            }
        }
        Ok(list)
    }

    fn meta_use(&mut self) -> Read<MetaKind> {
        self.symbol("module")?;
        let rid = self.rid()?;
        let alias = match self.take_symbol("alias")? {
            true => Some(self.identifier()?),
            false => None,
        };
        self.mark(Mark::Break(BREAK_CLAUSE));
        let with = match self.take_symbol("with")? {
            true => self.with()?,
            false => vec![],
        };
        Ok(MetaKind::Use { rid, version: None, alias, with })
    }

    /// `a = e and b = e`; the `and` may be left out.
    fn with(&mut self) -> Read<Vec<Declaration>> {
        let (mut list, mut saw_and) = (vec![], false);
        while saw_and || (self.token().is_name() && self.peek(1).is_raw("=")) {
            list.push(self.declaration()?);
            self.mark(Mark::Break(BREAK_CLAUSE));
            saw_and = self.take_symbol("and")?;
        }
        match list.is_empty() {
            true => self.expected("declarations after `with`"),
            false => Ok(list),
        }
    }
}
