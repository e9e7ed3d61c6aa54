//! Sentences for what the projection says: failures, states, names, times.

pub mod lock;
pub mod nodes;
pub mod recovery;

use client_core::request::{Failure, PhraseFault};
use client_core::view::{
    BodyView, ConnectionView, ContactState, ContactView, CreationStep, DeliveryView, Millis,
};

use crate::bridge::{CallError, Fault};
use crate::i18n::{date_language, t};
use crate::platform::support::Missing;
use crate::platform::time::{self, Style};
use crate::state::days::{DayName, day_name};
use crate::state::person::{clean_name, node_name};

/// Why something did not work.
pub fn error(error: &CallError) -> String {
    match error {
        CallError::Silent => t!("error-silent"),
        CallError::Failed(failure) => self::failure(failure),
    }
}

/// Why there is no engine, and what to do about it.
pub fn breakdown(fault: Fault) -> (String, String) {
    match fault {
        Fault::Browser => (t!("engine-broken-title"), t!("engine-broken")),
        Fault::Full => (t!("engine-full-title"), t!("engine-full")),
        Fault::Newer => (t!("engine-newer-title"), t!("engine-newer")),
        Fault::Damaged => (t!("engine-damaged-title"), t!("engine-damaged")),
    }
}

fn failure(failure: &Failure) -> String {
    match failure {
        Failure::BadName => t!("error-bad-name"),
        Failure::BadLink => t!("error-bad-link"),
        Failure::LinkTooNew => t!("error-link-too-new"),
        Failure::OwnLink => t!("error-own-link"),
        Failure::TooManyLinks { limit } => t!("error-too-many-links", limit = *limit),
        Failure::EmptyText => t!("error-empty-text"),
        Failure::TextTooLong { limit } => t!("error-text-too-long", limit = *limit),
        Failure::NotFound => t!("error-not-found"),
        Failure::WrongState => t!("error-wrong-state"),
        Failure::NumberDiffers => t!("error-number-differs"),
        Failure::NoIdentity => t!("error-no-identity"),
        Failure::IdentityExists => t!("error-identity-exists"),
        Failure::NotConnected => t!("error-not-connected"),
        Failure::NodeUnreachable => t!("error-node-unreachable"),
        Failure::NodeMisbehaves => t!("error-node-misbehaves"),
        Failure::ClockWrong => t!("error-clock-wrong"),
        Failure::NodeRefused { code } => problem(code),
        Failure::TheirNodeUnreachable => t!("error-their-node-unreachable"),
        Failure::IdentityUnknown => t!("error-identity-unknown"),
        Failure::IdentityInvalid => t!("error-identity-invalid"),
        Failure::BadPhrase(PhraseFault::WordCount { found }) => {
            t!("error-phrase-count", found = *found)
        }
        Failure::BadPhrase(PhraseFault::UnknownWord { number }) => {
            t!("error-phrase-word", number = *number)
        }
        Failure::BadPhrase(PhraseFault::Checksum) => t!("error-phrase-checksum"),
        Failure::WrongPhrase => t!("error-wrong-phrase"),
        Failure::WrongPassphrase => t!("error-wrong-passphrase"),
        Failure::NoVault => t!("error-no-vault"),
        Failure::VaultDamaged => t!("error-vault-damaged"),
        Failure::VaultTooNew => t!("error-vault-too-new"),
        Failure::VaultFull => t!("error-vault-full"),
        Failure::PhraseNotKept => t!("error-phrase-not-kept"),
        Failure::BadOrigin => t!("error-bad-origin"),
        Failure::LockedOut => t!("error-locked-out"),
        Failure::BadNode => t!("error-bad-node"),
        Failure::NodeListed => t!("error-node-listed"),
        Failure::TooManyNodes => t!("error-too-many-nodes"),
        Failure::LastNode => t!("error-last-node"),
        Failure::NoRoom => t!("error-no-room"),
        Failure::Storage { detail } => t!("error-storage", detail = detail.as_str()),
        Failure::Internal { detail } => t!("error-internal", detail = detail.as_str()),
    }
}

/// A node's problem code in words.
pub fn problem(code: &str) -> String {
    t!("problem", code = code)
}

/// What the browser lacks.
pub fn missing(missing: Missing) -> String {
    match missing {
        Missing::Storage => t!("missing-storage"),
        Missing::Locks => t!("missing-locks"),
        Missing::Channel => t!("missing-channel"),
        Missing::SecureContext => t!("missing-secure-context"),
    }
}

/// What a contact is called here.
pub fn name(contact: &ContactView) -> String {
    clean_name(&contact.name).unwrap_or_else(|| t!("contact-new", node = node_name(&contact.node)))
}

/// Where two people stand, for the line under a name.
pub fn standing(state: ContactState) -> String {
    match state {
        ContactState::Resolved => t!("state-resolved"),
        ContactState::Asked => t!("state-asked"),
        ContactState::Asking => t!("state-asking"),
        ContactState::Accepted => t!("state-accepted"),
        ContactState::Blocked => t!("state-blocked"),
    }
}

/// How far a message got.
pub fn delivery(delivery: &DeliveryView) -> String {
    match delivery {
        DeliveryView::Waiting => t!("delivery-waiting"),
        DeliveryView::WaitingForAcceptance => t!("delivery-waiting-for-acceptance"),
        DeliveryView::Sent => t!("delivery-sent"),
        DeliveryView::OnTheirNode => t!("delivery-on-their-node"),
        DeliveryView::Delivered => t!("delivery-delivered"),
        DeliveryView::Read => t!("delivery-read"),
        DeliveryView::Failed { code } => t!("delivery-failed-why", reason = problem(code)),
    }
}

/// The stable name of how far a message got, for tests and style sheets.
pub fn delivery_key(delivery: Option<&DeliveryView>) -> &'static str {
    match delivery {
        None => "received",
        Some(DeliveryView::Waiting) => "waiting",
        Some(DeliveryView::WaitingForAcceptance) => "waiting-for-acceptance",
        Some(DeliveryView::Sent) => "sent",
        Some(DeliveryView::OnTheirNode) => "on-their-node",
        Some(DeliveryView::Delivered) => "delivered",
        Some(DeliveryView::Read) => "read",
        Some(DeliveryView::Failed { .. }) => "failed",
    }
}

/// What an entry says, in one line.
pub fn preview(body: &BodyView) -> String {
    match body {
        BodyView::Text(text) => one_line(text),
        BodyView::Gap { .. } => t!("preview-gap"),
        BodyView::NeedsNewerVersion { .. } => t!("preview-newer"),
        BodyView::CannotOpen => t!("preview-cannot-open"),
        BodyView::Connected => t!("preview-connected"),
        BodyView::Broken => t!("preview-broken"),
        BodyView::Moved { .. } => t!("preview-moved"),
        BodyView::KeyChanged { .. } => t!("preview-key-changed"),
        BodyView::Forked => t!("preview-forked"),
        BodyView::ForkSettled { .. } => t!("preview-fork-settled"),
        BodyView::Deleted => t!("preview-deleted"),
        BodyView::Expired => t!("preview-expired"),
        BodyView::Timer { seconds } => timer_changed(*seconds),
    }
}

/// The beginning of a text, in one line.
pub fn one_line(text: &str) -> String {
    text.trim()
        .chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// An amount of storage.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "giga"), (1 << 20, "mega"), (1 << 10, "kilo")];
    let (size, unit) = UNITS
        .into_iter()
        .find(|(size, _)| bytes >= *size)
        .unwrap_or((1 << 10, "kilo"));
    let tenths = bytes
        .saturating_mul(10)
        .checked_div(size)
        .unwrap_or_default();
    let (whole, rest) = (tenths / 10, tenths % 10);
    t!("amount", whole = whole, rest = rest, unit = unit)
}

/// How long messages live, for the remark that it changed.
pub fn timer_changed(seconds: u64) -> String {
    if seconds == 0 {
        t!("entry-timer-off")
    } else {
        t!("entry-timer", time = lifetime(seconds))
    }
}

/// A length of time in its largest whole unit.
pub fn lifetime(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (604_800, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let fits = |(length, _): &&(u64, &str)| seconds.is_multiple_of(*length);
    let (length, unit) = UNITS.iter().find(fits).unwrap_or(&(1, "second"));
    let count = seconds.checked_div(*length).unwrap_or(seconds);
    t!("lifetime", unit = *unit, count = count)
}

/// A step of making an identity.
pub fn step(step: CreationStep) -> String {
    match step {
        CreationStep::MeetingNode => t!("creating-meeting-node"),
        CreationStep::SigningKey => t!("creating-signing-key"),
        CreationStep::SealingKey => t!("creating-sealing-key"),
        CreationStep::Record => t!("creating-record"),
        CreationStep::Registering => t!("creating-registering"),
    }
}

/// The connection in two words.
pub fn connection(connection: &ConnectionView) -> String {
    match connection {
        ConnectionView::Idle => t!("connection-idle"),
        ConnectionView::Connecting => t!("connection-connecting"),
        ConnectionView::Online => t!("connection-online"),
        ConnectionView::Offline { .. } => t!("connection-offline-short"),
        ConnectionView::Refused { .. } => t!("connection-refused-short"),
    }
}

/// The stable name of a connection's state, for tests and style sheets.
pub fn connection_key(connection: &ConnectionView) -> &'static str {
    match connection {
        ConnectionView::Idle => "idle",
        ConnectionView::Connecting => "connecting",
        ConnectionView::Online => "online",
        ConnectionView::Offline { .. } => "offline",
        ConnectionView::Refused { .. } => "refused",
    }
}

/// The time of day.
pub fn clock(moment: Millis) -> String {
    time::format(moment, Style::Time, &date_language())
}

/// Day and time in full.
pub fn full_time(moment: Millis) -> String {
    time::format(moment, Style::Full, &date_language())
}

/// A day, for the line that begins it.
pub fn day(moment: Millis) -> String {
    let style = match distance(moment) {
        DayName::Today => return t!("day-today"),
        DayName::Yesterday => return t!("day-yesterday"),
        DayName::Weekday => Style::Weekday,
        DayName::ThisYear => Style::DayAndMonth,
        DayName::Older => Style::Date,
    };
    time::format(moment, style, &date_language())
}

/// A moment as short as it can be told: the time today, else the day.
pub fn short_time(moment: Millis) -> String {
    let style = match distance(moment) {
        DayName::Today => Style::Time,
        DayName::Yesterday => return t!("day-yesterday"),
        DayName::Weekday => Style::ShortWeekday,
        DayName::ThisYear => Style::ShortDayAndMonth,
        DayName::Older => Style::ShortDate,
    };
    time::format(moment, style, &date_language())
}

fn distance(moment: Millis) -> DayName {
    day_name(time::day_of(moment), time::day_of(time::now()))
}
