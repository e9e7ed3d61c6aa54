//! What a copy of the store can open of recorded traffic: nothing that is older than the window.

use client_core::client::Client;
use client_core::driver::{Event, Frame};
use client_core::memory::MemoryStore;
use client_core::request::{Answer, Request};
use client_core::store::{Change, Store, Table};
use client_core::view::BodyView;
use pollster::block_on;
use shared_crypto::id::Nonce;
use shared_crypto::live::NodeFrame;
use shared_crypto::time::{DAY, MINUTE, REFRESH, RETENTION};

use crate::people::{say, talking, texts};
use crate::world::World;

/// A copy of a person's store that has every key and remembers nothing that was said.
fn copy_without_memory(world: &World, who: usize) -> MemoryStore {
    let copy = MemoryStore::new();
    let forgotten = [
        Table::Seen,
        Table::Entries,
        Table::Events,
        Table::Places,
        Table::Conversations,
        Table::Search,
    ];
    let kept = world.people[who].store.dump().into_iter();
    let changes =
        kept.filter(|(table, ..)| !forgotten.contains(table))
            .map(|(table, key, value)| Change {
                table,
                key,
                value: Some(value),
            });
    block_on(copy.commit(changes.collect())).unwrap();
    copy
}

/// The texts that a copy reads out of recorded frames, and whether it met something that it cannot open.
fn read(
    world: &mut World,
    who: usize,
    copy: MemoryStore,
    recorded: &[Frame],
) -> (Vec<String>, bool) {
    let url = world.home_of(who);
    let node = world.nodes.iter().find(|node| node.url == url).unwrap();
    let challenge = NodeFrame::Challenge {
        nonce: Nonce::from_bytes([1; 32]),
        url: url.clone(),
        fingerprint: node.keys.fingerprint(),
    };
    let welcome = NodeFrame::Welcome {
        cursor: 0,
        time: world.now,
        closing_at: None,
    };
    let contact = world.contact(who, 1 - who).unwrap();
    let (now, rng) = (world.now, &mut world.rng);
    let (mut client, _) = block_on(Client::open(copy, now, rng)).unwrap();
    let greeting = [challenge, welcome].map(|frame| Frame::Text(frame.to_text()));
    let frames = greeting.into_iter().chain(recorded.iter().cloned());
    let heard = Event::Frames(url, frames.collect());
    block_on(client.event(heard, now, rng));
    let request = Request::Entries {
        contact,
        before: None,
        limit: 200,
    };
    let output = block_on(client.request(1, request, now, rng));
    let Some((_, Answer::Entries(entries))) = output.answers.into_iter().next() else {
        panic!("entries")
    };
    let unopened = entries
        .iter()
        .any(|entry| entry.body == BodyView::CannotOpen);
    let read = entries.into_iter().filter_map(|entry| match entry.body {
        BodyView::Text(text) => Some(text),
        _ => None,
    });
    (read.collect(), unopened)
}

#[test]
fn a_copy_made_after_the_window_cannot_open_older_envelopes() {
    let mut world = talking(2);
    let start = world.heard.len();
    say(&mut world, 0, 1, "a secret of that week");
    world.run_for(5 * MINUTE);
    let recorded: Vec<Frame> = world.heard[start..]
        .iter()
        .filter(|(who, frame)| *who == 1 && matches!(frame, Frame::Binary(bytes) if bytes[0] == 1))
        .map(|(_, frame)| frame.clone())
        .collect();
    // A copy made at once reads it: the recording is good.
    let copy = copy_without_memory(&world, 1);
    let (now, _) = read(&mut world, 1, copy, &recorded);
    assert_eq!(now, ["a secret of that week"]);
    // A copy made after the receive key was replaced and mail has expired everywhere does not.
    world.run_for(REFRESH + RETENTION + 2 * DAY);
    let copy = copy_without_memory(&world, 1);
    let (later, unopened) = read(&mut world, 1, copy, &recorded);
    assert!(later.is_empty(), "{later:?}");
    assert!(unopened);
    // The person's own device still shows what it read in time.
    assert!(texts(&mut world, 1, 0).contains(&"a secret of that week".to_owned()));
    // Replaced sealing keys are destroyed with the same delay: a copy then has one left.
    assert_eq!(world.ask(1, Request::RotateKeys), Answer::Done);
    let with_old = identity_row(&world);
    world.run_for(RETENTION + 2 * DAY);
    assert!(identity_row(&world) + 1_000 < with_old);
}

/// Bytes of the row that holds the keys: a sealing key that is kept for late mail takes well over a thousand.
fn identity_row(world: &World) -> usize {
    let rows = world.people[1].store.dump();
    rows.into_iter()
        .filter(|(table, ..)| *table == Table::Identity)
        .map(|(_, _, value)| value.len())
        .sum()
}
