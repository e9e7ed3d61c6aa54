//! Canned states of nodes, moving, recovery and restoring.

use client_core::request::{Answer, Failure, Request, Secret};
use client_core::view::{
    AppView, BodyView, ConnectionView, ContactState, ContactView, ConversationView, DeviceView,
    DroppedView, EntryView, FileView, NodeOfferView, NodeStep, NodeView, RecoveryStep,
    RegistrationView, RestoreStep, StageView, VaultActivity, VaultFault, VaultNodeView,
    VaultProofView, VaultView,
};

use super::people::{HOUR, contact, conversation, remark, said};
use super::scenes::talking;
use crate::platform::time::{DAY, now};

/// A conversation with remarks about the other person's identity.
pub const REMARKS: u32 = 8;

/// A conversation with somebody whose statements contradict each other.
pub const FORKED: u32 = 9;

/// Name and place of the scenes.
pub const SCENES: &[(&str, &str)] = &[
    ("talk", "#/nodes"),
    ("talk", "#/move"),
    ("talk", "#/recovery"),
    ("talk", "#/backup"),
    ("talk", "#/take-back"),
    ("talk", "#/c/8"),
    ("forked", "#/c/9"),
    ("two-nodes", "#/nodes"),
    ("dead-node", "#/move"),
    ("move-join", "#/move"),
    ("move-problem", "#/move"),
    ("move-empty", "#/move"),
    ("move-empty", "#/nodes"),
    ("move-silent", "#/move"),
    ("move-leave", "#/nodes"),
    ("no-nodes", "#/nodes"),
    ("refuses", "#/move"),
    ("refuses", "#/recovery"),
    ("confirmed", "#/recovery"),
    ("vault-trouble", "#/recovery"),
    ("dropped", ""),
    ("locked-out", "#/c/1"),
    ("locked-out", "#/take-back"),
    ("welcome", "#/restore"),
    ("restore-fails", "#/restore"),
    ("restoring", ""),
    ("recovering", ""),
    ("recovering-unheard", ""),
];

/// The projection of a scene.
pub fn view(name: &str) -> Option<AppView> {
    let online = ConnectionView::Online;
    let away = || ConnectionView::Offline {
        retry_at: now() + 9_000,
    };
    let old = |step, connection| node("node.example", step, connection);
    let new = |step, connection| node("harbour.example", step, connection);
    let moving = |nodes: Vec<NodeView>| {
        let mut view = talking();
        if let Some(me) = &mut view.me {
            me.nodes = nodes;
        }
        view
    };
    let drains = |connection| {
        moving(vec![
            new(NodeStep::Active, ConnectionView::Online),
            old(NodeStep::Draining, connection),
        ])
    };
    Some(match name {
        "two-nodes" => moving(vec![
            old(NodeStep::Active, online.clone()),
            new(NodeStep::Active, away()),
        ]),
        "dead-node" => moving(vec![old(NodeStep::Active, away())]),
        "move-join" => moving(vec![
            old(NodeStep::Active, online),
            new(NodeStep::Joining, ConnectionView::Connecting),
        ]),
        "move-problem" => moving(vec![
            old(NodeStep::Active, online),
            NodeView {
                problem: Some("registration_closed".into()),
                ..new(NodeStep::Joining, away())
            },
        ]),
        "move-empty" => drains(online),
        "move-silent" => drains(away()),
        "move-leave" => moving(vec![
            new(NodeStep::Active, online.clone()),
            old(NodeStep::Leaving, online),
        ]),
        "no-nodes" => moving(Vec::new()),
        "forked" => forked(),
        "confirmed" => AppView {
            vault: VaultView {
                phrase_kept: false,
                phrase_confirmed: true,
                has_passphrase: true,
                unsaved: false,
                devices: vec![DeviceView {
                    mark: "3f2a90c1".into(),
                    saved_at: now() - DAY,
                }],
                ..vault()
            },
            ..talking()
        },
        "vault-trouble" => AppView {
            vault: trouble(),
            ..talking()
        },
        "dropped" => AppView {
            dropped: DroppedView {
                unreadable: 2,
                too_many: 14,
            },
            ..talking()
        },
        "locked-out" => AppView {
            stage: StageView::LockedOut,
            connection: ConnectionView::Refused {
                code: "unauthorized".into(),
            },
            ..talking()
        },
        "restore-fails" => stage(StageView::NoIdentity),
        "restoring" => stage(StageView::Restoring(RestoreStep::Downloading {
            done: 3,
            of: 8,
        })),
        "recovering-unheard" => {
            let mut view = AppView {
                connection: away(),
                ..talking()
            };
            if let Some(me) = &mut view.me {
                me.recovering = true;
            }
            view
        }
        "recovering" => stage(StageView::Recovering(RecoveryStep::Keys)),
        _ => return None,
    })
}

fn stage(stage: StageView) -> AppView {
    AppView {
        stage,
        ..AppView::default()
    }
}

fn node(host: &str, step: NodeStep, connection: ConnectionView) -> NodeView {
    NodeView {
        node: format!("https://{host}"),
        step,
        connection,
        retention: Some(21 * DAY),
        remove_at: (step == NodeStep::Draining).then(|| now() + 21 * DAY),
        problem: None,
        closing_at: (host == "closing.example").then(|| now() + 30 * DAY),
    }
}

/// The copy on the nodes, as it should be.
pub fn vault() -> VaultView {
    VaultView {
        saved_at: Some(now() - HOUR),
        activity: VaultActivity::Resting,
        unsaved: true,
        phrase_kept: true,
        phrase_confirmed: false,
        has_passphrase: false,
        nodes: vec![kept("node.example", None)],
        devices: Vec::new(),
    }
}

fn trouble() -> VaultView {
    VaultView {
        activity: VaultActivity::Failing {
            retry_at: now() + 60_000,
        },
        nodes: vec![
            kept("node.example", Some(VaultFault::Unreachable)),
            kept("harbour.example", Some(VaultFault::RolledBack)),
            kept("third.example", Some(VaultFault::Full)),
        ],
        ..vault()
    }
}

fn kept(host: &str, fault: Option<VaultFault>) -> VaultNodeView {
    VaultNodeView {
        node: format!("https://{host}"),
        version: Some(41),
        saved_at: Some(now() - HOUR),
        fault,
    }
}

fn forked() -> AppView {
    let mut view = talking();
    let who = ContactView {
        forked: true,
        ..contact(FORKED, "Ottilie", ContactState::Accepted, "otti.example")
    };
    view.conversations.insert(0, conversation(who, &fork(), 0));
    view
}

/// Conversations of these scenes.
pub fn conversations() -> Vec<ConversationView> {
    let who = contact(REMARKS, "Noor", ContactState::Accepted, "noor.example");
    vec![conversation(who, &remarks(), 0)]
}

/// What stands in the conversation with [`REMARKS`].
pub fn remarks() -> Vec<EntryView> {
    vec![
        said(1, false, 90 * HOUR, "I am going to change my node today"),
        remark(
            2,
            80 * HOUR,
            BodyView::Moved {
                node: "https://noor.example".into(),
            },
        ),
        said(3, false, 70 * HOUR, "Did you notice anything?"),
        said(4, true, 69 * HOUR, "One line. That is all!"),
        remark(5, 50 * HOUR, BodyView::KeyChanged { recovered: false }),
        remark(6, 20 * HOUR, BodyView::KeyChanged { recovered: true }),
        said(
            7,
            false,
            19 * HOUR,
            "My laptop was stolen. Call me to compare the number?",
        ),
    ]
}

/// What stands in the conversation with [`FORKED`].
pub fn fork() -> Vec<EntryView> {
    vec![
        said(1, false, 30 * HOUR, "See you on Friday"),
        remark(2, HOUR, BodyView::Forked),
    ]
}

/// What the canned engine says about nodes and recovery; nothing for the rest.
pub fn answer(request: &Request) -> Option<Answer> {
    Some(match request {
        Request::LookUpNode { node } => look_up(node),
        Request::RecoveryPhrase => Answer::RecoveryPhrase(Secret(
            "harbour bread ferry coffee lantern rope anchor winter orange ticket meadow stone"
                .into(),
        )),
        Request::ConfirmPhrase { phrase, .. } if phrase.0.split(' ').count() != 12 => {
            Answer::Failed(Failure::BadPhrase(
                client_core::request::PhraseFault::UnknownWord { number: 3 },
            ))
        }
        Request::ConfirmPhrase { .. } | Request::ProveVault => Answer::VaultProof(VaultProofView {
            name: "Mara Lindqvist".into(),
            contacts: 7,
            messages: 412,
            newest_message_at: Some(now() - HOUR / 2),
            saved_at: now() - HOUR,
            bytes: 1_234_567,
            devices: 1,
            nodes: vec![kept("node.example", None)],
        }),
        Request::ExportBackup | Request::Export(_) => Answer::File(FileView {
            name: "zechat.txt".into(),
            media_type: "text/plain".into(),
            bytes: b"canned".to_vec(),
        }),
        Request::Restore { .. } | Request::ImportBackup { .. } => {
            Answer::Failed(Failure::WrongPassphrase)
        }
        Request::Recover { .. } => Answer::Failed(Failure::WrongPhrase),
        _ => return None,
    })
}

fn look_up(node: &str) -> Answer {
    let host = node.trim_start_matches("https://").trim_end_matches('/');
    let offer = NodeOfferView {
        node: format!("https://{host}"),
        name: Some("Harbour people".into()),
        software: "zechat-node 0.1.0".into(),
        registration: RegistrationView::Open,
        retention: 21 * DAY,
        quota_bytes: 100 * 1024 * 1024,
        quota_count: 10_000,
        vault_quota_bytes: Some(64 * 1024 * 1024),
        listed: host == "node.example",
        invited: false,
        closing_at: None,
    };
    Answer::Node(match host {
        "" => return Answer::Failed(Failure::BadNode),
        "away.example" => return Answer::Failed(Failure::NodeUnreachable),
        "closed.example" => NodeOfferView {
            registration: RegistrationView::Closed,
            ..offer
        },
        "short.example" => NodeOfferView {
            registration: RegistrationView::Invite,
            retention: 3 * DAY,
            name: None,
            ..offer
        },
        _ => offer,
    })
}
