#![allow(clippy::unwrap_used, clippy::panic)]
//! The canonical form, against documents that another implementation canonicalized.

use serde_json::{Value, json};

use crate::{Contexts, Error};

fn canonical(document: &Value) -> Result<String, Error> {
    super::canonical(document, &Contexts::new().with_inline())
}

#[test]
fn documents_canonicalize_as_pyld_has_them() {
    let text = include_str!("../../vectors/jsonld-pyld.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 21);
    for case in cases {
        let ours = canonical(&case["document"]);
        assert_eq!(ours.as_deref().ok(), case["nquads"].as_str(), "{}: {ours:?}", case["name"]);
    }
}

/// The order of members and the names of blank nodes mean nothing.
#[test]
fn names_of_blank_nodes_do_not_matter() {
    let circle = |names: [&str; 3]| {
        let [a, b, c] = names.map(|name| format!("_:{name}"));
        canonical(&json!({
            "@id": a, "urn:n": { "@id": b, "urn:n": { "@id": c, "urn:n": { "@id": a } } }
        }))
        .unwrap()
    };
    assert_eq!(circle(["a", "b", "c"]), circle(["z", "y", "x"]));
    assert_eq!(circle(["a", "b", "c"]), circle(["b", "c", "a"]));
}

/// What others drop in silence would be unsigned.
#[test]
fn nothing_is_dropped() {
    let vocab = json!({ "@vocab": "https://example.com/v#" });
    let with = |key: &str, value: Value| {
        let mut document = json!({ "@context": vocab, "@id": "urn:a" });
        document[key] = value;
        canonical(&document)
    };
    for (key, value) in [
        ("@type", json!(1)),
        ("@id", json!(1)),
        ("@id", json!("relative")),
        ("@index", json!("x")),
        ("@included", json!([])),
        ("@nest", json!({})),
        ("@reverse", json!({})),
        ("@unknown", json!(1)),
        ("p", json!({ "@value": "x", "q": 1 })),
        ("p", json!({ "@value": {} })),
        ("p", json!({ "@value": 1, "@language": "en" })),
        ("p", json!({ "@value": "x", "@language": "not a tag" })),
        ("p", json!({ "@value": "x", "@language": "en", "@type": "urn:t" })),
        ("p", json!({ "@value": "x", "@type": "urn:a b" })),
        ("p", json!({ "@language": "en" })),
        ("p", json!({ "@id": "urn:a>\n<urn:evil" })),
        ("p", json!({ "@id": "urn:a\u{0}" })),
        ("a b", json!(1)),
        ("_:p", json!(1)),
    ] {
        assert!(with(key, value.clone()).is_err(), "{key} {value}");
    }
    let undefined = json!({ "@id": "urn:a", "name": "x" });
    assert_eq!(canonical(&undefined), Err(Error::UndefinedTerm("name".into())));
    let two = json!({ "@context": { "id": "@id" }, "@id": "urn:a", "id": "urn:b", "urn:p": 1 });
    assert!(canonical(&two).is_err());
    for document in [json!([]), json!("x"), json!({ "@graph": ["x"] }), json!({ "@value": [] })] {
        assert!(canonical(&document).is_err(), "{document}");
    }
}

#[test]
fn a_context_that_is_wrong_or_beyond_us_is_refused() {
    let mut ring = json!({});
    for number in 0..40 {
        ring[format!("t{number}")] = json!(format!("t{}:x", (number + 1) % 40));
    }
    for context in [
        json!(1),
        json!([["x"]]),
        json!({ "@version": 1.0 }),
        json!({ "@import": "https://www.w3.org/2018/credentials/v1" }),
        json!({ "@base": "https://example.com/" }),
        json!({ "@direction": "rtl" }),
        json!({ "@vocab": "relative" }),
        json!({ "@vocab": 1 }),
        json!({ "@language": "not a tag" }),
        json!({ "@protected": 1 }),
        json!({ "@propagate": "x" }),
        json!({ "": "urn:a" }),
        json!({ "@id": "urn:a" }),
        json!({ "@type": "urn:a" }),
        json!({ "a": 1 }),
        json!({ "a": "relative" }),
        json!({ "a": { "@id": 1 } }),
        json!({ "a": { "@id": "urn:a", "@type": "@list" } }),
        json!({ "a": { "@id": "urn:a", "@container": "@value" } }),
        json!({ "a": { "@id": "urn:a", "@container": ["@list", "@graph"] } }),
        json!({ "a": { "@reverse": "urn:a", "@id": "urn:b" } }),
        json!({ "a:b": { "@id": "urn:a", "@prefix": true } }),
        json!({ "a": "b:x", "b": "a:x" }),
        ring,
        json!([{ "a": { "@id": "urn:a", "@protected": true } }, { "a": "urn:b" }]),
        json!([{ "a": { "@id": "urn:a", "@protected": true } }, null]),
        json!([crate::CREDENTIALS_V1, { "VerifiableCredential": "urn:evil" }]),
        json!("https://example.com/unknown"),
    ] {
        let document = json!({ "@context": context, "@id": "urn:a", "urn:p": 1 });
        assert!(canonical(&document).is_err(), "{context}");
    }
    // Known but not carried out: refused when used, harmless when not.
    for container in ["@index", "@id", "@type"] {
        let context = json!({ "m": { "@id": "urn:m", "@container": container } });
        let unused = json!({ "@context": context, "@id": "urn:a", "urn:p": 1 });
        assert!(canonical(&unused).is_ok());
        let used = json!({ "@context": context, "@id": "urn:a", "m": { "x": { "urn:p": 1 } } });
        assert!(matches!(canonical(&used), Err(Error::Unsupported(_))));
    }
}

/// For comparing by hand: `HAND_CASES=dir`, one `*.json` beside its `*.nq` each.
#[test]
#[ignore = "needs a folder of cases"]
#[expect(clippy::disallowed_methods, reason = "a test by hand reads its cases")]
fn cases_of_another_implementation() {
    let dir = std::env::var("HAND_CASES").unwrap();
    let (mut same, mut refused, mut different) = (0, Vec::new(), Vec::new());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let document: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("nq")).unwrap();
        match super::canonical(&document, &Contexts::new().with_inline()) {
            Ok(text) if text == expected => same += 1,
            Ok(text) => different.push(format!("{name}\n--- ours\n{text}--- theirs\n{expected}")),
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    println!("same {same}\nrefused {}\n{}", refused.len(), refused.join("\n"));
    println!("different {}\n{}", different.len(), different.join("\n"));
    assert!(different.is_empty());
}
