//! Stories of an identity's life: it moves while a contact is away and its old node dies, it comes back from a
//! lost browser, and it is taken back from a thief.

use std::path::Path;

use anyhow::{Result, ensure};
use e2e::browser::{Browser, NODE_AWAY};
use e2e::node::Node;
use e2e::person::{Person, texts};
use e2e::programs;
use e2e::search::{Haystack, Needle, findings};
use e2e::texts::english;
use tokio::process::Command;

/// Days that pass while Bob is away; nodes keep mail for 21.
const AWAY: u32 = 14;

#[tokio::test]
async fn a_contact_who_was_away_notices_one_line_of_a_move() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let mut node_b = Node::start("node B").await?;
    let mut node_c = Node::start("node C").await?;
    // The page is not from the node that is going to die: it serves an identity on any node.
    let mut alice = Person::new("Alice", &node_b.url()).await?;
    alice.create_identity_on(&node_a.url()).await?;
    alice.wait_online().await?;
    let mut bob = Person::with_identity("Bob", &node_c.url()).await?;
    bob.meet(&alice, "Hello").await?;
    alice.send("Hello Bob").await?;
    bob.wait_text("Hello Bob").await?;
    alice.wait_states(&["delivered", "read"]).await?;
    bob.leave().await?;

    alice.move_to(&node_b.url()).await?;
    alice.wait_node(&node_a.url(), "draining").await?;
    println!("the page is loaded again in the middle of it");
    alice.browser()?.reload().await?;
    alice.go_to("move").await?;
    alice.browser()?.element("move-under-way").await?;
    e2e::wait::until("the news of the move to wait for Bob", async || {
        let waiting = node_c.column("messages", "message_id")?;
        Ok((!waiting.is_empty()).then_some(()))
    })
    .await?;

    node_a.lose().await?;
    let browser = alice.browser()?;
    browser.element("move-silent").await?;
    browser.click("move-remove-old").await?;
    browser.click("node-remove-really").await?;
    browser.element("move-done").await?;
    alice.leave().await?;

    println!("{AWAY} days pass");
    for node in [&mut node_b, &mut node_c] {
        node.terminate().await?;
        node.let_days_pass(AWAY)?;
        node.start_again().await?;
    }
    for person in [&mut alice, &mut bob] {
        person.let_days_pass(AWAY)?;
        person.come_back().await?;
        person.wait_online().await?;
    }
    bob.open_conversation("Alice").await?;
    bob.wait_remark("moved").await?;
    bob.send("I was in the mountains. How are you?").await?;
    alice.open_conversation("Bob").await?;
    alice
        .wait_text("I was in the mountains. How are you?")
        .await?;
    alice.send("Fine, and somewhere else").await?;
    bob.wait_text("Fine, and somewhere else").await?;
    bob.wait_states(&["delivered", "read"]).await?;
    let lines = bob.remarks("moved").await?;
    ensure!(lines == 1, "Bob sees {lines} lines about the move");
    for kind in ["gap", "broken", "key-changed", "recovered", "forked"] {
        ensure!(bob.remarks(kind).await? == 0, "Bob sees the remark {kind}");
    }
    alice.must_have_been_quiet(&NODE_AWAY).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await
}

/// Longer than nodes keep mail.
const TOO_LONG: u32 = 22;

#[tokio::test]
async fn who_was_away_for_too_long_is_told_what_a_node_threw_away_until_they_have_read_it()
-> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    bob.meet(&alice, "Hello").await?;
    alice.send("Hello Bob").await?;
    bob.wait_text("Hello Bob").await?;
    bob.leave().await?;
    alice.send("Are you there?").await?;
    alice
        .wait_states(&["on-their-node", "delivered", "read"])
        .await?;
    alice.must_have_been_quiet(&[]).await?;
    drop(alice);

    println!("{TOO_LONG} days pass");
    node.terminate().await?;
    node.let_days_pass(TOO_LONG)?;
    node.start_again().await?;
    bob.let_days_pass(TOO_LONG)?;
    bob.come_back().await?;
    bob.wait_online().await?;
    let on = bob.browser()?;
    on.element("tombstones").await?;
    on.look_around().await?;
    on.click_first("[data-testid=tombstones] button").await?;
    on.gone("tombstones").await?;
    on.reload().await?;
    bob.wait_online().await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("Hello Bob").await?;
    ensure!(!on.has("tombstones").await?, "it is told again");
    let received = bob.entries().await?;
    ensure!(texts(&received, false) == ["Hello Bob"], "{received:?}");
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_lost_browser_is_restored_from_the_page_of_another_node() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let node_c = Node::start("node C").await?;
    let mut alice = Person::with_identity("Alice", &node_a.url()).await?;
    let link = alice.link().await?;
    let bob = Person::with_identity("Bob", &node_b.url()).await?;
    let carol = Person::with_identity("Carol", &node_b.url()).await?;
    for (person, text) in [(&bob, "Hello from Bob"), (&carol, "Hello from Carol")] {
        person.ask(&link, text).await?;
        alice.wait_request(text).await?;
        alice.accept().await?;
    }
    alice.open_conversation("Bob").await?;
    let number = alice.safety_number().await?;
    let mut said = vec!["Hello from Bob".to_owned()];
    for n in 1..=3 {
        let (ask, answer) = (format!("Question {n}"), format!("Answer {n}"));
        alice.send(&ask).await?;
        bob.wait_text(&ask).await?;
        bob.send(&answer).await?;
        alice.wait_text(&answer).await?;
        said.push(answer);
    }
    let phrase = alice.recovery_phrase().await?;
    carol.send("Nobody has read this").await?;
    e2e::wait::until("Carol's message to be in the list", async || {
        let words = alice.browser()?.page_words().await?;
        Ok(words.contains("Nobody has read this").then_some(()))
    })
    .await?;
    // Whether the one before it was looked at long enough to be read is not certain; it stays as it was.
    let unread = alice.unread("Carol").await?;
    ensure!(!unread.is_empty(), "nothing is unread");
    alice.save_vault().await?;
    alice.leave().await?;

    for text in ["While you were away", "And one more"] {
        bob.send(text).await?;
        said.push(text.to_owned());
    }
    alice.lose_everything(&node_c.url()).await?;
    alice.restore(&phrase, &link).await?;
    ensure!(alice.link().await? == link, "it is another identity");
    e2e::wait::until("what was unread to be so again", async || {
        let now = alice.unread("Carol").await?;
        ensure!(now == unread, "it is {now:?} and not {unread:?}");
        Ok(Some(()))
    })
    .await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("And one more").await?;
    let entries = alice.all_entries().await?;
    ensure!(texts(&entries, false) == said, "Alice has {entries:#?}");
    let asked = ["Question 1", "Question 2", "Question 3"];
    ensure!(texts(&entries, true) == asked, "Alice has {entries:#?}");
    ensure!(
        alice.safety_number().await? == number,
        "the safety number has changed"
    );
    alice.send("I am back").await?;
    bob.wait_text("I am back").await?;
    for kind in [
        "gap",
        "broken",
        "moved",
        "key-changed",
        "recovered",
        "forked",
    ] {
        ensure!(bob.remarks(kind).await? == 0, "Bob sees the remark {kind}");
    }
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn all_tabs_see_that_one_of_them_restores() -> Result<()> {
    let (page, home) = (Node::start("a node").await?, Node::start("home").await?);
    let mut alice = Person::with_identity("Alice", &home.url()).await?;
    let link = alice.link().await?;
    let phrase = alice.recovery_phrase().await?;
    alice.save_vault().await?;
    alice.leave().await?;
    alice.lose_everything(&page.url()).await?;
    let browser = alice.browser()?;
    browser.element("welcome-name").await?;
    let first = browser.driver().window().await?;
    let before = browser.new_tab().await?;
    browser.open(&page.url()).await?;
    browser.element("welcome-name").await?;
    browser.go_to_tab(&first).await?;

    println!("it takes long, since the node does not answer");
    home.pause().await?;
    browser.click("have-one").await?;
    browser.fill("restore-from", &link).await?;
    browser.paste("phrase", &phrase).await?;
    browser.click("restore").await?;
    browser.element("restoring").await?;
    browser.go_to_tab(&before).await?;
    browser.element("restoring").await?;
    let after = browser.new_tab().await?;
    browser.open(&page.url()).await?;
    browser.element("restoring").await?;
    ensure!(
        !browser.has("welcome-name").await?,
        "a tab offers another identity"
    );

    home.resume().await?;
    for tab in [&after, &before, &first] {
        browser.go_to_tab(tab).await?;
        alice.wait_online().await?;
    }
    ensure!(alice.link().await? == link, "it is another identity");
    alice.must_have_been_quiet(&NODE_AWAY).await
}

#[tokio::test]
async fn a_backup_file_opens_on_the_page_of_another_node() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let folder = tempfile::tempdir()?;
    let mut alice = Person::with_identity("Alice", &node_a.url()).await?;
    let link = alice.link().await?;
    let bob = Person::with_identity("Bob", &node_a.url()).await?;
    bob.ask(&link, "Keep this <b>for ever</b>").await?;
    alice.wait_request("Keep this").await?;
    alice.accept().await?;
    alice.send("I will").await?;
    bob.wait_text("I will").await?;
    let phrase = alice.recovery_phrase().await?;
    alice.go_to("backup").await?;
    let backup = alice.download("save-backup", folder.path()).await?;
    let page = alice.download("export-html", folder.path()).await?;
    let lines = alice.download("export-json", folder.path()).await?;
    let kept = std::fs::read(&backup)?;
    let found = findings(
        &[Needle::text("a message", "Keep this")],
        &[Haystack {
            name: "the backup file".to_owned(),
            bytes: kept,
        }],
    );
    ensure!(found.is_empty(), "the backup is readable: {found:?}");
    let page = std::fs::read_to_string(page)?;
    ensure!(
        page.contains("Keep this &lt;b&gt;for ever") && page.contains("I will"),
        "{page}"
    );
    let report = verify_export(&lines).await?;
    ensure!(
        report.contains("2 events by their senders' signatures, 1 of the exporter and 1 of others"),
        "{report}"
    );
    let honest = std::fs::read_to_string(&lines)?;
    ensure!(honest.contains("I will"), "{honest}");
    std::fs::write(&lines, honest.replace("I will", "I won't"))?;
    let report = verify_export(&lines).await?;
    ensure!(report.contains("does not verify"), "{report}");
    alice.leave().await?;

    alice.lose_everything(&node_b.url()).await?;
    alice.restore_from_file(&phrase, &backup).await?;
    ensure!(alice.link().await? == link, "it is another identity");
    alice.open_conversation("Bob").await?;
    let entries = alice.all_entries().await?;
    ensure!(
        texts(&entries, false) == ["Keep this <b>for ever</b>"],
        "Alice has {entries:#?}"
    );
    bob.send("Welcome back").await?;
    alice.wait_text("Welcome back").await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

/// What the program says that verifies exported conversations by their signatures.
async fn verify_export(file: &Path) -> Result<String> {
    let mut xtask = Command::new(programs::xtask()?);
    let output = xtask.arg("verify-export").arg(file).output().await?;
    let said = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// Words of a phrase that is nobody's here.
const OTHER_PHRASE: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

#[tokio::test]
async fn the_copy_on_a_node_is_really_opened_and_what_is_in_it_is_said() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    bob.meet(&alice, "Hello").await?;
    alice.send("Hello Bob").await?;
    bob.wait_text("Hello Bob").await?;
    let phrase = alice.recovery_phrase().await?;
    alice.save_vault().await?;
    let browser = alice.browser()?;
    let must_say = async |testid: &str, words: &[&str]| {
        let what = format!("{testid} to say {words:?}");
        e2e::wait::until(&what, async || {
            let said = browser.words(testid).await?;
            let says = |words: &&str| said.contains(*words);
            ensure!(words.iter().all(says), "it says {said:?}");
            Ok(Some(()))
        })
        .await
    };

    println!("a node that is away proves nothing");
    node.terminate().await?;
    browser.click("prove-vault").await?;
    must_say("error", &["cannot be reached"]).await?;
    ensure!(
        !browser.has("vault-proof").await?,
        "it was opened without a node"
    );
    node.start_again().await?;
    alice.wait_online().await?;

    println!("other words do not open it");
    alice.go_to("recovery").await?;
    browser.paste("phrase", OTHER_PHRASE).await?;
    browser.click("prove").await?;
    must_say("error", &["not the one of this identity"]).await?;

    println!("the words as they were kept do");
    browser.fill("phrase", &phrase).await?;
    browser.click("prove").await?;
    let found = ["It works", "Alice", "Contacts\n1", "Messages\n2"];
    must_say("vault-proof", &found).await?;
    alice.must_have_been_quiet(&NODE_AWAY).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await
}

#[tokio::test]
async fn a_stolen_copy_is_locked_out_and_contacts_are_warned() -> Result<()> {
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let mut alice = Person::with_identity("Alice", &node_a.url()).await?;
    let bob = Person::with_identity("Bob", &node_b.url()).await?;
    bob.meet(&alice, "Hello").await?;
    alice.send("Hello Bob").await?;
    bob.wait_text("Hello Bob").await?;
    let number = alice.safety_number().await?;
    let phrase = alice.recovery_phrase().await?;
    alice.leave().await?;
    let mut mallory = alice.copied_by("Mallory").await?;
    alice.come_back().await?;
    alice.wait_online().await?;

    alice.take_back(&phrase).await?;
    ensure!(
        alice.recovery_phrase().await? != phrase,
        "a phrase that was used is used again"
    );
    bob.wait_remark("recovered").await?;

    println!("Mallory opens the copy");
    mallory.come_back().await?;
    let browser = mallory.browser()?;
    browser.element("locked-banner").await?;
    mallory.wait_text_in("Bob", "Hello Bob").await?;
    ensure!(!browser.has("composer").await?, "a copy can write");
    browser.click("locked-more").await?;
    browser.element("locked-out").await?;

    println!("Alice and Bob go on");
    bob.send("Is this you?").await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("Is this you?").await?;
    alice.send("It is. My laptop was stolen").await?;
    bob.wait_text("It is. My laptop was stolen").await?;
    let new = alice.safety_number().await?;
    ensure!(new != number, "the safety number did not change");
    ensure!(
        bob.safety_number().await? == new,
        "the two see different safety numbers"
    );
    ensure!(bob.remarks("recovered").await? == 1);
    for kind in ["gap", "broken", "moved", "forked"] {
        ensure!(bob.remarks(kind).await? == 0, "Bob sees the remark {kind}");
    }
    alice.must_have_been_quiet(&NODE_AWAY).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await
}

#[tokio::test]
async fn a_fork_is_explained_stops_mail_and_is_settled_by_its_reader_or_by_the_phrase() -> Result<()>
{
    let node_a = Node::start("node A").await?;
    let node_b = Node::start("node B").await?;
    let node_c = Node::start("node C").await?;
    let node_d = Node::start("node D").await?;
    // The page is not from the node that is going to die.
    let mut alice = Person::new("Alice", &node_c.url()).await?;
    alice.create_identity_on(&node_a.url()).await?;
    alice.wait_online().await?;
    let bob = Person::with_identity("Bob", &node_b.url()).await?;
    let carol = Person::with_identity("Carol", &node_b.url()).await?;
    for contact in [&bob, &carol] {
        contact.meet(&alice, "Hello").await?;
        alice.send("Hello yourself").await?;
        contact.wait_text("Hello yourself").await?;
    }
    let phrase = alice.recovery_phrase().await?;
    alice.leave().await?;
    let mut mallory = alice.copied_by("Mallory").await?;
    alice.come_back().await?;
    alice.wait_online().await?;
    alice.move_to(&node_c.url()).await?;
    for contact in [&bob, &carol] {
        contact.wait_remark("moved").await?;
    }
    node_a.lose().await?;
    alice.go_to("move").await?;
    let on = alice.browser()?;
    on.element("move-silent").await?;
    on.click("move-remove-old").await?;
    on.click("node-remove-really").await?;
    on.element("move-done").await?;

    println!("Mallory, whose copy knows of no move, moves to another place");
    mallory.come_back().await?;
    mallory.move_to(&node_d.url()).await?;
    for contact in [&bob, &carol] {
        contact.wait_remark("forked").await?;
        let notice = contact.browser()?.words("fork").await?;
        for name in ["fork-explained", "fork-trust"] {
            let sentence = english(name)?;
            ensure!(
                notice.contains(&sentence),
                "{sentence:?} is not in {notice:?}"
            );
        }
        ensure!(notice.contains("Alice"), "nobody is named: {notice:?}");
    }
    mallory.leave().await?;

    println!("nothing goes out before it is settled");
    for contact in [&bob, &carol] {
        contact.send("Is this you?").await?;
        must_wait(contact, "Is this you?").await?;
    }

    println!("Bob asks on another way, and goes on with the keys that he knew");
    must_settle_fork(&bob, "entry-fork-decided", async |on| {
        on.click("fork-trust").await
    })
    .await?;
    alice.open_conversation("Bob").await?;
    alice.wait_text("Is this you?").await?;
    bob.wait_states(&["delivered", "read"]).await?;
    ensure!(
        carol.browser()?.has("fork").await?,
        "Carol is not warned any more"
    );
    must_wait(&carol, "Is this you?").await?;

    println!("for Carol the phrase settles it");
    alice.take_back(&phrase).await?;
    must_settle_fork(&carol, "entry-fork-recovered", async |_| Ok(())).await?;
    alice.open_conversation("Carol").await?;
    alice.wait_text("Is this you?").await?;
    bob.wait_remark("recovered").await?;
    for contact in [&bob, &carol] {
        ensure!(contact.remarks("forked").await? == 1, "it is told again");
        contact.must_have_been_quiet(&NODE_AWAY).await?;
    }
    alice.must_have_been_quiet(&NODE_AWAY).await
}

/// Fails if a message that was sent has gone out.
async fn must_wait(person: &Person, text: &str) -> Result<()> {
    person.wait_text(text).await?;
    let entries = person.entries().await?;
    let sent = entries.iter().find(|entry| entry.text == text);
    ensure!(sent.is_some_and(|sent| sent.state == "waiting"), "{sent:?}");
    Ok(())
}

/// Does what settles a fork, and waits until the warning has gone and a line says why.
async fn must_settle_fork(
    contact: &Person,
    why: &str,
    settle: impl AsyncFnOnce(&Browser) -> Result<()>,
) -> Result<()> {
    let on = contact.browser()?;
    settle(on).await?;
    contact.wait_remark("fork-settled").await?;
    let why = english(why)?;
    on.until(
        &format!("the line {why:?} instead of the warning"),
        async || {
            let says_why = on.page_words().await?.contains(&why);
            Ok((says_why && !on.has("fork").await?).then_some(()))
        },
    )
    .await
}
