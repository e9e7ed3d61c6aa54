//! What the system is told when a message comes: as much as the person wants, and of nothing that they look at or have muted.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::browser::Browser;
use e2e::clock::Clock;
use e2e::node::Node;
use e2e::person::Person;
use serde_json::{Value, json};
use thirtyfour::Key;

use crate::lock::{PASSPHRASE, set_lock};
use crate::talk::newest;

/// What was shown and not closed: title, words, and where it leads.
const SHOWN: &str = "
    return navigator.serviceWorker.ready.then((it) => it.getNotifications())
        .then((all) => all.map((it) => [it.title, it.body, it.data]));";

/// Closes what was shown.
const CLOSE: &str = "
    return navigator.serviceWorker.ready.then((it) => it.getNotifications())
        .then((all) => all.forEach((it) => it.close()));";

/// Waits for as long as a page waits before it tells of a message: the clock of a page goes off in order.
const A_MOMENT: &str = "return new Promise((done) => setTimeout(done, 1001)).then(() => true);";

/// Has the browser allow or refuse notifications.
async fn permit(on: &Browser, setting: &str, origin: &str) -> Result<()> {
    let wanted =
        json!({"permission": {"name": "notifications"}, "setting": setting, "origin": origin});
    let tools = on.driver().cdp();
    tools.send_raw("Browser.setPermission", wanted).await?;
    Ok(())
}

/// Chooses how much is told; stays in the settings.
async fn choose(person: &Person, level: &str) -> Result<()> {
    let on = person.browser()?;
    on.click("settings").await?;
    on.click(&format!("notify-{level}")).await
}

/// Waits until so many messages are counted in the title of the page.
async fn counts(on: &Browser, unread: u32) -> Result<()> {
    let expected = match unread {
        0 => "ZeChat".to_owned(),
        some => format!("({some}) ZeChat"),
    };
    on.until(&format!("the title {expected}"), async || {
        let title = on.driver().title().await?;
        ensure!(title == expected, "it is {title}");
        Ok(Some(()))
    })
    .await
}

/// Waits until this is shown, and nothing else; closes it.
async fn is_told(on: &Browser, title: &str, words: &str) -> Result<()> {
    let leads = "
        const line = document.querySelector('[data-testid=conversation-item]');
        return '/?identity=0' + line.getAttribute('href').slice(1);";
    let leads = on.run(leads, Vec::new()).await?;
    on.until(&format!("{title}: {words}"), async || {
        let shown = on.run(SHOWN, Vec::new()).await?;
        ensure!(shown == json!([[title, words, leads]]), "shown is {shown}");
        Ok(Some(()))
    })
    .await?;
    on.run(CLOSE, Vec::new()).await.map(drop)
}

/// Waits until the words of what is shown are these.
async fn is_listed(on: &Browser, expected: &[&str]) -> Result<()> {
    on.until(&format!("{expected:?} to be shown"), async || {
        let shown = on.run(SHOWN, Vec::new()).await?;
        let shown = shown.as_array().map(Vec::as_slice).unwrap_or_default();
        let words: Vec<&Value> = shown.iter().map(|it| &it[1]).collect();
        ensure!(words == expected, "shown is {words:?}");
        Ok(Some(()))
    })
    .await
}

async fn has_service_worker(on: &Browser) -> Result<()> {
    on.until("the service worker", async || {
        let has = "return !!navigator.serviceWorker.controller";
        Ok((on.run(has, Vec::new()).await? == true).then_some(()))
    })
    .await
}

/// Fails if something is shown, also of what came just now.
async fn nothing_is_told(on: &Browser) -> Result<()> {
    on.run(A_MOMENT, Vec::new()).await?;
    let shown = on.run(SHOWN, Vec::new()).await?;
    ensure!(shown == Value::Array(Vec::new()), "shown is {shown}");
    Ok(())
}

#[tokio::test]
async fn the_system_is_told_as_much_as_a_person_wants() -> Result<()> {
    let clock = Clock::ahead(Duration::ZERO)?;
    let node = Node::with_clock("the node", &clock).await?;
    let bob = Person::with_clock("Bob", &node.url(), &clock).await?;
    let alice = Person::with_clock("Alice", &node.url(), &clock).await?;
    for person in [&bob, &alice] {
        person.create_identity().await?;
        person.wait_online().await?;
    }
    alice.meet(&bob, "Hello").await?;
    bob.send("Hello yourself").await?;
    alice.wait_text("Hello yourself").await?;
    let on = bob.browser()?;
    has_service_worker(on).await?;

    println!("a browser that refuses is named, and the choice stays");
    permit(on, "denied", &node.url()).await?;
    choose(&bob, "text").await?;
    on.until("the refusal", async || {
        let words = on.page_words().await?;
        Ok(words.contains("browser does not allow").then_some(()))
    })
    .await?;
    alice.send("Into the void").await?;
    counts(on, 1).await?;
    nothing_is_told(on).await?;
    permit(on, "granted", &node.url()).await?;

    println!("three levels");
    choose(&bob, "quiet").await?;
    alice.send("The first secret").await?;
    counts(on, 2).await?;
    is_told(on, "ZeChat", "New message").await?;
    choose(&bob, "name").await?;
    alice.send("The second secret").await?;
    counts(on, 3).await?;
    is_told(on, "Alice", "New message").await?;
    choose(&bob, "text").await?;
    alice.send("No secret\nat all").await?;
    counts(on, 4).await?;
    is_told(on, "Alice", "No secret at all").await?;
    choose(&bob, "off").await?;
    alice.send("Nothing to hear").await?;
    counts(on, 5).await?;
    nothing_is_told(on).await?;

    println!("nobody is told of what they look at");
    choose(&bob, "text").await?;
    bob.open_conversation("Alice").await?;
    counts(on, 0).await?;
    alice.send("Before your eyes").await?;
    bob.wait_text("Before your eyes").await?;
    nothing_is_told(on).await?;

    println!("nor of what they muted, until they want to hear it again");
    on.click("menu").await?;
    on.click("mute").await?;
    on.click("settings").await?;
    alice.send("Can you hear me?").await?;
    on.element("unread-badge").await?;
    nothing_is_told(on).await?;
    bob.open_conversation("Alice").await?;
    on.click("menu").await?;
    on.click("unmute").await?;
    on.click("settings").await?;
    alice.send("And now?").await?;
    is_told(on, "Alice", "And now?").await?;
    counts(on, 1).await?;

    println!("nor for eight hours, if that is what they chose");
    bob.open_conversation("Alice").await?;
    on.click("menu").await?;
    on.click("mute-hours").await?;
    on.click("settings").await?;
    alice.send("Still asleep?").await?;
    on.element("unread-badge").await?;
    nothing_is_told(on).await?;
    clock.pass(Duration::from_secs(8 * 3_600 + 1))?;
    alice.send("Good morning").await?;
    is_told(on, "Alice", "Good morning").await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

/// Otherwise what was deleted, or lies behind a closed lock, is read in the system's list.
#[tokio::test]
async fn what_was_told_is_taken_back_with_the_message_and_by_the_lock() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("Hello yourself").await?;
    alice.wait_text("Hello yourself").await?;
    let on = bob.browser()?;
    has_service_worker(on).await?;
    permit(on, "granted", &node.url()).await?;
    choose(&bob, "text").await?;

    println!("Alice deletes what Bob was told of");
    alice.send("The boat is blue").await?;
    is_listed(on, &["The boat is blue"]).await?;
    newest(&alice).await?;
    alice.browser()?.press(Key::Delete).await?;
    alice.browser()?.click("delete-both").await?;
    is_listed(on, &[]).await?;

    println!("and Bob closes the lock");
    alice.send("The sail is red").await?;
    is_listed(on, &["The sail is red"]).await?;
    set_lock(on, PASSPHRASE).await?;
    is_listed(on, &["The sail is red"]).await?;
    on.click("lock-now").await?;
    on.element("locked").await?;
    is_listed(on, &[]).await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}
