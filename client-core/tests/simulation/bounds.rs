//! What there may be too much of: long chains, full mailboxes, strangers' garbage, ids of old messages.

use client_core::driver::Frame;
use client_core::request::{Answer, Request};
use client_core::store::Table;
use client_core::view::{DeliveryView, DroppedView};
use shared_crypto::id::MessageId;
use shared_crypto::live::{NodeFrame, Tombstone};
use shared_crypto::time::{DAY, MINUTE};

use crate::people::{add, identity_of, link_of, say, talking, texts, unreadable};
use crate::world::World;

fn last_delivery(world: &mut World, who: usize, whom: usize) -> Option<DeliveryView> {
    world.conversation(who, whom).pop().unwrap().delivery
}

/// A node's answer holds some fifty records; the rest is asked for.
#[test]
fn a_chain_of_more_records_than_an_answer_holds_is_read_whole() {
    let mut world = talking(3);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    let node = world.nodes[2].url.to_string();
    world.switch_off(1);
    for _ in 0..50 {
        let (drain, keep) = (node.clone(), node.clone());
        assert_eq!(
            world.ask(0, Request::DrainNode { node: drain }),
            Answer::Done
        );
        assert_eq!(world.ask(0, Request::KeepNode { node: keep }), Answer::Done);
    }
    world.run_for(5 * MINUTE);
    let identity = identity_of(&world, 0);
    let chain = world.nodes[2].account(&identity).0.clone();
    let bytes: usize = chain.records().iter().map(Vec::len).sum();
    assert!(bytes > 65_536, "{bytes}");
    let link = link_of(&world, 0);
    let reader = world.add_person();
    let create = Request::CreateIdentity {
        name: "Carol".into(),
        node: Some(world.nodes[1].url.to_string()),
    };
    assert_eq!(world.ask(reader, create), Answer::Done);
    world.run_for(MINUTE);
    let before = world.lookups;
    let answer = world.ask(reader, Request::OpenLink { link });
    assert!(matches!(answer, Answer::Contact(_)), "{answer:?}");
    assert!(world.lookups > before + 1);
}

/// Who has no room now may have some tomorrow.
#[test]
fn mail_to_a_full_mailbox_is_offered_again() {
    let mut world = talking(2);
    world.nodes[0].full = true;
    say(&mut world, 1, 0, "when there is room");
    world.run_for(30 * MINUTE);
    assert_eq!(last_delivery(&mut world, 1, 0), Some(DeliveryView::Sent));
    world.nodes[0].full = false;
    world.run_for(30 * MINUTE);
    assert_eq!(
        texts(&mut world, 0, 1).last().unwrap(),
        "when there is room"
    );
    world.nodes[0].full = true;
    say(&mut world, 1, 0, "never");
    world.run_for(3 * DAY);
    let failed = DeliveryView::Failed {
        code: "mailbox_full".into(),
    };
    assert_eq!(last_delivery(&mut world, 1, 0), Some(failed));
}

#[test]
fn what_strangers_send_in_vain_is_counted() {
    let mut world = talking(2);
    let identity = identity_of(&world, 1);
    let mailbox = world.nodes[1].account(&identity).0.delivery()[0].intro;
    for (number, times) in [(1_u8, 3), (2, 1)] {
        for _ in 0..times {
            let cursor = 1_000 + u64::from(number);
            let id = MessageId::from_bytes([number; 16]);
            world.inject_envelope(1, cursor, mailbox, id, &unreadable());
        }
    }
    let counted = DroppedView {
        unreadable: 2,
        too_many: 0,
    };
    assert_eq!(world.people[1].app.dropped, counted);
    assert_eq!(world.ask(1, Request::DismissDropped), Answer::Done);
    assert_eq!(world.people[1].app.dropped, DroppedView::default());
}

#[test]
fn ids_of_old_messages_are_forgotten_in_the_end() {
    let mut world = talking(2);
    let seen = |world: &World| {
        let rows = world.people[0].store.dump();
        rows.iter()
            .filter(|(table, ..)| *table == Table::Seen)
            .count()
    };
    assert!(seen(&world) > 0);
    world.run_for(30 * DAY);
    assert!(seen(&world) > 0);
    world.run_for(20 * DAY);
    assert_eq!(seen(&world), 0);
}

/// Who is away renews no key, so the one that opens old mail stays: a node that kept the mail could show it again.
#[test]
fn an_envelope_is_known_as_long_as_its_key_after_months_away() {
    let mut world = talking(2);
    let seen = |world: &World| {
        let rows = world.people[0].store.dump();
        rows.iter()
            .filter(|(table, ..)| *table == Table::Seen)
            .count()
    };
    let before = seen(&world);
    assert!(before > 0);
    world.switch_off(0);
    world.run_for(60 * DAY);
    world.switch_on(0);
    world.run_for(2 * DAY);
    assert!(seen(&world) >= before);
    world.run_for(40 * DAY);
    assert_eq!(seen(&world), 0);
}

/// A node's own count of what it dropped is added up: no node fills the store with them.
#[test]
fn tombstones_of_a_node_are_one_row() {
    let mut world = talking(2);
    for id in 0..50 {
        let item = Tombstone {
            id,
            count: 2,
            from: 1_000 - id,
            to: 1_000 + id,
        };
        let frame = NodeFrame::Tombstones { items: vec![item] };
        world.inject(0, Frame::Text(frame.to_text()));
    }
    let rows = world.people[0].store.dump();
    let rows = rows
        .iter()
        .filter(|(table, ..)| *table == Table::Tombstones);
    assert_eq!(rows.count(), 1);
    let shown = &world.people[0].app.tombstones;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (shown[0].count, shown[0].from, shown[0].to),
        (100, 951, 1_049)
    );
}
