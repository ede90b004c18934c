//! Operators on the machine's stack: the quick way for the usual operands, the library for all.

use super::{Machine, MemberKind};
use crate::ast::{BinaryOperator, UnaryOperator};
use crate::fault::Fault;
use crate::library::{self, Operator};
use crate::value::{Text, Value};
use std::sync::LazyLock;

/// Operators that the machine carries out itself.
struct Special {
    klog: Option<Operator>,
    noop: Option<Operator>,
    send_directive: Option<Operator>,
}

static SPECIAL: LazyLock<Special> = LazyLock::new(|| Special {
    klog: library::find("klog"),
    noop: library::find("noop"),
    send_directive: library::find("send_directive"),
});

pub(super) fn is_klog(operator: Operator) -> bool {
    SPECIAL.klog == Some(operator)
}

pub(super) fn is_noop(operator: Operator) -> bool {
    SPECIAL.noop == Some(operator)
}

pub(super) fn is_send_directive(operator: Operator) -> bool {
    SPECIAL.send_directive == Some(operator)
}

/// Whether an operator is called in expressions or in action blocks.
pub(crate) fn operator_kind(operator: Operator) -> MemberKind {
    if is_send_directive(operator) {
        MemberKind::Action
    } else if is_noop(operator) {
        MemberKind::ActionFunction
    } else {
        MemberKind::Function
    }
}

/// Text as the language prints a value.
pub(super) fn text(value: &Value) -> Text {
    value.to_text()
}

impl Machine {
    pub(super) fn binary(&mut self, operator: BinaryOperator) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let right = self.pop();
        let left = self.pop();
        let value = library::binary(operator, &left, &right, &mut self.meter)?;
        self.push(value);
        self.watch_heap()
    }

    pub(super) fn unary(&mut self, is_minus: bool) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let operand = self.pop();
        let value = match operand {
            Value::Number(number) if number.is_finite() && is_minus => Value::Number(-number),
            operand if is_minus => library::unary(UnaryOperator::Minus, &operand)?,
            operand => library::unary(UnaryOperator::Plus, &operand)?,
        };
        self.push(value);
        Ok(())
    }

    /// `object{path}`
    pub(super) fn path(&mut self) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let path = self.pop();
        let object = self.pop();
        if let Value::Array(path) = &path {
            self.meter.spend(path.items().len() as u64)?;
        }
        self.push(library::member(&object, &path));
        Ok(())
    }

    /// `object[index]`
    pub(super) fn index(&mut self) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let index = self.pop();
        let object = self.pop();
        self.push(library::index(&object, &index));
        Ok(())
    }

    /// `object.name`: a property as JavaScript has it.
    pub(super) fn dot(&mut self, name: &Text) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let value = match self.pop() {
            Value::Map(map) => map.get(name).cloned().unwrap_or_default(),
            Value::Array(array) if &**name == "length" => Value::Number(array.items().len() as f64),
            Value::String(text) if &**name == "length" => {
                Value::Number(text.encode_utf16().count() as f64)
            }
            nothing @ (Value::Undefined | Value::Null) => {
                let what = if nothing.is_undefined() { "undefined" } else { "null" };
                let text = format!("Cannot read properties of {what} (reading '{name}')");
                return Err(Fault::type_error(text));
            }
            Value::Array(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::RegExp(_)
            | Value::Callable(_) => Value::Undefined,
        };
        self.push(value);
        Ok(())
    }

    /// The pieces of a chevron.
    pub(super) fn concat(&mut self, count: usize) -> Result<(), Fault> {
        self.meter.spend(1)?;
        let from = self.stack.len() - count;
        if let [Value::String(_)] = self.stack[from..] {
            return Ok(());
        }
        let mut whole = String::new();
        for piece in &self.stack[from..] {
            match piece {
                Value::String(piece) => whole.push_str(piece),
                piece => whole.push_str(&text(piece)),
            }
            self.meter.fits(whole.len())?;
        }
        self.meter.take_text(whole.len())?;
        self.stack.truncate(from);
        self.push(Value::text(whole));
        self.watch_heap()
    }
}
