//! A ruleset of one's own: a thermostat that counts readings, watches a threshold and sums up
//! on a schedule.
//!
//! ```text
//! cargo run -p picomesh-examples --bin thermostat
//! ```
//!
//! Readings come in by a channel, as a sensor would send them. Only the operator starts the
//! summaries, and only the pico's own schedule makes one.

use crate::place::{Place, Problem};
use picomesh_pico::{Context, Event, Fault, Native, Origin, Repeat, Rid, Schedule};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::Path;

const RID: &str = "example.thermostat";
/// Id of the schedule: there is one, so starting twice changes nothing but its time.
const SCHEDULE: &str = "thermostat-summary";
/// What a sensor can measure, in degrees Celsius.
const CELSIUS: std::ops::RangeInclusive<f64> = -90.0..=150.0;

/// The configuration that the ruleset is installed with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Above this it is too hot.
    celsius_max: f64,
    summary_seconds: u32,
}

/// What the readings since the last summary came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How many there were.
    pub readings: u32,
    /// Their sum, for the mean.
    pub celsius_sum: f64,
    /// How often it became too hot.
    pub alarms: u32,
    /// Whether it was too hot at the last reading.
    pub is_hot: bool,
}

/// The ruleset. It has no state of its own: all of it is in entity variables of the pico.
pub fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Counts readings and tells when it becomes too hot.")
        .rule("start", "thermostat", "start", start)
        .rule("read", "thermostat", "reading", read)
        .rule("alarm", "thermostat", "too_hot", alarm)
        .rule("sum_up", "thermostat", "sum_up", sum_up)
        .query("window", |context, _args| Ok(json!(window(context)?)))
        .query("last_summary", |context, _args| {
            Ok(context.entity::<Value>("last_summary")?.unwrap_or(Value::Null))
        })
}

fn config(context: &Context) -> Result<Config, Fault> {
    let config = context.config().cloned().unwrap_or_default();
    serde_json::from_value(config).map_err(|error| Fault::refused("invalid", error.to_string()))
}

fn window(context: &Context) -> Result<Window, Fault> {
    Ok(context.entity("window")?.unwrap_or_default())
}

fn start(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only the operator may start it"));
    }
    let seconds = config(context)?.summary_seconds;
    context.schedule_put(Schedule {
        id: SCHEDULE.into(),
        domain: "thermostat".into(),
        name: "sum_up".into(),
        attrs: Map::new(),
        due_at: context.now() + i64::from(seconds) * 1000,
        repeat: Some(Repeat::EverySeconds(seconds)),
        rid: None,
        eci: None,
    })
}

fn read(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let celsius = event.attrs.get("celsius").and_then(Value::as_f64);
    let celsius = celsius.filter(|celsius| CELSIUS.contains(celsius));
    let celsius =
        celsius.ok_or_else(|| Fault::refused("invalid", "celsius must be a temperature"))?;
    let (was, is_hot) = (window(context)?, celsius > config(context)?.celsius_max);
    if is_hot && !was.is_hot {
        // The rule `alarm` runs in this same turn, after this rule completed.
        let attrs = Map::from_iter([("celsius".to_owned(), json!(celsius))]);
        context.raise("thermostat", "too_hot", attrs);
    }
    let celsius_sum = was.celsius_sum + celsius;
    context.put("window", &Window { readings: was.readings + 1, celsius_sum, is_hot, ..was })
}

fn alarm(context: &mut Context, event: &Event) -> Result<(), Fault> {
    // A stranger may send an event of any name by a channel; this one is ours alone.
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only the thermostat itself raises this"));
    }
    let was = window(context)?;
    context.put("window", &Window { alarms: was.alarms + 1, ..was })?;
    context.directive("cool", json!({ "celsius": event.attrs["celsius"] }));
    Ok(())
}

fn sum_up(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Origin::Schedule { due_at, .. } = &event.origin else {
        return Err(Fault::refused("forbidden", "only the schedule sums up"));
    };
    let Window { readings, celsius_sum, alarms, is_hot } = window(context)?;
    if readings == 0 {
        return Ok(());
    }
    let mean = celsius_sum / f64::from(readings);
    let summary = json!({ "readings": readings, "mean": mean, "alarms": alarms, "until": due_at });
    context.put("last_summary", &summary)?;
    context.put("window", &Window { is_hot, ..Window::default() })
}

/// What came of the example.
#[derive(Debug)]
pub struct Report {
    /// The directives `cool` that the sensor got, by temperature.
    pub cooled_at: Vec<f64>,
    /// The first summary.
    pub summary: Value,
}

/// Sends readings to a thermostat until its schedule sums them up.
///
/// # Errors
/// When a step does not come true.
pub async fn run(data: &Path) -> Result<Report, Problem> {
    let place = Place::open(data, |registry| registry.with_installable(ruleset())).await?;
    let (kitchen, sensor) = place.pico("kitchen").await?;
    let config = json!({ "celsius_max": 25.0, "summary_seconds": 1 });
    place.install(&kitchen, RID, config).await?;
    let mut cooled_at = Vec::new();
    for celsius in [20.0, 26.0, 27.0, 23.0, 29.0] {
        let reading = json!({ "celsius": celsius });
        let answer = place.tell_by(&sensor, "thermostat:reading", reading).await?;
        let cool = answer.directive("cool").and_then(|cool| cool["celsius"].as_f64());
        cooled_at.extend(cool);
    }
    if place.tell_by(&sensor, "thermostat:start", json!({})).await.is_ok() {
        return Err("a sensor may not do what the operator does".into());
    }
    place.tell(&kitchen, "thermostat:start", json!({})).await?;
    let asked = (RID, "last_summary", json!({}));
    let summary = place.until(&kitchen, asked, |summary| !summary.is_null()).await?;
    place.close().await;
    Ok(Report { cooled_at, summary })
}
