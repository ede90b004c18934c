//! Issuing, presenting, and getting ready for the login.

use super::world::{World, text};
use serde_json::{Value, json};

/// Id of the policy and of the client of the story.
pub(super) const POLICY: &str = "alumni";
pub(super) const CLIENT: &str = "picomesh-demo";

/// Who plays.
pub(super) struct Cast {
    pub(super) alice: String,
    pub(super) university_did: String,
    verifier: String,
}

/// The university issues Alice a credential.
pub(super) async fn issue(world: &World) -> Result<Cast, String> {
    let university = pico(world, "Demo University").await?;
    let alice = pico(world, "Alice").await?;
    let verifier = pico(world, "Library").await?;
    let connection = connect(world, (&university, "the university"), (&alice, "Alice")).await?;
    let university_did = did(world, &university).await?;
    let alice_did = did(world, &alice).await?;
    world.tell("The university signs with", &university_did);
    let settings = json!({ "auto_accept_offers": true, "auto_store": true });
    world.put(&format!("v1/picos/{alice}/credential-settings"), settings).await?;
    let offer = json!({
        "connection": connection,
        "credential": credential(&university_did, &alice_did),
        "options": { "proofType": "Ed25519Signature2018" },
        "comment": "Your degree",
    });
    let exchanges = format!("v1/picos/{university}/credential-exchanges");
    let made = world.post(&format!("{exchanges}/offer"), offer).await?;
    world.until(&format!("{exchanges}/{}", text(&made, "id")?), "state", "done").await?;
    let held = world.first(&format!("v1/picos/{alice}/credentials")).await?;
    world.tell(
        "Alice holds a credential",
        &format!("\"Bachelor of Arts\", stored as {}", text(&held, "id")?),
    );
    Ok(Cast { alice, university_did, verifier })
}

/// The library asks Alice for it and checks what she shows.
pub(super) async fn present(world: &World, cast: &Cast) -> Result<(), String> {
    let connection =
        connect(world, (&cast.verifier, "the library"), (&cast.alice, "Alice")).await?;
    let settings = json!({ "auto_present": true });
    world.put(&format!("v1/picos/{}/presentation-settings", cast.alice), settings).await?;
    let exchanges = format!("v1/picos/{}/presentation-exchanges", cast.verifier);
    let request = json!({ "connection": connection, "definition": definition() });
    let made = world.post(&exchanges, request).await?;
    let path = format!("{exchanges}/{}", text(&made, "id")?);
    let record = world.until(&path, "state", "done").await?;
    let report = &record["report"];
    if report["verified"] != true {
        return Err(format!("the presentation is not valid: {report}"));
    }
    let checks = report["checks"].as_array().map_or(0, Vec::len);
    world.tell(
        "The library checks Alice's presentation",
        &format!("valid, {checks} of {checks} checks passed"),
    );
    Ok(())
}

/// The operator says which credential logs people in, and who may ask.
pub(super) async fn prepare_login(
    world: &World,
    cast: &Cast,
    redirect_uri: &str,
) -> Result<(), String> {
    let policy = json!({
        "id": POLICY,
        "name": "Degree of the demo university",
        "presentation_definition": definition(),
        "trusted_issuers": [cast.university_did],
        "claims": { "name": { "path": "$.credentialSubject.name" } },
        "subject": "holder_did",
    });
    world.post("v1/login/policies", policy).await?;
    let client = json!({
        "client_id": CLIENT,
        "client_name": "Demo web application",
        "redirect_uris": [redirect_uri],
        "policies": [POLICY],
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES256",
    });
    world.post("v1/login/clients", client).await?;
    world.tell("A web application is registered", "it trusts the university's credentials");
    Ok(())
}

async fn pico(world: &World, name: &str) -> Result<String, String> {
    let made = world.post("v1/picos", json!({ "name": name })).await?;
    world.tell("A pico is born", &format!("{name} is {}", text(&made, "id")?));
    text(&made, "id")
}

async fn did(world: &World, pico: &str) -> Result<String, String> {
    text(&world.post(&format!("v1/picos/{pico}/dids"), json!({})).await?, "did")
}

/// Connects two picos by an out-of-band invitation; returns the inviter's connection.
async fn connect(
    world: &World,
    (inviter, inviter_name): (&str, &str),
    (invitee, invitee_name): (&str, &str),
) -> Result<String, String> {
    let invitations = format!("v1/picos/{inviter}/invitations");
    let made = world.post(&invitations, json!({ "label": inviter_name })).await?;
    let path = format!("v1/picos/{invitee}/invitations/receive");
    let received = world.post(&path, json!({ "url": made["url"] })).await?;
    let path = format!("v1/picos/{invitee}/connections/{}", text(&received, "id")?);
    world.until(&path, "state", "completed").await?;
    let found = world.first(&format!("v1/picos/{inviter}/connections?state=completed")).await?;
    let what = format!("{invitee_name} took an invitation of {inviter_name}");
    world.tell("Two picos connect", &format!("{what} (DID exchange over DIDComm)"));
    text(&found, "id")
}

fn credential(issuer: &str, holder: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://www.w3.org/2018/credentials/examples/v1",
        ],
        "type": ["VerifiableCredential", "UniversityDegreeCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "name": "Alice Example",
            "degree": { "type": "BachelorDegree", "name": "Bachelor of Arts" },
        },
    })
}

/// What the library and the web application ask for.
fn definition() -> Value {
    json!({
        "id": "5e1b5fd0-6a0f-4c43-8e4b-1f1f3d4f5a01",
        "input_descriptors": [{
            "id": "degree",
            "name": "A degree of the demo university",
            "schema": [
                { "uri": "https://www.w3.org/2018/credentials#VerifiableCredential" },
                { "uri": "https://example.org/examples#UniversityDegreeCredential" },
            ],
            "constraints": { "fields": [{ "path": ["$.credentialSubject.name"] }] },
        }],
    })
}
