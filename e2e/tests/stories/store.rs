//! What a browser keeps: damaged, too old, newer than the program, or full.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::{Person, texts};
use e2e::texts::english;
use serde_json::json;
use thirtyfour::Key;

/// Opens the store as a version of the program does that is still to come.
const NEWER: &str = "return new Promise((done) => {
    const open = indexedDB.open('zechat', 99);
    open.onerror = () => done(false);
    open.onsuccess = () => { open.result.close(); done(true); };
})";

#[tokio::test]
async fn a_store_that_cannot_be_read_is_said_and_harmed_by_nothing() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let link = alice.link().await?;
    let browser = alice.browser()?;

    println!("the key of the store is put away");
    move_key(&alice, "browser", "aside").await?;
    browser.reload().await?;
    alice.wait_error("cannot be read").await?;
    ensure!(
        !browser.has("welcome-name").await?,
        "a new identity is offered over the old one"
    );

    let first = browser.driver().window().await?;
    let second = browser.new_tab().await?;
    browser.open(&node.url()).await?;
    alice.wait_error("cannot be read").await?;
    browser.driver().close_window().await?;
    browser.go_to_tab(&first).await?;
    ensure!(first != second);

    println!("and put back");
    move_key(&alice, "aside", "browser").await?;
    alice.wait_online().await?;
    ensure!(alice.link().await? == link, "it is another identity");
    alice.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_store_that_stays_damaged_can_be_deleted_and_a_newer_one_is_left_alone() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    move_key(&alice, "browser", "aside").await?;
    browser.reload().await?;
    alice.wait_error("cannot be read").await?;
    browser.look("a damaged store").await?;
    browser.click("forgotten-sure").await?;
    browser.click("forgotten-delete").await?;
    browser.element("welcome-name").await?;

    ensure!(browser.run(NEWER, vec![]).await? == true);
    browser.reload().await?;
    alice.wait_error("too old").await?;
    browser.look("a newer store").await?;
    ensure!(!browser.has("forgotten-delete").await?);
    ensure!(!browser.has("welcome-name").await?);
    alice.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn an_engine_that_cannot_go_on_is_said_over_what_is_on_the_page() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    browser.click("settings").await?;
    // As another tab does that has a version of the program that is still to come.
    ensure!(browser.run(NEWER, vec![]).await? == true);
    browser.click("save-name").await?;
    browser.element("stopped").await?;
    ensure!(
        browser.words("stopped").await?.contains("too old"),
        "it does not say why"
    );
    ensure!(browser.has("own-name").await?, "the page is gone");
    browser.look("an engine that stopped").await?;
    alice.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_full_store_is_said_and_the_words_stay_in_the_field() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::new("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    // From the start: a browser that once had plenty does not look again for a while.
    let quota = "Storage.overrideQuotaForOrigin";
    let tools = browser.driver().cdp();
    tools
        .send_raw(quota, json!({"origin": node.url(), "quotaSize": 300_000}))
        .await?;
    alice.create_identity().await?;
    alice.wait_online().await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("Before").await?;
    alice.wait_text("Before").await?;

    println!("Alice writes until no room is left");
    let long = "All work and no play. ".repeat(700);
    let mut stored = vec!["Hello".to_owned()];
    while !browser.has("error").await? {
        let text = format!("{} {long}", stored.len());
        ensure!(stored.len() < 100, "the store never gets full");
        browser.paste("composer", &text).await?;
        browser.press(Key::Enter).await?;
        let taken = browser.until("the message to be stored, or not", async || {
            let left = browser
                .element("composer")
                .await?
                .value()
                .await?
                .unwrap_or_default();
            if left.is_empty() {
                return Ok(Some(true));
            }
            Ok(browser.has("error").await?.then_some(false))
        });
        if taken.await? {
            stored.push(text.trim().to_owned());
        }
    }
    alice.wait_error(&english("error-no-room")?).await?;
    let left = browser.words("composer").await?;
    ensure!(
        left.starts_with(&format!("{} All work", stored.len())),
        "the words are gone: {left}"
    );

    println!("Bob writes, which cannot be stored; Alice goes on reading");
    bob.send("After").await?;
    let first = browser.driver().window().await?;
    browser.new_tab().await?;
    let newest = stored.last().map(String::as_str).unwrap_or_default();
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        browser.open(&node.url()).await?;
        alice.open_conversation("Bob").await?;
        alice.wait_text(newest).await?;
        ensure!(!browser.has("error").await?, "nothing can be read any more");
    }
    browser.driver().close_window().await?;
    browser.go_to_tab(&first).await?;

    println!("and there is room again");
    tools.send_raw(quota, json!({"origin": node.url()})).await?;
    stored.push(left.trim().to_owned());
    browser.click("send").await?;
    alice.wait_text("After").await?;
    browser
        .until("Bob to have everything once", async || {
            let received = bob.all_entries().await?;
            Ok((texts(&received, false) == stored).then_some(()))
        })
        .await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

/// Moves the wrapped data key to another name.
async fn move_key(person: &Person, from: &str, to: &str) -> Result<()> {
    let script = "
        const [from, to] = arguments;
        return new Promise((resolve, reject) => {
            const open = indexedDB.open('zechat');
            open.onerror = reject;
            open.onsuccess = () => {
                const change = open.result.transaction('keys', 'readwrite');
                const keys = change.objectStore('keys');
                keys.get(from).onsuccess = (event) => {
                    keys.put(event.target.result, to);
                    keys.delete(from);
                };
                change.onabort = reject;
                change.oncomplete = () => { open.result.close(); resolve(true); };
            };
        });";
    let done = person
        .browser()?
        .run(script, vec![from.into(), to.into()])
        .await?;
    ensure!(done == true, "the key could not be moved: {done}");
    Ok(())
}
