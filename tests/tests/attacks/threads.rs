//! Threads of others, and reports about reports: T-D8, T-D17, row 39.

use picomesh_pico::PicoId;
use picomesh_tests::peer::{Peer, fresh_id, invite, text_v2};
use picomesh_tests::{Home, TestAgent, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const ISSUE: &str = "picomesh.issue-credential";
const PROVE: &str = "picomesh.present-proof";

async fn exchange(agent: &TestAgent, pico: &PicoId, rid: &str, id: &Value) -> Value {
    agent.query(pico, rid, "exchange", json!({ "id": id })).await
}

// T-D8: Mallory names the threads of exchanges with Alice.
on_both_engines!(a_thread_belongs_to_its_peer, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("issuer").await;
    let (alice, mallory) = (Peer::new().await, Peer::new().await);
    let to_alice = alice.connect_v1(&agent, &pico).await;
    let to_mallory = mallory.connect_v1(&agent, &pico).await;
    let stranger = Peer::new().await;
    let offer = json!({ "connection": to_alice.id, "credential": {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/citizenship/v1"],
        "type": ["VerifiableCredential", "PermanentResident"],
        "credentialSubject": { "type": ["PermanentResident"], "givenName": "JANE" },
    } });
    let offered = agent.directive(&pico, ("issue_credential", "send_offer"), offer, "exchange").await;
    let asked = json!({ "connection": to_alice.id, "definition": {
        "id": "d", "input_descriptors": [{
            "id": "resident",
            "schema": [{ "uri": "https://w3id.org/citizenship#PermanentResident" }],
            "constraints": { "fields": [{ "path": ["$.credentialSubject.givenName"] }] },
        }],
    } });
    let requested = agent.directive(&pico, ("present_proof", "send_request"), asked, "request").await;
    let thread_of = async |name: &str| {
        eventually(name, async || {
            let heard = alice.messages_named(name);
            Some(heard.first()?["@id"].as_str()?.to_owned())
        }).await
    };
    let credential_thread = thread_of("offer-credential").await;
    let proof_thread = thread_of("request-presentation").await;
    let before = (
        exchange(&agent, &pico, ISSUE, &offered["id"]).await,
        exchange(&agent, &pico, PROVE, &requested["id"]).await,
    );
    assert_eq!(before.0["state"], "offer-sent");
    assert_eq!(before.1["state"], "request-sent");
    let offer = alice.messages_named("offer-credential").remove(0);
    let description = json!({ "code": "issuance-abandoned", "en": "" });
    for (thid, protocol, names) in [
        (&credential_thread, "issue-credential/2.0",
            ["request-credential", "propose-credential", "issue-credential", "ack", "problem-report"]),
        (&proof_thread, "present-proof/2.0",
            ["presentation", "propose-presentation", "request-presentation", "ack", "problem-report"]),
    ] {
        for name in names {
            for (sender, to) in [
                (&mallory, &to_mallory.theirs),
                (&mallory, &to_alice.theirs),
                (&stranger, &to_alice.theirs),
            ] {
                let mut message = json!({
                    "@type": format!("https://didcomm.org/{protocol}/{name}"), "@id": fresh_id(),
                    "~thread": { "thid": thid, "pthid": thid }, "status": "OK",
                    "description": description, "comment": "",
                });
                // The attachment of the offer fits a request.
                let attached = offer["offers~attach"].clone();
                for (list, attachments) in [
                    ("formats", offer["formats"].clone()),
                    ("requests~attach", attached.clone()), ("filters~attach", attached.clone()),
                    ("credentials~attach", attached.clone()), ("presentations~attach", attached.clone()),
                    ("proposals~attach", attached.clone()),
                    ("request_presentations~attach", attached.clone()),
                ] {
                    message[list] = attachments;
                }
                sender.post(&agent, sender.pack_v1(to, &message)).await;
                let after = (
                    exchange(&agent, &pico, ISSUE, &offered["id"]).await,
                    exchange(&agent, &pico, PROVE, &requested["id"]).await,
                );
                assert_eq!(after, before, "{name}");
            }
        }
    }
    // The thread was alive all the time: Alice herself ends it.
    let report = json!({
        "@type": "https://didcomm.org/issue-credential/2.0/problem-report", "@id": fresh_id(),
        "~thread": { "thid": credential_thread }, "description": description,
    });
    alice.post(&agent, alice.pack_v1(&to_alice.theirs, &report)).await;
    assert_eq!(exchange(&agent, &pico, ISSUE, &offered["id"]).await["state"], "abandoned");
    agent.stop().await;
});

// T-D17 and row 39: one report about a message, none about a report.
on_both_engines!(a_report_is_not_reported, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("bob").await;
    let (one, two) = (Peer::new().await, Peer::new().await);
    let to_one = one.connect_v1(&agent, &pico).await;
    let to_two = two.connect_v2(&agent, &pico).await;
    let unknown_1 = json!({ "@type": "https://didcomm.org/unheard/1.0/of", "@id": "u1" });
    let unknown_2 = json!({ "type": "https://didcomm.org/unheard/1.0/of", "id": "u2", "body": {} });
    one.post(&agent, one.pack_v1(&to_one.theirs, &unknown_1)).await;
    two.post(&agent, two.pack_v2(&to_two.theirs, &unknown_2)).await;
    let report_1 = eventually("a report of v1", async || one.messages_named("problem-report").pop()).await;
    let report_2 = eventually("a report of v2", async || two.messages_named("problem-report").pop()).await;
    assert_eq!(report_1["~thread"]["thid"], "u1");
    assert_eq!(report_1["description"]["code"], "message-parse-failure");
    assert_eq!(report_2["pthid"], "u2");
    assert_eq!(report_2["body"]["code"], "e.p.msg.unsupported-type");
    // The reports go back as they came, and others about threads that never were.
    for n in 0..5 {
        let (mut back_1, mut back_2) = (report_1.clone(), report_2.clone());
        (back_1["@id"], back_2["id"]) = (json!(format!("b{n}")), json!(format!("b{n}")));
        back_1["~thread"] = json!({ "thid": if n % 2 == 0 { "u1" } else { "never" } });
        back_2["pthid"] = json!(if n % 2 == 0 { "u2" } else { "never" });
        back_2["from"] = json!(two.did);
        back_2["to"] = json!([to_two.theirs]);
        for kind in ["report-problem/1.0/problem-report", "notification/1.0/problem-report",
            "issue-credential/2.0/problem-report", "unheard/1.0/problem-report"] {
            back_1["@id"] = json!(fresh_id());
            back_1["@type"] = json!(format!("https://didcomm.org/{kind}"));
            assert_eq!(one.post(&agent, one.pack_v1(&to_one.theirs, &back_1)).await.status, 202);
        }
        assert_eq!(two.post(&agent, two.pack_v2(&to_two.theirs, &back_2)).await.status, 202);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(one.messages_named("problem-report").len(), 1, "{:?}", one.messages());
    assert_eq!(two.messages_named("problem-report").len(), 1);
    agent.stop().await;
});

// T-D17 between two agents: a connection that one of them has forgotten.
on_both_engines!(two_agents_do_not_report_for_ever, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let (faber, alice) = (homes.0.start().await, homes.1.start().await);
    let (fabers, alices) = (faber.create_pico("faber").await, alice.create_pico("alice").await);
    let url = json!({ "url": invite(&faber, &fabers, "out-of-band/2.0").await["url"] });
    let command = ("connections", "receive_invitation");
    let theirs = alice.directive(&alices, command, url, "connection").await;
    eventually("a connection", async || {
        let id = theirs["id"].as_str().unwrap();
        let now = picomesh_tests::peer::connection(&alice, &alices, id).await;
        (now["state"] == "completed").then_some(())
    }).await;
    let ours = picomesh_tests::peer::connections(&faber, &fabers).await;
    let id = json!({ "id": ours[0]["id"] });
    let mut feeds = [faber.agent.engine.feed().subscribe(), alice.agent.engine.feed().subscribe()];
    faber.directive(&fabers, ("connections", "delete"), id, "deleted").await;
    let content = text_v2("Anybody there?")["body"]["content"].clone();
    let attrs = json!({ "connection": theirs["id"], "content": content });
    alice.directive(&alices, ("basic_message", "send"), attrs, "message").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let mut reports = 0;
    for feed in &mut feeds {
        while let Ok(happening) = feed.try_recv() {
            reports += usize::from(happening.name == "problem_report");
        }
    }
    assert_eq!(reports, 1, "Faber tells Alice once");
    faber.stop().await;
    alice.stop().await;
});
