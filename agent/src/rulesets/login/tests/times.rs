//! What ends by itself, and what is left of it: nothing.

use super::*;

/// Bad-input row 92: a code is good for 60 seconds.
#[tokio::test]
async fn a_code_ends_after_a_minute() {
    let op = Op::start().await;
    let waiting = op.verified().await;
    let code = op.code(&waiting.sid).await;
    op.set(60);
    let late = op.redeem(&code).await;
    assert_eq!((&late["status"], &late["body"]["error"]), (&json!(400), &json!("invalid_grant")));
    op.set(59);
    assert_eq!(op.redeem(&code).await["status"], 200);
    op.engine.stop().await;
}

/// Bad-input row 91: a replay revokes also when it comes late.
#[tokio::test]
async fn a_late_replay_revokes_the_tokens() {
    let op = Op::start().await;
    let waiting = op.verified().await;
    let code = op.code(&waiting.sid).await;
    let token = op.redeem(&code).await["body"]["access_token"].clone();
    assert!(op.access(&token).await.is_object());
    op.set(590);
    assert_eq!(op.redeem(&code).await["body"]["error"], "invalid_grant");
    assert_eq!(op.access(&token).await, Value::Null);
    op.engine.stop().await;
}

/// A wallet has two minutes; then the browser goes back with an error, and takes no code along.
#[tokio::test]
async fn a_session_ends_at_its_deadline() {
    let op = Op::start().await;
    let waiting = op.open().await;
    op.set(119);
    assert_eq!(op.state(&waiting.sid).await, "awaiting_scan");
    op.set(120);
    assert_eq!(op.state(&waiting.sid).await, "expired", "before any sweep");
    // Refused, or a stranger after the sweep: either way nobody checks it.
    assert!(op.present(&waiting).await.fault.is_some());
    let back = op.leave(&waiting.sid, "continue").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "code"), None);
    op.engine.stop().await;
}

/// The proof was good in time, the browser is not: no code.
#[tokio::test]
async fn a_verified_login_ends_too() {
    let op = Op::start().await;
    let waiting = op.verified().await;
    op.set(120);
    let back = op.leave(&waiting.sid, "continue").await;
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    op.engine.stop().await;
}

/// A presentation that came in time is still checked.
#[tokio::test]
async fn a_check_may_take_longer_than_the_wallet_had() {
    let op = Op::start().await;
    let waiting = op.open().await;
    op.set(119);
    assert_eq!(op.present(&waiting).await.fault, None);
    op.set(130);
    op.verdict("verified", &waiting, good(&waiting)).await;
    assert_eq!(op.state(&waiting.sid).await, "verified");
    assert!(op.leave(&waiting.sid, "continue").await.fault.is_none());
    op.engine.stop().await;
}

/// Sessions, codes, tokens, exchanges: after their time nothing is left, and nothing is due.
#[tokio::test]
async fn nothing_piles_up() {
    let op = Op::start().await;
    let (left, done) = (op.open().await, op.verified().await);
    let code = op.code(&done.sid).await;
    let token = op.redeem(&code).await["body"]["access_token"].clone();
    op.set(121);
    op.swept().await;
    assert_eq!(op.state(&left.sid).await, "expired");
    op.set(601);
    op.swept().await;
    for waiting in [&left, &done] {
        assert_eq!(op.state(&waiting.sid).await, "login not found");
    }
    assert_eq!(op.access(&token).await, Value::Null);
    op.set(3600);
    op.swept().await;
    let exchanges = op.ask(present_proof::RID, "exchanges", json!({})).await.unwrap();
    assert_eq!(exchanges["exchanges"], json!([]));
    let schedules = op.ask("picomesh.pico", "schedules", json!({})).await.unwrap();
    assert_eq!(schedules, json!([]));
    assert_eq!(op.redeem(&code).await["body"]["error"], "invalid_grant");
    op.engine.stop().await;
}

/// More than one sweep takes at once.
#[tokio::test]
async fn a_crowd_is_swept_in_turns() {
    let op = Op::start().await;
    let mut crowd = vec![];
    for _ in 0..80 {
        crowd.push(op.open().await.sid);
    }
    op.set(121);
    op.swept().await;
    op.set(3600);
    op.swept().await;
    for sid in crowd {
        assert_eq!(op.state(&sid).await, "login not found");
    }
    let schedules = op.ask("picomesh.pico", "schedules", json!({})).await.unwrap();
    assert_eq!(schedules, json!([]));
    op.engine.stop().await;
}
