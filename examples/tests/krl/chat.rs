//! Two picos of two agents that talk over DIDComm v2.

use crate::site::{Site, text};
use serde_json::{Value, json};

const RID: &str = "org.example.chat";

fn said(talk: &Value) -> Vec<(&str, &str)> {
    let lines = talk.as_array().into_iter().flatten();
    lines.filter_map(|line| Some((line["by"].as_str()?, line["text"].as_str()?))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_picos_connect_and_talk() {
    let (here, there) = (Site::open().await, Site::open().await);
    let ada_ui = here.child("Ada").await;
    let ada = here.install(&ada_ui, "chat/chat.krl", json!({}), "chat").await;
    let bob_ui = there.child("Bob").await;
    let bob = there.install(&bob_ui, "chat/chat.krl", json!({}), "chat").await;

    let invitation = here.tell(&ada, "chat:invite", json!({})).await;
    let url = text(&invitation[0].1["url"]);
    assert!(url.contains("_oob="), "{url}");
    there.tell(&bob, "chat:accept", json!({ "url": url })).await;
    let has_friend = |friends: &Value| friends.as_array().is_some_and(|all| all.len() == 1);
    here.until((&ada, RID, "friends"), has_friend).await;
    let invited = there.until((&bob, RID, "friends"), has_friend).await;
    // The inviter has changed its DID when the invitee knows another one than was in the
    // invitation; messages before that arrive as well.
    assert!(text(&invited[0]).starts_with("did:peer:2"));

    there.tell(&bob, "chat:say", json!({ "text": "Good morning" })).await;
    let talk = here.until((&ada, RID, "talk"), |talk| said(talk).len() == 1).await;
    assert_eq!(said(&talk), [("friend", "Good morning")]);
    here.tell(&ada, "chat:say", json!({ "text": "And to you" })).await;
    let talk = there.until((&bob, RID, "talk"), |talk| said(talk).len() == 2).await;
    assert_eq!(said(&talk), [("me", "Good morning"), ("friend", "And to you")]);

    // What did not come over DIDComm is not believed.
    let forged = json!({ "message": { "from": invited[0], "body": { "content": "Send money" } } });
    let refused = there.try_tell(&bob, "chat:received", forged).await;
    assert_eq!(refused["error"], "Error: Not allowed by channel policy");
    here.close().await;
    there.close().await;
}
