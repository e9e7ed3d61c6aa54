//! Sentences about nodes and moving.

use client_core::view::{Millis, NodeStep, NodeView, RegistrationView};

use crate::i18n::{date_language, t};
use crate::platform::time::{self, DAY, Style};
use crate::state::moving::Step;

/// How far a home node is, in two words.
pub fn standing(step: NodeStep) -> String {
    match step {
        NodeStep::Joining => t!("node-joining"),
        NodeStep::Active => t!("node-active"),
        NodeStep::Draining => t!("node-draining"),
        NodeStep::Leaving => t!("node-leaving"),
    }
}

/// The stable name of how far a home node is, for tests and style sheets.
pub fn standing_key(step: NodeStep) -> &'static str {
    match step {
        NodeStep::Joining => "joining",
        NodeStep::Active => "active",
        NodeStep::Draining => "draining",
        NodeStep::Leaving => "leaving",
    }
}

/// What that means for the person, in a sentence.
pub fn explained(node: &NodeView) -> String {
    match (node.step, node.remove_at) {
        (NodeStep::Joining, _) => t!("node-joining-means"),
        (NodeStep::Active, _) => t!("node-active-means"),
        (NodeStep::Draining, Some(at)) => t!("node-draining-until", day = date(at)),
        (NodeStep::Draining, None) => t!("node-draining-means"),
        (NodeStep::Leaving, _) => t!("node-leaving-means"),
    }
}

/// Who may register.
pub fn registration(registration: RegistrationView) -> String {
    match registration {
        RegistrationView::Open => t!("node-open"),
        RegistrationView::Invite => t!("node-invite"),
        RegistrationView::Closed => t!("node-closed"),
    }
}

/// How long mail is kept.
pub fn retention(kept: Millis) -> String {
    t!("node-days", days = kept / DAY)
}

/// Bytes as people tell them.
pub fn size(bytes: u64) -> String {
    const KILO: u64 = 1024;
    let (megas, kilos) = (bytes / KILO / KILO, bytes / KILO);
    if megas > 0 {
        t!("size-megabytes", count = megas)
    } else if kilos > 0 {
        t!("size-kilobytes", count = kilos)
    } else {
        t!("size-bytes", count = bytes)
    }
}

/// A day in full.
pub fn date(moment: Millis) -> String {
    time::format(moment, Style::Date, &date_language())
}

/// A step of a move.
pub fn move_step(step: Step) -> String {
    match step {
        Step::Join => t!("move-step-join"),
        Step::Empty => t!("move-step-empty"),
        Step::Leave => t!("move-step-leave"),
    }
}
