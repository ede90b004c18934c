//! The operators by name.

use super::arguments::Given;
use super::{Args, Meter, Outcome, bits, collection, convert, iterate, path, pattern, sets, text};
use crate::fault::Fault;
use crate::value::Value;

/// An operator of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator(u8);

/// The operator of a name.
pub fn find(name: &str) -> Option<Operator> {
    let place = TABLE.iter().position(|entry| entry.name == name)?;
    u8::try_from(place).ok().map(Operator)
}

/// Calls an operator.
pub fn call(operator: Operator, args: Args, meter: &mut Meter) -> Result<Outcome, Fault> {
    meter.spend(1)?;
    let entry = operator.entry();
    let given = Given::place(args, entry.parameters);
    match entry.run {
        Run::Value(run) => run(given, meter).map(Outcome::Value),
        Run::Iterate(run) => run(given, meter),
    }
}

impl Operator {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The names of its parameters.
    pub fn parameters(self) -> &'static [&'static str] {
        self.entry().parameters
    }

    /// Whether it can be an action.
    pub fn is_action(self) -> bool {
        matches!(self.name(), "noop" | "send_directive")
    }

    /// Whether it can be a function.
    pub fn is_function(self) -> bool {
        self.name() != "send_directive"
    }

    fn entry(self) -> &'static Entry {
        &TABLE[usize::from(self.0)]
    }
}

struct Entry {
    name: &'static str,
    parameters: &'static [&'static str],
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    Value(fn(Given, &mut Meter) -> Result<Value, Fault>),
    Iterate(fn(Given, &mut Meter) -> Result<Outcome, Fault>),
}

const fn entry(
    name: &'static str,
    parameters: &'static [&'static str],
    run: fn(Given, &mut Meter) -> Result<Value, Fault>,
) -> Entry {
    Entry { name, parameters, run: Run::Value(run) }
}

const fn iteration(
    name: &'static str,
    parameters: &'static [&'static str],
    run: fn(Given, &mut Meter) -> Result<Outcome, Fault>,
) -> Entry {
    Entry { name, parameters, run: Run::Iterate(run) }
}

const PAIR: &[&str] = &["left", "right"];
const VALUE: &[&str] = &["val"];
const PATTERN: &[&str] = &["val", "regex"];
const TARGET: &[&str] = &["val", "target"];
const ITER: &[&str] = &["val", "iter"];
const PATH: &[&str] = &["val", "path"];
const SETS: &[&str] = &["a", "b"];

static TABLE: &[Entry] = &[
    entry("cmp", PAIR, convert::cmp),
    entry("like", PATTERN, pattern::like_operator),
    entry("as", &["val", "type"], convert::convert),
    entry("isnull", VALUE, convert::isnull),
    entry("typeof", VALUE, convert::type_of),
    entry("klog", &["val", "message"], convert::klog),
    entry("sprintf", &["val", "template"], pattern::sprintf),
    entry("defaultsTo", &["val", "defaultVal", "message"], convert::defaults_to),
    entry("shiftRight", PAIR, bits::shift_right),
    entry("shiftLeft", PAIR, bits::shift_left),
    entry("band", PAIR, bits::and),
    entry("bor", PAIR, bits::or),
    entry("bxor", PAIR, bits::xor),
    entry("bnot", &["left"], bits::not),
    entry("chr", VALUE, text::chr),
    entry("range", &["val", "end"], collection::range),
    entry("capitalize", VALUE, text::capitalize),
    entry("decode", VALUE, convert::decode),
    entry("extract", PATTERN, pattern::extract),
    entry("lc", VALUE, text::lc),
    entry("uc", VALUE, text::uc),
    entry("match", PATTERN, pattern::is_match),
    entry("ord", VALUE, text::ord),
    entry("split", &["val", "splitOn"], pattern::split),
    entry("substr", &["val", "start", "len"], text::substr),
    entry("trimLeading", VALUE, text::trim_leading),
    entry("trimTrailing", VALUE, text::trim_trailing),
    entry("trim", VALUE, text::trim),
    entry("startsWith", TARGET, text::starts_with),
    entry("endsWith", TARGET, text::ends_with),
    entry("contains", TARGET, text::contains),
    iteration("replace", &["val", "regex", "replacement"], iterate::replace),
    iteration("all", ITER, iterate::all),
    iteration("notall", ITER, iterate::notall),
    iteration("any", ITER, iterate::any),
    iteration("none", ITER, iterate::none),
    entry("append", &["val", "a", "b", "c", "d", "e"], collection::append),
    iteration("collect", ITER, iterate::collect),
    iteration("filter", ITER, iterate::filter),
    iteration("map", ITER, iterate::map),
    entry("head", VALUE, collection::head),
    entry("tail", VALUE, collection::tail),
    entry("index", &["val", "elm"], collection::index),
    entry("join", &["val", "str"], collection::join),
    entry("length", VALUE, collection::length),
    entry("isEmpty", VALUE, collection::is_empty),
    iteration("pairwise", ITER, iterate::pairwise),
    iteration("reduce", &["val", "iter", "dflt"], iterate::reduce),
    entry("reverse", VALUE, collection::reverse),
    entry("slice", &["val", "start", "end"], collection::slice),
    entry("splice", &["val", "start", "nElements", "value"], collection::splice),
    entry("delete", PATH, path::delete),
    entry("encode", &["val", "indent"], convert::encode),
    entry("keys", PATH, path::keys),
    entry("values", PATH, path::values),
    entry("intersection", SETS, sets::intersection),
    entry("union", SETS, sets::union),
    entry("difference", SETS, sets::difference),
    entry("has", &["val", "other"], sets::has),
    entry("once", VALUE, sets::once),
    entry("duplicates", VALUE, sets::duplicates),
    entry("unique", VALUE, sets::unique),
    entry("put", &["val", "path", "toSet"], path::put),
    iteration("sort", &["val", "sortBy"], iterate::sort),
    entry("get", &["obj", "path"], path::get),
    entry("set", &["obj", "path", "val"], path::set),
    entry("noop", &[], |_, _| Ok(Value::Null)),
    entry("send_directive", &["name", "options"], |_, _| {
        Err(Fault::Broken("send_directive belongs to the machine".into()))
    }),
];
