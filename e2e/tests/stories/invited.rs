//! Somebody who has never been here opens a contact link.

use anyhow::{Result, ensure};
use e2e::browser::Browser;
use e2e::node::Node;
use e2e::person::Person;
use thirtyfour::Key;

/// Waits until the engine has what was typed: the list shows it.
async fn is_kept(on: &Browser, words: &str) -> Result<()> {
    on.until("the draft in the list", async || {
        let shown =
            "return document.querySelector('.conversation .draft')?.parentElement.innerText ?? ''";
        let shown = on.run(shown, vec![]).await?;
        let shown = shown.as_str().unwrap_or_default();
        ensure!(shown.contains(words), "it shows {shown:?}");
        Ok(Some(()))
    })
    .await
}

#[tokio::test]
async fn a_link_leads_to_an_identity_and_to_the_first_message() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let alice = Person::new("Alice", &link).await?;
    let on = alice.browser()?;

    println!("a name is all she gives");
    on.fill("welcome-name", "Alice").await?;
    on.click("welcome-create").await?;
    on.element("first-message").await?;
    ensure!(
        !on.has("reminder").await?,
        "she is asked before she has written"
    );
    let greeting = on.words("first-message").await?;
    ensure!(
        greeting.contains("Alice"),
        "the greeting is not typed: {greeting}"
    );
    on.look_around().await?;

    println!("loading the page again does not lose whom it leads to");
    on.reload().await?;
    alice.wait_online().await?;
    let again = on.words("first-message").await?;
    ensure!(again == greeting, "another greeting: {again}");
    println!("nor what she has typed in the place of the greeting");
    let words = "Hi Bob, we met at the harbour";
    on.fill("first-message", words).await?;
    is_kept(on, words).await?;
    on.reload().await?;
    alice.wait_online().await?;
    let again = on.words("first-message").await?;
    ensure!(again == words, "what she typed is {again:?}");
    on.fill("first-message", &greeting).await?;
    is_kept(on, &greeting).await?;

    println!("another link in the same tab, which leads to nobody, does not show him");
    let show = "const code = location.hash; location.hash = arguments[0]; return code";
    let code = on.run(show, vec!["AQID".into()]).await?;
    on.until("the first one to go", async || {
        let gone = !on.has("first-message").await? && on.has("error").await?;
        Ok(gone.then_some(()))
    })
    .await?;
    on.run(show, vec![code]).await?;
    on.element("first-message").await?;
    on.click("send-first").await?;
    on.element("composer").await?;
    bob.wait_request(&greeting).await?;
    bob.accept().await?;
    bob.send("Welcome").await?;
    alice.wait_text("Welcome").await?;

    println!("now she is reminded, until she says later");
    on.click("reminder-later").await?;
    on.gone("reminder").await?;
    let address = on.run("return location.href", vec![]).await?;
    ensure!(
        address != link.as_str(),
        "the link is still in the address bar"
    );

    println!("she finds Bob by his name, and the keys without a key");
    on.press_with(Key::Control, "k").await?;
    on.press("bo").await?;
    on.element("search-people").await?;
    alice.go_to("settings").await?;
    on.click("show-keys").await?;
    on.element("keys").await?;
    on.click("single-keys").await?;
    on.press(Key::Escape).await?;
    on.gone("keys").await?;
    on.press("?").await?;
    on.settle().await?;
    ensure!(!on.has("keys").await?, "single keys do something");
    on.click("show-keys").await?;
    on.click("single-keys").await?;
    on.press(Key::Escape).await?;
    on.gone("keys").await?;
    on.press("?").await?;
    on.element("keys").await?;
    on.press(Key::Escape).await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}
