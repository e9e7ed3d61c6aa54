//! Entries between their stored and their shown form.

use shared_crypto::id::MessageId;

use crate::rows::{EntryRow, ReachedRow};
use crate::view::{
    BodyView, DeliveryView, EntryMarks, EntryView, MessageInfo, Millis, Position, QuoteView,
    ReactionView,
};

mod kind {
    pub(super) const TEXT: u64 = 1;
    pub(super) const GAP: u64 = 2;
    pub(super) const NEWER: u64 = 3;
    pub(super) const CONNECTED: u64 = 4;
    pub(super) const BROKEN: u64 = 5;
    pub(super) const CANNOT_OPEN: u64 = 6;
    pub(super) const MOVED: u64 = 7;
    pub(super) const KEY_CHANGED: u64 = 8;
    pub(super) const RECOVERED: u64 = 9;
    pub(super) const FORKED: u64 = 10;
    pub(super) const FORK_DECIDED: u64 = 11;
    pub(super) const FORK_RECOVERED: u64 = 12;
    pub(super) const DELETED: u64 = 20;
    pub(super) const EXPIRED: u64 = 21;
    pub(super) const TIMER: u64 = 22;
}

/// Where an entry comes from and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) id: MessageId,
    pub(crate) mine: bool,
    pub(crate) sent_at: Millis,
    pub(crate) stored_at: Millis,
}

/// Makes a row that says `body`.
pub(crate) fn to_row(origin: Origin, body: &BodyView, delivery: Option<&DeliveryView>) -> EntryRow {
    let (kind, text, number) = match body {
        BodyView::Text(text) => (kind::TEXT, Some(text.clone()), None),
        BodyView::Gap { missing } => (kind::GAP, None, Some(*missing)),
        BodyView::NeedsNewerVersion { kind: unknown } => (kind::NEWER, None, Some(*unknown)),
        BodyView::Connected => (kind::CONNECTED, None, None),
        BodyView::Broken => (kind::BROKEN, None, None),
        BodyView::CannotOpen => (kind::CANNOT_OPEN, None, None),
        BodyView::Moved { node } => (kind::MOVED, Some(node.clone()), None),
        BodyView::KeyChanged { recovered: false } => (kind::KEY_CHANGED, None, None),
        BodyView::KeyChanged { recovered: true } => (kind::RECOVERED, None, None),
        BodyView::Forked => (kind::FORKED, None, None),
        BodyView::ForkSettled { recovered: false } => (kind::FORK_DECIDED, None, None),
        BodyView::ForkSettled { recovered: true } => (kind::FORK_RECOVERED, None, None),
        BodyView::Deleted => (kind::DELETED, None, None),
        BodyView::Expired => (kind::EXPIRED, None, None),
        BodyView::Timer { seconds } => (kind::TIMER, None, Some(*seconds)),
    };
    let Origin {
        id,
        mine,
        sent_at,
        stored_at,
    } = origin;
    let mut row = EntryRow {
        id,
        mine,
        sent_at,
        stored_at,
        kind,
        text,
        number,
        delivery: None,
        code: None,
        reply: None,
        reactions: None,
        versions: None,
        edited_at: None,
        expires_at: None,
        reached: None,
    };
    if let Some(delivery) = delivery {
        set_delivery(&mut row, delivery);
    }
    row
}

/// Makes the shown form of a row.
pub(crate) fn to_view(position: Position, row: &EntryRow) -> EntryView {
    let number = row.number.unwrap_or_default();
    let body = match row.kind {
        kind::TEXT => BodyView::Text(row.text.clone().unwrap_or_default()),
        kind::GAP => BodyView::Gap { missing: number },
        kind::NEWER => BodyView::NeedsNewerVersion { kind: number },
        kind::CONNECTED => BodyView::Connected,
        kind::CANNOT_OPEN => BodyView::CannotOpen,
        kind::MOVED => BodyView::Moved {
            node: row.text.clone().unwrap_or_default(),
        },
        kind::KEY_CHANGED => BodyView::KeyChanged { recovered: false },
        kind::RECOVERED => BodyView::KeyChanged { recovered: true },
        kind::FORKED => BodyView::Forked,
        kind::FORK_DECIDED => BodyView::ForkSettled { recovered: false },
        kind::FORK_RECOVERED => BodyView::ForkSettled { recovered: true },
        kind::DELETED => BodyView::Deleted,
        kind::EXPIRED => BodyView::Expired,
        kind::TIMER => BodyView::Timer { seconds: number },
        _ => BodyView::Broken,
    };
    EntryView {
        position,
        id: row.id,
        mine: row.mine,
        sent_at: row.sent_at,
        stored_at: row.stored_at,
        body,
        delivery: delivery(row),
        marks: marks(row),
    }
}

fn marks(row: &EntryRow) -> EntryMarks {
    let reply = row.reply.map(|id| QuoteView {
        id,
        position: None,
        mine: false,
        text: None,
    });
    let signs = row.reactions.iter().flatten();
    let reactions = signs
        .filter(|reaction| !reaction.sign.is_empty())
        .map(|reaction| ReactionView {
            mine: reaction.mine,
            sign: reaction.sign.clone(),
        })
        .collect();
    EntryMarks {
        reply,
        reactions,
        edited_at: row.edited_at,
        expires_at: row.expires_at,
    }
}

/// Whether somebody said it as a text, so that it can be answered, changed and found.
pub(crate) fn is_text(row: &EntryRow) -> bool {
    row.kind == kind::TEXT
}

/// Whether its sender deleted it.
pub(crate) fn is_deleted(row: &EntryRow) -> bool {
    row.kind == kind::DELETED
}

/// Leaves nothing of what an entry said.
pub(crate) fn to_deleted(row: &mut EntryRow) {
    row.kind = kind::DELETED;
    row.text = None;
    row.reply = None;
    row.reactions = None;
    row.versions = None;
    row.edited_at = None;
    row.delivery = None;
    row.code = None;
    row.reached = None;
}

/// Whether an entry counts as unread until it is read.
pub(crate) fn counts(row: &EntryRow) -> bool {
    !row.mine && matches!(row.kind, kind::TEXT | kind::NEWER)
}

/// How far a sent entry got.
pub(crate) fn delivery(row: &EntryRow) -> Option<DeliveryView> {
    row.delivery
        .map(|stage| delivery_of(stage, row.code.as_deref()))
}

/// What is known of a message.
pub(crate) fn to_info(row: &EntryRow) -> MessageInfo {
    let reached = row.reached.iter().flatten();
    let versions = row.versions.iter().flatten();
    MessageInfo {
        sent_at: row.sent_at,
        stored_at: row.stored_at,
        reached: reached
            .map(|reached| {
                let view = delivery_of(reached.state, row.code.as_deref());
                (view, reached.at)
            })
            .collect(),
        versions: versions
            .map(|version| (version.text.clone(), version.until))
            .collect(),
        expires_at: row.expires_at,
    }
}

/// Notes when a sent entry reached the state it is in.
pub(crate) fn note_time(row: &mut EntryRow, now: Millis) {
    let Some(state) = row.delivery else { return };
    let reached = row.reached.get_or_insert_default();
    reached.retain(|earlier| earlier.state != state);
    reached.push(ReachedRow { state, at: now });
}

fn delivery_of(stage: u64, code: Option<&str>) -> DeliveryView {
    match stage {
        0 => DeliveryView::Waiting,
        1 => DeliveryView::WaitingForAcceptance,
        2 => DeliveryView::Sent,
        3 => DeliveryView::OnTheirNode,
        4 => DeliveryView::Delivered,
        5 => DeliveryView::Read,
        _ => DeliveryView::Failed {
            code: code.unwrap_or_default().to_owned(),
        },
    }
}

/// Notes how far a sent entry got.
pub(crate) fn set_delivery(row: &mut EntryRow, delivery: &DeliveryView) {
    row.delivery = Some(stage(delivery));
    row.code = match delivery {
        DeliveryView::Failed { code } => Some(code.clone()),
        _ => None,
    };
}

/// Whether a message of ours could not be delivered.
pub(crate) fn has_failed(row: &EntryRow) -> bool {
    matches!(delivery(row), Some(DeliveryView::Failed { .. }))
}

/// Whether `next` tells more than `current`: stages only rise, and a failure gives way to proof of arrival.
pub(crate) fn is_progress(current: &DeliveryView, next: &DeliveryView) -> bool {
    match (current, next) {
        (DeliveryView::Delivered | DeliveryView::Read, DeliveryView::Failed { .. }) => false,
        (_, DeliveryView::Failed { .. }) => true,
        (DeliveryView::Failed { .. }, _) => stage(next) >= stage(&DeliveryView::OnTheirNode),
        _ => stage(next) > stage(current),
    }
}

fn stage(delivery: &DeliveryView) -> u64 {
    match delivery {
        DeliveryView::Waiting => 0,
        DeliveryView::WaitingForAcceptance => 1,
        DeliveryView::Sent => 2,
        DeliveryView::OnTheirNode => 3,
        DeliveryView::Delivered => 4,
        DeliveryView::Read => 5,
        DeliveryView::Failed { .. } => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            id: MessageId::from_bytes([1; 16]),
            mine: true,
            sent_at: 2,
            stored_at: 3,
        }
    }

    #[test]
    fn bodies_and_deliveries_survive_storing() {
        let bodies = [
            BodyView::Text("hello".into()),
            BodyView::Gap { missing: 3 },
            BodyView::NeedsNewerVersion { kind: 99 },
            BodyView::Connected,
            BodyView::Broken,
            BodyView::CannotOpen,
            BodyView::Moved {
                node: "https://node.test".into(),
            },
            BodyView::KeyChanged { recovered: false },
            BodyView::KeyChanged { recovered: true },
            BodyView::Forked,
            BodyView::ForkSettled { recovered: false },
            BodyView::ForkSettled { recovered: true },
            BodyView::Deleted,
            BodyView::Expired,
            BodyView::Timer { seconds: 60 },
        ];
        for body in bodies {
            assert_eq!(to_view(7, &to_row(origin(), &body, None)).body, body);
        }
        let deliveries = [
            DeliveryView::Waiting,
            DeliveryView::WaitingForAcceptance,
            DeliveryView::Sent,
            DeliveryView::OnTheirNode,
            DeliveryView::Delivered,
            DeliveryView::Read,
            DeliveryView::Failed {
                code: "mailbox_full".into(),
            },
        ];
        for state in deliveries {
            let row = to_row(origin(), &BodyView::Connected, Some(&state));
            assert_eq!(delivery(&row), Some(state));
        }
    }

    #[test]
    fn delivery_never_goes_back() {
        let failed = DeliveryView::Failed {
            code: "undeliverable".into(),
        };
        assert!(is_progress(&DeliveryView::Waiting, &DeliveryView::Sent));
        assert!(!is_progress(&DeliveryView::Read, &DeliveryView::Delivered));
        assert!(!is_progress(
            &DeliveryView::Delivered,
            &DeliveryView::OnTheirNode
        ));
        assert!(is_progress(&DeliveryView::Sent, &failed));
        assert!(!is_progress(&DeliveryView::Read, &failed));
        assert!(is_progress(&failed, &DeliveryView::Delivered));
        assert!(!is_progress(&failed, &DeliveryView::Sent));
    }
}
