//! Canned people and what they say.

use client_core::view::{
    BodyView, ConnectionView, ContactNumber, ContactState, ContactView, ConversationMarks,
    ConversationView, DeliveryView, EntryMarks, EntryView, MeView, Millis, NodeStep, NodeView,
    PassView, Position, RequestView, VerificationView,
};
use shared_crypto::id::{IdentityId, MessageId, Pass};

use crate::platform::time::now;

/// An hour.
pub const HOUR: Millis = 3_600_000;

/// The identity whose number this is.
pub fn identity(number: u32) -> IdentityId {
    let mut bytes = [0; 32];
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(97);
    for byte in &mut bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    IdentityId::from_bytes(bytes)
}

/// The one who uses the page.
pub fn me() -> MeView {
    MeView {
        identity: identity(0),
        name: "Mara Lindqvist".into(),
        link: "https://node.example/i#AeHq3bqXo1Zl0mYk7m2w8kQF5sVnXcR4dTgJpLzB1uN6yKwE9hS2".into(),
        node: "https://node.example".into(),
        receipts: true,
        nodes: vec![NodeView {
            node: "https://node.example".into(),
            step: NodeStep::Active,
            connection: ConnectionView::Online,
            retention: Some(21 * 24 * 60 * 60 * 1_000),
            remove_at: None,
            problem: None,
            closing_at: None,
        }],
        typing: true,
        recovering: false,
        links: Vec::new(),
        only_by_pass: false,
    }
}

/// Links that were made for somebody.
pub fn links() -> Vec<PassView> {
    let link = |number: u8, label: &str, once, ago| PassView {
        pass: Pass::from_bytes([number; 8]),
        link: format!("{}AbCdEfGhIjK{number}", me().link),
        label: label.into(),
        once,
        made_at: now().saturating_sub(ago),
    };
    vec![
        link(1, "Ada", true, HOUR),
        link(2, "", true, 30 * HOUR),
        link(
            3,
            "The noticeboard at the workshop, in the harbour of Bremerhaven 🛶",
            false,
            400 * HOUR,
        ),
    ]
}

/// A contact.
pub fn contact(number: ContactNumber, name: &str, state: ContactState, node: &str) -> ContactView {
    ContactView {
        number,
        identity: identity(number),
        name: name.into(),
        own_name: None,
        state,
        node: format!("https://{node}"),
        forked: false,
        verification: VerificationView::Unverified,
    }
}

/// A text, received or sent.
pub fn said(position: Position, mine: bool, ago: Millis, text: &str) -> EntryView {
    let at = now().saturating_sub(ago);
    let mut id = [0; 16];
    id[..8].copy_from_slice(&position.to_be_bytes());
    EntryView {
        position,
        id: MessageId::from_bytes(id),
        mine,
        sent_at: at,
        stored_at: at,
        body: BodyView::Text(text.into()),
        delivery: mine.then_some(DeliveryView::Read),
        marks: EntryMarks::default(),
    }
}

/// The same with another body.
pub fn remark(position: Position, ago: Millis, body: BodyView) -> EntryView {
    EntryView {
        body,
        ..said(position, false, ago, "")
    }
}

/// The same with another delivery.
pub fn sent(position: Position, ago: Millis, text: &str, delivery: DeliveryView) -> EntryView {
    EntryView {
        delivery: Some(delivery),
        ..said(position, true, ago, text)
    }
}

/// The conversation of some entries.
pub fn conversation(contact: ContactView, entries: &[EntryView], unread: u32) -> ConversationView {
    let received: Vec<Position> = entries
        .iter()
        .filter(|it| !it.mine)
        .map(|it| it.position)
        .collect();
    let skip = received
        .len()
        .saturating_sub(usize::try_from(unread).unwrap_or_default());
    ConversationView {
        last: entries.last().cloned(),
        unread,
        first_unread: if unread > 0 {
            received.get(skip).copied()
        } else {
            None
        },
        draft: String::new(),
        edit: None,
        active_at: entries.last().map_or_else(now, |last| last.stored_at),
        marks: ConversationMarks::default(),
        contact,
    }
}

/// What two people say over some days.
pub fn talk() -> Vec<EntryView> {
    let day = 24 * HOUR;
    vec![
        remark(1, 3 * day, BodyView::Connected),
        said(
            2,
            false,
            3 * day - 60_000,
            "Hey Mara! Found your link on the noticeboard at the workshop 👋",
        ),
        said(3, true, 3 * day - 120_000, "Jonas! Good to have you here."),
        said(
            4,
            true,
            3 * day - 130_000,
            "Does it run on your little server?",
        ),
        said(
            5,
            false,
            3 * day - 400_000,
            "It does. Took two commands:\n\n  zechat-node serve\n  …and that was it.",
        ),
        said(
            6,
            false,
            day + 5 * HOUR,
            "Are you coming on Saturday? The plan is at https://example.org/saturday?from=mara (with a map).",
        ),
        said(
            7,
            true,
            day + 4 * HOUR,
            "Yes! I’ll bring the big tent and the lamp. Anything else?",
        ),
        said(
            8,
            false,
            day + 4 * HOUR - 50_000,
            "Perfect. Maybe some of that bread you made last time? Everybody still talks about it, and Ida asked twice already whether there will be more.",
        ),
        remark(9, 5 * HOUR, BodyView::Gap { missing: 2 }),
        said(10, false, 4 * HOUR, "…so that’s settled then"),
        said(11, true, 4 * HOUR - 60_000, "Deal. Two loaves."),
        sent(
            12,
            2 * HOUR,
            "Leaving at nine, is that fine for everybody?",
            DeliveryView::Read,
        ),
        said(13, false, HOUR, "Nine is great"),
        said(
            14,
            false,
            HOUR - 20_000,
            "We’ll take the early ferry, so there is time for coffee",
        ),
        sent(15, HOUR / 2, "See you there ☕", DeliveryView::Delivered),
    ]
}

/// Every state of a message.
pub fn states() -> Vec<EntryView> {
    vec![
        sent(1, 9 * HOUR, "Read", DeliveryView::Read),
        sent(2, 8 * HOUR, "Delivered", DeliveryView::Delivered),
        sent(3, 7 * HOUR, "On their node", DeliveryView::OnTheirNode),
        sent(4, 6 * HOUR, "Sent", DeliveryView::Sent),
        sent(5, 5 * HOUR, "Waiting", DeliveryView::Waiting),
        sent(
            6,
            4 * HOUR,
            "Waiting for acceptance",
            DeliveryView::WaitingForAcceptance,
        ),
        sent(
            7,
            3 * HOUR,
            "This one did not make it",
            DeliveryView::Failed {
                code: "undeliverable".into(),
            },
        ),
        remark(8, 2 * HOUR, BodyView::NeedsNewerVersion { kind: 3 }),
        remark(9, 2 * HOUR, BodyView::CannotOpen),
        remark(10, HOUR, BodyView::Gap { missing: 1 }),
        remark(11, HOUR, BodyView::Connected),
        remark(12, HOUR, BodyView::Broken),
    ]
}

/// What tries to break the page.
pub fn hostile() -> Vec<EntryView> {
    vec![
        said(
            1,
            false,
            HOUR,
            "<img src=x onerror=alert(1)> <b>bold?</b> javascript:alert(1)",
        ),
        said(
            2,
            false,
            HOUR,
            "\u{202E}txet desrever\u{202C} and \u{2067}more",
        ),
        said(
            3,
            false,
            HOUR,
            &"Donaudampfschifffahrtsgesellschaft".repeat(12),
        ),
        said(
            4,
            false,
            HOUR,
            "مرحبا! هل تأتي يوم السبت؟ https://example.org/خريطة",
        ),
        said(5, true, HOUR, "نعم، بالتأكيد 🙂"),
        said(6, false, HOUR, &"Z̷̢͎̗a̸l̵g̶o̷ ".repeat(20)),
        said(7, false, HOUR, &"line\n".repeat(30)),
    ]
}

/// A long history.
pub fn history(count: Position) -> Vec<EntryView> {
    (1..=count)
        .map(|n| {
            said(
                n,
                n % 3 == 0,
                (count - n) * HOUR,
                &format!("Message number {n} of a long conversation"),
            )
        })
        .collect()
}

/// Strangers.
pub fn requests() -> Vec<RequestView> {
    let ask = |number, name: &str, node: &str, ago, text: &str| RequestView {
        contact: contact(number, name, ContactState::Asking, node),
        text: text.into(),
        arrived_at: now().saturating_sub(ago),
        by_link: None,
    };
    let by = |label: &str, request: RequestView| RequestView {
        by_link: Some(label.into()),
        ..request
    };
    vec![
        by(
            "Priya, for the boat",
            ask(
                21,
                "Priya Nair",
                "chat.priya.example",
                HOUR,
                "Hi Mara! Ida gave me your link. I’m organising the boat for Saturday, may I ask you about the tent?",
            ),
        ),
        by("", ask(22, "", "n2.example", 30 * HOUR, "hello")),
        ask(
            23,
            "Definitely\u{202E}ecivreS tnuoccA",
            "free-prizes.example",
            80 * HOUR,
            "Dear customer, your mailbox is full. Confirm within 24 h: https://evil.example/login?account=mara",
        ),
    ]
}
