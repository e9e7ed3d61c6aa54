//! What people hear who do not see the page, and that a page which keeps them out is noticed.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;

#[tokio::test]
async fn a_message_is_read_out_once_in_one_place() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("History by now").await?;
    alice.wait_text("History by now").await?;

    println!("history that is loaded is not read out, what comes is, once");
    let on = alice.browser()?;
    on.reload().await?;
    alice.wait_online().await?;
    on.listen().await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("History by now").await?;
    let said = ["The first word", "The second word", "The last word"];
    for text in said {
        bob.send(text).await?;
        alice.wait_text(text).await?;
    }
    // The ticks of her answer change, and its reaction comes: neither says a message again.
    alice.send("Yes, I hear you").await?;
    alice.wait_states(&["delivered", "read"]).await?;
    bob.send("Over").await?;
    alice.wait_text("Over").await?;
    on.until("the last word to be read out", async || {
        let heard = on.heard().await?;
        Ok(heard.iter().any(|it| it.contains("Over")).then_some(()))
    })
    .await?;
    let heard = on.heard().await?;
    let messages: Vec<&String> = heard.iter().filter(|it| it.starts_with("log")).collect();
    for text in said.into_iter().chain(["Over"]) {
        let times = heard.iter().filter(|it| it.contains(text)).count();
        let in_log = messages.iter().filter(|it| it.contains(text)).count();
        ensure!(
            (times, in_log) == (1, 1),
            "{text:?} was read out {times} times, {in_log} of them in the log: {heard:#?}"
        );
        let words = messages.iter().find(|it| it.contains(text));
        ensure!(
            words.is_some_and(|it| it.contains("Bob")),
            "nobody hears who said {text:?}: {heard:#?}"
        );
    }
    ensure!(
        !heard
            .iter()
            .any(|it| it.contains("History by now") || it.contains("I hear you")),
        "history or her own words were read out: {heard:#?}"
    );
    let regions = "return document.querySelectorAll('[role=log]').length";
    ensure!(on.run(regions, Vec::new()).await? == 1);
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_page_that_keeps_people_out_is_noticed() -> Result<()> {
    let node = Node::start("the node").await?;
    for (what, break_it) in [
        (
            "image-alt",
            "document.querySelector('main').append(new Image())",
        ),
        (
            "color-contrast",
            "for (const it of document.querySelectorAll('main p')) it.style.cssText = 'color: #bbb; background: #ccc'",
        ),
        (
            "a target of",
            "const it = document.createElement('button'); it.ariaLabel = 'x'; it.style.cssText = 'inline-size: 9px; block-size: 9px; padding: 0'; document.querySelector('main').append(it)",
        ),
        (
            "nothing can be pasted",
            "document.querySelector('[data-testid=welcome-name]').addEventListener('paste', (event) => event.preventDefault())",
        ),
        (
            "a focus that is not seen",
            "for (const it of document.querySelectorAll('*')) it.style.outline = 'none'",
        ),
        (
            "a transition of translate moves",
            "document.querySelector('main').style.transition = 'translate 1s'",
        ),
        (
            "slide moves",
            "const style = new CSSStyleSheet(); style.replaceSync('@keyframes slide { to { translate: 9px } }');
             document.adoptedStyleSheets = [style];
             document.querySelector('main').style.animation = 'slide 2s'",
        ),
    ] {
        let person = Person::new("Nobody", &node.url()).await?;
        let on = person.browser()?;
        on.element("welcome-name").await?;
        on.look("the first page").await?;
        on.must_be_quiet(&[]).await?;
        on.run(break_it, Vec::new()).await?;
        // In a theme, motion is not wanted either.
        on.take_theme(Some("light")).await?;
        let found = on.barriers().await?;
        ensure!(
            found.iter().any(|it| it.contains(what)),
            "{what} is not noticed: {found:?}"
        );
    }
    Ok(())
}

/// What is found is found once, and may belong to a screen that no story comes to again.
#[tokio::test]
async fn what_keeps_people_out_fails_a_story_that_does_not_ask_for_it() -> Result<()> {
    let node = Node::start("the node").await?;
    for leaves in [true, false] {
        let mut person = Person::new("Nobody", &node.url()).await?;
        let on = person.browser()?;
        on.element("welcome-name").await?;
        let break_it = "document.querySelector('main').append(new Image())";
        on.run(break_it, Vec::new()).await?;
        on.look("a broken page").await?;
        if leaves {
            ensure!(person.leave().await.is_err(), "who leaves is not told");
        } else {
            let end = tokio::spawn(async move { drop(person) });
            ensure!(end.await.is_err(), "the story ends well");
        }
    }
    Ok(())
}
