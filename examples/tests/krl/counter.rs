//! A pico that counts.

use crate::site::Site;
use serde_json::{Value, json};

const RID: &str = "org.example.counter";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counter_counts_for_whoever_may() {
    let site = Site::open().await;
    let eci = site.install(&site.root, "counter/counter.krl", json!({}), "counter").await;
    assert_eq!(site.ask(&eci, RID, "tally").await, 0);

    let told = site.tell(&eci, "counter:up", json!({})).await;
    assert_eq!(told, [("counted".to_owned(), json!({ "count": 1 }))]);
    let told = site.tell(&eci, "counter:up", json!({ "by": "9", "who": "Ada" })).await;
    let ten = json!({ "count": 10 });
    assert_eq!(told, [("counted".to_owned(), ten.clone()), ("round".to_owned(), ten)]);
    assert_eq!(site.ask(&eci, RID, "last").await, "Ada");
    assert!(site.tell(&eci, "counter:up", json!({ "by": "many" })).await.is_empty());
    assert_eq!(site.ask(&eci, RID, "tally").await, 10);

    let refused = site.try_tell(&eci, "counter:round", json!({ "count": 20 })).await;
    assert_eq!(refused, json!({ "error": "Error: Not allowed by channel policy" }));
    site.tell(&eci, "counter:reset", json!({})).await;
    assert_eq!(site.ask(&eci, RID, "tally").await, 0);
    assert_eq!(site.ask(&eci, RID, "last").await, Value::Null);
    site.close().await;
}
