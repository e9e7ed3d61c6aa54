//! The main story: two people on two nodes talk, live and with what arrived while one of them was
//! away, through restarts and a killed node; and neither node learns who talks to whom about what.

use anyhow::{Result, bail, ensure};
use e2e::browser::NODE_AWAY;
use e2e::node::Node;
use e2e::person::{Person, texts};
use e2e::proxy::Caller;
use e2e::search::{Haystack, Needle, findings};

/// Unlikely enough to be searched for.
const ALICE: &str = "Alice Quillfeather";
const BOB: &str = "Bob Marblewright";
/// Begins every message.
const WORDS: &str = "velvet-thunder-0417";

#[tokio::test]
async fn two_people_on_two_nodes_talk_and_nothing_is_lost() -> Result<()> {
    let mut node_a = Node::start("node A").await?;
    let mut node_b = Node::start("node B").await?;
    let (page_a, page_b) = (node_a.url(), node_b.url());
    let (alice, mut bob) = tokio::try_join!(
        Person::with_identity(ALICE, &page_a),
        Person::with_identity(BOB, &page_b),
    )?;

    let first = format!("{WORDS} first message");
    alice.ask(&bob.link().await?, &first).await?;
    bob.wait_request(&first).await?;
    bob.accept().await?;
    bob.wait_text(&first).await?;

    println!("ten messages each way, live");
    let mut alice_said = vec![first];
    let mut bob_said = Vec::new();
    for number in 1..=10 {
        let text = format!("{WORDS} from Alice {number}");
        alice.send(&text).await?;
        bob.wait_text(&text).await?;
        alice_said.push(text);
        let text = format!("{WORDS} from Bob {number}");
        bob.send(&text).await?;
        alice.wait_text(&text).await?;
        bob_said.push(text);
    }

    bob.leave().await?;
    println!("Alice sends 50 while Bob is away");
    for number in 1..=50 {
        let text = format!("{WORDS} while away {number}");
        alice.send(&text).await?;
        alice_said.push(text);
    }
    alice
        .wait_states(&["on-their-node", "delivered", "read"])
        .await?;
    node_b.terminate().await?;
    node_b.start_again().await?;
    bob.come_back().await?;
    bob.open_conversation(ALICE).await?;
    has_received(&bob, &alice_said).await?;
    println!("Bob has all 50");

    println!("Alice sends 50 while her node is killed");
    for number in 1..=50 {
        let text = format!("{WORDS} through the crash {number}");
        match number {
            // In the middle of it: nobody knows how far this one got.
            20 => tokio::try_join!(alice.send(&text), node_a.kill()).map(drop)?,
            36 => tokio::try_join!(alice.send(&text), node_a.start_again()).map(drop)?,
            _ => alice.send(&text).await?,
        }
        alice_said.push(text);
    }
    has_received(&bob, &alice_said).await?;
    println!("Bob has all 50");

    println!("both reload");
    for (person, other, theirs, own) in [
        (&alice, BOB, &bob_said, &alice_said),
        (&bob, ALICE, &alice_said, &bob_said),
    ] {
        person.browser()?.reload().await?;
        person.wait_online().await?;
        person.open_conversation(other).await?;
        has_received(person, theirs).await?;
        ensure!(
            texts(&person.all_entries().await?, true) == *own,
            "{} lost own messages",
            person.name
        );
    }
    let text = format!("{WORDS} after all that");
    bob.send(&text).await?;
    alice.wait_text(&text).await?;

    neither_node_knows(&node_a, &node_b, &alice, &bob).await?;
    alice.must_have_been_quiet(&NODE_AWAY).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await
}

/// Exactly these texts, in this order, each once, and no remark about a gap.
async fn has_received(person: &Person, expected: &[String]) -> Result<()> {
    let what = format!(
        "{} to have exactly {} messages",
        person.name,
        expected.len()
    );
    let browser = person.browser()?;
    browser
        .until(&what, async || {
            let entries = person.all_entries().await?;
            let received = texts(&entries, false);
            let wrong = (0..received.len().max(expected.len()))
                .find(|at| received.get(*at).copied() != expected.get(*at).map(String::as_str));
            let Some(wrong) = wrong else {
                return Ok(Some(()));
            };
            let (found, wanted) = (received.get(wrong), expected.get(wrong));
            bail!(
                "message {wrong} is {found:?} and not {wanted:?}; there are {}",
                received.len()
            )
        })
        .await?;
    let remarks = "return document.querySelectorAll('.remark.gap, .remark.broken').length";
    let remarks = browser.run(remarks, Vec::new()).await?;
    ensure!(
        remarks == 0,
        "{} sees {remarks} gaps or breaks",
        person.name
    );
    Ok(())
}

async fn neither_node_knows(
    node_a: &Node,
    node_b: &Node,
    alice: &Person,
    bob: &Person,
) -> Result<()> {
    println!("searching both nodes");
    let (alice_id, bob_id) = (alice.identity().await?, bob.identity().await?);
    let mailboxes = |node: &Node, whose: &str| -> Result<Vec<Needle>> {
        let found = node.column("mailboxes", "mailbox")?;
        ensure!(found.len() >= 2, "{} has no mailboxes", node.name);
        Ok(found
            .iter()
            .map(|mailbox| Needle::bytes(&format!("a mailbox of {whose}"), mailbox))
            .collect())
    };
    let said = [
        Needle::text("a message", WORDS),
        Needle::text("Alice's name", ALICE),
        Needle::text("Bob's name", BOB),
    ];
    let alice_needle = Needle::bytes("Alice's identity", &alice_id);
    let bob_needle = Needle::bytes("Bob's identity", &bob_id);
    let mut alices = mailboxes(node_a, "Alice")?;
    alices.push(alice_needle.clone());
    let mut bobs = mailboxes(node_b, "Bob")?;
    bobs.push(bob_needle.clone());

    // What a node knows: what it stores and logs, what came to it, and what it sent to the other.
    let mut knows_a = node_a.knowledge()?;
    knows_a.push(sent("node A", node_b)?);
    let mut knows_b = node_b.knowledge()?;
    knows_b.push(sent("node B", node_a)?);

    // The search finds what is there.
    for (own, knows) in [(&alice_needle, &knows_a), (&bob_needle, &knows_b)] {
        let found = findings(std::slice::from_ref(own), knows);
        ensure!(
            found.iter().any(|it| it.contains("database")),
            "the database is not searched: {found:?}"
        );
        ensure!(
            found.iter().any(|it| it.contains("browsers")),
            "the traffic is not searched: {found:?}"
        );
    }
    let mailboxes_heard = findings(&mailboxes(node_a, "Alice")?, &node_a.knowledge()?);
    ensure!(
        mailboxes_heard
            .iter()
            .any(|it| it.contains("traffic from browsers")),
        "what browsers say is not searched: {mailboxes_heard:?}"
    );

    let mut found = Vec::new();
    for knows in [&knows_a, &knows_b] {
        found.extend(findings(&said, knows));
    }
    found.extend(findings(&bobs, &knows_a));
    found.extend(findings(&alices, &knows_b));
    ensure!(
        found.is_empty(),
        "found what must not be there:\n{}",
        found.join("\n")
    );
    Ok(())
}

/// What a node sent to another, as heard there.
fn sent(from: &str, to: &Node) -> Result<Haystack> {
    let bytes = to.heard_from(Caller::Node)?;
    ensure!(!bytes.is_empty(), "{from} sent nothing to {}", to.name);
    Ok(Haystack {
        name: format!("what {from} sent to {}", to.name),
        bytes,
    })
}
