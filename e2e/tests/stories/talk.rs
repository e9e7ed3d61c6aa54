//! Two people do with messages what people do: answer, react, change, delete, search, verify.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::clock::Clock;
use e2e::node::Node;
use e2e::person::Person;
use e2e::texts::english;
use thirtyfour::Key;

/// Puts the focus on the newest message, with the keys that lead there.
pub async fn newest(person: &Person) -> Result<()> {
    person
        .browser()?
        .until_true(
            "the messages to be there",
            "document.querySelector('.entries')",
        )
        .await?;
    let on = person.browser()?;
    on.run("document.querySelector('.entries').focus()", vec![])
        .await?;
    on.press(Key::Up).await?;
    on.until_true(
        "the focus on the newest message",
        &format!("{FOCUSED} === {NEWEST}"),
    )
    .await
}

/// The message that has the focus, and the newest.
const FOCUSED: &str = "document.activeElement?.closest('[data-testid=entry]')?.dataset.position";
const NEWEST: &str =
    "[...document.querySelectorAll('[data-testid=entry]')].at(-1)?.dataset.position";

/// The same with the one before it.
async fn before_newest(person: &Person) -> Result<()> {
    newest(person).await?;
    let on = person.browser()?;
    on.press(Key::Up).await?;
    on.until_true(
        "the focus on the message before",
        &format!("Number({FOCUSED}) < Number({NEWEST})"),
    )
    .await
}

#[tokio::test]
async fn messages_are_answered_reacted_to_changed_deleted_and_found() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&link, "Which day suits you?").await?;
    bob.wait_request("Which day suits you?").await?;
    bob.accept().await?;
    let (at_alice, at_bob) = (alice.browser()?, bob.browser()?);

    // Bob copies what she says, and puts it where he writes.
    bob.wait_text("Which day suits you?").await?;
    before_newest(&bob).await?;
    at_bob.press(Key::Enter).await?;
    at_bob.click("message-copy").await?;
    at_bob
        .until("what was copied", async || {
            // The page may not have given it to the system yet.
            let field = at_bob.focus("composer").await?;
            at_bob.press_with(Key::Control, "a").await?;
            at_bob.press_with(Key::Control, "v").await?;
            let pasted = field.value().await?.unwrap_or_default();
            ensure!(pasted == "Which day suits you?", "{pasted:?} was pasted");
            Ok(Some(()))
        })
        .await?;
    at_bob.press_with(Key::Control, "a").await?;
    at_bob.press(Key::Delete).await?;

    // Bob answers with the keyboard alone.
    before_newest(&bob).await?;
    at_bob.press("r").await?;
    at_bob.element("above-field").await?;
    at_bob.press("Saturday, in the big boat").await?;
    at_bob.press(Key::Enter).await?;
    alice.wait_text("Saturday, in the big boat").await?;
    ensure!(
        at_alice
            .words("quote")
            .await?
            .contains("Which day suits you?"),
        "the answer does not show what it answers"
    );

    // Alice reacts; Bob sees it, and that it is hers.
    newest(&alice).await?;
    at_alice.press(Key::Enter).await?;
    // By the keyboard: the dialog rises, and a click may meet the sign beside.
    at_alice.element("quick-sign").await?.focus().await?;
    at_alice.press(Key::Enter).await?;
    at_bob
        .until("the sign", async || {
            let signs = at_bob.words("signs").await?;
            ensure!(signs.contains("👍"), "there is {signs:?}");
            Ok(Some(()))
        })
        .await?;

    // Bob thinks again. The change is marked on both sides, and what stood there is kept.
    newest(&bob).await?;
    at_bob.press("e").await?;
    at_bob.fill("edit-field", "Sunday, in the").await?;
    // What he has begun is there when he comes back to it, and when the page is loaded anew.
    at_bob.click("settings").await?;
    at_bob.element("build").await?;
    // The engine answers in order: once it has found something, it has what was begun.
    at_bob.fill("search", "suits").await?;
    at_bob.element("search-hit").await?;
    at_bob.press(Key::Escape).await?;
    bob.wait_text_in("Alice", "Saturday, in the big boat")
        .await?;
    for reload in [false, true] {
        if reload {
            at_bob.reload().await?;
        }
        let begun = at_bob.words("edit-field").await?;
        ensure!(begun == "Sunday, in the", "what is begun is {begun:?}");
    }
    at_bob.focus("edit-field").await?;
    at_bob.press(" small boat").await?;
    at_bob.click("edit-save").await?;
    alice.wait_text("Sunday, in the small boat").await?;
    at_alice.element("edited").await?;
    newest(&alice).await?;
    at_alice.press("i").await?;
    alice
        .browser()?
        .until_true(
            "the earlier text in the details",
            "document.querySelector('.versions')?.innerText.includes('Saturday')",
        )
        .await?;
    at_alice.press(Key::Escape).await?;

    // Alice finds it by another word, in another case.
    at_alice.fill("search", "SMALL sunday").await?;
    at_alice.click("search-hit").await?;
    alice
        .browser()?
        .until_true(
            "the focus on the hit",
            "document.activeElement?.innerText.includes('small boat')",
        )
        .await?;
    at_alice.fill("search", "saturday").await?;
    alice
        .browser()?
        .until_true(
            "a search that finds no earlier text",
            "document.querySelector('.search-none')",
        )
        .await?;

    // Bob deletes it for both, and learns that it happened.
    newest(&bob).await?;
    at_bob.press(Key::Delete).await?;
    at_bob.click("delete-both").await?;
    alice
        .browser()?
        .until_true(
            "the deletion",
            "!document.querySelector('.entries').innerText.includes('small boat')",
        )
        .await?;
    bob.browser()?.until_true("the confirmation",
        "[...document.querySelectorAll('[data-testid=entry]')].some((it) => it.innerText.includes('did too'))",
    )
    .await?;

    // Alice picks a sign in the middle of what she writes, and writes on there.
    at_alice.fill("composer", "Come now").await?;
    for _ in 0.."now".len() {
        at_alice.press(Key::Left).await?;
    }
    at_alice.click("emoji-button").await?;
    let sign = at_alice.words("emoji").await?;
    at_alice.look_around().await?;
    at_alice.click("emoji").await?;
    at_alice.press(" ").await?;
    at_alice.press(Key::Enter).await?;
    bob.wait_text(&format!("Come {sign} now")).await?;
    at_alice.click("emoji-button").await?;
    alice.send("Hurry").await?;
    bob.wait_text("Hurry").await?;

    // She deletes that one here, and the keys go on from the message beside it.
    newest(&alice).await?;
    at_alice.press(Key::Delete).await?;
    at_alice.click("delete-here").await?;
    let on = alice.browser()?;
    on.until_true(
        "the focus on another message",
        "!document.querySelector('.entries').innerText.includes('Hurry')
            && document.activeElement?.dataset?.testid === 'entry'",
    )
    .await?;

    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_compared_number_is_remembered_and_a_timer_is_told_and_runs_out() -> Result<()> {
    let clock = Clock::ahead(Duration::ZERO)?;
    let node = Node::with_clock("the node", &clock).await?;
    let bob = Person::with_clock("Bob", &node.url(), &clock).await?;
    let alice = Person::with_clock("Alice", &node.url(), &clock).await?;
    for person in [&bob, &alice] {
        person.create_identity().await?;
        person.wait_online().await?;
    }
    let link = bob.link().await?;
    alice.ask(&link, "Hello").await?;
    bob.wait_request("Hello").await?;
    bob.accept().await?;
    bob.send("Hello yourself").await?;
    alice.wait_text("Hello yourself").await?;
    let on = alice.browser()?;

    on.click("verify").await?;
    let trusted = on.words("unverified").await?;
    ensure!(
        trusted == english("safety-unverified")?,
        "what is trusted before: {trusted}"
    );
    on.click("verify-same").await?;
    on.element("verified").await?;
    on.gone("unverified").await?;
    on.press(Key::Escape).await?;
    on.reload().await?;
    alice.wait_online().await?;
    alice.open_conversation("Bob").await?;
    alice
        .browser()?
        .until_true(
            "the badge after a reload",
            "document.querySelector('[data-testid=verify][data-state=verified]')",
        )
        .await?;

    on.click("menu").await?;
    on.click("timer").await?;
    // With the keyboard: what lies on the way is not set.
    on.tab_to("timer-3600").await?;
    on.press(Key::Enter).await?;
    for person in [&alice, &bob] {
        person.browser()?.until_true("the timer in the head",
            "document.querySelector('[data-testid=standing]')?.innerText.replace(/[\\u2066-\\u2069]/g, '').includes('1 hour')",
        )
        .await?;
    }
    bob.send("This will not stay").await?;
    alice.wait_text("This will not stay").await?;

    println!("Bob takes new keys; Alice is told, and must compare again");
    bob.go_to("recovery").await?;
    bob.browser()?.click("rotate").await?;
    bob.browser()?.click("rotate-really").await?;
    alice
        .browser()?
        .until_true(
            "the warning",
            "document.querySelector('.remark.key-changed')",
        )
        .await?;
    alice
        .browser()?
        .until_true(
            "the badge to go",
            "document.querySelector('[data-testid=verify]:not([data-state=verified])')",
        )
        .await?;
    alice.browser()?.click("compare-again").await?;
    alice.browser()?.element("safety-number").await?;
    alice.browser()?.press(Key::Escape).await?;
    alice.send("Are you still you?").await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("Are you still you?").await?;

    println!(
        "an hour later what was said under the timer goes from the open pages, and never comes back"
    );
    alice.wait_text("This will not stay").await?;
    clock.pass(Duration::from_secs(3_700))?;
    let left = async |person: &Person| -> Result<Vec<String>> {
        let entries = person.entries().await?.into_iter();
        let texts = entries.map(|entry| entry.text);
        Ok(texts.filter(|text| !text.is_empty()).collect())
    };
    for person in [&alice, &bob] {
        let on = person.browser()?;
        on.until("the messages to go", async || {
            let left = left(person).await?;
            ensure!(left == ["Hello", "Hello yourself"], "there are {left:?}");
            Ok(Some(()))
        })
        .await?;
    }
    on.reload().await?;
    alice.wait_online().await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("Hello yourself").await?;
    let left = left(&alice).await?;
    ensure!(left == ["Hello", "Hello yourself"], "{left:?} came back");
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}
