//! *Move × deliver* at small size, every interleaving: an owner moves from node A to node B while a sender, who
//! knows none of it, has two letters for them; requests, answers and acknowledgements get lost.
//!
//! What stands for what:
//!
//! | here | in the program |
//! | --- | --- |
//! | record 0, 1, 2 | the delivery lists `A active`; `A draining, B active`; `B active` |
//! | `Sign` | `client-core` signs the next record; the one without A only when nothing of A's mail waits |
//! | `Publish` | the bundle is put to a node, which takes newer chains only |
//! | `Hand`, `Arrive` | a submission on its way; a node accepts for accounts whose newest record lists it and knows message ids (`store/mail.rs`) |
//! | answer *moved* | `mailbox_moved`: the sender asks that node for the newer chain and sends again |
//! | `Learn` | the sender meets a newer chain anywhere else, as in a message |
//! | `Fetch` | the node pushes, the client commits and acknowledges; message ids make it show once |
//!
//! The model says what the rule for the old node must be: fetch there until it *knows* that it was left and has
//! nothing more. Fetching only as long as one's own newest record lists it loses mail; the second test shows how.

#![allow(missing_docs, clippy::indexing_slicing, reason = "a test")]

use stateright::{Checker, Model, Property};

const A: usize = 0;
const B: usize = 1;
const LETTERS: usize = 2;

/// The record that a node does not have yet.
const NONE: i8 = -1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Letter {
    Waiting,
    UnderWay(usize),
    /// The sender knows that a node has it.
    Accepted,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// The newest record that the owner has signed, that each node holds, and that the sender has pinned.
    owner: i8,
    nodes: [i8; 2],
    sender: i8,
    letters: [Letter; LETTERS],
    accepted: [[bool; LETTERS]; 2],
    stored: [[bool; LETTERS]; 2],
    /// Message ids that the owner knows, by which node they came; and how often each letter was shown.
    seen: [[bool; LETTERS]; 2],
    shown: [u8; LETTERS],
    /// What may still get lost.
    losses: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Comes,
    IsLost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Sign,
    Publish(usize),
    Learn(usize),
    Hand(usize),
    LoseLetter(usize),
    Arrive(usize, Answer),
    Fetch(usize, usize, Answer),
}

/// When the owner stops fetching from the old node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// When it knows that it was left, and has nothing more.
    WhenItKnows,
    /// As soon as one's own newest record lists it no more.
    WhenUnlisted,
}

struct Move {
    stop: Stop,
    losses: u8,
}

impl State {
    fn lists(record: i8, node: usize) -> bool {
        match node {
            A => (0..2).contains(&record),
            _ => record >= 1,
        }
    }

    /// Where somebody who knows this record delivers.
    fn destination(record: i8) -> usize {
        if record == 0 { A } else { B }
    }

    fn fetches(&self, node: usize, stop: Stop) -> bool {
        let is_left = self.nodes[node] == 2 && !self.stored[node].contains(&true);
        match (node, stop) {
            (A, Stop::WhenItKnows) => !is_left,
            _ => Self::lists(self.owner, node),
        }
    }
}

impl Model for Move {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            owner: 0,
            nodes: [0, NONE],
            sender: 0,
            letters: [Letter::Waiting; LETTERS],
            accepted: [[false; LETTERS]; 2],
            stored: [[false; LETTERS]; 2],
            seen: [[false; LETTERS]; 2],
            shown: [0; LETTERS],
            losses: self.losses,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let is_ready = match state.owner {
            0 => true,
            1 => state.nodes == [1, 1] && !state.stored[A].contains(&true),
            _ => false,
        };
        if is_ready {
            actions.push(Action::Sign);
        }
        for node in [A, B] {
            // The new node first: contacts must not be sent to one that does not know us.
            let is_known = node == B || state.owner == 0 || state.nodes[B] >= 1;
            if state.nodes[node] < state.owner && is_known {
                actions.push(Action::Publish(node));
            }
            if state.nodes[node] > state.sender && state.nodes[B] >= 1 {
                actions.push(Action::Learn(node));
            }
            for letter in 0..LETTERS {
                if state.stored[node][letter] && state.fetches(node, self.stop) {
                    actions.push(Action::Fetch(node, letter, Answer::Comes));
                    if state.losses > 0 {
                        actions.push(Action::Fetch(node, letter, Answer::IsLost));
                    }
                }
            }
        }
        for letter in 0..LETTERS {
            match state.letters[letter] {
                Letter::Waiting => actions.push(Action::Hand(letter)),
                Letter::UnderWay(_) => {
                    actions.push(Action::Arrive(letter, Answer::Comes));
                    if state.losses > 0 {
                        actions.push(Action::Arrive(letter, Answer::IsLost));
                        actions.push(Action::LoseLetter(letter));
                    }
                }
                Letter::Accepted => {}
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Sign => next.owner += 1,
            Action::Publish(node) => next.nodes[node] = state.owner,
            Action::Learn(node) => next.sender = state.nodes[node],
            Action::Hand(letter) => {
                next.letters[letter] = Letter::UnderWay(State::destination(state.sender));
            }
            Action::LoseLetter(letter) => {
                next.letters[letter] = Letter::Waiting;
                next.losses -= 1;
            }
            Action::Arrive(letter, answer) => {
                let Letter::UnderWay(node) = state.letters[letter] else {
                    return None;
                };
                let is_taken = State::lists(state.nodes[node], node);
                if is_taken && !state.accepted[node][letter] {
                    next.accepted[node][letter] = true;
                    next.stored[node][letter] = true;
                }
                next.letters[letter] = match answer {
                    Answer::IsLost => {
                        next.losses -= 1;
                        Letter::Waiting
                    }
                    Answer::Comes if is_taken => Letter::Accepted,
                    Answer::Comes => {
                        next.sender = state.sender.max(state.nodes[node]);
                        Letter::Waiting
                    }
                };
            }
            Action::Fetch(node, letter, answer) => {
                // It may have come before, by either node.
                if ![A, B].iter().any(|node| state.seen[*node][letter]) {
                    next.shown[letter] += 1;
                }
                next.seen[node][letter] = true;
                if answer == Answer::IsLost {
                    next.losses -= 1;
                } else {
                    next.stored[node][letter] = false;
                }
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "nothing that a node took is lost",
                |model: &Self, state: &State| {
                    (0..LETTERS).all(|letter| {
                        let is_taken = [A, B].iter().any(|node| state.accepted[*node][letter]);
                        let is_reached = |node: &usize| {
                            state.stored[*node][letter] && state.fetches(*node, model.stop)
                        };
                        !is_taken || state.shown[letter] > 0 || [A, B].iter().any(is_reached)
                    })
                },
            ),
            Property::always("nothing is shown twice", |_, state: &State| {
                state.shown.iter().all(|shown| *shown <= 1)
            }),
            Property::always(
                "nobody is sent to a node that does not know the owner",
                |_, state: &State| state.sender == 0 || state.nodes[B] >= 1,
            ),
            Property::eventually(
                "every letter is read, and its sender knows",
                |_, state: &State| {
                    state.shown == [1; LETTERS] && state.letters == [Letter::Accepted; LETTERS]
                },
            ),
            Property::eventually("the move ends", |_, state: &State| {
                state.owner == 2 && state.nodes == [2, 2]
            }),
        ]
    }
}

#[test]
fn no_letter_is_lost_by_a_move_in_any_order_of_events() {
    let model = Move {
        stop: Stop::WhenItKnows,
        losses: 2,
    };
    let checker = model.checker().spawn_bfs().join();
    checker.assert_properties();
    assert!(
        checker.unique_state_count() > 1_000,
        "{}",
        checker.unique_state_count()
    );
}

#[test]
fn whoever_stops_fetching_before_the_old_node_knows_loses_mail() {
    let model = Move {
        stop: Stop::WhenUnlisted,
        losses: 0,
    };
    let checker = model.checker().spawn_bfs().join();
    assert!(
        checker
            .discovery("nothing that a node took is lost")
            .is_some()
    );
}
