//! What a person arranges: which conversations come first, which are put away or silent, what was begun; and what others are told of it.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use serde_json::json;
use thirtyfour::Key;

/// Waits until the list shows these people, in this order.
async fn lists(person: &Person, names: &[&str]) -> Result<()> {
    let on = person.browser()?;
    let script = "return [...document.querySelectorAll('.sidebar .conversations:not([hidden]) .conversation-name bdi')]
        .map((it) => it.innerText)";
    let what = format!("{names:?} in the list of {}", person.name);
    on.until(&what, async || {
        let shown = on.run(script, Vec::new()).await?;
        ensure!(shown == json!(names), "it shows {shown}");
        Ok(Some(()))
    })
    .await
}

/// Chooses something in the menu of the open conversation.
async fn choose(person: &Person, testid: &str) -> Result<()> {
    let on = person.browser()?;
    on.click("menu").await?;
    on.look_around().await?;
    on.click(testid).await?;
    let closed = "document.querySelector('[data-testid=menu]')?.ariaExpanded !== 'true'";
    on.until_true("the menu to close", closed).await
}

#[tokio::test]
async fn conversations_are_pinned_muted_put_away_and_left_half_written() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let link = alice.link().await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let carol = Person::with_identity("Carol", &node.url()).await?;
    for person in [&bob, &carol] {
        person.ask(&link, "Hello").await?;
        alice.wait_request("Hello").await?;
        alice.accept_from(&person.name).await?;
    }
    let on = alice.browser()?;
    lists(&alice, &["Carol", "Bob"]).await?;

    println!("a thought that is left half-way is there when she comes back");
    alice.open_conversation("Bob").await?;
    on.fill("composer", "Half a thought").await?;
    alice.open_conversation("Carol").await?;
    on.element("composer").await?;
    let draft = "return [...document.querySelectorAll('[data-testid=conversation-item]')]
        .find((it) => it.innerText.includes('Bob')).querySelector('.draft')?.parentElement.innerText ?? ''";
    on.until("the draft in the list", async || {
        let shown = on.run(draft, Vec::new()).await?;
        let shown = shown.as_str().unwrap_or_default();
        Ok(shown.contains("Half a thought").then_some(()))
    })
    .await?;
    on.reload().await?;
    alice.wait_online().await?;
    alice.open_conversation("Bob").await?;
    let left = on.words("composer").await?;
    ensure!(left == "Half a thought", "what is left is {left:?}");
    on.focus("composer").await?;
    on.press(", and the rest").await?;
    on.press(Key::Enter).await?;
    bob.wait_text("Half a thought, and the rest").await?;

    println!("who is pinned stands first, whoever writes");
    choose(&alice, "pin").await?;
    carol.send("Look at me").await?;
    alice.open_conversation("Carol").await?;
    alice.wait_text("Look at me").await?;
    lists(&alice, &["Bob", "Carol"]).await?;
    on.reload().await?;
    lists(&alice, &["Bob", "Carol"]).await?;
    alice.open_conversation("Bob").await?;
    choose(&alice, "unpin").await?;
    lists(&alice, &["Carol", "Bob"]).await?;

    println!("who is muted and put away stays away, and is unread there");
    alice.open_conversation("Carol").await?;
    choose(&alice, "mute").await?;
    choose(&alice, "archive").await?;
    lists(&alice, &["Bob"]).await?;
    alice.open_conversation("Bob").await?;
    on.click("filter-archived").await?;
    lists(&alice, &["Carol"]).await?;
    carol.send("You cannot hear me").await?;
    on.element("unread-badge").await?;
    on.look_around().await?;
    lists(&alice, &["Carol"]).await?;
    on.click("filter-all").await?;
    lists(&alice, &["Bob"]).await?;

    println!("who is only put away comes back with the next message");
    on.click("filter-archived").await?;
    alice.open_conversation("Carol").await?;
    choose(&alice, "unmute").await?;
    alice.open_conversation("Carol").await?;
    on.click("filter-all").await?;
    alice.open_conversation("Bob").await?;
    carol.send("And now?").await?;
    lists(&alice, &["Carol", "Bob"]).await?;
    on.click("filter-unread").await?;
    lists(&alice, &["Carol"]).await?;
    on.click("filter-unanswered").await?;
    lists(&alice, &["Carol"]).await?;
    alice.open_conversation("Carol").await?;
    alice.wait_text("And now?").await?;
    for person in [&alice, &bob, &carol] {
        person.must_have_been_quiet(&[]).await?;
    }
    Ok(())
}

/// Presses a switch in the settings.
async fn switch(person: &Person, testid: &str, on: bool) -> Result<()> {
    let browser = person.browser()?;
    browser.click("settings").await?;
    browser.click(testid).await?;
    browser
        .until(&format!("{testid} to be {on}"), async || {
            let state = browser.element(testid).await?.attr("aria-checked").await?;
            Ok((state.as_deref() == Some(if on { "true" } else { "false" })).then_some(()))
        })
        .await
}

#[tokio::test]
async fn receipts_and_writing_are_told_only_by_who_wants_it() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    alice.wait_states(&["delivered", "read"]).await?;

    println!("Bob tells nobody what he reads; what he reads after he tells again is told");
    switch(&bob, "receipts", false).await?;
    bob.open_conversation("Alice").await?;
    alice.send("Read in silence").await?;
    bob.wait_text("Read in silence").await?;
    bob.wait_read("Alice").await?;
    switch(&bob, "receipts", true).await?;
    bob.open_conversation("Alice").await?;
    alice.send("Read aloud").await?;
    bob.wait_text("Read aloud").await?;
    let state = async |text: &str| -> Result<String> {
        let entries = alice.entries().await?;
        let entry = entries.into_iter().find(|it| it.text == text);
        Ok(entry.map(|it| it.state).unwrap_or_default())
    };
    let on = alice.browser()?;
    on.until("the receipt", async || {
        Ok((state("Read aloud").await? == "read").then_some(()))
    })
    .await?;
    // Receipts go out in order: one for the first would be here.
    let silent = state("Read in silence").await?;
    ensure!(silent == "on-their-node", "the first one is {silent}");

    println!("in one conversation he tells nothing, whatever the settings say");
    choose(&bob, "tell-nothing").await?;
    alice.send("Read in silence again").await?;
    bob.wait_text("Read in silence again").await?;
    bob.wait_read("Alice").await?;
    choose(&bob, "tell").await?;
    alice.send("Read aloud again").await?;
    bob.wait_text("Read aloud again").await?;
    on.until("the receipt", async || {
        Ok((state("Read aloud again").await? == "read").then_some(()))
    })
    .await?;
    let silent = state("Read in silence again").await?;
    ensure!(silent == "on-their-node", "this one is {silent}");

    println!("both want it: Bob sees that Alice writes, and then what");
    for person in [&alice, &bob] {
        switch(person, "typing", true).await?;
    }
    alice.open_conversation("Bob").await?;
    bob.open_conversation("Alice").await?;
    bob.send("Are you there?").await?;
    alice.wait_text("Are you there?").await?;
    on.fill("composer", "I am writ").await?;
    let at = bob.browser()?;
    let writes =
        "return [...document.querySelectorAll('[data-testid=standing], .conversation .typing')]
        .filter((it) => it.innerText.includes('writing')).length";
    at.until("both places to say so", async || {
        Ok((at.run(writes, Vec::new()).await? == 2).then_some(()))
    })
    .await?;
    on.press("ing").await?;
    on.press(Key::Enter).await?;
    bob.wait_text("I am writing").await?;
    at.until("neither to say so any more", async || {
        Ok((at.run(writes, Vec::new()).await? == 0).then_some(()))
    })
    .await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}
