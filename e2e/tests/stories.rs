//! Stories around the main one: other people's nodes, strangers, several tabs, the keyboard.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::clock::{Clock, DAY};
use e2e::node::Node;
use e2e::person::{Person, texts};
use e2e::texts::english;
use serde_json::json;
use shared_crypto::id::IdentityId;
use shared_crypto::link::ContactLink;
use shared_crypto::node_url::NodeUrl;
use thirtyfour::{By, Key};

/// What a browser says when a node is away.
const NODE_AWAY: [&str; 2] = ["WebSocket connection to", "net::ERR_"];

#[tokio::test]
async fn the_page_of_one_node_serves_an_identity_on_another() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let carol = Person::new("Carol", &node_a.url()).await?;
    let browser = carol.browser()?;
    browser.element("welcome-name").await?;
    browser
        .driver()
        .find(By::Css("details.advanced > summary"))
        .await?
        .click()
        .await?;
    browser.fill("advanced-node", &node_b.url()).await?;
    carol.create_identity().await?;
    carol.wait_online().await?;
    let link = carol.link().await?;
    ensure!(
        link.starts_with(&node_b.url()),
        "{link} does not lead to node B"
    );
    let identity = carol.identity().await?;
    ensure!(
        node_b.column("accounts", "identity")? == [identity],
        "node B does not know Carol"
    );
    ensure!(
        node_a.column("accounts", "identity")?.is_empty(),
        "node A knows somebody"
    );

    let dave = Person::with_identity("Dave", &node_a.url()).await?;
    dave.ask(&link, "Hello from the page's own node").await?;
    carol.wait_request("Hello from the page's own node").await?;
    carol.accept().await?;
    carol.send("Hello back").await?;
    dave.wait_text("Hello back").await?;
    let markup = "<img src=x onerror=alert(1)> <b>&amp;</b>";
    carol.send(markup).await?;
    dave.wait_text(markup).await?;
    browser.reload().await?;
    carol.wait_online().await?;
    carol.open_conversation("Dave").await?;
    dave.send("Still there?").await?;
    carol.wait_text("Still there?").await?;
    carol.must_have_been_quiet(&[]).await?;
    dave.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn who_comes_back_finds_everything_however_quick_they_look() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    let mut said = vec!["Hello".to_owned()];
    for round in 1..=3 {
        // His last words are read while he is away: news about old messages come with the new ones.
        for number in 1..=3 {
            bob.send(&format!("{round}, {number} from Bob")).await?;
        }
        bob.wait_states(&["sent", "on-their-node", "delivered", "read"])
            .await?;
        bob.leave().await?;
        for number in 1..=30 {
            let text = format!("{round}, {number} from Alice");
            alice.send(&text).await?;
            said.push(text);
        }
        bob.come_back().await?;
        bob.open_conversation("Alice").await?;
        let browser = bob.browser()?;
        browser
            .until("Bob to have everything in order", async || {
                let entries = bob.all_entries().await?;
                let received = texts(&entries, false);
                ensure!(
                    received == said,
                    "there are {} of {}",
                    received.len(),
                    said.len()
                );
                Ok(Some(()))
            })
            .await?;
    }
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_page_that_complains_is_noticed() -> Result<()> {
    let node = Node::start("the node").await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let browser = person.browser()?;
    browser.element("welcome-name").await?;
    browser.must_be_quiet(&[]).await?;
    // Forbidden by the content security policy, and said so in the console.
    for script in [
        "new Image().src = 'http://127.0.0.1:9/spy.png'",
        "console.error('out of order')",
    ] {
        let other = Person::new("Nobody", &node.url()).await?;
        let browser = other.browser()?;
        browser.element("welcome-name").await?;
        // In the page's own world, where its policy holds.
        let tools = browser.driver().cdp();
        tools
            .send_raw("Runtime.evaluate", json!({"expression": script}))
            .await?;
        ensure!(
            browser.must_be_quiet(&[]).await.is_err(),
            "nobody noticed {script}"
        );
    }
    Ok(())
}

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

#[tokio::test]
async fn what_cannot_work_is_said_in_words() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let bob = Person::new("Bob", &node.url()).await?;
    bob.browser()?.element("welcome-name").await?;

    println!("no name, then no node");
    bob.browser()?.click("welcome-create").await?;
    says(&bob, "name").await?;
    node.terminate().await?;
    bob.browser()?.fill("welcome-name", "Bob").await?;
    bob.browser()?.click("welcome-create").await?;
    says(&bob, "cannot be reached").await?;
    node.start_again().await?;
    bob.create_identity().await?;
    bob.wait_online().await?;

    println!("a clock that is a year ahead");
    let clock = Clock::ahead(366 * DAY)?;
    let early = Person::with_clock("Eve", &node.url(), &clock).await?;
    let on = early.browser()?;
    on.fill("welcome-name", "Eve").await?;
    on.click("welcome-create").await?;
    says(&early, &english("error-clock-wrong")?).await?;
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
        says(&bob, words).await?;
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

#[tokio::test]
async fn three_tabs_are_one_client_and_survive_their_owner() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    alice.meet(&bob, "Three tabs").await?;

    let browser = alice.browser()?;
    let owner = browser.driver().window().await?;
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(browser.new_tab().await?);
        browser.open(&node.url()).await?;
        alice.open_conversation("Bob").await?;
        alice.wait_text("Three tabs").await?;
    }
    let [second, third] = others.as_slice() else {
        unreachable!()
    };

    println!("each tab sends; all show it");
    for (number, tab) in (1..).zip([&owner, second, third]) {
        browser.go_to_tab(tab).await?;
        alice.send(&format!("from tab {number}")).await?;
    }
    bob.send("from Bob").await?;
    let mut shown = Vec::new();
    for tab in [&owner, second, third] {
        browser.go_to_tab(tab).await?;
        alice.wait_text("from Bob").await?;
        alice.wait_text("from tab 3").await?;
        shown.push(texts_of(&alice).await?);
    }
    ensure!(
        shown.iter().all(|tab| *tab == shown[0]),
        "the tabs differ: {shown:#?}"
    );

    println!("the tab with the engine goes");
    browser.go_to_tab(&owner).await?;
    browser.driver().close_window().await?;
    browser.go_to_tab(second).await?;
    alice.send("after the owner").await?;
    bob.wait_text("after the owner").await?;
    bob.send("heard").await?;
    for tab in [second, third] {
        browser.go_to_tab(tab).await?;
        alice.wait_text("heard").await?;
    }
    browser.go_to_tab(third).await?;
    alice.send("from the third").await?;
    bob.wait_text("from the third").await?;
    let received = bob.all_entries().await?;
    let expected = [
        "Three tabs",
        "from tab 1",
        "from tab 2",
        "from tab 3",
        "after the owner",
        "from the third",
    ];
    ensure!(texts(&received, false) == expected, "Bob has {received:#?}");
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn everything_can_be_done_with_the_keyboard() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;

    let alice = Person::new("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    browser.tab_to("welcome-name").await?;
    browser.press("Alice").await?;
    browser.press(Key::Enter).await?;
    browser.element("my-link").await?;
    browser.tab_to("paste-link").await?;
    browser.press(link).await?;
    browser.press(Key::Enter).await?;
    browser.tab_to("first-message").await?;
    browser.press("Typed by hand").await?;
    browser.press(Key::Enter).await?;
    browser.element("composer").await?;

    let browser = bob.browser()?;
    browser.tab_to("requests").await?;
    browser.press(Key::Enter).await?;
    browser.tab_to("request-accept").await?;
    browser.press(Key::Enter).await?;
    browser.tab_to("composer").await?;
    browser.press("One line").await?;
    browser.press_with(Key::Shift, Key::Enter).await?;
    browser.press("and another").await?;
    browser.press(Key::Enter).await?;
    alice.wait_text("One line\nand another").await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_said_and_harmed_by_nothing() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let link = alice.link().await?;
    let browser = alice.browser()?;

    println!("the key of the store is put away");
    move_key(&alice, "browser", "aside").await?;
    browser.reload().await?;
    says(&alice, "cannot be read").await?;
    ensure!(
        !browser.has("welcome-name").await?,
        "a new identity is offered over the old one"
    );

    let first = browser.driver().window().await?;
    let second = browser.new_tab().await?;
    browser.open(&node.url()).await?;
    says(&alice, "cannot be read").await?;
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
    says(&alice, "cannot be read").await?;
    browser.look("a damaged store").await?;
    browser.click("forgotten-sure").await?;
    browser.click("forgotten-delete").await?;
    browser.element("welcome-name").await?;

    // As a version of the program does that is still to come.
    let script = "return new Promise((done) => {
        const open = indexedDB.open('zechat', 99);
        open.onerror = () => done(false);
        open.onsuccess = () => { open.result.close(); done(true); };
    })";
    ensure!(browser.run(script, vec![]).await? == true);
    browser.reload().await?;
    says(&alice, "too old").await?;
    browser.look("a newer store").await?;
    ensure!(!browser.has("forgotten-delete").await?);
    ensure!(!browser.has("welcome-name").await?);
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
    says(&alice, &english("error-no-room")?).await?;
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

async fn no_requests(person: &Person) -> Result<()> {
    let browser = person.browser()?;
    browser
        .until("the request to go", async || {
            Ok((!browser.has("request-item").await?).then_some(()))
        })
        .await
}

async fn says(person: &Person, words: &str) -> Result<()> {
    let browser = person.browser()?;
    browser
        .until(&format!("the words {words:?}"), async || {
            let Some(error) = browser.find("error").await? else {
                return Ok(None);
            };
            Ok(error.text().await?.contains(words).then_some(()))
        })
        .await
}

async fn texts_of(person: &Person) -> Result<Vec<(bool, String)>> {
    let entries = person.all_entries().await?;
    Ok(entries
        .into_iter()
        .map(|entry| (entry.mine, entry.text))
        .collect())
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
