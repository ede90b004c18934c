//! Credentials between whole agents: offered, requested, issued, stored, shown, verified.

#![allow(clippy::unwrap_used, clippy::panic)]

use picomesh_pico::PicoId;
use picomesh_tests::{Home, TestAgent, eventually, on_both_engines};
use serde_json::{Value, json};

const ISSUE: &str = "picomesh.issue-credential";
const PROVE: &str = "picomesh.present-proof";
const HELD: &str = "picomesh.credentials";

/// Two picos of one agent with a connection: the inviter's and the invitee's end of it.
struct Pair {
    inviter: PicoId,
    invitee: PicoId,
    to_invitee: String,
    to_inviter: String,
}

async fn connect(agent: &TestAgent, protocol: &str) -> Pair {
    let inviter = agent.create_pico("inviter").await;
    let invitee = agent.create_pico("invitee").await;
    let asked = json!({ "protocol": protocol });
    let created = ("connections", "create_invitation");
    let invitation = agent.directive(&inviter, created, asked, "invitation").await;
    let url = json!({ "url": invitation["url"] });
    agent.event(&invitee, "connections", "receive_invitation", url).await;
    let to_inviter = completed(agent, &invitee).await;
    let to_invitee = completed(agent, &inviter).await;
    Pair { inviter, invitee, to_invitee, to_inviter }
}

async fn completed(agent: &TestAgent, pico: &PicoId) -> String {
    eventually("the connection", async || {
        let found = agent.query(pico, "picomesh.connections", "connections", json!({})).await;
        let list = found.as_array().or_else(|| found["connections"].as_array())?;
        let done = list.iter().find(|one| one["state"] == "completed")?;
        Some(done["id"].as_str()?.to_owned())
    })
    .await
}

/// Waits until an exchange is in this state; all that is shown of it.
async fn state(agent: &TestAgent, pico: &PicoId, rid: &str, id: &str, state: &str) -> Value {
    eventually(&format!("{rid} {state}"), async || {
        let found = agent.query(pico, rid, "exchange", json!({ "id": id })).await;
        (found["state"] == state).then_some(found)
    })
    .await
}

/// Waits for the only exchange of a pico; its id.
async fn only(agent: &TestAgent, pico: &PicoId, rid: &str) -> String {
    eventually("an exchange", async || {
        let found = agent.query(pico, rid, "exchanges", json!({})).await;
        match found["exchanges"].as_array().unwrap().as_slice() {
            [] => None,
            [one] => Some(one["id"].as_str().unwrap().to_owned()),
            more => panic!("more than one exchange: {more:?}"),
        }
    })
    .await
}

/// A permanent resident who is named Jane, issued by nobody yet.
fn jane() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://w3id.org/citizenship/v1",
        ],
        "type": ["VerifiableCredential", "PermanentResident"],
        "credentialSubject": {
            "type": ["PermanentResident"],
            "givenName": "JANE",
            "familyName": "SMITH",
        },
    })
}

/// Asks for the family name of a permanent resident.
fn resident() -> Value {
    json!({
        "id": "32f54163-7166-48f1-93d8-ff217bdb0653",
        "input_descriptors": [{
            "id": "resident",
            "schema": [{ "uri": "https://w3id.org/citizenship#PermanentResident" }],
            "constraints": {
                "is_holder": [{
                    "directive": "required",
                    "field_id": ["1f44d55f-f161-4938-a659-f8026467f126"],
                }],
                "fields": [{
                    "id": "1f44d55f-f161-4938-a659-f8026467f126",
                    "path": ["$.credentialSubject.familyName"],
                    "filter": { "const": "SMITH" },
                }],
            },
        }],
    })
}

/// Issues Jane's credential from the inviter to the invitee, who takes what is offered.
async fn issue(agent: &TestAgent, pair: &Pair, suite: &str) -> String {
    let auto = json!({ "auto_accept_offers": true });
    agent.event(&pair.invitee, "issue_credential", "configure", auto).await;
    let offer = json!({
        "connection": pair.to_invitee,
        "credential": jane(),
        "options": { "proofType": suite },
        "replacement_id": "r-1",
    });
    let send_offer = ("issue_credential", "send_offer");
    let begun = agent.directive(&pair.inviter, send_offer, offer, "exchange").await;
    let id = begun["id"].as_str().unwrap().to_owned();
    assert_eq!(begun["state"], "offer-sent");
    state(agent, &pair.inviter, ISSUE, &id, "done").await;
    let received = only(agent, &pair.invitee, ISSUE).await;
    let received = state(agent, &pair.invitee, ISSUE, &received, "done").await;
    received["credential_id"].as_str().unwrap().to_owned()
}

/// Issuing, holding and proving over connections of both generations, with a signature suite.
async fn issue_and_prove(engine: picomesh_tests::Engine, protocol: &str, suite: &str) {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, protocol).await;
    let held = issue(&agent, &pair, suite).await;
    let credential = agent.query(&pair.invitee, HELD, "credential", json!({ "id": held })).await;
    assert_eq!(credential["credential"]["credentialSubject"]["givenName"], "JANE");
    assert_eq!(credential["replacement_id"], "r-1");

    let asked = json!({
        "connection": pair.to_invitee,
        "definition": resident(),
        "options": { "domain": "https://verifier.example" },
    });
    let send_request = ("present_proof", "send_request");
    let begun = agent.directive(&pair.inviter, send_request, asked, "request").await;
    let id = begun["id"].as_str().unwrap();

    let received = only(&agent, &pair.invitee, PROVE).await;
    let shown = state(&agent, &pair.invitee, PROVE, &received, "request-received").await;
    assert_eq!(shown["connection"], json!(pair.to_inviter));
    let named = json!({ "id": received });
    let matching = agent.query(&pair.invitee, PROVE, "matching", named).await;
    assert_eq!(matching["credentials"], json!({ "resident": [held] }), "{matching}");
    let present = json!({ "id": received, "credentials": matching["credentials"] });
    agent.event(&pair.invitee, "present_proof", "present", present).await;

    let verified = state(&agent, &pair.inviter, PROVE, id, "done").await;
    assert_eq!(verified["verified"], true, "{verified}");
    let checks = verified["report"]["checks"].as_array().unwrap();
    assert!(checks.len() > 10 && checks.iter().all(|check| check["passed"] == true));
    let subject = "/presentation/verifiableCredential/0/credentialSubject/familyName";
    assert_eq!(verified.pointer(subject).unwrap(), "SMITH");
    state(&agent, &pair.invitee, PROVE, &received, "done").await;
    agent.stop().await;
}

on_both_engines!(a_credential_is_issued_and_proven, engine => {
    issue_and_prove(engine, "didexchange/1.1", "Ed25519Signature2018").await;
});

on_both_engines!(a_credential_is_issued_and_proven_over_didcomm_v2, engine => {
    issue_and_prove(engine, "out-of-band/2.0", "Ed25519Signature2020").await;
});

on_both_engines!(an_invitation_carries_a_request_to_whoever_answers_first, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, "didexchange/1.1").await;
    issue(&agent, &pair, "Ed25519Signature2018").await;
    let verifier = agent.create_pico("verifier").await;
    let asked = json!({ "connectionless": true, "definition": resident() });
    let send_request = ("present_proof", "send_request");
    let begun = agent.directive(&verifier, send_request, asked, "request").await;
    let (id, url) = (begun["id"].as_str().unwrap(), json!({ "url": begun["url"] }));
    assert_eq!(begun["bound_to"], Value::Null);

    agent.event(&pair.invitee, "present_proof", "configure", json!({ "auto_present": true })).await;
    agent.event(&pair.invitee, "connections", "receive_invitation", url.clone()).await;
    let verified = state(&agent, &verifier, PROVE, id, "done").await;
    assert_eq!(verified["verified"], true, "{verified}");
    let received = only(&agent, &pair.invitee, PROVE).await;
    // The ack found its way back without a connection.
    state(&agent, &pair.invitee, PROVE, &received, "done").await;

    // Somebody else who has the invitation does not move the thread any more.
    let late = agent.create_pico("late").await;
    agent.event(&late, "connections", "receive_invitation", url).await;
    let received = only(&agent, &late, PROVE).await;
    let decline = json!({ "id": received, "reason": "too late" });
    agent.event(&late, "present_proof", "decline", decline).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let after = agent.query(&verifier, PROVE, "exchange", json!({ "id": id })).await;
    assert_eq!(after, verified);
    agent.stop().await;
});

on_both_engines!(what_is_declined_ends_on_both_sides, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, "didexchange/1.1").await;
    let offer = json!({ "connection": pair.to_invitee, "credential": jane() });
    let send_offer = ("issue_credential", "send_offer");
    let begun = agent.directive(&pair.inviter, send_offer, offer, "exchange").await;
    let received = only(&agent, &pair.invitee, ISSUE).await;
    let decline = json!({ "id": received, "reason": "not now" });
    agent.event(&pair.invitee, "issue_credential", "decline", decline).await;
    let id = begun["id"].as_str().unwrap();
    let ended = state(&agent, &pair.inviter, ISSUE, id, "abandoned").await;
    assert_eq!(ended["problem"]["comment"], "not now");

    // A proof that nobody can give is declined, too: nothing held matches.
    let asked = json!({ "connection": pair.to_invitee, "definition": resident() });
    let send_request = ("present_proof", "send_request");
    let begun = agent.directive(&pair.inviter, send_request, asked, "request").await;
    let received = only(&agent, &pair.invitee, PROVE).await;
    agent.event(&pair.invitee, "present_proof", "present", json!({ "id": received })).await;
    eventually("the reason", async || {
        let found = agent.query(&pair.invitee, PROVE, "exchange", json!({ "id": received })).await;
        found["error"].as_str().map(str::to_owned)
    })
    .await;
    let decline = json!({ "id": received, "reason": "I have none" });
    agent.event(&pair.invitee, "present_proof", "decline", decline).await;
    let id = begun["id"].as_str().unwrap();
    let ended = state(&agent, &pair.inviter, PROVE, id, "abandoned").await;
    assert_eq!((&ended["problem"]["comment"], &ended["verified"]), (&json!("I have none"), &Value::Null));
    agent.stop().await;
});

on_both_engines!(a_holder_may_propose_and_the_issuer_decides, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, "didexchange/1.0").await;
    let wish = json!({ "connection": pair.to_inviter, "credential": jane() });
    let send_proposal = ("issue_credential", "send_proposal");
    let begun = agent.directive(&pair.invitee, send_proposal, wish, "exchange").await;
    let mine = begun["id"].as_str().unwrap();
    let theirs = only(&agent, &pair.inviter, ISSUE).await;
    let accept = json!({ "id": theirs, "auto_issue": false });
    agent.event(&pair.inviter, "issue_credential", "accept_proposal", accept).await;
    state(&agent, &pair.invitee, ISSUE, mine, "offer-received").await;
    agent.event(&pair.invitee, "issue_credential", "accept_offer", json!({ "id": mine })).await;
    let asked = state(&agent, &pair.inviter, ISSUE, &theirs, "request-received").await;
    assert!(asked["detail"]["credential"]["issuer"].as_str().unwrap().starts_with("did:key:"));
    agent.event(&pair.inviter, "issue_credential", "issue", json!({ "id": theirs })).await;
    state(&agent, &pair.invitee, ISSUE, mine, "done").await;
    state(&agent, &pair.inviter, ISSUE, &theirs, "done").await;
    let issued = agent.query(&pair.inviter, ISSUE, "issued", json!({ "id": theirs })).await;
    assert_eq!(issued["proof"]["type"], "Ed25519Signature2018");
    agent.stop().await;
});

on_both_engines!(an_undefined_term_is_not_signed, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, "didexchange/1.1").await;
    let auto = json!({ "auto_accept_offers": true });
    agent.event(&pair.invitee, "issue_credential", "configure", auto).await;
    let mut credential = jane();
    credential["credentialSubject"]["shoeSize"] = json!(42);
    let offer = json!({ "connection": pair.to_invitee, "credential": credential });
    let send_offer = ("issue_credential", "send_offer");
    let begun = agent.directive(&pair.inviter, send_offer, offer, "exchange").await;
    let ended = state(&agent, &pair.inviter, ISSUE, begun["id"].as_str().unwrap(), "abandoned").await;
    assert!(ended["error"].as_str().unwrap().contains("undefined term"), "{ended}");
    let received = only(&agent, &pair.invitee, ISSUE).await;
    let told = state(&agent, &pair.invitee, ISSUE, &received, "abandoned").await;
    // What the peer reads is not what the log reads.
    assert_eq!(told["problem"]["comment"], "it cannot be issued");
    agent.stop().await;
});

// `promises.md` P26: a single fault suffices; here the issuer is not one whom we trust.
on_both_engines!(a_presentation_that_fails_one_check_is_rejected, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pair = connect(&agent, "didexchange/1.1").await;
    issue(&agent, &pair, "Ed25519Signature2018").await;
    agent.event(&pair.invitee, "present_proof", "configure", json!({ "auto_present": true })).await;
    let asked = json!({
        "connection": pair.to_invitee,
        "definition": resident(),
        "trusted_issuers": ["did:example:somebody-else"],
    });
    let send_request = ("present_proof", "send_request");
    let begun = agent.directive(&pair.inviter, send_request, asked, "request").await;
    let id = begun["id"].as_str().unwrap();
    let rejected = state(&agent, &pair.inviter, PROVE, id, "abandoned").await;
    assert_eq!(rejected["verified"], false);
    let checks = rejected["report"]["checks"].as_array().unwrap().iter();
    let failed: Vec<&Value> = checks.filter(|check| check["passed"] == false).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["name"], "credential[0]-issuer");
    let received = only(&agent, &pair.invitee, PROVE).await;
    let told = state(&agent, &pair.invitee, PROVE, &received, "abandoned").await;
    assert_eq!(told["problem"]["comment"], "the presentation did not pass the check");
    agent.stop().await;
});

// Only the operator, or a rule of the pico itself, commands; only a job brings results.
on_both_engines!(nobody_else_gives_commands_or_results, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let root = agent.agent.engine.root().clone();
    for (domain, name) in [
        ("issue_credential", "send_offer"),
        ("issue_credential", "configure"),
        ("issue_credential", "signed"),
        ("present_proof", "present"),
        ("present_proof", "checked"),
        ("credentials", "create_did"),
        ("credentials", "delete"),
        ("attached", "present_proof"),
    ] {
        let event = picomesh_pico::Event {
            id: "e".into(),
            domain: domain.into(),
            name: name.into(),
            attrs: serde_json::Map::new(),
            origin: picomesh_pico::Origin::Channel,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        // A channel event without a channel: no policy stands before the rule.
        let answer = agent.agent.engine.event(&root, event).await.unwrap();
        let fault = answer.fault.unwrap_or_else(|| panic!("{domain}:{name} was done"));
        assert!(format!("{:?}", fault.fault).contains("forbidden"), "{domain}:{name} {fault:?}");
    }
    agent.stop().await;
});
