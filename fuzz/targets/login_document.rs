//! What operators register: clients and policies, as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_login::{Client, Policy, path::Path};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(path) = std::str::from_utf8(bytes).map_err(|_| "not text").and_then(Path::parse) {
        let _ = path.select(&Value::Null);
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    if let Ok(made) = Client::register(value.clone(), &[1; 32]) {
        let stored = serde_json::to_value(&made.client).expect("a client is JSON");
        let read: Client = serde_json::from_value(stored).expect("what is stored is read");
        assert_eq!(read, made.client);
    }
    let _ = Policy::read(value);
});
