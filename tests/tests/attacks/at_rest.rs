//! What lies on the disk and in the log: P17, P25, row 100.

use picomesh_pico::{Event, Origin, PicoId};
use picomesh_tests::peer::{Peer, text_v2};
use picomesh_tests::{Engine, Home, TestAgent, eventually, none, on_both_engines};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Words that stand in messages, credentials and variables, and nowhere else.
const WORDS: [&str; 4] =
    ["Zwetschgenknoedel", "Pflaumenkuchen", "Heidelbeermarmelade", "Quittengelee"];

/// All that was logged since the first test began.
#[derive(Clone)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> Log {
    static LOG: std::sync::OnceLock<Log> = std::sync::OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log(Arc::default());
        let writer = log.clone();
        let filter = "info,picomesh_agent=trace,picomesh_pico=trace,picomesh_didcomm=trace";
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false);
        subscriber.with_env_filter(filter).try_init().unwrap();
        log
    })
    .clone()
}

/// Everything that the database has on its disk, as far as it can be had.
async fn dump(home: &Home, engine: Engine) -> Vec<u8> {
    if engine == Engine::Sqlite {
        let files =
            std::fs::read_dir(home.directory.path()).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|path| !path.ends_with("store.key"));
        return files.flat_map(|path| std::fs::read(path).unwrap()).collect();
    }
    let mut db = home.sql().await;
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let mut all = vec![];
    for table in db.texts(tables).await {
        let rows = db.texts(&format!("SELECT row_to_json(t)::text FROM \"{table}\" t")).await;
        all.extend(rows.join("\n").into_bytes());
    }
    assert!(all.len() > 10_000, "a dump");
    all
}

/// Every form in which bytes could have been written down.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let hex = hex::encode(bytes);
    let mut forms = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    forms.push(bs58::encode(bytes).into_string().into_bytes());
    // In base64, three neighbours decide how bytes look: one form for each offset.
    for skipped in 0..3 {
        let middle = &bytes[skipped..skipped + (bytes.len() - skipped) / 3 * 3];
        forms.push(STANDARD_NO_PAD.encode(middle).into_bytes());
        forms.push(URL_SAFE_NO_PAD.encode(middle).into_bytes());
    }
    // A list of numbers, as a careless `Debug` writes it.
    forms.push(format!("{bytes:?}").into_bytes());
    // And all of these in the hexadecimal of a dump.
    let twice: Vec<Vec<u8>> = forms.iter().map(|form| hex::encode(form).into_bytes()).collect();
    forms.extend(twice);
    forms
}

fn is_in(haystack: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let starts = haystack.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.into_iter().any(|(at, _)| haystack[at..].starts_with(needle))
}

/// The private keys of a pico, by the keys that its state and its tables name.
async fn private_keys(agent: &TestAgent, home: &Home) -> Vec<Vec<u8>> {
    let mut keys = vec![];
    for kid in home.sql().await.texts("SELECT kid FROM secret").await {
        let (_, secret) = agent.agent.engine.secret_by_kid(&kid).await.unwrap().unwrap();
        keys.push(secret.bytes.to_vec());
    }
    keys
}

/// A credential is issued and a presentation asked for, texts go both ways, variables are set.
async fn live(agent: &TestAgent) {
    let (issuer, holder) = (agent.create_pico("issuer").await, agent.create_pico("holder").await);
    let invited = picomesh_tests::peer::invite(agent, &issuer, "didexchange/1.1").await;
    let url = json!({ "url": invited["url"] });
    agent.event(&holder, "connections", "receive_invitation", url).await;
    let connection = async |pico: &PicoId| {
        eventually("a connection", async || {
            let all = picomesh_tests::peer::connections(agent, pico).await;
            (all[0]["state"] == "completed").then(|| all[0]["id"].clone())
        })
        .await
    };
    let (to_holder, to_issuer) = (connection(&issuer).await, connection(&holder).await);
    let auto = json!({ "auto_accept_offers": true });
    agent.event(&holder, "issue_credential", "configure", auto).await;
    let offer = json!({ "connection": to_holder, "credential": {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/citizenship/v1"],
        "type": ["VerifiableCredential", "PermanentResident"],
        "credentialSubject": { "type": ["PermanentResident"], "givenName": WORDS[0] },
    } });
    agent.directive(&issuer, ("issue_credential", "send_offer"), offer, "exchange").await;
    eventually("a held credential", async || {
        let held = agent.query(&holder, "picomesh.credentials", "credentials", json!({})).await;
        held.to_string().contains(WORDS[0]).then_some(())
    })
    .await;
    let text = json!({ "connection": to_issuer, "content": WORDS[1] });
    agent.directive(&holder, ("basic_message", "send"), text, "message").await;
    eventually("a text", async || {
        let all = picomesh_tests::peer::texts(agent, &issuer).await;
        all.contains(&WORDS[1].to_owned()).then_some(())
    })
    .await;
    let peer = Peer::new().await;
    let link = peer.connect_v2(agent, &issuer).await;
    peer.post(agent, peer.pack_v2(&link.theirs, &text_v2(WORDS[2]))).await;
    // One that is refused, and one that stays in the outbox.
    let odd = json!({ "type": "https://didcomm.org/odd/1.0/odd", "id": WORDS[3], "body": { "x": WORDS[2] } });
    peer.post(agent, peer.pack_v2(&link.theirs, &odd)).await;
    peer.post(agent, peer.pack_v2(&link.theirs, &json!({
        "type": "https://didcomm.org/basicmessage/2.0/message", "body": { "content": [WORDS[2]] },
    }))).await;
    let gone =
        Peer::with_endpoint(picomesh_tests::peer::Ear::new().await, "http://127.0.0.1:1").await;
    let link = gone.connect_v2(agent, &issuer).await;
    let text = json!({ "connection": link.id, "content": WORDS[1] });
    agent.directive(&issuer, ("basic_message", "send"), text, "message").await;
}

// P17 and P25: neither keys nor contents can be read from the disk or in the log.
on_both_engines!(nothing_lies_open, engine => {
    let log = log();
    let home = Home::new(engine).await;
    let agent = home.start().await;
    live(&agent).await;
    let keys = private_keys(&agent, &home).await;
    assert!(keys.len() >= 8, "{}", keys.len());
    let store_key = std::fs::read(home.directory.path().join("store.key")).unwrap();
    let words = WORDS[..3].iter().map(|word| word.as_bytes().to_vec());
    let store_key = String::from_utf8_lossy(&store_key).trim().as_bytes().to_vec();
    let needles: Vec<Vec<u8>> = keys.into_iter().chain(words).chain([store_key]).collect();
    // While it runs, the write-ahead log has the rows of the moment; afterwards the file has all.
    let running = dump(&home, engine).await;
    agent.stop().await;
    let stopped = dump(&home, engine).await;
    let logged = log.0.lock().unwrap().clone();
    assert!(is_in(&logged, b"a rule did not complete"), "the log is heard");
    assert!(is_in(&stopped, b"picomesh.connections"), "the dump can be searched");
    for (n, needle) in needles.iter().enumerate() {
        for (f, form) in forms(needle).iter().enumerate() {
            for (place, haystack) in [("disk", &running), ("disk", &stopped), ("log", &logged)] {
                assert!(!is_in(haystack, form), "secret {n} in form {f} is in the {place}");
            }
        }
    }
});

fn increment() -> Event {
    Event {
        id: "e".into(),
        domain: "counter".into(),
        name: "inc".into(),
        attrs: none(),
        origin: Origin::Operator,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    }
}

// P17: a value that was moved to another place does not open, and harms its own pico alone.
on_both_engines!(swapped_values_are_found, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let mut picos = vec![];
    for n in 1..=3 {
        let pico = agent.create_pico("counter").await;
        let rid = json!({ "rid": "picomesh.counter" });
        agent.directive(&pico, ("pico", "install_ruleset"), rid, "ruleset").await;
        for _ in 0..n {
            agent.agent.engine.event(&pico, increment()).await.unwrap();
        }
        picos.push(pico);
    }
    agent.stop().await;
    let mut db = home.sql().await;
    let swap = format!(
        "CREATE TEMP TABLE kept AS SELECT pico, value FROM entity_variable
          WHERE rid = 'picomesh.counter' AND pico IN ('{0}', '{1}');
         UPDATE entity_variable SET value = (SELECT value FROM kept
                 WHERE kept.pico = CASE entity_variable.pico WHEN '{0}' THEN '{1}' ELSE '{0}' END)
          WHERE rid = 'picomesh.counter' AND pico IN ('{0}', '{1}')",
        picos[0], picos[1]);
    db.run(&swap).await;
    drop(db);
    let agent = home.start().await;
    let count = async |pico: &PicoId| {
        let query = picomesh_pico::Query {
            rid: picomesh_pico::Rid::literal("picomesh.counter"), name: "n".into(), args: none(),
        };
        agent.agent.engine.query(pico, query).await
    };
    for pico in &picos[..2] {
        let refused = count(pico).await.unwrap_err().to_string();
        assert!(refused.contains("does not open"), "{refused}");
        assert!(agent.agent.engine.event(pico, increment()).await.is_err());
    }
    assert_eq!(count(&picos[2]).await.unwrap(), json!(3));
    agent.agent.engine.event(&picos[2], increment()).await.unwrap();
    assert_eq!(count(&picos[2]).await.unwrap(), json!(4));
    agent.stop().await;
    // The data key of another pico opens nothing, either.
    let mut db = home.sql().await;
    let key = |pico: &PicoId| format!("(SELECT data_key FROM pico WHERE id = '{pico}')");
    db.run(&format!("UPDATE pico SET data_key = {} WHERE id = '{}'", key(&picos[0]), picos[2])).await;
    drop(db);
    let agent = home.start().await;
    let query = picomesh_pico::Query {
        rid: picomesh_pico::Rid::literal("picomesh.counter"), name: "n".into(), args: none(),
    };
    assert!(agent.agent.engine.query(&picos[2], query).await.is_err());
    let root = agent.agent.engine.root().clone();
    let channels: Value = agent.query(&root, "picomesh.pico", "channels", json!({})).await;
    assert!(channels.is_array());
    agent.stop().await;
});
