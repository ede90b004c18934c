//! Promise P26 at the last step: one fault anywhere, and nobody is logged in.

use super::*;

/// A change that spoils a verdict.
type Spoil = fn(&mut Value);

#[tokio::test]
async fn a_verdict_with_any_fault_logs_nobody_in() {
    let spoils: [(&str, Spoil); 12] = [
        ("not verified", |it| it["report"]["verified"] = json!(false)),
        ("verified by text", |it| it["report"]["verified"] = json!("true")),
        ("a check failed", |it| it["report"]["checks"][1]["passed"] = json!(false)),
        ("no check", |it| it["report"]["checks"] = json!([])),
        ("no report", |it| it["report"] = Value::Null),
        ("no presentation", |it| it["presentation"] = Value::Null),
        ("challenge of another", |it| it["presentation"]["proof"]["challenge"] = json!("other")),
        ("no challenge", |it| it["presentation"]["proof"]["challenge"] = Value::Null),
        ("domain of another", |it| {
            it["presentation"]["proof"]["domain"] = json!("https://op.example.evil.example");
        }),
        ("another issuer", |it| {
            it["presentation"]["verifiableCredential"][0]["issuer"] = json!("did:example:other");
        }),
        ("a claim is missing", |it| {
            it["presentation"]["verifiableCredential"][0]["credentialSubject"]["name"] =
                Value::Null;
        }),
        ("no credential", |it| it["presentation"]["verifiableCredential"] = json!([])),
    ];
    let op = Op::start().await;
    for (what, spoil) in spoils {
        let waiting = op.open().await;
        assert_eq!(op.present(&waiting).await.fault, None);
        assert_eq!(op.state(&waiting.sid).await, "awaiting_check");
        let mut verdict = good(&waiting);
        spoil(&mut verdict);
        op.verdict("verified", &waiting, verdict).await;
        assert_eq!(op.state(&waiting.sid).await, "refused", "{what}");
        let back = op.leave(&waiting.sid, "continue").await;
        assert_eq!(parameter(&back, "code"), None, "{what}");
    }
    op.engine.stop().await;
}

/// The verdict of one login does not move another, and none comes before its presentation.
#[tokio::test]
async fn a_verdict_counts_for_its_own_login() {
    let op = Op::start().await;
    let (one, other) = (op.open().await, op.open().await);
    assert!(op.verdict("verified", &one, good(&one)).await.fault.is_some(), "nothing came");
    assert_eq!(op.present(&one).await.fault, None);
    op.present(&other).await;
    op.verdict("verified", &one, good(&other)).await;
    assert_eq!(op.state(&one.sid).await, "refused");
    assert_eq!(op.state(&other.sid).await, "awaiting_check");
    op.engine.stop().await;
}

/// The words of anybody but present-proof are nothing.
#[tokio::test]
async fn only_present_proof_speaks_of_proofs() {
    let op = Op::start().await;
    let waiting = op.open().await;
    assert_eq!(op.present(&waiting).await.fault, None);
    let mut attrs = good(&waiting);
    attrs["thid"] = waiting.request["@id"].clone();
    let origins = [
        Origin::Channel,
        Origin::Operator,
        Origin::Engine,
        Origin::Peer,
        Origin::Job("j".into()),
        Origin::Ruleset(Rid::parse("picomesh.basic-message").unwrap()),
    ];
    for origin in origins {
        for name in ["verified", "rejected", "abandoned"] {
            let answer = op.raise("present_proof", name, attrs.clone(), origin.clone()).await;
            assert!(answer.fault.is_some(), "{name} {origin:?}");
        }
    }
    assert_eq!(op.state(&waiting.sid).await, "awaiting_check");
    op.engine.stop().await;
}

/// `present_proof:rejected` says which check failed; an untrusted issuer has words of its own.
#[tokio::test]
async fn a_rejected_proof_says_why() {
    let op = Op::start().await;
    for (check, words) in [
        ("credential[0]-expired", "the presentation is not valid: credential[0]-expired"),
        ("credential[0]-issuer", "a credential is from an issuer that is not trusted here"),
    ] {
        let waiting = op.open().await;
        assert_eq!(op.present(&waiting).await.fault, None);
        let checks = json!([{ "name": check, "passed": false, "detail": "" }]);
        let report = json!({ "report": { "verified": false, "checks": checks } });
        assert_eq!(op.verdict("rejected", &waiting, report).await.fault, None);
        let args = json!({ "sid": waiting.sid, "cookie": COOKIE });
        let status = op.ask(super::super::RID, "status", args).await.unwrap();
        assert_eq!(status["status"]["reason"], words);
    }
    op.engine.stop().await;
}

/// Bad-input row 95: who opened the invitation by its short URL is the only one.
#[tokio::test]
async fn a_second_device_is_refused() {
    let op = Op::start().await;
    let waiting = op.open().await;
    let scan = |device: &str| json!({ "sid": waiting.sid, "device": device });
    op.done("scanned", scan("one")).await;
    op.done("scanned", scan("one")).await;
    assert!(op.refused("scanned", scan("two")).await.contains("another wallet"));
    let found = op.ask(super::super::RID, "invitation", scan("two")).await.unwrap();
    assert_eq!((&found["is_open"], &found["invitation"]), (&json!(false), &Value::Null));
    op.engine.stop().await;
}
