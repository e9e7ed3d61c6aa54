//! What a person changes for themselves alone: what a contact is called, and that a conversation is empty.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use thirtyfour::Key;

/// The list, the head of the conversation and the label of the field all say so.
async fn is_called(person: &Person, name: &str) -> Result<()> {
    let script = format!(
        "['[data-testid=conversation-item] .conversation-name', '.conversation-head h2'].every((it) =>
             document.querySelector(it)?.innerText.trim() === '{name}')
         && document.querySelector('[role=log]').getAttribute('aria-label').includes('{name}')"
    );
    person
        .browser()?
        .until_true(&format!("the contact to be called {name}"), &script)
        .await
}

/// Whether the head of the conversation says that they call themselves so.
fn own(name: &str) -> String {
    format!(
        "document.querySelector('.conversation-head [data-testid=own-name-of]')?.innerText.endsWith(' {name}')"
    )
}

/// Whether a text stands anywhere in the page, seen or read out.
fn nowhere(text: &str) -> String {
    format!("!document.body.textContent.includes('{text}')")
}

#[tokio::test]
async fn a_contact_gets_a_name_and_a_conversation_is_cleared_for_oneself_alone() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("The cave is behind the waterfall").await?;
    alice.wait_text("The cave is behind the waterfall").await?;
    let on = alice.browser()?;
    let first = on.driver().window().await?;
    let second = on.new_tab().await?;
    on.open(&node.url()).await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("The cave is behind the waterfall").await?;
    on.go_to_tab(&first).await?;

    println!("Alice gives Bob another name, with the keyboard alone");
    on.tab_to("menu").await?;
    on.press(Key::Enter).await?;
    on.look_around().await?;
    on.tab_to("rename").await?;
    on.press(Key::Escape).await?;
    let at_menu = "document.activeElement?.dataset?.testid === 'menu'";
    let back = async || on.until_true("the focus at the menu again", at_menu).await;
    back().await?;
    on.press(Key::Enter).await?;
    on.tab_to("rename").await?;
    on.press(Key::Enter).await?;
    on.element("contact-name").await?;
    on.look_around().await?;
    on.tab_to("contact-name").await?;
    on.press("Captain Marble").await?;
    on.press(Key::Enter).await?;
    is_called(&alice, "Captain Marble").await?;
    back().await?;
    alice
        .browser()?
        .until_true("the name that Bob gives himself", &own("Bob"))
        .await?;
    on.fill("search", "marble").await?;
    on.element("search-people").await?;
    on.fill("search", "cave").await?;
    let hit = on.words("search-hit").await?;
    ensure!(hit.contains("Captain Marble"), "a hit is of {hit}");
    on.press(Key::Escape).await?;
    on.go_to_tab(&second).await?;
    is_called(&alice, "Captain Marble").await?;
    on.reload().await?;
    is_called(&alice, "Captain Marble").await?;
    ensure!(
        !bob.browser()?.page_words().await?.contains("Marble"),
        "Bob learned what he is called"
    );

    println!("Bob calls himself otherwise; Alice sees that, and keeps her name for him");
    bob.browser()?.click("settings").await?;
    bob.browser()?.fill("own-name", "Robert").await?;
    bob.browser()?.click("save-name").await?;
    alice
        .browser()?
        .until_true("his new name", &own("Robert"))
        .await?;
    is_called(&alice, "Captain Marble").await?;
    on.click("menu").await?;
    on.click("rename").await?;
    let long = "x".repeat(65);
    on.fill("contact-name", &long).await?;
    println!("what she types stays in the field when the page learns something new about him");
    bob.browser()?.fill("own-name", "Rob").await?;
    bob.browser()?.click("save-name").await?;
    alice
        .browser()?
        .until_true("his next name", &own("Rob"))
        .await?;
    let field = "document.querySelector('[data-testid=contact-name]').value";
    alice
        .browser()?
        .until_true("the typed name", &format!("{field} === '{long}'"))
        .await?;
    on.click("save-contact-name").await?;
    on.element("error").await?;
    on.fill("contact-name", "  ").await?;
    on.click("save-contact-name").await?;
    is_called(&alice, "Rob").await?;

    println!("she clears the conversation in one tab, and it is empty in both");
    bob.open_conversation("Alice").await?;
    on.click("menu").await?;
    on.click("clear").await?;
    on.element("sure").await?;
    on.look_around().await?;
    on.press(Key::Escape).await?;
    alice.wait_text("The cave is behind the waterfall").await?;
    on.tab_to("menu").await?;
    on.press(Key::Enter).await?;
    on.tab_to("clear").await?;
    on.press(Key::Enter).await?;
    on.tab_to("sure").await?;
    on.press(Key::Enter).await?;
    let gone = nowhere("waterfall");
    alice
        .browser()?
        .until_true("the messages to go", &gone)
        .await?;
    on.go_to_tab(&first).await?;
    alice
        .browser()?
        .until_true("the messages to go in the other tab", &gone)
        .await?;
    on.look_around().await?;
    on.reload().await?;
    alice.wait_online().await?;
    alice.open_conversation("Rob").await?;
    alice
        .browser()?
        .until_true(
            "an empty conversation",
            "document.querySelector('.beginning')",
        )
        .await?;
    alice
        .browser()?
        .until_true("the messages to stay away", &gone)
        .await?;
    on.fill("search", "cave").await?;
    alice
        .browser()?
        .until_true("a search in vain", "document.querySelector('.search-none')")
        .await?;
    on.press(Key::Escape).await?;

    println!("Bob has all of it, and both go on");
    bob.wait_text("The cave is behind the waterfall").await?;
    bob.send("Did you find it?").await?;
    alice.wait_text("Did you find it?").await?;
    alice.send("Yes").await?;
    bob.wait_text("Yes").await?;
    on.go_to_tab(&second).await?;
    alice.wait_text("Did you find it?").await?;
    alice.wait_text("Yes").await?;
    for person in [&alice, &bob] {
        let entries = person.entries().await?;
        let said = entries.iter().filter(|it| !it.text.is_empty()).count();
        let expected = if person.name == "Alice" { 2 } else { 4 };
        ensure!(said == expected, "{} sees {entries:#?}", person.name);
    }
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}
