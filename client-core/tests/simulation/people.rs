//! Two people who talk, what they see and what they ask for: the beginning of most stories.

use client_core::request::{Answer, Request, Secret};
use client_core::view::{BodyView, NodeStep};
use shared_crypto::id::IdentityId;
use shared_crypto::time::MINUTE;

use crate::world::{Act, Who, World};

/// Two people on the first two of so many nodes, who talk.
pub fn talking(nodes: usize) -> World {
    let mut world = World::new(7, 2, nodes);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    let text = "hello".into();
    world.act_after(MINUTE, 0, Act::Ask { whom: 1, text });
    world.run_for(2 * MINUTE);
    say(&mut world, 1, 0, "hello yourself");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
    world
}

pub fn say(world: &mut World, who: usize, whom: usize, text: &str) {
    let text = text.into();
    world.act_after(0, who, Act::Say { whom, text });
}

/// The texts that a person sees of a conversation, both sides.
pub fn texts(world: &mut World, who: usize, whom: usize) -> Vec<String> {
    let text = |body| match body {
        BodyView::Text(text) => Some(text),
        _ => None,
    };
    world
        .conversation(who, whom)
        .into_iter()
        .filter_map(|entry| text(entry.body))
        .collect()
}

/// How many lines of a kind a person sees.
pub fn lines(
    world: &mut World,
    who: usize,
    whom: usize,
    kind: impl Fn(&BodyView) -> bool,
) -> usize {
    world
        .conversation(who, whom)
        .iter()
        .filter(|entry| kind(&entry.body))
        .count()
}

pub fn add(world: &mut World, who: usize, node: usize) -> Answer {
    let node = world.nodes[node].url.to_string();
    world.ask(who, Request::AddNode { node })
}

pub fn steps(world: &World, who: usize) -> Vec<NodeStep> {
    let me = world.people[who].app.me.as_ref().expect("an identity");
    me.nodes.iter().map(|node| node.step).collect()
}

pub fn identity_of(world: &World, who: Who) -> IdentityId {
    world.people[who].app.me.as_ref().unwrap().identity
}

pub fn link_of(world: &World, who: Who) -> String {
    world.people[who].app.me.as_ref().unwrap().link.clone()
}

pub fn phrase_of(world: &mut World, who: Who) -> Secret {
    match world.ask(who, Request::RecoveryPhrase) {
        Answer::RecoveryPhrase(phrase) => phrase,
        other => panic!("no phrase: {other:?}"),
    }
}

/// An envelope of the right form to a key package that nobody has.
pub fn unreadable() -> Vec<u8> {
    let mut envelope = vec![0; 16_384];
    // Suite and kind; later the length of a sealed half of a secret.
    envelope[..2].copy_from_slice(&[1, 1]);
    envelope[18 + 1_120..18 + 1_122].copy_from_slice(&384_u16.to_be_bytes());
    envelope
}

/// Somebody with an empty browser restores a vault there.
pub fn restore(world: &mut World, phrase: &Secret, passphrase: &str, from: &str) -> (Who, Answer) {
    let who = world.add_person();
    let request = Request::Restore {
        phrase: phrase.clone(),
        passphrase: Secret(passphrase.to_owned()),
        from: from.to_owned(),
    };
    let answer = world.ask(who, request);
    (who, answer)
}
