//! One client in several tabs, and pages that come and go.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::{Person, texts};

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
async fn the_page_of_one_node_serves_an_identity_on_another() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let carol = Person::new("Carol", &node_a.url()).await?;
    let browser = carol.browser()?;
    carol.create_identity_on(&node_b.url()).await?;
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

async fn texts_of(person: &Person) -> Result<Vec<(bool, String)>> {
    let entries = person.all_entries().await?;
    Ok(entries
        .into_iter()
        .map(|entry| (entry.mine, entry.text))
        .collect())
}
