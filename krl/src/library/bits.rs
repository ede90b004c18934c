//! Operators on bits: numbers as 32-bit integers, as JavaScript has them.
//!
//! Source: krl-stdlib 1.4, messages included: all three of `band`, `bor` and `bxor` say "anded".

use super::Meter;
use super::arguments::Given;
use crate::fault::Fault;
use crate::value::Value;

pub(super) fn shift_right(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    pair(&given, "cannot be shifted by", |left, right| left >> (right & 31))
}

pub(super) fn shift_left(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    pair(&given, "cannot be shifted by", |left, right| left << (right & 31))
}

pub(super) fn and(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    pair(&given, "cannot be bitwise anded", |left, right| left & right)
}

pub(super) fn or(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    pair(&given, "cannot be bitwise anded", |left, right| left | right)
}

pub(super) fn xor(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    pair(&given, "cannot be bitwise anded", |left, right| left ^ right)
}

pub(super) fn not(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    match given.number(0) {
        Some(number) => Ok(Value::Number(f64::from(!to_int32(number)))),
        // The blank at the end is the reference's.
        None => Err(Fault::type_error(format_args!("{} cannot be inverted ", given.text(0)))),
    }
}

fn pair(given: &Given, refusal: &str, operate: fn(i32, i32) -> i32) -> Result<Value, Fault> {
    match (given.number(0), given.number(1)) {
        (Some(left), Some(right)) => {
            Ok(Value::Number(f64::from(operate(to_int32(left), to_int32(right)))))
        }
        _ => {
            let (left, right) = (given.text(0), given.text(1));
            Err(Fault::type_error(format_args!("{left} {refusal} {right}")))
        }
    }
}

/// ECMA-262 §7.1.6 ToInt32.
pub(super) fn to_int32(number: f64) -> i32 {
    if !number.is_finite() {
        return 0;
    }
    number.trunc().rem_euclid(4_294_967_296.0) as u32 as i32
}
