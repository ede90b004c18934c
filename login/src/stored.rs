//! What the store holds must be readable for ever: one row of every released shape.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::code::Record;
use crate::fixture;
use crate::pkce::Challenge;
use crate::rate::Bucket;
use crate::secret::Fingerprint;
use crate::token::Access;

fn check<T: Serialize + DeserializeOwned>(stored: &Value, now: &T) {
    assert_eq!(&serde_json::to_value(now).unwrap(), stored);
    let read: T = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(&serde_json::to_value(read).unwrap(), stored);
    let mut newer = stored.clone();
    newer["colour"] = json!("red");
    assert!(serde_json::from_value::<T>(newer).is_err(), "an unknown member");
}

/// A new shape adds a file, and keeps this one.
#[test]
fn every_stored_value_can_be_read() {
    let rows: Value = serde_json::from_str(include_str!("../vectors/stored-1.json")).unwrap();
    let client = fixture::client();
    let challenge = Challenge::parse(fixture::CHALLENGE).unwrap();
    let uri = client.redirect_uris[0].clone();
    let record = Record::new("shop".into(), uri.clone(), challenge, fixture::grant(), 1000);
    let token = Fingerprint::of("access");
    let used = record.clone().redeem(&client, &uri, fixture::VERIFIER, token, 1000).unwrap();
    let access = Access {
        client_id: "shop".into(),
        sid: "sid-1".into(),
        sub: "u".into(),
        claims: fixture::grant().claims,
        expires_at: 1600,
    };
    check(&rows["client"], &client);
    check(&rows["policy"], &fixture::policy());
    check(&rows["code"], &record);
    check(&rows["used_code"], &used);
    check(&rows["access"], &access);
    check(&rows["bucket"], &Bucket::full(10, 1000));
}
