//! What is unread, and when it is not any more: the same in every tab.

use anyhow::{Result, ensure};
use e2e::browser::NODE_AWAY;
use e2e::node::Node;
use e2e::person::Person;
use serde_json::json;

/// Waits until the list of conversations counts so many unread messages; 0: none.
async fn counts(person: &Person, unread: u32) -> Result<()> {
    let on = person.browser()?;
    let script = "return document.querySelector('[data-testid=unread-badge]')?.innerText ?? '0'";
    on.until(
        &format!("{unread} unread for {}", person.name),
        async || {
            let shown = on.run(script, Vec::new()).await?;
            let expected = unread.to_string();
            ensure!(shown == expected.as_str(), "the page counts {shown}");
            Ok(Some(()))
        },
    )
    .await
}

/// Long enough that a few of them fill a window.
fn long(number: u32) -> String {
    let lines = (1..=9).map(|line| format!("{number}, line {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_fills_a_gap_further_up_is_unread_until_it_was_in_view() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("Hello yourself").await?;
    alice.wait_text("Hello yourself").await?;
    bob.wait_states(&["delivered", "read"]).await?;
    bob.leave().await?;

    println!("one message stays under way, the later ones arrive");
    alice.send("The slow one").await?;
    alice
        .wait_states(&["on-their-node", "delivered", "read"])
        .await?;
    node.terminate().await?;
    let slow = node.hold_back()?;
    node.start_again().await?;
    for number in 1..=5 {
        alice.send(&long(number)).await?;
    }
    bob.come_back().await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text(&long(5)).await?;
    let on = bob.browser()?;
    let to_end =
        "const list = document.querySelector('.entries'); list.scrollTo(0, list.scrollHeight)";
    on.settle().await?;
    on.run(to_end, Vec::new()).await?;
    counts(&bob, 0).await?;

    println!("Bob is at the end in one tab, and looks at his settings in another");
    let first = on.driver().window().await?;
    let second = on.new_tab().await?;
    on.open(&format!("{}/#/settings", node.url())).await?;
    on.element("own-name").await?;
    counts(&bob, 0).await?;
    on.go_to_tab(&first).await?;
    node.terminate().await?;
    node.bring(slow)?;
    node.start_again().await?;
    counts(&bob, 1).await?;
    on.go_to_tab(&second).await?;
    counts(&bob, 1).await?;
    on.reload().await?;
    counts(&bob, 1).await?;

    println!("and goes to it");
    on.go_to_tab(&first).await?;
    counts(&bob, 1).await?;
    on.click("jump-unread").await?;
    counts(&bob, 0).await?;
    bob.wait_text("The slow one").await?;
    // The way to it is not shown any more.
    on.gone("jump-unread").await?;
    on.go_to_tab(&second).await?;
    counts(&bob, 0).await?;
    on.reload().await?;
    on.element("own-name").await?;
    counts(&bob, 0).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await?;
    alice.must_have_been_quiet(&NODE_AWAY).await
}

/// More than a page keeps of a conversation.
const MANY: u32 = 260;

/// How many of them are written in one go.
const AT_ONCE: u32 = 20;

/// Writes messages as fast as the field takes them.
const WRITE: &str = "return (async (first, last) => {
    const field = document.querySelector('[data-testid=composer]');
    for (let n = first; n <= last; n += 1) {
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, `This is number ${n}`);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await new Promise((done) => setTimeout(done));
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        while (field.value !== '') await new Promise((done) => setTimeout(done, 5));
    }
    return true;
})(...arguments)";

#[tokio::test]
async fn who_is_at_the_end_stays_there_however_much_arrives_at_once() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    let mut alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "Hello").await?;
    bob.send("Hello yourself").await?;
    alice.wait_text("Hello yourself").await?;
    bob.wait_states(&["delivered", "read"]).await?;
    // He comes back to it without a node.
    bob.kept_program().await?;
    bob.leave().await?;
    for before in (0..MANY).step_by(AT_ONCE.try_into()?) {
        let numbers = vec![json!(before + 1), json!(before + AT_ONCE)];
        alice.browser()?.run(WRITE, numbers).await?;
    }
    let arrived = ["on-their-node", "delivered", "read"];
    alice.wait_states(&arrived).await?;
    alice.leave().await?;

    println!("Bob looks at the end of the conversation, and the network comes back");
    node.kill().await?;
    bob.come_back().await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("Hello yourself").await?;
    node.start_again().await?;
    bob.wait_text(&format!("This is number {MANY}")).await?;
    let on = bob.browser()?;
    let from_end = "const list = document.querySelector('.entries');
        return Math.round(list.scrollHeight - list.scrollTop - list.clientHeight)";
    on.until("the end to be in view", async || {
        let left = on.run(from_end, Vec::new()).await?;
        ensure!(left == 0, "{left} pixels are below");
        Ok(Some(()))
    })
    .await?;
    counts(&bob, 0).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await?;
    alice.must_have_been_quiet(&NODE_AWAY).await
}
