//! Whom a person does not know: their requests, and links that lead nowhere.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::browser::NODE_AWAY;
use e2e::clock::{Clock, DAY};
use e2e::node::Node;
use e2e::person::{Person, texts};
use e2e::texts::english;
use shared_crypto::id::IdentityId;
use shared_crypto::link::ContactLink;
use shared_crypto::node_url::NodeUrl;
use thirtyfour::Key;

#[tokio::test]
async fn strangers_are_refused_and_blocked() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;

    let eve = Person::with_identity("Eve", &node.url()).await?;
    eve.ask(&link, "Buy my watches").await?;
    bob.wait_request("Buy my watches").await?;
    bob.browser()?.click("request-refuse").await?;
    no_requests(&bob).await?;
    ensure!(
        !bob.browser()?.has("conversation-item").await?,
        "a refused stranger is in the list"
    );

    drop(eve);
    let mallory = Person::with_identity("Mallory", &node.url()).await?;
    mallory.ask(&link, "Answer me").await?;
    bob.wait_request("Answer me").await?;
    bob.browser()?.click("request-block").await?;
    no_requests(&bob).await?;

    // Neither is told; and the others still come through.
    let words = mallory.browser()?.page_words().await?;
    ensure!(
        !words.contains("refused") && !words.contains("blocked"),
        "Mallory is told:\n{words}"
    );
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&link, "It is me").await?;
    bob.wait_request("It is me").await?;
    bob.accept().await?;
    bob.send("Welcome").await?;
    alice.wait_text("Welcome").await?;

    // A contact can be blocked too: what they send then is not shown.
    let browser = bob.browser()?;
    browser.click("menu").await?;
    browser.click("block").await?;
    browser.click("sure").await?;
    browser.element("unblock").await?;
    alice.send("Are you there?").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let received = bob.entries().await?;
    ensure!(
        !texts(&received, false).contains(&"Are you there?"),
        "a blocked contact was heard"
    );
    bob.must_have_been_quiet(&[]).await
}

async fn no_requests(person: &Person) -> Result<()> {
    person.browser()?.gone("request-item").await
}

#[tokio::test]
async fn what_cannot_work_is_said_in_words() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let bob = Person::new("Bob", &node.url()).await?;
    bob.browser()?.element("welcome-name").await?;

    println!("no name, then no node");
    bob.browser()?.click("welcome-create").await?;
    bob.wait_error("name").await?;
    node.terminate().await?;
    bob.browser()?.fill("welcome-name", "Bob").await?;
    bob.browser()?.click("welcome-create").await?;
    bob.wait_error("cannot be reached").await?;
    node.start_again().await?;
    bob.create_identity().await?;
    bob.wait_online().await?;

    println!("a clock that is a year ahead");
    let clock = Clock::ahead(366 * DAY)?;
    let early = Person::with_clock("Eve", &node.url(), &clock).await?;
    let on = early.browser()?;
    on.fill("welcome-name", "Eve").await?;
    on.click("welcome-create").await?;
    early.wait_error(&english("error-clock-wrong")?).await?;
    on.look("a wrong clock").await?;
    early.must_have_been_quiet(&[]).await?;
    drop(early);

    println!("links that are none");
    let own = bob.link().await?;
    for (link, words) in [
        (own.clone(), "your own link"),
        (with_typo(&own), "not a contact link"),
        ("hello".to_owned(), "not a contact link"),
        (
            link_of_nobody(&own, &node.url())?,
            "does not know who this is",
        ),
        (
            link_of_nobody(&own, "http://127.0.0.1:9")?,
            "node cannot be reached",
        ),
    ] {
        bob.browser()?.reload().await?;
        bob.wait_online().await?;
        bob.open_link(&link).await?;
        bob.wait_error(words).await?;
    }

    println!("a message waits while the node is away");
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&own, "Hello").await?;
    bob.wait_request("Hello").await?;
    bob.accept().await?;
    node.kill().await?;
    bob.wait_connection("offline").await?;
    bob.send("Patience").await?;
    bob.wait_states(&["waiting"]).await?;
    node.start_again().await?;
    alice.wait_text("Patience").await?;
    bob.wait_states(&["on-their-node", "delivered", "read"])
        .await?;

    println!("a text that is too long stays where it is, and one that is just not goes");
    let browser = bob.browser()?;
    browser
        .paste("composer", &"Too much. ".repeat(6_554))
        .await?;
    browser
        .until("the text to be too long", async || {
            let field = browser.element("composer").await?;
            let is_wrong = field.attr("aria-invalid").await?.as_deref() == Some("true");
            Ok(is_wrong.then_some(()))
        })
        .await?;
    browser.look("a text that is too long").await?;
    browser.press(Key::Enter).await?;
    let left = browser.words("composer").await?;
    ensure!(left.len() == 65_540, "{} characters are left", left.len());
    let longest = "x".repeat(16_384);
    browser.press_with(Key::Control, "a").await?;
    browser.paste("composer", &longest).await?;
    browser.press(Key::Enter).await?;
    alice.wait_text(&longest).await?;
    let sent = alice.entries().await?;
    let sent = texts(&sent, false);
    ensure!(sent == ["Patience", &longest], "{} were sent", sent.len());
    bob.must_have_been_quiet(&NODE_AWAY).await
}

/// One character of the code is another one.
fn with_typo(link: &str) -> String {
    let (node, code) = link.split_once('#').unwrap_or((link, ""));
    let (kept, changed) = code.split_at(code.len() / 2);
    let first = if changed.starts_with('A') { 'B' } else { 'A' };
    format!(
        "{node}#{kept}{first}{}",
        changed.get(1..).unwrap_or_default()
    )
}

/// The link, but to somebody whom nobody knows.
fn link_of_nobody(link: &str, node: &str) -> Result<String> {
    let mut link = ContactLink::parse(link)?;
    link.identity = IdentityId::from_bytes([0x42; 32]);
    link.node = NodeUrl::parse(node)?;
    Ok(link.to_string())
}
