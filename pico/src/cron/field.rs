//! One field of a cron expression.

/// What a field counts.
pub(super) struct Unit {
    min: u8,
    max: u8,
    /// Characters that it may have besides digits, `,`, `*`, `/` and `-`.
    extra: &'static str,
    /// Names of its values, the first one that of `min`.
    names: &'static [&'static str],
    is_weekday: bool,
}

const fn unit(min: u8, max: u8) -> Unit {
    Unit { min, max, extra: "", names: &[], is_weekday: false }
}

pub(super) const SECOND: Unit = unit(0, 59);
pub(super) const MINUTE: Unit = unit(0, 59);
pub(super) const HOUR: Unit = unit(0, 23);
pub(super) const DAY_OF_MONTH: Unit = Unit { extra: "?L", ..unit(1, 31) };
pub(super) const MONTH: Unit = Unit {
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ..unit(1, 12)
};
pub(super) const DAY_OF_WEEK: Unit = Unit {
    extra: "?L#",
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    is_weekday: true,
    ..unit(0, 7)
};

/// The values of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    values: u64,
    /// How many were listed, repeats counted: a field with all of them restricts nothing.
    length: usize,
    /// Days of the week of which the last in a month counts; for days of the month any bit.
    last: u8,
}

impl Field {
    pub(super) fn parse(text: &str, unit: &Unit) -> Result<Self, String> {
        let text = without_names(text, unit)?;
        let is_known = |c: char| c.is_ascii_digit() || ",*/-".contains(c) || unit.extra.contains(c);
        if text.is_empty() || !text.chars().all(is_known) {
            return Err(format!("Invalid characters, got value: {text}"));
        }
        let any = format!("{}-{}", unit.min, unit.max);
        let text = text.replace(if text.contains('*') { '*' } else { '?' }, &any);
        let mut field = Self::default();
        if text.split(',').any(str::is_empty) {
            return Err("Invalid list value format".into());
        }
        text.split(',').try_for_each(|part| field.add(part, unit))?;
        Ok(field)
    }

    /// `5`, `1-5`, `5/15`, `1-9/2` or `5L`
    fn add(&mut self, part: &str, unit: &Unit) -> Result<(), String> {
        let Some((range, step)) = part.split_once('/') else {
            return self.add_range(part, Some(1), unit);
        };
        if step.contains('/') {
            return Err(format!("Invalid repeat: {part}"));
        }
        // An empty step is the number 0, as JavaScript reads it.
        let step = if step.is_empty() { Some(0) } else { number(step) };
        match number(range) {
            Some(_) => self.add_range(&format!("{range}-{}", unit.max), step, unit),
            None => self.add_range(range, step, unit),
        }
    }

    fn add_range(&mut self, range: &str, step: Option<u32>, unit: &Unit) -> Result<(), String> {
        let Some((min, rest)) = range.split_once('-') else { return self.add_one(range, unit) };
        // What follows a second dash is ignored.
        let max = rest.split('-').next().unwrap_or_default();
        if min.is_empty() {
            return match number(range) {
                None if max.is_empty() || number(rest).is_none() => {
                    Err(format!("Invalid range: {range}"))
                }
                _ => Err(out_of_range(range, unit)),
            };
        }
        let as_number = |text: &str| if text.is_empty() { Some(0) } else { number(text) };
        let (low, high) = (as_number(min), as_number(max));
        let (Some(first), Some(last)) = (low, high) else {
            return Err(bounds(low, high, unit));
        };
        if first < u32::from(unit.min) || last > u32::from(unit.max) {
            return Err(bounds(low, high, unit));
        }
        if first > last {
            return Err(format!("Invalid range: {range}"));
        }
        let step = step.filter(|step| *step > 0).ok_or_else(|| {
            let step = step.map_or("NaN".into(), |step| step.to_string());
            format!("Constraint error, cannot repeat at every {step} time.")
        })?;
        let is_sunday_in = unit.is_weekday && last % 7 == 0;
        if is_sunday_in {
            self.push(0);
        }
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        for value in (first..=last).step_by(step).filter(|value| *value > 0 || !is_sunday_in) {
            self.push(value);
        }
        Ok(())
    }

    fn add_one(&mut self, text: &str, unit: &Unit) -> Result<(), String> {
        match number(text) {
            Some(value) if (u32::from(unit.min)..=u32::from(unit.max)).contains(&value) => {
                self.push(if unit.is_weekday { value % 7 } else { value });
                Ok(())
            }
            Some(value) => Err(out_of_range(value, unit)),
            None if !text.contains('L') => Err(out_of_range(text, unit)),
            None if !unit.is_weekday => {
                self.length += 1;
                self.last = u8::MAX;
                Ok(())
            }
            None => {
                let weekday = text.chars().next().and_then(|c| c.to_digit(10));
                let weekday = weekday.ok_or_else(|| {
                    format!("Invalid last weekday of the month expression: {text}")
                })?;
                self.length += 1;
                self.last |= 1 << (weekday % 7);
                Ok(())
            }
        }
    }

    fn push(&mut self, value: u32) {
        self.values |= 1_u64.checked_shl(value).unwrap_or(0);
        self.length += 1;
    }

    pub(super) fn has(&self, value: u8) -> bool {
        self.has_number(i64::from(value))
    }

    pub(super) fn has_number(&self, value: i64) -> bool {
        (0..64).contains(&value) && self.values >> value & 1 == 1
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Whether `L` is among its values.
    pub(super) fn has_last(&self) -> bool {
        self.last != 0
    }

    /// Whether the last such day of the week of a month is among its values.
    pub(super) fn is_last(&self, weekday: u8) -> bool {
        self.last >> weekday & 1 == 1
    }

    /// The value, when it has one only.
    pub(super) fn only(&self) -> Option<u8> {
        self.first().filter(|_| self.length == 1)
    }

    pub(super) fn first(&self) -> Option<u8> {
        let place = u8::try_from(self.values.trailing_zeros()).ok()?;
        (place < 64).then_some(place)
    }

    pub(super) fn keep_up_to(&mut self, max: u8) {
        let dropped = self.values >> max >> 1;
        self.values &= !(dropped << max << 1);
        self.length -= dropped.count_ones() as usize;
    }
}

/// `5#2`: the second Friday. Returns what is before the sign, and the number.
pub(super) fn nth(text: &str) -> Result<(&str, Option<u8>), String> {
    let Some((weekday, nth)) = text.split_once('#') else { return Ok((text, None)) };
    if let Some(sign) = [',', '/', '-'].into_iter().find(|sign| text.contains(*sign)) {
        return Err(format!(
            "Constraint error, invalid dayOfWeek `#` and `{sign}` special characters are \
             incompatible"
        ));
    }
    match number(nth).and_then(|nth| u8::try_from(nth).ok()) {
        Some(nth @ 1..=5) => Ok((weekday, Some(nth))),
        _ => Err("Constraint error, invalid dayOfWeek occurrence number (#)".into()),
    }
}

/// Puts numbers in the place of names.
fn without_names(text: &str, unit: &Unit) -> Result<String, String> {
    if unit.names.is_empty() {
        return Ok(text.into());
    }
    let (mut numbers, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let name = rest.get(..3).filter(|name| name.bytes().all(|b| b.is_ascii_alphabetic()));
        let Some(name) = name.map(str::to_ascii_lowercase) else {
            numbers.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let place = unit.names.iter().position(|known| *known == name);
        let place = place.ok_or(format!("Validation error, cannot resolve alias \"{name}\""))?;
        numbers.push_str(&(place + usize::from(unit.min)).to_string());
        rest = &rest[3..];
    }
    Ok(numbers)
}

/// Digits. What is too large for a number is too large for every field.
fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

fn out_of_range(value: impl std::fmt::Display, unit: &Unit) -> String {
    format!("Constraint error, got value {value} expected range {}-{}", unit.min, unit.max)
}

fn bounds(first: Option<u32>, last: Option<u32>, unit: &Unit) -> String {
    let text = |bound: Option<u32>| bound.map_or("NaN".into(), |bound| bound.to_string());
    let (first, last) = (text(first), text(last));
    let Unit { min, max, .. } = unit;
    format!("Constraint error, got range {first}-{last} expected range {min}-{max}")
}
