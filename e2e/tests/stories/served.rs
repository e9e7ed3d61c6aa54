//! What a node serves can be checked: against a build of the same sources, and by the name that the page shows.

use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use tokio::process::Command;

#[tokio::test]
async fn what_a_node_serves_is_compared_with_a_build_of_the_sources() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let same = verify(&node).await?;
    ensure!(same.status.success(), "{}", said(&same));
    ensure!(
        said(&same).contains("files are the same"),
        "{}",
        said(&same)
    );

    println!("one byte of a file is another one");
    let client = programs::client()?;
    let changed = tempfile::tempdir()?;
    programs::copy(&client, changed.path())?;
    let mut script = std::fs::read_to_string(client.join("worker.js"))?;
    script.push('\n');
    programs::replace(changed.path(), "worker.js", &script)?;
    must_be_refused(&mut node, changed.path(), "/worker.js (identity) has other").await?;

    println!("and the list of hashes says so");
    let list = changed.path().join("client-manifest.json");
    let honest = std::fs::read_to_string(&list)?;
    let (_, rest) = honest
        .split_once("\"/worker.js\": \"")
        .context("no such file")?;
    let (hash, _) = rest.split_once('"').context("no such hash")?;
    std::fs::write(&list, honest.replace(hash, &"0".repeat(64)))?;
    must_be_refused(&mut node, changed.path(), "/worker.js has another hash").await?;

    println!("one byte is another one for those who take it compressed");
    let packed = tempfile::tempdir()?;
    programs::copy(&client, packed.path())?;
    let name = "index.html.br";
    let mut bytes = std::fs::read(packed.path().join(name))?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(packed.path().join(name), bytes)?;
    must_be_refused(&mut node, packed.path(), "/index.html (br)").await
}

#[tokio::test]
async fn the_page_shows_the_name_of_the_build_that_the_node_lists() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    browser.open(&format!("{}/#/settings", node.url())).await?;
    let shown = browser.words("build").await?;
    let list = "return fetch('/.well-known/zechat/client').then((it) => it.json()).then((it) => it.sources)";
    let listed = browser.run(list, Vec::new()).await?;
    let listed = listed.as_str().context("the list names no sources")?;
    ensure!(
        shown.len() == 12 && listed.starts_with(&shown),
        "{shown} is not {listed}"
    );
    // And it is what a person is told who builds it.
    let verified = said(&verify(&node).await?);
    ensure!(
        verified.contains(&format!("settings: build {shown}\n")),
        "{shown} is not in {verified}"
    );
    alice.must_have_been_quiet(&[]).await
}

async fn must_be_refused(node: &mut Node, client: &Path, why: &str) -> Result<()> {
    node.serve_client(client.to_owned());
    node.terminate().await?;
    node.start_again().await?;
    let other = verify(node).await?;
    ensure!(
        !other.status.success(),
        "it was not noticed: {}",
        said(&other)
    );
    ensure!(said(&other).contains(why), "not {why}: {}", said(&other));
    Ok(())
}

async fn verify(node: &Node) -> Result<Output> {
    let mut xtask = Command::new(programs::xtask()?);
    Ok(xtask.args(["verify-client", &node.url()]).output().await?)
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|it| String::from_utf8_lossy(it))
        .concat()
}
