//! Somebody else.

use shared_crypto::cbor::Bytes;
use shared_crypto::cbor_map;
use shared_crypto::id::{Hash, IdentityId, MailboxId, MessageId, Pass};
use shared_crypto::time::DAY;

use crate::view::Millis;

cbor_map! {
    /// A contact.
    #[derive(Debug, Clone)]
    pub struct ContactRow {
        /// Who.
        0 => pub identity: IdentityId,
        /// What they call themselves; empty until they said.
        1 => pub name: String,
        /// See [`crate::contact::state_number`].
        2 => pub state: u64,
        /// Their record chain, signed.
        3 => pub records: Vec<Bytes>,
        /// Their newest key package, signed.
        4 => pub package: Bytes,
        /// Where we deliver to them.
        5 => pub theirs: Option<MailboxId>,
        /// Where they deliver to us.
        6 => pub ours: Option<MailboxId>,
        /// Pairings, oldest first.
        7 => pub pairings: Vec<PairingRow>,
        /// Newest epoch of our key package that they were sent.
        8 => pub epoch_sent: u64,
        /// The first text of a stranger.
        9 => pub request: Option<String>,
        /// When it arrived, or when we looked them up.
        10 => pub since: u64,
        /// Sent time of the event that last said their name.
        11 => pub introduced_at: u64,
        /// The newest record of ours that they have shown to know.
        12 => pub record_known: u64,
        /// When each of their records was first seen here.
        13 => pub seen_at: Vec<u64>,
        /// Since when two records of theirs contradict each other.
        14 => pub forked_at: Option<u64>,
        /// Heads of contradicting chains that the person knows of.
        15 => pub forks: Vec<Hash>,
        /// Whether the pair secret is to be made anew, because keys of ours or theirs were replaced.
        16 => pub renew: Option<bool>,
        /// The first record in which chains of theirs differ, while that is not settled.
        17 => pub forked_from: Option<u64>,
        /// Which keys the person compared, see [`crate::verification`].
        20 => pub verified: Option<Hash>,
        /// When the person blocked them last, or took that back.
        21 => pub blocked_at: Option<u64>,
        /// When they were last told anew who we are, because they could not be understood.
        22 => pub healed_at: Option<u64>,
        /// Sent time of the event that last said their mailbox.
        23 => pub theirs_at: Option<u64>,
        /// What the person calls them. Nobody else is told.
        24 => pub petname: Option<String>,
        /// When the person said so last, or took it back.
        25 => pub petname_at: Option<u64>,
        /// The message with which they were asked last.
        26 => pub asked: Option<MessageId>,
        /// That of the link of theirs which was opened last.
        27 => pub pass: Option<Pass>,
        /// What the link of ours is for by which they asked.
        28 => pub by_link: Option<String>,
    }
}

impl ContactRow {
    /// How new what is known of their mailbox is. A row of before that was kept has the time of their name.
    pub(crate) fn reachable_since(&self) -> Millis {
        self.theirs_at.unwrap_or(self.introduced_at)
    }

    /// Whether a mailbox that was said at a time is to take the place of the one that is known. A time that was ahead
    /// of the clock does not keep later ones from counting.
    pub(crate) fn is_reached_better(&self, at: Millis, now: Millis) -> bool {
        let since = self.reachable_since();
        self.theirs.is_none() || at > since || since > now.saturating_add(DAY)
    }

    /// Their mailbox is of no use any more.
    pub(crate) fn forget_theirs(&mut self) {
        self.theirs = None;
        self.theirs_at = None;
    }
}

cbor_map! {
    /// One run of first contact and acceptance.
    #[derive(Debug, Clone)]
    pub struct PairingRow {
        /// Hash of the first contact's header.
        0 => pub pairing: Hash,
        /// The initiator's secret.
        1 => pub r1: Bytes,
        /// The responder's secret, once known.
        2 => pub r2: Option<Bytes>,
        /// Whether we are the initiator.
        3 => pub initiated: bool,
        /// R of our lane messages until the initiator has shown to have it.
        4 => pub acceptance: Option<Bytes>,
        /// When it was last shown to work, or made, or outdated.
        5 => pub at: u64,
        /// Whether it is of before a recovery: it opens what was sealed then, and seals nothing.
        6 => pub outdated: Option<bool>,
    }
}
