//! The happy path, and what the store must be able to read for ever.

mod refusals;

use serde_json::{Value, json};

use super::*;
use crate::authorize::Response;
use crate::fixture::{self, COOKIE, authorize, changed};
use crate::secret::Private;

const START: u64 = 1000;

fn open_with(changes: &[(&str, &str)]) -> Session {
    let opening = Opening {
        id: [2; 32],
        challenge: [3; 32],
        cookie: COOKIE,
        invitation_id: "inv".into(),
        thid: "t1".into(),
    };
    let (client, policy, provider) = (fixture::client(), fixture::policy(), fixture::provider());
    let request = authorize(&changed(changes)).unwrap();
    let step = Session::open(request, &client, &policy, &provider, opening, START).unwrap();
    assert!(matches!(step.effects[..], [Effect::RequestProof(_)]));
    step.session
}

fn open() -> Session {
    open_with(&[])
}

fn take(session: Session, input: Input) -> Result<Step, Error> {
    session.step(input, &fixture::provider(), START + 1)
}

fn presented(wallet: &str) -> Input {
    let presentation = json!({"vp": 1});
    Input::Presented { thid: "t1".into(), wallet: wallet.into(), presentation }
}

fn proof(session: &Session) -> Box<Proof> {
    let presentation = fixture::presentation(&session.challenge);
    Box::new(fixture::policy().accept(&presentation).unwrap())
}

fn continued(cookie: &str) -> Input {
    Input::Continued { cookie: cookie.into(), entropy: [4; 32] }
}

fn cancelled(cookie: &str) -> Input {
    Input::Cancelled { cookie: cookie.into() }
}

fn awaiting_check() -> Session {
    take(open(), presented("k1")).unwrap().session
}

fn verified() -> Session {
    let session = awaiting_check();
    let proof = proof(&session);
    take(session, Input::Verified(proof)).unwrap().session
}

/// One session in each state.
fn every_state() -> Vec<Session> {
    let scanned = take(open(), Input::Scanned(Scanner::Wallet("k1".into()))).unwrap().session;
    vec![
        open(),
        scanned,
        awaiting_check(),
        verified(),
        take(verified(), continued(COOKIE)).unwrap().session,
        take(awaiting_check(), Input::Failed(Reason::UntrustedIssuer)).unwrap().session,
        open().step(Input::TimedOut, &fixture::provider(), START + 120).unwrap().session,
    ]
}

fn respond(step: &Step) -> &Response {
    match step.effects.last() {
        Some(Effect::Respond(response)) => response,
        other => panic!("{other:?}"),
    }
}

///   Browser        Provider                     Wallet
///      | -- authorize -> |                         |
///      |                 | -- request (in QR) ---> |
///      |                 | <----- scan ----------- |
///      |                 | <-- presentation ------ |
///      |                 | -- check, verified      |
///      | -- continue --> |                         |
///      | <-- code ------ |                         |
#[test]
fn a_verified_proof_gives_the_browser_one_code() {
    let session = open();
    let step = take(session, Input::Scanned(Scanner::Device(Fingerprint::of("phone")))).unwrap();
    let step = take(step.session, presented("k1")).unwrap();
    let check = Effect::Check {
        presentation: Private(json!({"vp": 1})),
        challenge: step.session.challenge.clone(),
        domain: Some("https://op.example".into()),
        policy: "staff".into(),
    };
    assert_eq!(step.effects, [check]);

    let proof = proof(&step.session);
    let step = take(step.session, Input::Verified(proof)).unwrap();
    assert_eq!(step.effects, []);
    let step = take(step.session, continued(COOKIE)).unwrap();

    let response = respond(&step);
    assert_eq!(response.redirect_uri, "https://shop.example/cb");
    assert_eq!(response.parameter("state"), Some("s t&a=te"));
    assert_eq!(response.parameter("iss"), Some("https://op.example"));
    let code = Fingerprint::of(response.parameter("code").unwrap());
    assert_eq!(step.session.state, State::Completed { code });
    let [Effect::CloseInvitation { .. }, Effect::StoreCode { code: key, record }, _] =
        &step.effects[..]
    else {
        panic!("{:?}", step.effects)
    };
    assert_eq!(*key, code);
    assert_eq!(record.grant.auth_time, START + 1);
    assert_eq!(record.grant.claims["name"], "Eve");
    assert_eq!(record.expires_at(), START + 61);
    let stored = serde_json::to_string(&step.session).unwrap();
    assert!(!stored.contains("Eve"), "what was proven is forgotten");
    assert!(!stored.contains(response.parameter("code").unwrap()), "so is the code");
    assert!(!stored.contains(COOKIE));
}

#[test]
fn the_wallet_shows_what_the_page_shows() {
    let session = open();
    let page = crate::page::Login::of(&session, &fixture::client(), &fixture::policy());
    assert_eq!((page.match_number, page.expires_at), (13, START + 120));
    assert_eq!((page.status.state, page.status.is_over), ("awaiting_scan", false));
    assert!((0..=255).all(|byte| (10..=99).contains(&match_number(&[byte; 32]))));
}

/// The rows of every released shape are in `vectors/`; a new shape adds a file.
#[test]
fn every_stored_state_can_be_read() {
    let stored: Vec<Value> =
        serde_json::from_str(include_str!("../../../vectors/sessions-1.json")).unwrap();
    let sessions = every_state();
    assert_eq!(stored.len(), sessions.len());
    for (stored, session) in stored.into_iter().zip(sessions) {
        assert_eq!(serde_json::to_value(&session).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Session>(stored.clone()).unwrap(), session);
        let mut newer = stored;
        newer["colour"] = json!("red");
        assert!(serde_json::from_value::<Session>(newer).is_err());
    }
}
