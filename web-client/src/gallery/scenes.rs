//! Canned states of the whole application.

use std::collections::BTreeMap;

use client_core::request::Failure;
use client_core::view::{
    AppView, ConnectionView, ContactNumber, ContactState, CreationStep, DeliveryView, EntryView,
    MeView, StageView, TombstoneView,
};

use super::identity;
use super::people::{self, HOUR, contact, conversation, links, me, said, sent};
use super::talk;
use crate::bridge::{Fault, LockView, PasskeyView};
use crate::platform::place;
use crate::platform::time::now;

/// How the canned engine behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temper {
    /// It answers.
    Answers,
    /// It never answers.
    Silent,
    /// It cannot run.
    Broken(Fault),
    /// It answers all but requests for entries.
    NoEntries,
    /// It refuses everything but the projection.
    Refuses,
    /// It is behind a closed lock.
    Locked,
}

/// What the canned engine starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// The projection.
    pub view: AppView,
    /// The entries of conversations.
    pub entries: BTreeMap<ContactNumber, Vec<EntryView>>,
    /// How it behaves.
    pub temper: Temper,
    /// What it refuses with.
    pub failure: Failure,
    /// How the lock stands.
    pub lock: LockView,
}

/// Name, start of the address after `?scene=NAME`, in the order of a person's way.
pub const SCENES: &[(&str, &str)] = &[
    ("opening", ""),
    ("broken", ""),
    ("full-store", ""),
    ("newer-store", ""),
    ("damaged-store", ""),
    ("welcome", ""),
    ("create-fails", ""),
    ("creating", ""),
    ("empty", ""),
    ("empty", "#/new"),
    ("talk", ""),
    ("talk", "#/c/1"),
    ("talk", "#/c/2"),
    ("talk", "#/c/3"),
    ("talk", "#/c/4"),
    ("talk", "#/c/5"),
    ("talk", "#/c/6"),
    ("talk", "#/c/7"),
    ("talk", "#/c/30"),
    ("talk", "#/new"),
    ("talk", "#/requests"),
    ("talk", "#/settings"),
    ("talk", "#/c/99"),
    ("talk", "#/lock"),
    ("with-lock", "#/lock"),
    ("locked", ""),
    ("evicted", ""),
    ("empty", "#/requests"),
    ("no-entries", "#/c/1"),
    ("refuses", "#/c/1"),
    ("offline", "#/c/1"),
    ("connecting", "#/c/1"),
    ("refused", ""),
    ("tombstones", ""),
];

/// The scene of this name.
pub fn scene(name: &str) -> Option<Scene> {
    let with = |view: AppView| Scene {
        view,
        entries: entries(),
        temper: Temper::Answers,
        failure: Failure::NodeUnreachable,
        lock: LockView::default(),
    };
    let lock = LockView {
        is_set: true,
        minutes: 15,
        passkeys: vec![PasskeyView {
            credential: vec![1; 16],
            salt: [2; 32],
        }],
    };
    let broken = |fault| Scene {
        temper: Temper::Broken(fault),
        ..with(AppView::default())
    };
    let connected = |connection: ConnectionView| AppView {
        connection,
        ..talking()
    };
    Some(match name {
        "opening" => Scene {
            temper: Temper::Silent,
            ..with(AppView::default())
        },
        "broken" => broken(Fault::Browser),
        "full-store" => broken(Fault::Full),
        "newer-store" => broken(Fault::Newer),
        "damaged-store" => broken(Fault::Damaged),
        "welcome" => with(AppView {
            stage: StageView::NoIdentity,
            ..AppView::default()
        }),
        "create-fails" => Scene {
            temper: Temper::Refuses,
            ..with(AppView {
                stage: StageView::NoIdentity,
                ..AppView::default()
            })
        },
        "creating" => with(AppView {
            stage: StageView::Creating(CreationStep::SealingKey),
            ..AppView::default()
        }),
        "empty" => with(AppView {
            me: Some(me()),
            conversations: Vec::new(),
            requests: Vec::new(),
            ..talking()
        }),
        "talk" => with(talking()),
        "locked" => Scene {
            temper: Temper::Locked,
            lock,
            ..with(talking())
        },
        "with-lock" => Scene {
            lock,
            ..with(talking())
        },
        "evicted" => {
            place::set_known(
                "0\thttps://node.example/i#AQIDBAUGBwgJ\tNora Lindqvist\n1\thttps://work.example/i#AQIDBAUGBwgK\tWork\n",
            );
            scene("welcome")?
        }
        "no-entries" => Scene {
            temper: Temper::NoEntries,
            ..with(talking())
        },
        "refuses" => Scene {
            temper: Temper::Refuses,
            ..with(talking())
        },
        "offline" => with(connected(ConnectionView::Offline {
            retry_at: now() + 23_000,
        })),
        "connecting" => with(connected(ConnectionView::Connecting)),
        "refused" => with(connected(ConnectionView::Refused {
            code: "unknown_identity".into(),
        })),
        "tombstones" => with(AppView {
            tombstones: vec![TombstoneView {
                count: 3,
                from: now() - 700 * HOUR,
                to: now() - 500 * HOUR,
            }],
            ..talking()
        }),
        "restore-fails" => Scene {
            temper: Temper::Refuses,
            ..with(identity::view(name)?)
        },
        _ => with(identity::view(name)?),
    })
}

fn entries() -> BTreeMap<ContactNumber, Vec<EntryView>> {
    BTreeMap::from([
        (1, people::talk()),
        (2, people::states()),
        (3, people::hostile()),
        (
            4,
            vec![sent(
                1,
                HOUR,
                "Hi, it’s Mara! We met at the harbour.",
                DeliveryView::WaitingForAcceptance,
            )],
        ),
        (
            5,
            vec![said(1, false, 400 * HOUR, "You won’t believe this offer")],
        ),
        (6, people::history(230)),
        (7, Vec::new()),
        (talk::TALK, talk::done()),
        (identity::REMARKS, identity::remarks()),
        (identity::FORKED, identity::fork()),
    ])
}

/// A person who talks with several others.
pub fn talking() -> AppView {
    let entries = entries();
    let of = |number| entries.get(&number).map_or(&[][..], Vec::as_slice);
    let talk = |number, name: &str, state, node: &str, unread| {
        conversation(contact(number, name, state, node), of(number), unread)
    };
    let mut done = talk(
        talk::TALK,
        "Theo",
        ContactState::Accepted,
        "node.example",
        0,
    );
    talk::mark(&mut done);
    let mut draft = talk(7, "Ida", ContactState::Accepted, "node.example", 0);
    draft.draft = "Don’t forget the".into();
    draft.active_at = now() - 26 * HOUR;
    AppView {
        stage: StageView::Ready,
        me: Some(MeView {
            links: links(),
            ..me()
        }),
        connection: ConnectionView::Online,
        conversations: [
            identity::conversations(),
            vec![
                talk(1, "Jonas Weber", ContactState::Accepted, "jonas.example", 0),
                talk(
                    6,
                    "Harbour crew 🛶",
                    ContactState::Accepted,
                    "node.example",
                    12,
                ),
                talk(2, "Amélie", ContactState::Accepted, "chat.lune.example", 1),
                talk(3, "ليلى حدّاد", ContactState::Accepted, "layla.example", 120),
                done,
                talk(4, "", ContactState::Asked, "harbour.example", 0),
                draft,
                talk(
                    5,
                    "Kim Prize-Department of Extraordinarily Long Names and Titles",
                    ContactState::Blocked,
                    "spam.example",
                    4,
                ),
            ],
        ]
        .concat(),
        requests: people::requests(),
        vault: identity::vault(),
        ..AppView::default()
    }
}
