//! A community of sensors: parents, children, thresholds, a schedule.

use crate::site::{Site, text};
use serde_json::{Value, json};

const RID: &str = "org.example.community";
const SENSOR: &str = "org.example.sensor";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_community_hears_its_sensors() {
    let site = Site::open().await;
    let ui = site.child("community").await;
    let open = json!({ "tags": ["everything"],
        "eventPolicy": { "allow": [{ "domain": "*", "name": "*" }], "deny": [] },
        "queryPolicy": { "allow": [{ "rid": "*", "name": "*" }], "deny": [] } });
    site.tell(&ui, "engine_ui:new_channel", open).await;
    let attrs = json!({ "url": crate::site::program("sensors/community.krl") });
    site.tell(&ui, "engine_ui:install", attrs).await;
    let eci = site.channel(&ui, "everything").await;

    // Two sensors are born and make themselves known.
    for (name, threshold) in [("kitchen", 25), ("cellar", 15)] {
        let wanted = json!({ "name": name, "threshold": threshold });
        site.tell(&eci, "community:sensor_needed", wanted).await;
    }
    let sensors = site
        .until((&eci, RID, "sensors"), |all| {
            let all: Vec<&Value> = all.as_object().into_iter().flatten().map(|(_, s)| s).collect();
            all.len() == 2 && all.iter().all(|sensor| sensor["channel"].is_string())
        })
        .await;
    let kitchen = text(&sensors["kitchen"]["channel"]);
    let cellar = text(&sensors["cellar"]["channel"]);

    // A device tells what it measures, and can do nothing else.
    for temperature in [20.5, 26.0, 27.0] {
        site.tell(&kitchen, "sensor:reading", json!({ "temperature": temperature })).await;
    }
    site.tell(&cellar, "sensor:reading", json!({ "temperature": "12" })).await;
    site.tell(&cellar, "sensor:reading", json!({ "temperature": "warm" })).await;
    assert_eq!(site.ask(&kitchen, SENSOR, "readings").await, json!([20.5, 26, 27]));
    assert_eq!(site.ask(&cellar, SENSOR, "readings").await, json!([12]));
    let refused = site.try_tell(&kitchen, "sensor:threshold_violation", json!({})).await;
    assert_eq!(refused["error"], "Error: Not allowed by channel policy");

    // The community asks all of them; the third hot reading raises the alarm.
    let all = site.ask(&eci, RID, "temperatures").await;
    assert_eq!(all, json!({ "kitchen": 27, "cellar": 12 }));
    assert_eq!(site.ask(&eci, RID, "alarms").await, json!([]));
    site.tell(&kitchen, "sensor:reading", json!({ "temperature": 28 })).await;
    let alarms = site.until((&eci, RID, "alarms"), |alarms| alarms != &json!([])).await;
    assert_eq!(alarms, json!([{ "name": "kitchen", "temperature": 27 }]));

    // The schedule reports once a second until it is stopped.
    site.tell(&eci, "community:reports_wanted", json!({ "cron": "* * * * * *" })).await;
    let report = site.until((&eci, RID, "report"), |report| !report.is_null()).await;
    assert_eq!((&report["sensors"], &report["mean"]), (&json!(2), &json!(20)));
    site.tell(&eci, "community:reports_unwanted", json!({})).await;

    site.tell(&eci, "community:sensor_unneeded", json!({ "name": "cellar" })).await;
    assert_eq!(site.ask(&eci, RID, "temperatures").await, json!({ "kitchen": 28 }));
    let gone = site.try_tell(&cellar, "sensor:reading", json!({ "temperature": 1 })).await;
    assert_eq!(gone["error"], format!("Error: ECI not found {cellar}"));
    site.close().await;
}
