//! KRL as programs: an expression, or a ruleset whose globals, queries and rules run. Whatever
//! they ask of the outside is answered with nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_krl::fault::Fault;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::{Machine, Modules, Step};
use picomesh_krl::select::Condition;
use picomesh_krl::value::{Map, Value};
use picomesh_krl::{check, compile, evaluate, parser};

const FUEL: u64 = 100_000;
const HEAP: usize = 4 * 1024 * 1024;

fuzz_target!(|source: &str| {
    if let Err(picomesh_krl::Error::Fault(fault)) = evaluate(source, meter()) {
        broken(&fault);
    }
    let parsed = parser::parse(source);
    let Some(ruleset) = parsed.ruleset.filter(|_| parsed.errors.is_empty()) else { return };
    if check::check(&ruleset).iter().any(|found| found.is_error()) {
        return;
    }
    let Ok(program) = compile::compile(&ruleset) else { return };
    let mut machine = Machine::new(meter());
    machine.init(program.clone(), Modules::standard(), vec![]);
    run(&mut machine);
    let Some(instance) = machine.take_instance() else { return };
    for name in program.shares() {
        let mut machine = Machine::new(meter());
        if machine.query(&instance, name, &Map::default()).is_ok() {
            run(&mut machine);
        }
    }
    for (index, rule) in program.rules().iter().enumerate() {
        for kind in 0..rule.select.primitives().len() {
            let primitive = &rule.select.primitives()[kind];
            if primitive.condition() != Condition::None {
                let mut machine = Machine::new(meter());
                let settings = primitive.setting().len();
                machine.condition(&instance, index, kind, vec![Value::text("7"); settings]);
                run(&mut machine);
            }
        }
        let mut machine = Machine::new(meter());
        let settings = rule.select.variables().len();
        machine.rule_body(&instance, index, vec![Value::text("7"); settings]);
        run(&mut machine);
    }
});

fn meter() -> Meter {
    Meter { fuel: FUEL, allocated: 0, heap_max: HEAP }
}

fn run(machine: &mut Machine) {
    loop {
        match machine.run(1_000) {
            Ok(Step::Done(value)) => {
                let _ = value.to_text();
                return;
            }
            Ok(Step::Rule(_)) => return,
            Ok(Step::Slice) => {}
            Ok(Step::Request(_)) => machine.answer(Ok(Value::Null)),
            Err(fault) => return broken(&fault),
        }
    }
}

fn broken(fault: &Fault) {
    if let Fault::Broken(why) = fault {
        panic!("{why}");
    }
}
