//! A tree as JSON in the shape that the recorded cases have, without places.

use picomesh_krl::ast::{
    Action, ActionBlock, Aggregator, Arguments, BlockKind, ChevronPart, Declaration,
    DomainIdentifier, EventBase, EventExpression, EventName, EventOperator, Expression,
    ExpressionKind, Foreach, Function, Guard, Identifier, LogLevel, Member, MetaKind, MetaProperty,
    Postlude, Rule, Ruleset, Select, Source, Statement, StatementKind, UnaryOperator, When, Within,
};
use serde_json::{Value, json};

/// A ruleset, or what else a source may be.
#[allow(dead_code, reason = "some tests read rulesets only")]
pub(crate) fn source(source: &Source) -> Value {
    match source {
        Source::Ruleset(inner) => ruleset(inner),
        Source::Snippet { declarations, result } => {
            let list = declarations.iter().map(declaration);
            list.chain(result.iter().map(expression)).collect()
        }
    }
}

/// A ruleset.
pub(crate) fn ruleset(ruleset: &Ruleset) -> Value {
    let meta = ruleset.meta.as_ref().map(|properties| {
        let properties: Vec<Value> = properties.iter().map(property).collect();
        json!({ "type": "RulesetMeta", "properties": properties })
    });
    json!({
        "type": "Ruleset",
        "rid": rid(&ruleset.rid),
        "version": optional(&ruleset.version),
        "meta": meta,
        "global": declarations(&ruleset.global),
        "rules": ruleset.rules.iter().map(rule).collect::<Vec<_>>(),
    })
}

fn rid(name: &Identifier) -> Value {
    json!({ "type": "RulesetID", "value": &*name.name })
}

fn property(property: &MetaProperty) -> Value {
    let key = match &*property.key.name {
        "key" => "keys",
        "provide" => "provides",
        "share" => "shares",
        key => key,
    };
    let value = match &property.kind {
        MetaKind::Text(value) => expression(value),
        MetaKind::Logging(is_on) => json!({ "type": "Boolean", "value": is_on }),
        MetaKind::Use { rid: name, alias, with, .. } => json!({
            "kind": "module",
            "rid": rid(name),
            "alias": alias.as_ref().map(identifier),
            "with": match with.is_empty() { true => Value::Null, false => declarations(with) },
        }),
        MetaKind::Configure(list) => json!({ "declarations": declarations(list) }),
        MetaKind::Provides(names) | MetaKind::Shares(names) => json!({ "ids": identifiers(names) }),
        MetaKind::Key { name, value } => json!([keyword(&name.name), expression(value)]),
        MetaKind::ProvidesKeys { keys, to } => json!({
            "operator": keyword("keys"),
            "ids": identifiers(keys),
            "rulesets": to.iter().map(rid).collect::<Vec<_>>(),
        }),
        MetaKind::ErrorsTo { rid: name, version } => {
            json!({ "rid": rid(name), "version": optional(version) })
        }
    };
    json!({ "type": "RulesetMetaProperty", "key": keyword(key), "value": value })
}

fn keyword(text: &str) -> Value {
    json!({ "type": "Keyword", "value": text })
}

fn identifier(name: &Identifier) -> Value {
    json!({ "type": "Identifier", "value": &*name.name })
}

fn identifiers(names: &[Identifier]) -> Value {
    names.iter().map(identifier).collect()
}

fn domain(name: &DomainIdentifier) -> Value {
    let (domain, value) = (&*name.domain.name, &*name.name.name);
    json!({ "type": "DomainIdentifier", "domain": domain, "value": value })
}

fn declarations(list: &[Declaration]) -> Value {
    list.iter().map(declaration).collect()
}

fn declaration(declaration: &Declaration) -> Value {
    json!({
        "type": "Declaration",
        "op": "=",
        "left": identifier(&declaration.name),
        "right": expression(&declaration.value),
    })
}

fn optional(value: &Option<Expression>) -> Value {
    value.as_ref().map_or(Value::Null, expression)
}

fn string(text: &str) -> Value {
    json!({ "type": "String", "value": text })
}

fn number(number: f64) -> Value {
    match number.fract() == 0.0 && number < 1e15 {
        true => json!({ "type": "Number", "value": number as i64 }),
        false => json!({ "type": "Number", "value": number }),
    }
}

fn regexp(pattern: &str, flags: &str) -> Value {
    let mut flags: Vec<char> = flags.chars().collect();
    flags.sort_unstable();
    let flags: String = flags.into_iter().collect();
    json!({ "type": "RegExp", "value": { "$regexp": pattern, "flags": flags } })
}

/// An expression.
pub(crate) fn expression(expression: &Expression) -> Value {
    let sub = self::expression;
    match &expression.kind {
        ExpressionKind::Null => json!({ "type": "Null" }),
        ExpressionKind::Boolean(value) => json!({ "type": "Boolean", "value": value }),
        ExpressionKind::Number(value) => number(*value),
        ExpressionKind::String(text) => string(text),
        ExpressionKind::RegExp { pattern, flags } => regexp(pattern, flags),
        ExpressionKind::Chevron(parts) => {
            let parts = parts.iter().map(|part| match part {
                ChevronPart::Text(text) => string(text),
                ChevronPart::Expression(inner) => sub(inner),
            });
            json!({ "type": "Chevron", "value": parts.collect::<Vec<_>>() })
        }
        ExpressionKind::Array(items) => {
            json!({ "type": "Array", "value": items.iter().map(sub).collect::<Vec<_>>() })
        }
        ExpressionKind::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                json!({ "type": "MapKeyValuePair", "key": string(&key.name), "value": sub(value) })
            });
            json!({ "type": "Map", "value": entries.collect::<Vec<_>>() })
        }
        ExpressionKind::Identifier(name) => json!({ "type": "Identifier", "value": &**name }),
        ExpressionKind::Domain(name) => domain(name),
        ExpressionKind::Member { object, member, property } => match member {
            Member::Path => self::member(object, "path", sub(property)),
            Member::Index => self::member(object, "index", sub(property)),
            Member::Dot => self::member(object, "dot", name(property)),
        },
        ExpressionKind::Call { callee, arguments, is_method } => {
            call(callee, arguments, *is_method)
        }
        ExpressionKind::Unary { operator, operand } => {
            let operator = match operator {
                UnaryOperator::Not => "not",
                UnaryOperator::Minus => "-",
                UnaryOperator::Plus => "+",
            };
            json!({ "type": "UnaryOperator", "op": operator, "arg": sub(operand) })
        }
        ExpressionKind::Binary { operator, left, right } => json!({
            "type": "InfixOperator",
            "op": operator.symbol(),
            "left": sub(left),
            "right": sub(right),
        }),
        ExpressionKind::Conditional { test, consequent, alternate } => json!({
            "type": "ConditionalExpression",
            "test": sub(test),
            "consequent": sub(consequent),
            "alternate": sub(alternate),
        }),
        ExpressionKind::Function(inner) => function(inner),
        ExpressionKind::Error => Value::Null,
    }
}

fn member(object: &Expression, method: &str, property: Value) -> Value {
    let object = expression(object);
    json!({
        "type": "MemberExpression", "object": object, "method": method, "property": property,
    })
}

/// What stands behind a dot.
fn name(property: &Expression) -> Value {
    match &property.kind {
        ExpressionKind::String(text) => json!({ "type": "Identifier", "value": &**text }),
        _ => expression(property),
    }
}

fn call(callee: &Expression, arguments: &Arguments, is_method: bool) -> Value {
    let (callee, skipped) = match (is_method, arguments.list.first()) {
        (true, Some(object)) => (member(&object.value, "dot", expression(callee)), 1),
        _ => (expression(callee), 0),
    };
    let arguments = arguments_from(arguments, skipped);
    json!({ "type": "Application", "callee": callee, "args": arguments })
}

fn arguments_from(arguments: &Arguments, skipped: usize) -> Value {
    let list = arguments.list.iter().skip(skipped).map(|argument| match &argument.name {
        None => expression(&argument.value),
        Some(name) => {
            let (id, value) = (identifier(name), expression(&argument.value));
            json!({ "type": "NamedArgument", "id": id, "value": value })
        }
    });
    json!({ "type": "Arguments", "args": list.collect::<Vec<_>>() })
}

fn function(function: &Function) -> Value {
    let parameters = function.parameters.iter().map(|parameter| {
        let default = optional(&parameter.default);
        json!({ "type": "Parameter", "id": identifier(&parameter.name), "default": default })
    });
    let parameters = json!({ "type": "Parameters", "params": parameters.collect::<Vec<_>>() });
    let (body, result) = (declarations(&function.body), optional(&function.result));
    match &function.action {
        None => {
            json!({ "type": "Function", "params": parameters, "body": body, "return": result })
        }
        Some(block) => json!({
            "type": "DefAction",
            "params": parameters,
            "body": body,
            "action_block": action_block(block),
            "return": result,
        }),
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "type": "Rule",
        "name": identifier(&rule.name),
        "rule_state": if rule.is_active { "active" } else { "inactive" },
        "select": rule.select.as_ref().map(select),
        "foreach": rule.foreach.iter().map(foreach).collect::<Vec<_>>(),
        "prelude": declarations(&rule.pre),
        "action_block": rule.action.as_ref().map(action_block),
        "postlude": rule.postlude.as_ref().map(postlude),
    })
}

fn select(select: &Select) -> Value {
    match &select.when {
        When::Where(condition) => {
            let condition = expression(condition);
            json!({ "type": "RuleSelect", "kind": "where", "expression": condition })
        }
        When::Events { expression, within: limit } => json!({
            "type": "RuleSelect",
            "kind": "when",
            "event": event(expression, None),
            "within": limit.as_ref().map(within),
        }),
    }
}

fn within(within: &Within) -> Value {
    let period = &*within.period.name;
    json!({ "type": "EventWithin", "expression": expression(&within.expression), "period": period })
}

fn event(event: &EventExpression, aggregator: Option<&Aggregator>) -> Value {
    match event {
        EventExpression::Base(base) => event_base(base, aggregator),
        EventExpression::Operator { operator, operands, .. } => {
            let mut list: Vec<Value> = operands.iter().map(|one| self::event(one, None)).collect();
            let operator = match operator {
                EventOperator::Or => "or",
                EventOperator::And => "and",
                EventOperator::Before => "before",
                EventOperator::Then => "then",
                EventOperator::After => "after",
                EventOperator::Between => "between",
                EventOperator::NotBetween => "not between",
                EventOperator::Any(count) => {
                    list.insert(0, number(*count));
                    "any"
                }
            };
            json!({ "type": "EventOperator", "op": operator, "args": list })
        }
        EventExpression::Group { is_repeat, count, base, aggregator, .. } => json!({
            "type": "EventGroupOperator",
            "op": if *is_repeat { "repeat" } else { "count" },
            "n": number(*count),
            "event": event_base(base, aggregator.as_ref()),
        }),
    }
}

fn event_base(base: &EventBase, aggregator: Option<&Aggregator>) -> Value {
    let matches = base.attributes.iter().map(|one| {
        let value = regexp(&one.pattern, &one.flags);
        json!({ "type": "AttributeMatch", "key": identifier(&one.name), "value": value })
    });
    let aggregator = aggregator.map(|aggregator| {
        let arguments = identifiers(&aggregator.variables);
        let operator = &*aggregator.operator.name;
        json!({ "type": "EventAggregator", "op": operator, "args": arguments })
    });
    json!({
        "type": "EventExpression",
        "event_domain": identifier(&base.domain),
        "event_type": identifier(&base.name),
        "event_attrs": matches.collect::<Vec<_>>(),
        "setting": identifiers(&base.setting),
        "where": optional(&base.condition),
        "aggregator": aggregator,
    })
}

fn foreach(foreach: &Foreach) -> Value {
    let (over, setting) = (expression(&foreach.expression), identifiers(&foreach.setting));
    json!({ "type": "RuleForEach", "expression": over, "setting": setting })
}

fn action_block(block: &ActionBlock) -> Value {
    let (kind, chooser) = match &block.kind {
        BlockKind::Every => ("every", Value::Null),
        BlockKind::Sample => ("sample", Value::Null),
        BlockKind::Choose(chooser) => ("choose", expression(chooser)),
    };
    json!({
        "type": "ActionBlock",
        "condition": optional(&block.condition),
        "block_type": kind,
        "discriminant": chooser,
        "actions": block.actions.iter().map(action).collect::<Vec<_>>(),
    })
}

fn action(action: &Action) -> Value {
    json!({
        "type": "Action",
        "label": action.label.as_ref().map(identifier),
        "action": expression(&action.callee),
        "args": arguments_from(&action.arguments, 0),
        "setting": identifiers(&action.setting),
    })
}

fn postlude(postlude: &Postlude) -> Value {
    json!({
        "type": "RulePostlude",
        "fired": statements(&postlude.fired),
        "notfired": statements(&postlude.notfired),
        "always": statements(&postlude.always),
    })
}

fn statements(list: &[Statement]) -> Value {
    list.iter().map(statement).collect()
}

fn statement(statement: &Statement) -> Value {
    let inner = statement_kind(&statement.kind);
    let condition = match &statement.guard {
        None => return inner,
        Some(Guard::If(condition)) => expression(condition),
        Some(Guard::OnFinal) => json!("on final"),
    };
    json!({ "type": "GuardCondition", "condition": condition, "statement": inner })
}

fn statement_kind(kind: &StatementKind) -> Value {
    match kind {
        StatementKind::Declare(inner) => declaration(inner),
        StatementKind::Assign { variable, path, value } => json!({
            "type": "PersistentVariableAssignment",
            "op": ":=",
            "left": domain(variable),
            "path_expression": optional(path),
            "right": expression(value),
        }),
        StatementKind::Clear { variable, path } => json!({
            "type": "ClearPersistentVariable",
            "variable": domain(variable),
            "path_expression": optional(path),
        }),
        StatementKind::Raise { event, for_rid, attributes } => {
            let mut value = json!({
                "type": "RaiseEventStatement",
                "event_attrs": optional(attributes),
                "for_rid": optional(for_rid),
            });
            add_event(&mut value, event);
            value
        }
        StatementKind::Schedule { event, at, repeat, attributes, setting } => {
            let mut value = json!({
                "type": "ScheduleEventStatement",
                "event_attrs": optional(attributes),
                "setting": setting.first().map(identifier),
            });
            add_event(&mut value, event);
            match at {
                Some(at) => value["at"] = expression(at),
                None => value["timespec"] = optional(repeat),
            }
            value
        }
        StatementKind::Log(level, value) => level_statement("LogStatement", *level, value),
        StatementKind::Error(level, value) => level_statement("ErrorStatement", *level, value),
        StatementKind::Last => json!({ "type": "LastStatement" }),
    }
}

fn add_event(value: &mut Value, event: &EventName) {
    match event {
        EventName::InDomain { domain, name } => {
            value["event_domain"] = identifier(domain);
            value["event_type"] = expression(name);
        }
        EventName::Whole(name) => value["event_domainAndType"] = expression(name),
    }
}

fn level_statement(kind: &str, level: LogLevel, value: &Expression) -> Value {
    let level = match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    };
    json!({ "type": kind, "level": level, "expression": expression(value) })
}
