//! From the syntax tree of an event expression to the graph of its machine.

use super::graph::{Graph, Node, Supply, Transition, Trigger};
use super::primitive::Aggregator;
use super::table::Table;
use super::{Primitive, Select};
use crate::ast::{self, EventBase, EventExpression, EventOperator, Identifier, When};
use crate::fault::Fault;
use crate::value::Text;
use indexmap::IndexSet;

/// What is still to be visited or put together. An own stack: expressions nest as deeply as
/// their source likes.
enum Task<'a> {
    Visit(&'a EventExpression),
    Combine(EventOperator, usize),
}

/// The kinds of event of a rule in source order: the order of [`Select::primitives`].
/// `select where` has one primitive and no kind of event.
pub fn bases(select: &ast::Select) -> Vec<&EventBase> {
    let When::Events { expression, .. } = &select.when else { return Vec::new() };
    let mut bases = Vec::new();
    let mut rest = vec![expression];
    while let Some(expression) = rest.pop() {
        match expression {
            EventExpression::Base(base) | EventExpression::Group { base, .. } => {
                bases.push(&**base);
            }
            EventExpression::Operator { operands, .. } => rest.extend(operands.iter().rev()),
        }
    }
    bases
}

impl Select {
    /// Compiles what selects a rule. Refused: patterns that are none, `any` with too large a
    /// number, machines of more than [`super::SELECT_TRANSITIONS_MAX`] transitions.
    pub fn compile(select: &ast::Select) -> Result<Self, Fault> {
        let mut compiler = Compiler::default();
        let (graph, within, is_simple) = match &select.when {
            When::Events { expression, within } => {
                let graph = compiler.expression(expression)?;
                let is_base = matches!(expression, EventExpression::Base(_));
                (graph, within.as_ref(), is_base && within.is_none())
            }
            When::Where(_) => {
                compiler.primitives.push(Primitive::any());
                (Graph::primitive(0, &mut compiler.supply)?, None, true)
            }
        };
        Ok(Self {
            primitives: compiler.primitives,
            variables: compiler.variables.into_iter().collect(),
            table: Table::new(graph, compiler.supply),
            within_unit_ms: within.map(|within| unit_ms(&within.period.name)),
            is_simple,
        })
    }
}

#[derive(Default)]
struct Compiler {
    primitives: Vec<Primitive>,
    variables: IndexSet<Text>,
    supply: Supply,
}

impl Compiler {
    fn expression(&mut self, expression: &EventExpression) -> Result<Graph, Fault> {
        let mut tasks = vec![Task::Visit(expression)];
        let mut graphs: Vec<Graph> = Vec::new();
        while let Some(task) = tasks.pop() {
            let graph = match task {
                Task::Visit(EventExpression::Base(base)) => self.base(base, None)?,
                Task::Visit(EventExpression::Group {
                    is_repeat, count, base, aggregator, ..
                }) => {
                    let base = self.base(base, aggregator.as_ref())?;
                    self.group(*is_repeat, *count, &base)?
                }
                Task::Visit(EventExpression::Operator { operator, operands, .. }) => {
                    tasks.push(Task::Combine(*operator, operands.len()));
                    tasks.extend(operands.iter().rev().map(Task::Visit));
                    continue;
                }
                Task::Combine(operator, count) => {
                    let operands = graphs.split_off(graphs.len() - count);
                    self.operator(operator, &operands)?
                }
            };
            graphs.push(graph);
        }
        graphs.pop().ok_or(Fault::Broken("an event expression without events".into()))
    }

    fn base(
        &mut self,
        base: &EventBase,
        aggregator: Option<&ast::Aggregator>,
    ) -> Result<Graph, Fault> {
        let setting = self.slots(&base.setting);
        let aggregator = aggregator.map(|aggregator| Aggregator {
            operator: aggregator.operator.name.clone(),
            variables: self.slots(&aggregator.variables),
        });
        let primitive = Primitive::new(base, setting, aggregator)?;
        // Kinds of event that only their names tell apart are one to the machine.
        let index = self.primitives.len();
        let twin = self.primitives.iter().position(|other| {
            let names = (other.domain(), other.name()) == (primitive.domain(), primitive.name());
            names && !other.has_matcher() && !primitive.has_matcher()
        });
        self.primitives.push(primitive);
        Graph::primitive(twin.unwrap_or(index), &mut self.supply)
    }

    fn slots(&mut self, names: &[Identifier]) -> Vec<usize> {
        names.iter().map(|name| self.variables.insert_full(name.name.clone()).0).collect()
    }

    fn group(&mut self, is_repeat: bool, count: f64, base: &Graph) -> Result<Graph, Fault> {
        let mut graph = Graph::new(&mut self.supply);
        graph.room(count.max(0.0) as usize)?;
        let copies = vec![base; count.ceil().max(0.0) as usize];
        graph.chain(&copies, &mut self.supply)?;
        if count.fract() != 0.0 {
            // The reference's last link is missing, so the rule is never selected.
            graph.end = self.supply.node();
        }
        if is_repeat {
            let end = graph.end;
            graph.append(base, end, end, &mut self.supply)?;
        }
        graph.optimize();
        Ok(graph)
    }

    fn operator(&mut self, operator: EventOperator, operands: &[Graph]) -> Result<Graph, Fault> {
        let supply = &mut self.supply;
        let mut graph = Graph::new(supply);
        let (start, end) = (graph.start, graph.end);
        match (operator, operands) {
            (EventOperator::Or, _) => {
                for operand in operands {
                    graph.append(operand, start, end, supply)?;
                }
            }
            (EventOperator::And, _) => in_any_order(&mut graph, operands, operands.len(), supply)?,
            (EventOperator::Any(number), _) => {
                let number = checked(number, operands.len())?;
                in_any_order(&mut graph, operands, number, supply)?;
            }
            (EventOperator::Before, _) => {
                graph.chain(&operands.iter().collect::<Vec<_>>(), supply)?;
            }
            (EventOperator::After, _) => {
                graph.chain(&operands.iter().rev().collect::<Vec<_>>(), supply)?;
            }
            (EventOperator::Then, _) => {
                let between = graph.chain(&operands.iter().collect::<Vec<_>>(), supply)?;
                return_to_start(&mut graph, &between, supply)?;
            }
            (EventOperator::Between, [middle, first, last]) => {
                let (opened, met) = (supply.node(), supply.node());
                graph.append(middle, opened, met, supply)?;
                graph.append(first, start, opened, supply)?;
                graph.append(last, met, end, supply)?;
            }
            (EventOperator::NotBetween, [unwanted, first, last]) => {
                let opened = supply.node();
                graph.append(unwanted, opened, start, supply)?;
                graph.append(first, start, opened, supply)?;
                graph.append(last, opened, end, supply)?;
            }
            (EventOperator::Between | EventOperator::NotBetween, _) => {
                return Err(Fault::Broken("`between` takes three event expressions".into()));
            }
        }
        graph.optimize();
        Ok(graph)
    }
}

/// The number of `any`, refused in the words of the reference.
fn checked(number: f64, operands: usize) -> Result<usize, Fault> {
    if number.fract() != 0.0 || !number.is_finite() {
        return Err(Fault::type_error("`any` expects first arg to be an integer"));
    }
    if number < 0.0 || number >= operands as f64 {
        return Err(Fault::type_error(
            "`any(num, ...eventexs)` expects num to be greater than 0 and less than the number of \
             eventexs",
        ));
    }
    Ok(number as usize)
}

/// Adds every ordered choice of so many of the operands, one chain for each.
fn in_any_order(
    graph: &mut Graph,
    operands: &[Graph],
    number: usize,
    supply: &mut Supply,
) -> Result<(), Fault> {
    // The reference's permutations of one element are none: `and(a)` never selects.
    if operands.len() < 2 || number == 0 {
        return Ok(());
    }
    let mut chosen: Vec<usize> = Vec::with_capacity(number);
    let mut candidate = 0;
    loop {
        if chosen.len() == number {
            let chain: Vec<&Graph> = chosen.iter().map(|index| &operands[*index]).collect();
            graph.chain(&chain, supply)?;
            candidate = operands.len();
        }
        while candidate < operands.len() && chosen.contains(&candidate) {
            candidate += 1;
        }
        if candidate < operands.len() {
            chosen.push(candidate);
            candidate = 0;
        } else if let Some(last) = chosen.pop() {
            candidate = last + 1;
        } else {
            return Ok(());
        }
    }
}

/// `then`: from each of these states, what does not lead on leads back to the start.
fn return_to_start(graph: &mut Graph, states: &[Node], supply: &mut Supply) -> Result<(), Fault> {
    let chained = graph.transitions.len();
    for state in states {
        let mut others = IndexSet::new();
        for transition in &graph.transitions[..chained] {
            if transition.from == *state {
                others.insert(supply.trigger(Trigger::Not(transition.on))?);
            }
        }
        let on = match others.len() {
            // The reference recurses for ever here.
            0 => return Err(Fault::Depth),
            1 => others[0],
            _ => supply.trigger(Trigger::Or(others.into_iter().collect()))?,
        };
        graph.room(1)?;
        graph.transitions.push(Transition { from: *state, on, to: graph.start });
    }
    Ok(())
}

/// Milliseconds in a unit of `within`; an unknown one counts as milliseconds.
fn unit_ms(period: &str) -> f64 {
    const SECOND: f64 = 1_000.0;
    const DAY: f64 = 86_400.0 * SECOND;
    match period.strip_suffix(['s', 'S']).unwrap_or(period) {
        "second" => SECOND,
        "minute" => 60.0 * SECOND,
        "hour" => 3_600.0 * SECOND,
        "day" => DAY,
        "week" => 7.0 * DAY,
        "month" => 30.0 * DAY,
        "year" => 365.0 * DAY,
        _ => 1.0,
    }
}
