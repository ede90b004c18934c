//! Every refusal: what is not in the diagram, other browsers, other wallets, other proofs.

use super::*;
use crate::authorize::Mode;
use crate::policy::Presentation;

const STRANGER: &str = "another-another-another-another-another-cookie";

/// Every pair of state and input that is not in the diagram is refused.
#[test]
fn what_is_not_in_the_diagram_is_refused() {
    let allowed = [
        ("awaiting_scan", "scanned"),
        ("awaiting_scan", "presented"),
        ("awaiting_scan", "declined"),
        ("awaiting_presentation", "scanned"),
        ("awaiting_presentation", "presented"),
        ("awaiting_presentation", "declined"),
        ("awaiting_check", "verified"),
        ("awaiting_check", "failed"),
        ("verified", "continued"),
        ("awaiting_scan", "cancelled"),
        ("awaiting_presentation", "cancelled"),
        ("awaiting_check", "cancelled"),
        ("verified", "cancelled"),
    ];
    for session in every_state() {
        let proof = proof(&session);
        let inputs = [
            Input::Scanned(Scanner::Wallet("k1".into())),
            presented("k1"),
            Input::Declined { thid: "t1".into(), wallet: "k1".into() },
            Input::Verified(proof),
            Input::Failed(Reason::Unavailable),
            continued(COOKIE),
            cancelled(COOKIE),
        ];
        for input in inputs {
            let pair = (session.state.name(), input.name());
            let expected = Error::Unexpected { input: pair.1, state: pair.0 };
            match take(session.clone(), input) {
                Ok(_) => assert!(allowed.contains(&pair), "{pair:?}"),
                Err(error) => {
                    assert!(!allowed.contains(&pair), "{pair:?}");
                    assert_eq!(error, expected);
                }
            }
        }
    }
}

/// Row 93: no code, no state, whatever the state is.
#[test]
fn another_browser_gets_nothing() {
    for session in every_state() {
        for cookie in [STRANGER, "", session.id()] {
            for input in [continued(cookie), cancelled(cookie)] {
                assert_eq!(take(session.clone(), input), Err(Error::WrongBrowser));
            }
            assert_eq!(session.failure(cookie, &fixture::provider()), Err(Error::WrongBrowser));
            assert!(!session.is_of_browser(cookie));
        }
    }
}

/// Row 95: one scan binds.
#[test]
fn the_second_wallet_is_refused() {
    let key = |key: &str| Input::Scanned(Scanner::Wallet(key.into()));
    let device = |name| Input::Scanned(Scanner::Device(Fingerprint::of(name)));
    let decline = Input::Declined { thid: "t1".into(), wallet: "k2".into() };
    let by_key = take(open(), key("k1")).unwrap().session;
    for input in [key("k2"), device("phone"), presented("k2"), decline] {
        assert_eq!(take(by_key.clone(), input), Err(Error::OtherWallet));
    }
    assert!(take(by_key.clone(), key("k1")).is_ok());
    assert!(take(by_key, presented("k1")).is_ok());
    let by_device = take(open(), device("phone")).unwrap().session;
    assert_eq!(take(by_device.clone(), device("other")), Err(Error::OtherWallet));
    assert!(take(by_device.clone(), device("phone")).is_ok());
    let shown = take(by_device, key("k1")).unwrap().session;
    assert_eq!(take(shown, presented("k2")), Err(Error::OtherWallet));
}

#[test]
fn another_thread_is_refused() {
    let other = Input::Presented { thid: "t2".into(), wallet: "k".into(), presentation: json!(1) };
    assert_eq!(take(open(), other), Err(Error::WrongThread));
    let other = Input::Declined { thid: "t2".into(), wallet: "k".into() };
    assert_eq!(take(open(), other), Err(Error::WrongThread));
}

/// Row 66: a proof for another challenge, domain or policy never verifies this session.
#[test]
fn a_proof_of_another_session_is_refused() {
    let session = awaiting_check();
    let good = fixture::presentation(&session.challenge);
    let challenge = Presentation { challenge: "other".into(), ..good.clone() };
    let domain = Presentation { domain: Some("https://evil.example".into()), ..good.clone() };
    let proofs = [
        fixture::policy().accept(&challenge).unwrap(),
        fixture::policy().accept(&domain).unwrap(),
        fixture::named_policy("guest").accept(&good).unwrap(),
    ];
    for proof in proofs {
        let step = take(session.clone(), Input::Verified(Box::new(proof))).unwrap();
        assert_eq!(step.session.state, State::Refused { reason: Reason::OtherSession });
    }
}

#[test]
fn deadlines_end_every_waiting_state() {
    let provider = fixture::provider();
    for session in every_state() {
        let deadline = session.deadline();
        if session.state.is_over() {
            let refused = session.step(Input::TimedOut, &provider, deadline).unwrap_err();
            assert!(matches!(refused, Error::Unexpected { .. }));
            continue;
        }
        let early = session.clone().step(Input::TimedOut, &provider, deadline - 1);
        assert!(matches!(early, Err(Error::Misuse(_))));
        for input in
            [presented("k1"), continued(COOKIE), Input::Scanned(Scanner::Wallet("k1".into()))]
        {
            assert_eq!(session.clone().step(input, &provider, deadline), Err(Error::Expired));
        }
        let step = session.step(Input::TimedOut, &provider, deadline).unwrap();
        assert_eq!(step.session.state, State::Expired {});
        assert!(matches!(step.effects[..], [Effect::CloseInvitation { .. }]));
    }
}

#[test]
fn what_came_in_time_may_be_finished_after_it() {
    let provider = fixture::provider();
    let last = START + 119;
    let session = open().step(presented("k1"), &provider, last).unwrap().session;
    assert_eq!(session.deadline(), last + 30);
    let proof = proof(&session);
    let session = session.step(Input::Verified(proof), &provider, last + 29).unwrap().session;
    assert_eq!(session.deadline(), last + 29 + 60);
    assert!(session.step(continued(COOKIE), &provider, last + 88).is_ok());
}

#[test]
fn a_failure_is_told_to_the_client_without_its_reason() {
    let provider = fixture::provider();
    let step = take(open(), cancelled(COOKIE)).unwrap();
    assert_eq!(respond(&step).parameter("error"), Some("access_denied"));
    let cases = [
        (Reason::UntrustedIssuer, "access_denied"),
        (Reason::InvalidPresentation("signature".into()), "access_denied"),
        (Reason::Unavailable, "temporarily_unavailable"),
    ];
    for (reason, code) in cases {
        let session = take(awaiting_check(), Input::Failed(reason)).unwrap().session;
        let response = session.failure(COOKIE, &provider).unwrap();
        assert_eq!(response.parameter("error"), Some(code));
        assert_eq!(response.parameters.len(), 3, "error, state, iss");
    }
    let expired = open().step(Input::TimedOut, &provider, START + 120).unwrap().session;
    assert_eq!(
        expired.failure(COOKIE, &provider).unwrap().parameter("error"),
        Some("access_denied")
    );
    for session in [open(), verified()] {
        assert!(matches!(session.failure(COOKIE, &provider), Err(Error::Unexpected { .. })));
    }
}

#[test]
fn a_hint_for_another_user_ends_in_login_required() {
    let hint = fixture::id_token("shop", "somebody else");
    let session = open_with(&[("id_token_hint", &hint), ("response_mode", "form_post")]);
    let session = take(session, presented("k1")).unwrap().session;
    let proof = proof(&session);
    let session = take(session, Input::Verified(proof)).unwrap().session;
    let step = take(session, continued(COOKIE)).unwrap();
    assert_eq!(step.session.state, State::Refused { reason: Reason::OtherUser });
    assert_eq!(respond(&step).parameter("error"), Some("login_required"));
    assert_eq!(respond(&step).mode, Mode::FormPost);
    assert!(!step.effects.iter().any(|effect| matches!(effect, Effect::StoreCode { .. })));
}

#[test]
fn our_caller_cannot_mix_up_requests_or_hand_in_a_weak_cookie() {
    let (client, policy, provider) = (fixture::client(), fixture::policy(), fixture::provider());
    let opening = Opening {
        id: [2; 32],
        challenge: [3; 32],
        cookie: COOKIE,
        invitation_id: "inv".into(),
        thid: "t1".into(),
    };
    let open = |client: &Client, policy: &Policy, opening: Opening<'_>| {
        let request = authorize(&changed(&[])).unwrap();
        Session::open(request, client, policy, &provider, opening, START)
    };
    let other = Client { id: "other".into(), ..client.clone() };
    let guest = fixture::named_policy("guest");
    let weak = Opening { cookie: "1", ..opening.clone() };
    assert!(matches!(open(&other, &policy, opening.clone()), Err(Error::Misuse(_))));
    assert!(matches!(open(&client, &guest, opening.clone()), Err(Error::Misuse(_))));
    assert!(matches!(open(&client, &policy, weak), Err(Error::Misuse(_))));
    assert!(open(&client, &policy, opening).is_ok());
}

/// Row 83.
#[test]
fn a_form_of_another_site_or_session_is_refused() {
    let session = open();
    let token = session.form_token(COOKIE);
    assert!(session.is_form_token(COOKIE, &token));
    for (cookie, token) in [
        (COOKIE, ""),
        (COOKIE, session.id()),
        (COOKIE, session.form_token(STRANGER).as_str()),
        (STRANGER, token.as_str()),
        (STRANGER, session.form_token(STRANGER).as_str()),
    ] {
        assert!(!session.is_form_token(cookie, token), "{cookie} {token}");
    }
}

/// Bad-input row 66: without a domain a proof counts only where the policy does not bind one.
#[test]
fn a_proof_without_our_domain_counts_only_where_the_policy_says_so() {
    for binds_domain in [true, false] {
        let mut session = awaiting_check();
        if !binds_domain {
            session.domain = None;
        }
        let mut proof = proof(&session);
        proof.domain = None;
        let step = take(session.clone(), Input::Verified(proof.clone())).unwrap();
        assert_eq!(step.session.state.name() == "verified", !binds_domain);
        proof.domain = Some("https://evil.example".into());
        let step = take(session, Input::Verified(proof)).unwrap();
        assert_eq!(step.session.state.name(), "refused");
    }
}
