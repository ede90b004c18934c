//! The crate `ssi` as a second opinion: what one signs the other verifies, and neither believes
//! what was changed afterwards.
//!
//! Source: VCDM 1.1 and 2.0; Ed25519Signature2018, Ed25519Signature2020, eddsa-rdfc-2022.
//!
//! Absent on purpose: eddsa-jcs-2022, which `ssi` does not have. No second opinion on the texts of
//! the contexts, on Ed25519 and on SHA-256: both sides take these from the same crates. This test
//! is built with the features of `serde_json` that `ssi` switches on, not with those we ship with.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "ssi/ours.rs"]
mod ours;
#[path = "ssi/theirs.rs"]
mod theirs;

use ours::{DOMAIN, card, credentials, degree, held};
use ours::{we_check, we_check_presentation, we_issue, we_present};
use picomesh_credentials::{Report, Suite};
use serde_json::Value;
use ssi::claims::{Invalid, InvalidProof};
use theirs::{ssi_checks, ssi_checks_2018, ssi_checks_presentation, ssi_checks_presentation_2018};
use theirs::{ssi_issues, ssi_presents};

/// The suites that both have.
const SUITES: [Suite; 3] =
    [Suite::Ed25519Signature2018, Suite::Ed25519Signature2020, Suite::EddsaRdfc2022];

/// Later than both sides wrote, and before both sides check.
const ANOTHER_TIME: &str = "2024-01-02T03:04:06Z";

const FORGED: Result<(), Invalid> = Err(Invalid::Proof(InvalidProof::Signature));

fn changed(document: &Value, pointer: &str, value: &str) -> Value {
    let mut document = document.clone();
    let place = document.pointer_mut(pointer).unwrap();
    assert_ne!(*place, value);
    *place = value.into();
    document
}

fn fails(report: &Report, check: &str) -> bool {
    !report.is_valid() && report.failures().any(|failure| failure.name == check)
}

/// What `ssi` finds of what we signed; see [`ssi_knows_its_own_order_of_a_jws_header_alone`].
fn ssi_checks_ours(credential: &Value, suite: Suite) -> Result<(), Invalid> {
    if suite == Suite::Ed25519Signature2018 {
        ssi_checks_2018(credential)
    } else {
        ssi_checks(credential)
    }
}

fn ssi_checks_our_presentation(presentation: &Value, suite: Suite) -> Result<(), Invalid> {
    if suite == Suite::Ed25519Signature2018 {
        ssi_checks_presentation_2018(presentation)
    } else {
        ssi_checks_presentation(presentation)
    }
}

#[track_caller]
fn we_accept(credential: &Value) {
    let report = we_check(credential);
    assert!(report.is_valid(), "{credential:#} {:#}", report.to_json());
}

#[track_caller]
fn we_accept_presentation(presentation: &Value, domain: Option<&str>) {
    let report = we_check_presentation(presentation, domain);
    assert!(report.is_valid(), "{presentation:#} {:#}", report.to_json());
}

#[test]
fn what_we_issue_ssi_verifies() {
    for suite in SUITES {
        for (credential, _) in credentials(suite) {
            let issued = we_issue(credential, suite);
            we_accept(&issued);
            let verdict = ssi_checks_ours(&issued, suite);
            assert_eq!(verdict, Ok(()), "{issued:#}");
        }
    }
}

#[test]
fn what_ssi_issues_we_verify() {
    for suite in SUITES {
        for (credential, _) in credentials(suite) {
            let issued = ssi_issues(credential, suite);
            assert_eq!(ssi_checks(&issued), Ok(()), "{issued:#}");
            we_accept(&issued);
        }
    }
}

/// Ed25519 is deterministic: an equal signature means that equal bytes were hashed. The header of
/// the JWS of 2018 is signed too, and differs.
#[test]
fn both_make_the_same_signature() {
    for suite in [Suite::Ed25519Signature2020, Suite::EddsaRdfc2022] {
        for (credential, _) in credentials(suite) {
            let ours = we_issue(credential.clone(), suite);
            let theirs = ssi_issues(credential, suite);
            assert_eq!(ours["proof"]["proofValue"], theirs["proof"]["proofValue"], "{ours:#}");
        }
    }
}

#[test]
fn neither_believes_a_credential_after_one_change() {
    for suite in SUITES {
        for (credential, claim) in credentials(suite) {
            let ours = we_issue(credential.clone(), suite);
            let theirs = ssi_issues(credential, suite);
            for (place, value) in [(claim, "Mallory"), ("/proof/created", ANOTHER_TIME)] {
                for issued in [&ours, &theirs] {
                    let forged = changed(issued, place, value);
                    assert!(fails(&we_check(&forged), "signature"), "{forged:#}");
                    assert_eq!(ssi_checks(&forged), FORGED, "{forged:#}");
                    assert_eq!(ssi_checks_ours(&forged, suite), FORGED, "{forged:#}");
                }
            }
        }
    }
}

#[test]
fn what_we_present_ssi_verifies() {
    for suite in SUITES {
        for (credential, _) in held(suite) {
            let issued = we_issue(credential, suite);
            for domain in [None, Some(DOMAIN)] {
                let presentation = we_present(issued.clone(), suite, domain);
                we_accept_presentation(&presentation, domain);
                let inner = &presentation["verifiableCredential"][0];
                let verdict = ssi_checks_our_presentation(&presentation, suite)
                    .and_then(|()| ssi_checks_ours(inner, suite));
                assert_eq!(verdict, Ok(()), "{presentation:#}");
            }
        }
    }
}

#[test]
fn what_ssi_presents_we_verify() {
    for suite in SUITES {
        for (credential, _) in held(suite) {
            let issued = ssi_issues(credential, suite);
            for domain in [None, Some(DOMAIN)] {
                let presentation = ssi_presents(issued.clone(), suite, domain);
                assert_eq!(ssi_checks_presentation(&presentation), Ok(()), "{presentation:#}");
                we_accept_presentation(&presentation, domain);
            }
        }
    }
}

/// Challenge and domain are signed; whether they are those that were asked for, we compare and
/// `ssi` leaves to its caller.
#[test]
fn neither_believes_a_presentation_after_one_change() {
    for suite in SUITES {
        for (credential, claim) in held(suite) {
            let ours = we_present(we_issue(credential.clone(), suite), suite, Some(DOMAIN));
            let theirs = ssi_presents(ssi_issues(credential, suite), suite, Some(DOMAIN));
            let claim = format!("/verifiableCredential/0{claim}");
            for (place, value) in [
                (claim.as_str(), "Mallory"),
                ("/proof/challenge", "another"),
                ("/proof/domain", "another.example"),
                ("/proof/created", ANOTHER_TIME),
            ] {
                for presentation in [&ours, &theirs] {
                    let forged = changed(presentation, place, value);
                    let report = we_check_presentation(&forged, Some(DOMAIN));
                    assert!(fails(&report, "presentation-signature"), "{forged:#}");
                    assert_eq!(ssi_checks_presentation(&forged), FORGED, "{forged:#}");
                    let verdict = ssi_checks_our_presentation(&forged, suite);
                    assert_eq!(verdict, FORGED, "{forged:#}");
                }
            }
        }
    }
}

/// A presentation for someone else: true signatures, and yet not valid here.
#[test]
fn a_presentation_for_another_challenge_or_domain_is_not_valid_here() {
    for suite in SUITES {
        let presentation = ssi_presents(ssi_issues(card(suite), suite), suite, Some(DOMAIN));
        for domain in [None, Some("another.example")] {
            assert!(fails(&we_check_presentation(&presentation, domain), "domain"));
        }
    }
}

/// RFC 7515 §5.2 checks the signature over the header as it was received. `ssi` writes it anew in
/// its own order of members, so it refuses what anyone signs who has them in another.
#[test]
fn ssi_knows_its_own_order_of_a_jws_header_alone() {
    let suite = Suite::Ed25519Signature2018;
    let (ours, theirs) = (we_issue(card(suite), suite), ssi_issues(card(suite), suite));
    assert_eq!(ssi_checks(&ours), FORGED);
    for issued in [ours, theirs] {
        assert_eq!(ssi_checks_2018(&issued), Ok(()));
        we_accept(&issued);
    }
}

/// RDFC-1.0 §A escapes them, and so do we and PyLD; `ssi` writes them as they are.
#[test]
fn we_differ_about_control_characters() {
    let suite = Suite::EddsaRdfc2022;
    for control in ["\t", "\u{8}", "\u{c}", "\u{1}", "\u{7f}"] {
        let credential = changed(&degree(suite), "/credentialSubject/alumniOf", control);
        assert_eq!(ssi_checks(&we_issue(credential.clone(), suite)), FORGED, "{control:?}");
        assert!(fails(&we_check(&ssi_issues(credential, suite)), "signature"), "{control:?}");
    }
}

/// The same RDF, so the signature holds; but who reads the JSON no longer sees that it expired.
#[test]
fn ssi_accepts_a_date_hidden_behind_its_iri() {
    for suite in SUITES {
        let expired = changed(&card(suite), "/expirationDate", "2024-01-01T12:00:00Z");
        let mut issued = ssi_issues(expired, suite);
        assert!(matches!(ssi_checks(&issued), Err(Invalid::Claims(_))));
        assert!(fails(&we_check(&issued), "expired"));
        let members = issued.as_object_mut().unwrap();
        let date = members.remove("expirationDate").unwrap();
        let hidden = serde_json::json!({
            "@value": date, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"
        });
        let name = "https://www.w3.org/2018/credentials#expirationDate";
        members.insert(name.into(), hidden);
        assert_eq!(ssi_checks(&issued), Ok(()));
        assert!(fails(&we_check(&issued), "structure"));
    }
}
