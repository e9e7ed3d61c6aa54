//! What an own home node says on the socket, at a time or in an order in which no honest one does.

use anyhow::{Context, Result, ensure};
use e2e::impostor::{Impostor, Step};
use e2e::node::Node;
use e2e::person::{Person, Seen, texts};
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{PAGE, must_be_words};

/// What an honest node said on the sockets of its people, to be said again by one that is not.
struct Honest {
    challenge: Message,
    welcome: Message,
    envelopes: Vec<Message>,
}

impl Honest {
    fn of(node: &Node) -> Result<Self> {
        let mut said = Vec::new();
        for (opcode, payload) in node.said_to_browsers() {
            match opcode {
                1 => said.push(Message::text(String::from_utf8(payload)?)),
                2 => said.push(Message::binary(payload)),
                _ => {}
            }
        }
        let control = |kind: &str| {
            let begins = format!("{{\"type\":\"{kind}\"");
            let mut frames = said.iter().filter(|it| it.is_text());
            let found = frames.find(|it| it.to_text().is_ok_and(|it| it.starts_with(&begins)));
            found.cloned().with_context(|| format!("no {kind}"))
        };
        let is_envelope =
            |it: &&Message| matches!(it, Message::Binary(it) if it.first() == Some(&1));
        let envelopes: Vec<Message> = said.iter().filter(is_envelope).cloned().collect();
        ensure!(envelopes.len() >= 3, "too little mail: {}", envelopes.len());
        Ok(Self {
            challenge: control("challenge")?,
            welcome: control("welcome")?,
            envelopes,
        })
    }

    /// Lets the page in.
    fn login(&self) -> Vec<Step> {
        vec![
            Step::Say(self.challenge.clone()),
            Step::Hear("login"),
            Step::Say(self.welcome.clone()),
        ]
    }
}

/// What no honest node says, by name: the page hangs up.
fn misbehaviour(honest: &Honest) -> Result<Vec<(String, Vec<Step>)>> {
    let text = |it: &str| Step::Say(Message::text(it));
    let binary = |it: Vec<u8>| Step::Say(Message::binary(it));
    let (challenge, welcome) = (&honest.challenge, &honest.welcome);
    let mut of_another: Map<String, Value> = serde_json::from_str(challenge.to_text()?)?;
    of_another.insert("fingerprint".to_owned(), json!("A".repeat(43)));
    let of_another = Value::Object(of_another).to_string();
    let mut all: Vec<(String, Vec<Step>)> = Vec::new();
    // Before the page has said who it is.
    for (name, step) in [
        ("a page", text(PAGE)),
        ("an empty frame", binary(Vec::new())),
        ("a megabyte of bytes", binary(vec![1; 1 << 20])),
        ("a welcome for nobody", Step::Say(welcome.clone())),
        ("another node's key", text(&of_another)),
        ("no frame", Step::Write(vec![0xff; 64])),
        (
            "a frame under a mask",
            Step::Write(vec![0x81, 0x81, 0, 0, 0, 0, b'{']),
        ),
        (
            "text that is none",
            Step::Write(vec![0x81, 0x02, 0xff, 0xfe]),
        ),
        (
            "a frame of nine exabytes",
            Step::Write([&[0x82, 0x7f, 0x7f][..], &[0xff; 7], &[1; 64]].concat()),
        ),
    ] {
        all.push((name.to_owned(), vec![step]));
    }
    // Between the login and the welcome.
    let [envelope, ..] = &honest.envelopes[..] else {
        return Ok(all);
    };
    for (name, step) in [
        ("a second challenge", Step::Say(challenge.clone())),
        ("mail before the welcome", Step::Say(envelope.clone())),
    ] {
        all.push((
            name.to_owned(),
            vec![Step::Say(challenge.clone()), Step::Hear("login"), step],
        ));
    }
    // To somebody whom it let in.
    let mut cut = envelope.clone().into_data().to_vec();
    cut.pop();
    let span = r#"{"id":1,"count":1,"from":0,"to":0}"#;
    let spans = vec![span; 513].join(",");
    let close = |code: u16, reason: &str| {
        let (code, reason) = (code.into(), reason.into());
        Step::Say(Message::Close(Some(CloseFrame { code, reason })))
    };
    for (name, step) in [
        (
            "a challenge after the welcome",
            Step::Say(challenge.clone()),
        ),
        (
            "words of nobody",
            text(r#"{"type":"eval","code":"document.title='hit'"}"#),
        ),
        (
            "a list that is too long",
            text(&format!(r#"{{"type":"tombstones","items":[{spans}]}}"#)),
        ),
        (
            "a text that is too long",
            text(&format!(
                r#"{{"type":"caught_up","x":"{}"}}"#,
                "x".repeat(65_536)
            )),
        ),
        ("what only a page says", binary(vec![2; 4_000])),
        ("a cut envelope", binary(cut)),
        ("an envelope that is too long", binary(vec![1; 70_000])),
        (
            "an end with a page as its reason",
            close(4001, "<svg onload=document.title='hit'>"),
        ),
        ("another of the same device", close(4003, "")),
    ] {
        all.push((name.to_owned(), [honest.login(), vec![step]].concat()));
    }
    Ok(all)
}

/// What an honest node may say, but not so: nothing comes of it, and the page stays until it is challenged again.
fn repetition(honest: &Honest) -> Vec<Step> {
    let mut steps = honest.login();
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    for frame in [
        r#"{"type":"caught_up"}"#.to_owned(),
        r#"{"type":"done","request":77}"#.to_owned(),
        format!(
            r#"{{"type":"failed","request":78,"code":"unauthorized","detail":{PAGE:?},"mailboxes":[]}}"#
        ),
        format!(r#"{{"type":"accepted","submissions":["{id}","{id}"]}}"#),
        format!(r#"{{"type":"refused","submission":"{id}","code":"from_the_future"}}"#),
        format!(
            r#"{{"type":"outcomes","items":[{{"submission":"{id}","code":null}},{{"submission":"{id}","code":"internal"}}]}}"#
        ),
        r#"{"type":"tombstones","items":[]}"#.to_owned(),
        r#"{"type":"caught_up","later":[null]}"#.to_owned(),
    ] {
        steps.push(Step::Say(Message::text(frame)));
    }
    for answer in [
        &[4, 0, 0, 0, 9, 0][..],
        &[6, 0, 0, 0, 9, 0, 1, 2],
        &[6, 0, 0, 0, 9, 1, b'x'],
    ] {
        steps.push(Step::Say(Message::binary(answer.to_vec())));
    }
    // From the last to the first, and once more; then as if all of it were the newest there can be.
    for envelope in honest.envelopes.iter().rev().chain(&honest.envelopes) {
        steps.push(Step::Say(envelope.clone()));
    }
    for envelope in &honest.envelopes {
        let mut newest = envelope.clone().into_data().to_vec();
        if let Some(cursor) = newest.get_mut(1..9) {
            cursor.fill(0xff);
        }
        steps.push(Step::Say(Message::binary(newest)));
    }
    // All of it was read, and what is acknowledged is on the disk.
    steps.push(Step::Hear("18446744073709551615"));
    steps.push(Step::Say(honest.challenge.clone()));
    steps
}

/// Its own home node: what it says on the socket, at whatever time, shows nothing, costs nothing and does not stay.
#[tokio::test]
async fn whatever_a_home_node_says_on_the_socket_nothing_is_lost() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let browser = alice.browser()?;
    bob.meet(&alice, "Are you there?").await?;
    alice.send("Here I am").await?;
    bob.wait_text("Here I am").await?;
    bob.send("Good").await?;
    alice.wait_text("Good").await?;
    alice.wait_states(&["delivered", "read"]).await?;
    alice.kept_program().await?;
    let before = alice.all_entries().await?;
    let honest = Honest::of(&node)?;
    let impostor = Impostor::start().await?;
    node.kill().await?;
    node.answered_by(impostor.port());
    alice.wait_connection("offline").await?;
    alice.send("Is anybody honest?").await?;
    for (name, steps) in misbehaviour(&honest)? {
        println!("the home node says {name}");
        impostor.does(steps);
        browser.reload().await?;
        browser
            .until("the page to hang up", async || {
                Ok(impostor.was_left().then_some(()))
            })
            .await?;
        alice.wait_connection_of(&["offline", "refused"]).await?;
        alice.wait_text("Good").await?;
        must_be_words(&alice, &name).await?;
    }

    println!("the home node repeats itself");
    impostor.does(repetition(&honest));
    browser.reload().await?;
    browser
        .until("all of it to be read", async || {
            Ok(impostor.was_left().then_some(()))
        })
        .await?;
    alice.wait_text("Good").await?;
    must_be_words(&alice, "what is repeated").await?;

    node.start_again().await?;
    // His page has met the impostor too, and may be with it still.
    bob.browser()?.reload().await?;
    browser.reload().await?;
    alice.wait_online().await?;
    bob.wait_text("Is anybody honest?").await?;
    bob.send("I am").await?;
    alice.wait_text("I am").await?;
    let theirs = |it: &[Seen]| {
        texts(it, false)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let after = alice.all_entries().await?;
    ensure!(
        theirs(&after) == [theirs(&before), vec!["I am".to_owned()]].concat(),
        "{after:?}"
    );
    ensure!(
        texts(&after, true) == ["Here I am", "Is anybody honest?"],
        "{after:?}"
    );
    ensure!(after.len() == before.len() + 2, "{after:?}");
    let at_bob = bob.all_entries().await?;
    ensure!(
        texts(&at_bob, false) == ["Here I am", "Is anybody honest?"],
        "{at_bob:?}"
    );
    // That nothing could be loaded, and what a socket ended with, is no fault of the page.
    let of_the_node = ["Failed to load resource", "/v1/live"];
    bob.must_have_been_quiet(&of_the_node).await?;
    alice.must_have_been_quiet(&of_the_node).await
}
