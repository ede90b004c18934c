//! The commands of the KRL tutorial do what it says, one after the other in one shell.

use picomesh_interop::Picomesh;
use std::path::Path;
use std::process::{Command, Stdio};

/// How long the shell may take; the tutorial waits in loops.
const SECONDS_MAX: &str = "120";

/// The engine of the test is elsewhere: the commands that talk to it have to be told.
const SHELL: &str = r#"set -eu
picomesh() {
  case "$2" in
    install | flush) "$BINARY" krl "$2" --base "$BASE" "${@:3}" ;;
    *) "$BINARY" "$@" ;;
  esac
}
"#;

/// What stands in blocks of shell commands.
fn commands(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

#[tokio::test]
async fn the_tutorial_runs() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/krl/tutorial.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = commands(&page);
    // The first one starts the engine; here it runs already.
    let (start, blocks) = blocks.split_first().unwrap();
    assert!(start.starts_with("picomesh --allow-private-addresses loopback"), "{start}");
    let engine = Picomesh::start("").await.unwrap();
    let script = format!("{SHELL}{}", blocks.join("\necho\n"));
    let script = script.replace("http://127.0.0.1:3000", engine.url());

    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("timeout");
    shell
        .args([SECONDS_MAX, "bash", "-c", &script])
        .env("BINARY", Picomesh::binary().unwrap())
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || shell.output()).await.unwrap().unwrap();
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complaints}\n{}", engine.log());

    let expected = [
        "\"Ada\"",
        "\"Hello World!\"",
        "\"Hello Bob!\"",
        "{\"text\":\"Hello Bob!\"}",
        "\"name\":\"cake\",\"options\":{\"for\":\"Cleo\"}",
        "\"name\":\"rush\",\"options\":{\"names\":[\"Bob\",\"nobody\",\"Cleo\"]}",
        "did:peer:2.",
        "[\"Bob: Good morning\"]",
        "[\"Ada: And to you\"]",
    ];
    for text in expected {
        assert!(said.contains(text), "nobody said {text}:\n{said}");
    }
    assert!(!said.contains("\"error\""), "{said}");
}
