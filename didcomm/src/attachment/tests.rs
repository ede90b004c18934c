//! Both spellings, and what is refused (bad input 38).

use serde_json::json;

use super::*;

/// RFC 0017 §base64 example: `SGVsbG8=`-like content with its hash.
fn with(data: Value) -> Attachment {
    Attachment::from_v1(&json!({"@id": "a", "data": data})).unwrap()
}

#[test]
fn v1_comes_out_as_it_went_in() {
    let wire = json!({
        "@id": "view-1", "mime-type": "image/png", "filename": "IMG1092348.png",
        "lastmod_time": "2018-12-24 18:24:07Z", "description": "view from doorway",
        "byte_count": 5, "data": {"base64": "aGVsbG8", "jws": {"signature": "x"}}
    });
    let attachment = Attachment::from_v1(&wire).unwrap();
    assert_eq!(attachment.media_type.as_deref(), Some("image/png"));
    assert_eq!(attachment.content().unwrap(), b"hello");
    assert_eq!(attachment.to_v1(), wire);
}

#[test]
fn v2_comes_out_as_it_went_in() {
    let wire = json!({
        "id": "1", "media_type": "application/json", "format": "x@1", "lastmod_time": 5,
        "data": {"json": {"a": [1]}, "links": ["https://example.org/"]}
    });
    let attachment = Attachment::from_v2(&wire).unwrap();
    assert_eq!(attachment.json().unwrap(), json!({"a": [1]}));
    assert_eq!(attachment.content().unwrap(), br#"{"a":[1]}"#);
    assert_eq!(attachment.to_v2(), wire);
}

#[test]
fn base64_is_read_in_all_four_spellings() {
    for text in ["-_8", "-_8=", "+/8", "+/8="] {
        assert_eq!(with(json!({"base64": text})).content().unwrap(), [0xfb, 0xff], "{text}");
    }
    for text in ["+_8", "-_8==", "-_8\n", "a", "-_9", "-=_8"] {
        let refused = with(json!({"base64": text})).content();
        assert_eq!(refused, Err(Error::Attachment("not base64")), "{text}");
    }
}

#[test]
fn a_hash_must_fit() {
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let multihash = format!("1220{digest}");
    let base58 = bs58::encode(content_bytes(&multihash)).into_string();
    for data in [
        json!({"base64": "aGVsbG8", "sha256": digest}),
        json!({"base64": "aGVsbG8", "sha256": digest.to_uppercase()}),
        json!({"base64": "aGVsbG8", "hash": multihash}),
        json!({"base64": "aGVsbG8", "hash": format!("f{multihash}")}),
        json!({"base64": "aGVsbG8", "hash": base58}),
        json!({"base64": "aGVsbG8", "hash": format!("z{base58}")}),
    ] {
        assert_eq!(with(data.clone()).content().unwrap(), b"hello", "{data}");
    }
    for data in [
        json!({"base64": "aGVsbG9h", "sha256": digest}),
        json!({"base64": "aGVsbG8", "sha256": ""}),
        json!({"base64": "aGVsbG8", "sha256": &digest[2..]}),
        json!({"base64": "aGVsbG8", "hash": digest}),
        json!({"base64": "aGVsbG8", "hash": "é"}),
        json!({"base64": "aGVsbG8", "hash": "z".repeat(1_000_000)}),
        json!({"json": {}, "sha256": digest}),
    ] {
        assert!(matches!(with(data).content(), Err(Error::Attachment(_))));
    }
}

#[test]
fn content_is_bounded_single_and_never_fetched() {
    for data in [
        json!({"base64": "A".repeat(10_000_000)}),
        json!({"json": "a".repeat(ATTACHMENT_BYTES_MAX + 1)}),
        json!({"base64": "aGVsbG8", "json": {}}),
        json!({"links": ["http://169.254.169.254/latest"]}),
        json!({}),
    ] {
        assert!(matches!(with(data.clone()).content(), Err(Error::Attachment(_))));
    }
    let exact = crate::base64::encode(&vec![0; ATTACHMENT_BYTES_MAX]);
    assert_eq!(with(json!({"base64": exact})).content().unwrap().len(), ATTACHMENT_BYTES_MAX);
}

#[test]
fn json_in_base64_is_read_strictly() {
    let text = crate::base64::encode(br#"{"a":1,"a":2}"#);
    assert_eq!(with(json!({"base64": text})).json(), Err(Error::DuplicateKey));
}

#[test]
fn wrong_shapes_are_refused() {
    for wire in [
        json!(1),
        json!({}),
        json!({"data": []}),
        json!({"data": {"base64": 1}}),
        json!({"data": {"links": "https://example.org"}}),
        json!({"data": {"links": [1]}}),
        json!({"@id": 1, "data": {}}),
    ] {
        assert!(matches!(Attachment::from_v1(&wire), Err(Error::Attachment(_))), "{wire}");
    }
}

fn content_bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|p| u8::from_str_radix(std::str::from_utf8(p).unwrap(), 16).unwrap()).collect()
}
