//! Follows the numbered, hash-linked events of one device in one conversation.
//!
//! Events may arrive in any order. One that comes early keeps places for those that are missing before it, so
//! that they take them when they come and the conversation reads in the order it was written.

use shared_crypto::id::Hash;

use crate::rows::{ChainRow, MissingRow};
use crate::view::Position;

/// Most missing events that places are kept for, per device and conversation.
pub(crate) const MAX_MISSING: u64 = 256;

/// What a received event's numbers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) counter: u64,
    pub(crate) previous: Hash,
    pub(crate) hash: Hash,
}

/// Where a received event belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its place.
    pub(crate) position: Position,
    /// Whether it fits to what is known of the chain.
    pub(crate) fits: bool,
    /// Events below it that are missing and for which no place is kept, because there are too many.
    pub(crate) forgotten: u64,
}

/// Places an event; `next` is the conversation's next free position and moves on.
pub(crate) fn place(chain: &mut ChainRow, link: Link, next: &mut Position) -> Placed {
    if link.counter > chain.counter {
        append(chain, link, next)
    } else {
        fill(chain, link, next)
    }
}

fn take(next: &mut Position) -> Position {
    let position = *next;
    *next = next.saturating_add(1);
    position
}

fn append(chain: &mut ChainRow, link: Link, next: &mut Position) -> Placed {
    let skipped = link.counter.saturating_sub(chain.counter).saturating_sub(1);
    // Places once kept stay kept: a gap that was shown does not vanish because others came.
    let held = u64::try_from(chain.missing.len()).unwrap_or(MAX_MISSING);
    let kept = skipped.min(MAX_MISSING.saturating_sub(held));
    let first = link.counter.saturating_sub(kept);
    if kept < skipped {
        chain.lost_to = first.saturating_sub(1);
    }
    for counter in first..link.counter {
        let after_known = counter == chain.counter.saturating_add(1);
        let before_known = counter.saturating_add(1) == link.counter;
        chain.missing.push(MissingRow {
            counter,
            position: take(next),
            hash: before_known.then_some(link.previous),
            previous: after_known.then_some(chain.hash),
        });
    }
    let fits = skipped > 0 || link.previous == chain.hash;
    chain.counter = link.counter;
    chain.hash = link.hash;
    Placed {
        position: take(next),
        fits,
        forgotten: skipped.saturating_sub(kept),
    }
}

fn fill(chain: &mut ChainRow, link: Link, next: &mut Position) -> Placed {
    let Some(index) = chain
        .missing
        .iter()
        .position(|missing| missing.counter == link.counter)
    else {
        // Either no place was kept for it, or its counter was used already with another event: a copy of
        // the identity went its own way, or somebody forged.
        return Placed {
            position: take(next),
            fits: link.counter <= chain.lost_to,
            forgotten: 0,
        };
    };
    let missing = chain.missing.remove(index);
    let fits = missing.hash.is_none_or(|hash| hash == link.hash)
        && missing
            .previous
            .is_none_or(|previous| previous == link.previous);
    for neighbour in &mut chain.missing {
        if neighbour.counter.checked_add(1) == Some(link.counter) {
            neighbour.hash = Some(link.previous);
        } else if link.counter.checked_add(1) == Some(neighbour.counter) {
            neighbour.previous = Some(link.hash);
        }
    }
    Placed {
        position: missing.position,
        fits,
        forgotten: 0,
    }
}

/// Runs of missing events: the place of the first and how many.
pub(crate) fn gaps(chain: &ChainRow) -> Vec<(Position, u64)> {
    let mut runs: Vec<(Position, u64)> = Vec::new();
    let mut after = None;
    for missing in &chain.missing {
        match runs.last_mut() {
            Some((_, count)) if after == Some((missing.counter, missing.position)) => {
                *count = count.saturating_add(1);
            }
            _ => runs.push((missing.position, 1)),
        }
        after = missing
            .counter
            .checked_add(1)
            .zip(missing.position.checked_add(1));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;
    use serde_json::Value;
    use shared_crypto::event::{Event, EventError, NO_PREVIOUS};
    use shared_crypto::id::{DeviceId, IdentityId};
    use shared_crypto::record::Chain;
    use shared_crypto::signed::{Signed, Verified};

    fn hash_of(counter: u64) -> Hash {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&counter.to_be_bytes());
        Hash::from_bytes(bytes)
    }

    fn link(counter: u64) -> Link {
        Link {
            counter,
            previous: hash_of(counter - 1),
            hash: hash_of(counter),
        }
    }

    fn chain() -> ChainRow {
        ChainRow {
            device: DeviceId::from_bytes([9; 16]),
            counter: 0,
            hash: hash_of(0),
            missing: Vec::new(),
            lost_to: 0,
        }
    }

    #[test]
    fn in_order_takes_the_next_place() {
        let (mut chain, mut next) = (chain(), 1);
        for counter in 1..=5 {
            let placed = place(&mut chain, link(counter), &mut next);
            assert_eq!(
                placed,
                Placed {
                    position: counter,
                    fits: true,
                    forgotten: 0
                }
            );
        }
        assert!(gaps(&chain).is_empty());
    }

    #[test]
    fn a_jump_is_a_gap_until_it_is_filled() {
        let (mut chain, mut next) = (chain(), 1);
        place(&mut chain, link(1), &mut next);
        assert_eq!(place(&mut chain, link(5), &mut next).position, 5);
        assert_eq!(gaps(&chain), vec![(2, 3)]);
        assert_eq!(
            place(&mut chain, link(3), &mut next),
            Placed {
                position: 3,
                fits: true,
                forgotten: 0
            }
        );
        assert_eq!(gaps(&chain), vec![(2, 1), (4, 1)]);
        place(&mut chain, link(2), &mut next);
        place(&mut chain, link(4), &mut next);
        assert!(gaps(&chain).is_empty());
        assert_eq!(place(&mut chain, link(6), &mut next).position, 6);
    }

    #[test]
    fn a_wrong_previous_hash_does_not_fit() {
        let (mut chain, mut next) = (chain(), 1);
        place(&mut chain, link(1), &mut next);
        let forged = Link {
            previous: hash_of(7),
            ..link(2)
        };
        assert!(!place(&mut chain, forged, &mut next).fits);
        // Late: neither the hash that the next event named nor the one before may differ.
        place(&mut chain, link(5), &mut next);
        assert!(
            !place(
                &mut chain,
                Link {
                    hash: hash_of(77),
                    ..link(4)
                },
                &mut next
            )
            .fits
        );
        assert!(
            !place(
                &mut chain,
                Link {
                    previous: hash_of(77),
                    ..link(3)
                },
                &mut next
            )
            .fits
        );
    }

    #[test]
    fn a_repeated_counter_does_not_fit_and_takes_a_place_of_its_own() {
        let (mut chain, mut next) = (chain(), 1);
        place(&mut chain, link(1), &mut next);
        let placed = place(
            &mut chain,
            Link {
                hash: hash_of(70),
                ..link(1)
            },
            &mut next,
        );
        assert_eq!(
            placed,
            Placed {
                position: 2,
                fits: false,
                forgotten: 0
            }
        );
    }

    #[test]
    fn a_huge_jump_keeps_a_bounded_number_of_places() {
        let (mut chain, mut next) = (chain(), 1);
        let placed = place(&mut chain, link(u64::MAX), &mut next);
        assert_eq!(placed.position, MAX_MISSING + 1);
        assert_eq!(placed.forgotten, u64::MAX - 1 - MAX_MISSING);
        assert_eq!(gaps(&chain), vec![(1, MAX_MISSING)]);
        place(
            &mut chain,
            Link {
                counter: u64::MAX,
                ..link(3)
            },
            &mut next,
        );
    }

    #[test]
    fn a_gap_that_was_shown_stays_until_it_is_filled() {
        let (mut chain, mut next) = (chain(), 1);
        place(&mut chain, link(1), &mut next);
        place(&mut chain, link(3), &mut next);
        assert_eq!(gaps(&chain), vec![(2, 1)]);
        // A node withholds the second, then many more, to have it forgotten.
        let placed = place(&mut chain, link(300), &mut next);
        assert_eq!(placed.forgotten, 41);
        assert_eq!(gaps(&chain)[0], (2, 1));
        assert!(
            place(&mut chain, link(20), &mut next).fits,
            "late, for which no place was kept"
        );
        assert_eq!(place(&mut chain, link(2), &mut next).position, 2);
    }

    /// A field of a frozen case, or that of the case it refers to.
    fn field<'a>(cases: &'a [Value], case: &'a Value, name: &str) -> &'a Value {
        let value = &case["input"][name];
        match value.get("of") {
            Some(of) => {
                let other = cases.iter().find(|case| case["name"] == *of);
                field(cases, other.unwrap(), name)
            }
            None => value,
        }
    }

    fn bytes(value: &Value) -> Vec<u8> {
        HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
    }

    fn list(value: &Value) -> Vec<Vec<u8>> {
        value.as_array().unwrap().iter().map(bytes).collect()
    }

    /// The events of a case as their reader verifies them, or why not.
    fn verified(cases: &[Value], case: &Value) -> Result<Vec<Verified<Event>>, EventError> {
        let sender = Chain::verify(&list(field(cases, case, "records"))).unwrap();
        let recipient = bytes(field(cases, case, "recipient"));
        let recipient = IdentityId::try_from(recipient.as_slice()).unwrap();
        let events = list(field(cases, case, "events"));
        let read = events.iter().map(|event| {
            let id = Signed::<Event>::parse(event)?.unverified().message_id;
            Event::verify(event, &sender, &recipient, &id)
        });
        read.collect()
    }

    /// What is shown of an event, in the words of the vectors.
    fn verdict(chain: &mut ChainRow, link: Link, next: &mut Position) -> &'static str {
        let (newest, gaps_before) = (chain.counter, gaps(chain));
        let was_missing = chain.missing.iter().any(|it| it.counter == link.counter);
        let placed = place(chain, link, next);
        let has_new_gap = gaps(chain).len() > gaps_before.len();
        match (placed.fits, link.counter > newest) {
            (true, true) if has_new_gap => "gap",
            (true, true) => "follows",
            (true, false) => "late",
            (false, true) => "broken",
            (false, false) if was_missing => "broken",
            (false, false) => "repeated",
        }
    }

    /// The frozen vectors of event chains, by the code that conversations are shown by.
    #[test]
    fn the_frozen_event_chains_are_placed_as_the_protocol_says() {
        let text = include_str!("../../docs/vectors/event-chain.json");
        let family: Value = serde_json::from_str(text).unwrap();
        let cases = family["cases"].as_array().unwrap();
        let (mut placed, mut refused) = (0, 0);
        for case in cases {
            let name = &case["name"];
            let events = match verified(cases, case) {
                Ok(events) => events,
                Err(error) => {
                    assert_eq!(case["error"], format!("{error:?}"), "{name}");
                    refused += 1;
                    continue;
                }
            };
            assert_eq!(case["valid"], true, "{name}");
            let (mut chain, mut next) = (chain(), 1);
            (chain.counter, chain.hash) = (0, NO_PREVIOUS);
            // What comes again under its message id is known before it is placed.
            let mut seen = std::collections::BTreeSet::new();
            let verdicts: Vec<&str> = events
                .iter()
                .map(|event| {
                    let link = Link {
                        counter: event.counter,
                        previous: event.previous,
                        hash: event.hash(),
                    };
                    if seen.insert(event.message_id) {
                        verdict(&mut chain, link, &mut next)
                    } else {
                        "again"
                    }
                })
                .collect();
            assert_eq!(
                case["expected"]["verdicts"],
                Value::from(verdicts),
                "{name}"
            );
            placed += 1;
        }
        assert!(placed >= 8 && refused >= 8, "{placed}, {refused}");
    }

    proptest! {
        #[test]
        fn any_order_reads_in_the_order_written(order in Just((1..=40_u64).collect::<Vec<_>>()).prop_shuffle()) {
            let (mut chain, mut next) = (chain(), 1);
            let mut positions = std::collections::BTreeMap::new();
            for counter in order {
                let placed = place(&mut chain, link(counter), &mut next);
                prop_assert!(placed.fits);
                prop_assert_eq!(placed.forgotten, 0);
                positions.insert(counter, placed.position);
            }
            prop_assert!(gaps(&chain).is_empty());
            let in_order: Vec<_> = positions.values().copied().collect();
            prop_assert!(in_order.is_sorted());
            prop_assert_eq!(in_order.len(), 40);
        }
    }
}
