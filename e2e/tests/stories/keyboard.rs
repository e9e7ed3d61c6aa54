//! Everything without a mouse; the list of conversations: one step of the Tab key, and arrow keys within.

use anyhow::{Result, ensure};
use e2e::browser::Browser;
use e2e::node::Node;
use e2e::person::Person;
use thirtyfour::Key;

/// Names what has the focus: somebody in the list of conversations, or another part of the page.
const FOCUSED: &str = "
    const it = document.activeElement;
    const line = it?.closest('[role=grid] [data-testid=conversation-item]');
    return line?.querySelector('bdi').innerText ?? it?.dataset?.testid ?? it?.id ?? '';";

/// Waits until the focus is there, and nothing lies over it.
async fn must_be_at(on: &Browser, expected: &str) -> Result<()> {
    on.until(&format!("the focus to be at {expected}"), async || {
        let at = on.run(FOCUSED, Vec::new()).await?;
        ensure!(at == expected, "it is at {at}");
        Ok(Some(()))
    })
    .await?;
    on.focus_must_be_free().await
}

/// Waits until somebody is the first in the list of conversations.
async fn is_first(on: &Browser, name: &str) -> Result<()> {
    on.until(&format!("{name} to be the first"), async || {
        let first = "return document.querySelector('[role=grid] bdi').innerText";
        Ok((on.run(first, Vec::new()).await? == name).then_some(()))
    })
    .await
}

/// Presses a key, and waits until the focus is where it leads.
async fn leads(on: &Browser, key: Key, expected: &str) -> Result<()> {
    let pressed = format!("{key:?}");
    on.press(key).await?;
    let arrived = must_be_at(on, expected).await;
    arrived.map_err(|error| error.context(format!("after {pressed}")))
}

#[tokio::test]
async fn the_list_is_one_step_of_the_tab_key_and_the_focus_comes_back_to_it() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let link = alice.link().await?;
    let on = alice.browser()?;
    let mut others = Vec::new();
    for name in ["Dora", "Carol", "Bob"] {
        let person = Person::with_identity(name, &node.url()).await?;
        person.ask(&link, "Hello").await?;
        on.tab_to("requests").await?;
        on.press(Key::Enter).await?;
        alice.wait_request_from(name).await?;
        on.tab_to("request-accept").await?;
        on.press(Key::Enter).await?;
        must_be_at(on, "composer").await?;
        others.push(person);
    }

    println!("the open conversation is the step; the keys lead through the rest");
    on.tab_to("conversation-item").await?;
    must_be_at(on, "Bob").await?;
    leads(on, Key::Up, "Bob").await?;
    leads(on, Key::Down, "Carol").await?;
    leads(on, Key::Down, "Dora").await?;
    leads(on, Key::Down, "Dora").await?;
    leads(on, Key::Home, "Bob").await?;
    leads(on, Key::End, "Dora").await?;
    leads(on, Key::PageUp, "Bob").await?;
    leads(on, Key::PageDown, "Dora").await?;
    leads(on, Key::Up, "Carol").await?;
    on.look("the list of conversations").await?;

    println!("one step leads out of it, and back to where it was");
    leads(on, Key::Tab, "verify").await?;
    on.press_with(Key::Shift, Key::Tab).await?;
    must_be_at(on, "Carol").await?;

    println!("Enter opens it, and the steps back from the field lead to it");
    leads(on, Key::Enter, "composer").await?;
    on.press("Hello Carol").await?;
    on.press(Key::Enter).await?;
    alice.wait_text("Hello Carol").await?;
    is_first(on, "Carol").await?;
    for step in ["emoji-button", "", "menu", "verify", "Carol"] {
        on.press_with(Key::Shift, Key::Tab).await?;
        must_be_at(on, step).await?;
    }

    println!("a message changes the order, and not who has the focus");
    leads(on, Key::End, "Dora").await?;
    leads(on, Key::Up, "Bob").await?;
    for person in others.iter().filter(|it| it.name == "Dora") {
        person.send("Look at me").await?;
    }
    is_first(on, "Dora").await?;
    must_be_at(on, "Bob").await?;
    leads(on, Key::End, "Bob").await?;
    for person in others.iter().filter(|it| it.name == "Bob") {
        person.send("And at me").await?;
    }
    is_first(on, "Bob").await?;
    must_be_at(on, "Bob").await?;
    leads(on, Key::Home, "Bob").await?;

    println!(
        "where list and conversation take turns, the way back leads to the line that was left"
    );
    leads(on, Key::End, "Carol").await?;
    on.take_size(Some((360, 740))).await?;
    on.tab_to("back").await?;
    leads(on, Key::Enter, "Carol").await?;
    leads(on, Key::Up, "Dora").await?;
    leads(on, Key::Enter, "composer").await?;
    alice.wait_text("Look at me").await?;
    on.driver().back().await?;
    must_be_at(on, "Dora").await?;
    on.look("the list on a narrow screen").await?;
    on.take_size(None).await?;
    alice.must_have_been_quiet(&[]).await
}

/// Which of the messages has the focus, counted from one, and whether all of it is in view. Their positions have holes: what is
/// not shown has one too.
const MESSAGE: &str = "
    const it = document.activeElement?.closest('[data-testid=entry]');
    if (!it) return [0, false];
    const which = [...document.querySelectorAll('[data-testid=entry]')].indexOf(it) + 1;
    const [row, list] = [it.getBoundingClientRect(), it.closest('.entries').getBoundingClientRect()];
    return [which, row.top >= list.top - 1 && row.bottom <= list.bottom + 1];";

/// Presses a key, and waits until another message has the focus and is in view; says which.
async fn goes(on: &Browser, key: Key, from: u64) -> Result<u64> {
    on.press(key).await?;
    on.until("another message to have the focus", async || {
        let (to, is_in_view) = serde_json::from_value(on.run(MESSAGE, Vec::new()).await?)?;
        Ok((to != from && is_in_view).then_some(to))
    })
    .await
}

#[tokio::test]
async fn the_page_keys_lead_through_the_messages_by_what_fits_the_window() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    for number in 1..=24 {
        let text = format!("Line {number}\nand another one");
        bob.send(&text).await?;
        bob.wait_text(&text).await?;
    }
    // Nothing changes any more in what the keys lead through.
    bob.wait_states(&["read"]).await?;
    let on = bob.browser()?;
    on.run("document.querySelector('.entries').focus()", Vec::new())
        .await?;
    let last = goes(on, Key::Up, 0).await?;
    let page_up = goes(on, Key::PageUp, last).await?;
    let further = goes(on, Key::PageUp, page_up).await?;
    ensure!(
        last - page_up > 2 && page_up - further > 2 && further > 1,
        "from {last} to {page_up} and {further}"
    );
    println!("the arrows go on from there, and a page down leads back");
    let above = goes(on, Key::Up, further).await?;
    ensure!(above == further - 1, "from {further} to {above}");
    let below = goes(on, Key::PageDown, above).await?;
    ensure!(below > above + 2 && below < last, "from {above} to {below}");
    let first = goes(on, Key::Home, below).await?;
    let end = goes(on, Key::End, first).await?;
    ensure!((first, end) == (1, last), "from {first} to {end}");
    bob.must_have_been_quiet(&[]).await?;
    alice.must_have_been_quiet(&[]).await
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
