//! Two people who talk, and what they see: the beginning of most stories.

use client_core::request::{Answer, Request};
use client_core::view::{BodyView, NodeStep};

use crate::world::{Act, World};

const MINUTE: u64 = 60_000;

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
