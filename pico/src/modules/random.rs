//! `random`: from the turn's random numbers, which come from the operating system.

use super::{Args, Member, arg, function};
use crate::context::Context;
use crate::entropy::Entropy;
use crate::fault::Fault;
use rand_core::RngCore;
use serde_json::{Number, Value};

pub(crate) const MEMBERS: &[Member] = &[
    function("uuid", &[]),
    function("word", &[]),
    function("integer", &["upper", "lower"]),
    function("number", &["upper", "lower"]),
];

/// Words that are easy to read and to say.
const WORDS: [&str; 96] = [
    "acorn", "amber", "anchor", "apple", "arrow", "autumn", "badge", "bamboo", "basket", "beach",
    "berry", "birch", "bottle", "breeze", "bridge", "bronze", "bucket", "butter", "cabin",
    "candle", "canyon", "carpet", "castle", "cedar", "cherry", "circle", "clay", "clover", "cloud",
    "coffee", "copper", "coral", "cotton", "crater", "crystal", "daisy", "delta", "desert",
    "dragon", "eagle", "ember", "falcon", "feather", "fern", "flint", "forest", "fossil",
    "fountain", "garden", "ginger", "glacier", "granite", "harbor", "hazel", "helmet", "honey",
    "island", "ivory", "jacket", "jasmine", "jungle", "kettle", "ladder", "lagoon", "lantern",
    "lemon", "linen", "magnet", "maple", "marble", "meadow", "mirror", "mountain", "nectar",
    "needle", "oasis", "olive", "orchard", "otter", "pebble", "pepper", "pillow", "planet",
    "pocket", "quartz", "ribbon", "river", "saddle", "silver", "summit", "thunder", "tunnel",
    "valley", "velvet", "walnut", "window",
];

/// What a member draws.
pub(crate) fn call(context: &mut Context, name: &str, args: &Args) -> Result<Value, Fault> {
    let bounds = || {
        let upper = number(arg(args, "upper"));
        let lower = number(arg(args, "lower"));
        let upper = upper.unwrap_or(if lower.is_some() { 0.0 } else { 1.0 });
        (lower.unwrap_or(0.0).min(upper), lower.unwrap_or(0.0).max(upper))
    };
    match name {
        "uuid" => Ok(format!("c{}", context.fresh_id()).into()),
        "word" => Ok(word(context.entropy()).into()),
        "integer" => {
            let (lower, upper) = bounds();
            let (lower, upper) = (lower.round(), upper.round());
            let drawn = lower + (fraction(context.entropy()) * (upper - lower + 1.0)).floor();
            Ok(to_value(drawn.min(upper)))
        }
        "number" => {
            let (lower, upper) = bounds();
            Ok(to_value(lower + fraction(context.entropy()) * (upper - lower)))
        }
        _ => Err(Fault::Broken(format!("random:{name} is not here"))),
    }
}

/// A word.
pub fn word(entropy: &mut Entropy) -> &'static str {
    WORDS[entropy.next_u32() as usize % WORDS.len()]
}

/// A number of 53 random bits, from 0 to just below 1.
fn fraction(entropy: &mut Entropy) -> f64 {
    (entropy.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Bool(is) => Some(f64::from(u8::from(*is))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn to_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_lie_below_one_and_words_differ() {
        let mut entropy = Entropy::new([3; 32]);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&fraction(&mut entropy))));
        let words: std::collections::HashSet<&str> = (0..100).map(|_| word(&mut entropy)).collect();
        assert!(words.len() > 20);
    }
}
