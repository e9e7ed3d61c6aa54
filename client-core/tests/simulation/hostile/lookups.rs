//! Links that are none, and lookups that are answered with something else.

use client_core::driver::Frame;
use client_core::request::{Answer, Failure, Request};
use shared_crypto::id::IdentityId;
use shared_crypto::link::{ContactLink, node_mark};
use shared_crypto::live::{LookupReply, NodeBinary};
use shared_crypto::record::Chain;
use shared_crypto::time::MINUTE;

use super::talking;
use crate::people::{identity_of, link_of};
use crate::world::{Act, World};

#[test]
fn links_that_are_no_links_are_refused_with_their_own_error() {
    let mut world = talking();
    let own = link_of(&world, 0);
    let open =
        |world: &mut World, link: &str| world.ask(0, Request::OpenLink { link: link.into() });
    assert_eq!(open(&mut world, &own), Answer::Failed(Failure::OwnLink));
    let other = link_of(&world, 1);
    let code = other.find('#').unwrap() + 1;
    for at in code..other.len() {
        let mut typo = other.clone().into_bytes();
        typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
        let answer = open(&mut world, std::str::from_utf8(&typo).unwrap());
        let bad = [Failure::BadLink, Failure::LinkTooNew];
        assert!(
            matches!(&answer, Answer::Failed(why) if bad.contains(why)),
            "{at}: {answer:?}"
        );
    }
    for nonsense in [
        "",
        "hello",
        "https://node-1.test/i#",
        "javascript:alert(1)",
        "\u{202e}",
    ] {
        assert_eq!(open(&mut world, nonsense), Answer::Failed(Failure::BadLink));
    }
    assert!(matches!(open(&mut world, &other), Answer::Contact(_)));
}

#[test]
fn an_identity_that_its_node_does_not_know_is_said_to_be_unknown() {
    let mut world = talking();
    let node = world.nodes[1].url.clone();
    let node_mark = node_mark(&world.nodes[1].keys.fingerprint());
    let identity = IdentityId::from_bytes([5; 32]);
    let link = ContactLink {
        node,
        node_mark,
        identity,
        pass: None,
        invite: None,
    }
    .to_string();
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::IdentityUnknown));
}

/// A home node that answers with a document of its own, to read the lookup, is not believed.
#[test]
fn a_home_node_that_poses_as_the_other_learns_nothing() {
    let mut world = World::new(11, 2, 2);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    world.run_for(MINUTE);
    world.pose_as(0, 1);
    let link = link_of(&world, 1);
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::TheirNodeUnreachable));
    assert_eq!(world.lookups, 0);
}

#[test]
fn a_lookup_answered_with_rubbish_or_by_somebody_else_is_refused() {
    let mut world = talking();
    // The link names one person; the node answers with the records of another.
    let (alice, bob) = (identity_of(&world, 0), identity_of(&world, 1));
    let wrong = Chain::verify(world.nodes[0].account(&alice).0.records()).unwrap();
    assert_ne!(wrong.identity(), bob);
    let node = world.nodes[1].url.clone();
    let somebody = IdentityId::from_bytes([6; 32]);
    let node_mark = node_mark(&world.nodes[1].keys.fingerprint());
    let of_bob = world.nodes[1].account(&bob).clone();
    world.nodes[1].impersonate(somebody, of_bob);
    let link = ContactLink {
        node: node.clone(),
        node_mark,
        identity: somebody,
        pass: None,
        invite: None,
    }
    .to_string();
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::IdentityInvalid));
    // Whatever comes under a number that nobody asked for is ignored.
    let before = world.people[0].app.clone();
    for reply in [LookupReply::Bytes(b"rubbish"), LookupReply::Bytes(&[])] {
        let frame = NodeBinary::LookupAnswer {
            request: 9_999,
            reply,
        };
        world.inject(0, Frame::Binary(frame.encode()));
        let frame = NodeBinary::NodeDocument {
            request: 9_999,
            reply,
        };
        world.inject(0, Frame::Binary(frame.encode()));
    }
    assert_eq!(world.people[0].app, before);
}
