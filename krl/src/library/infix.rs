//! Operators between values: `a + b`, `-a`, `a <=> b`.
//!
//! Source: krl-stdlib 1.4. Numbers take a short way that allocates nothing.

use super::{Meter, path, pattern};
use crate::ast::{BinaryOperator, UnaryOperator};
use crate::fault::Fault;
use crate::value::{self, Text, Value};
use std::cmp::Ordering;

/// An operator with two operands. `||` and `&&` answer an operand; whoever wants the right one
/// left alone does not call this.
#[inline]
pub fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
    meter: &mut Meter,
) -> Result<Value, Fault> {
    if let (Value::Number(left), Value::Number(right)) = (left, right)
        && let Some(answer) = binary_numbers(operator, *left, *right)
    {
        return Ok(answer);
    }
    binary_any(operator, left, right, meter)
}

/// An operator with one operand.
#[inline]
pub fn unary(operator: UnaryOperator, operand: &Value) -> Result<Value, Fault> {
    match operator {
        UnaryOperator::Not => Ok(Value::Boolean(!operand.is_truthy())),
        UnaryOperator::Plus => Ok(operand.clone()),
        UnaryOperator::Minus => match operand.to_number() {
            Some(number) => Ok(Value::Number(-number)),
            None => Err(Fault::type_error(format_args!("Cannot negate {}", operand.as_text()))),
        },
    }
}

/// What finite numbers come to; what needs more thought takes the long way.
#[inline]
fn binary_numbers(operator: BinaryOperator, left: f64, right: f64) -> Option<Value> {
    if !(left.is_finite() && right.is_finite()) {
        return None;
    }
    Some(match operator {
        BinaryOperator::Add => Value::Number(left + right),
        BinaryOperator::Subtract => Value::Number(left - right),
        BinaryOperator::Multiply => Value::Number(left * right),
        BinaryOperator::Divide if right != 0.0 => Value::Number(left / right),
        BinaryOperator::Modulo if right != 0.0 => Value::Number(left % right),
        BinaryOperator::Divide | BinaryOperator::Modulo => Value::Number(0.0),
        BinaryOperator::Equal => Value::Boolean(left == right),
        BinaryOperator::NotEqual => Value::Boolean(left != right),
        BinaryOperator::Less => Value::Boolean(left < right),
        BinaryOperator::LessOrEqual => Value::Boolean(left <= right),
        BinaryOperator::Greater => Value::Boolean(left > right),
        BinaryOperator::GreaterOrEqual => Value::Boolean(left >= right),
        BinaryOperator::Compare => {
            Value::Number(left.partial_cmp(&right).map_or(0.0, order_number))
        }
        BinaryOperator::Or
        | BinaryOperator::And
        | BinaryOperator::Like
        | BinaryOperator::Contains
        | BinaryOperator::CompareText => return None,
    })
}

fn binary_any(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
    meter: &mut Meter,
) -> Result<Value, Fault> {
    let ordered = |holds: fn(Ordering) -> bool| Value::Boolean(holds(value::compare(left, right)));
    Ok(match operator {
        BinaryOperator::Or => if left.is_truthy() { left } else { right }.clone(),
        BinaryOperator::And => if left.is_truthy() { right } else { left }.clone(),
        BinaryOperator::Equal => Value::Boolean(value::equal(left, right, meter)?),
        BinaryOperator::NotEqual => Value::Boolean(!value::equal(left, right, meter)?),
        BinaryOperator::Less => ordered(Ordering::is_lt),
        BinaryOperator::LessOrEqual => ordered(Ordering::is_le),
        BinaryOperator::Greater => ordered(Ordering::is_gt),
        BinaryOperator::GreaterOrEqual => ordered(Ordering::is_ge),
        BinaryOperator::Compare => Value::Number(order_number(value::compare(left, right))),
        BinaryOperator::CompareText => {
            let order = value::compare_text(&left.as_text(), &right.as_text());
            Value::Number(order_number(order))
        }
        BinaryOperator::Like => Value::Boolean(pattern::like(left, right, meter)?),
        BinaryOperator::Contains => Value::Boolean(path::contains(left, right, meter)?),
        BinaryOperator::Add => add(left, right, meter)?,
        BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Modulo => arithmetic(operator, left, right)?,
    })
}

/// `-1`, `0` or `1`.
pub(super) fn order_number(order: Ordering) -> f64 {
    f64::from(order as i8)
}

/// A sum of finite numbers, else the texts one after the other.
fn add(left: &Value, right: &Value, meter: &mut Meter) -> Result<Value, Fault> {
    if let (Value::Number(left), Value::Number(right)) = (left, right)
        && left.is_finite()
        && right.is_finite()
    {
        return Ok(Value::Number(left + right));
    }
    let (left, right) = (left.as_text(), right.as_text());
    let bytes = left.len() + right.len();
    meter.take_text(bytes)?;
    let mut text = String::with_capacity(bytes);
    text.push_str(&left);
    text.push_str(&right);
    Ok(Value::String(Text::from(text)))
}

fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, Fault> {
    let (Some(a), Some(b)) = (left.to_number(), right.to_number()) else {
        let (left, right) = (left.as_text(), right.as_text());
        return Err(match operator {
            BinaryOperator::Subtract => {
                Fault::type_error(format_args!("{right} cannot be subtracted from {left}"))
            }
            BinaryOperator::Multiply => {
                Fault::type_error(format_args!("{left} cannot be multiplied by {right}"))
            }
            BinaryOperator::Divide => {
                Fault::type_error(format_args!("{left} cannot be divided by {right}"))
            }
            _ => Fault::type_error(format_args!("Cannot calculate {left} modulo {right}")),
        });
    };
    Ok(Value::Number(match operator {
        BinaryOperator::Subtract => a - b,
        BinaryOperator::Multiply => a * b,
        _ if b == 0.0 => 0.0,
        BinaryOperator::Divide => a / b,
        _ => a % b,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        Meter { fuel: 100_000, allocated: 0, heap_max: 1 << 20 }
    }

    #[test]
    fn operators_answer_as_the_reference_does() {
        let text = |text: &str| Value::text(text);
        let number = Value::Number;
        let cases = [
            (BinaryOperator::Add, number(1.0), text("a"), text("1a")),
            (BinaryOperator::Add, Value::Null, number(f64::NAN), text("nullnull")),
            (BinaryOperator::Add, number(f64::INFINITY), number(1.0), text("[JSObject]1")),
            (BinaryOperator::Divide, number(1.0), number(0.0), number(0.0)),
            (BinaryOperator::Subtract, text("0x10"), Value::Boolean(true), number(15.0)),
            (BinaryOperator::Less, text("9"), text("10"), Value::Boolean(true)),
            (BinaryOperator::Less, text("9a"), text("10"), Value::Boolean(false)),
            (BinaryOperator::CompareText, number(5.0), number(10.0), number(1.0)),
            (BinaryOperator::Equal, Value::Null, number(f64::NAN), Value::Boolean(true)),
            (BinaryOperator::Equal, number(1.0), text("1"), Value::Boolean(false)),
            (BinaryOperator::Or, text(""), number(2.0), number(2.0)),
        ];
        for (operator, left, right, answer) in cases {
            let got = binary(operator, &left, &right, &mut meter()).unwrap();
            assert!(value::equal(&got, &answer, &mut meter()).unwrap(), "{operator:?} {got:?}");
        }
    }

    #[test]
    fn text_cannot_be_doubled_without_bound() {
        let mut value = Value::text("ab");
        let fault = loop {
            match binary(BinaryOperator::Add, &value, &value, &mut meter()) {
                Ok(longer) => value = longer,
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault, Fault::Limit("HEAP_BYTES_MAX"));
    }
}
