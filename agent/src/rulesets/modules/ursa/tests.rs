//! Against what the reference makes of the same keys and texts.

use super::*;
use picomesh_pico::Ruleset;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../vectors/ursa-libsodium.json")).unwrap()
}

fn pack_for(message: &str, to: &[&str], from: Option<&Value>) -> Value {
    let recipients: Vec<[u8; 32]> = to.iter().map(|key| key_bytes(key).unwrap()).collect();
    let sender = from.map(|from| signing_key(from).unwrap());
    let mut entropy = picomesh_pico::Entropy::new([3; 32]);
    let packed = v1::pack_padded(message.as_bytes(), &recipients, sender.as_ref(), &mut entropy);
    serde_json::from_slice(&packed.unwrap()).unwrap()
}

#[test]
fn the_envelopes_of_the_reference_open() {
    let vectors = vectors();
    assert_eq!(unpack(&vectors["auth"], &vectors["bob"]).unwrap(), vectors["unpacked"]);
    let text = vectors["anon"].to_string().into();
    assert_eq!(unpack(&text, &vectors["bob"]).unwrap(), vectors["unpacked_anon"]);
}

#[test]
fn an_envelope_is_written_as_libsodium_demands() {
    let vectors = vectors();
    let (alice, bob) = (&vectors["alice"], &vectors["bob"]);
    let to = [bob["ariesPublicKey"].as_str().unwrap()];
    let packed = pack_for("héllo", &to, Some(alice));
    assert_eq!(unpack(&packed, bob).unwrap(), vectors["unpacked"]);
    let header = |packed: &Value| -> Value {
        // The strict alphabet refuses a text without its padding.
        let bytes = URL_SAFE.decode(packed["protected"].as_str().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let (ours, theirs) = (header(&packed), header(&vectors["auth"]));
    assert_eq!(names(&ours), names(&theirs));
    assert_eq!(names(&ours["recipients"][0]), names(&theirs["recipients"][0]));
    let anonymous = header(&pack_for("hello", &to, None));
    assert_eq!(anonymous["recipients"][0]["header"]["sender"], Value::Null);
    assert_eq!(names(&anonymous["recipients"][0]["header"]), ["kid", "sender", "iv"]);
}

#[test]
fn fields_are_signed_and_checked_as_rfc_0234_says() {
    let vectors = vectors();
    let key = signing_key(&vectors["alice"]).unwrap();
    let signature = key.sign(&bytes(&vectors["data"]).unwrap());
    assert_eq!(vectors["signature"], URL_SAFE.encode(signature.to_bytes()));
    assert_eq!(verify(&vectors["field"]).unwrap(), vectors["verified"]);
    let mut other = vectors["field"].clone();
    other["sig_data"] = "AAAAAGABAv97ImEiOjJ9w6k=".into();
    assert_eq!(verify(&other).unwrap()["sig_verified"], false);
    let numbers = json!([0, 0, 0, 0, 96, 1, 2, 255, 104, 105, 256, -1, 1.9]);
    assert_eq!(vectors["sig_data"], URL_SAFE.encode(bytes(&numbers).unwrap()));
}

#[test]
fn what_does_not_open_says_why() {
    let vectors = vectors();
    let text = |result: Result<Value, Fault>| result.unwrap_err().to_string();
    assert_eq!(
        text(unpack(&vectors["auth"], &vectors["alice"])),
        "Error: No corresponding recipient key found"
    );
    let mut changed = vectors["auth"].clone();
    changed["tag"] = "AAAAAAAAAAAAAAAAAAAAAA==".into();
    assert_eq!(
        text(unpack(&changed, &vectors["bob"])),
        "Error: ciphertext cannot be decrypted using that key"
    );
    assert!(text(unpack(&vectors["auth"], &json!({}))).starts_with("TypeError: "));
    assert!(text(verify(&json!({}))).starts_with("TypeError: "));
}

#[test]
fn the_module_offers_what_the_reference_offers() {
    let module = module(Rid::literal("ursa"));
    let functions =
        ["generateDID", "sig_data", "crypto_sign", "verify_signed_field", "unpack", "pack"];
    for function in functions {
        assert!(module.provided(function).is_some_and(|one| !one.is_action), "{function}");
    }
    assert_eq!(
        module.provided("pack").unwrap().parameters,
        ["message", "toPublicKeys", "fromChann"]
    );
}
