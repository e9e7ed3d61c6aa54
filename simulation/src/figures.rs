//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;

use crate::operation::Operation;

/// Counts over sequences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sequences that ended well.
    pub sequences: u64,
    /// Operations by kind.
    pub operations: BTreeMap<&'static str, u64>,
    /// Messages that clients took on.
    pub sent: u64,
    /// Those that were read.
    pub read: u64,
    /// Those that failed, and whose sender sees it.
    pub failed: u64,
    /// Those that hostile or dying nodes lost, and where that shows.
    pub lost: u64,
    /// Those that somebody said or read on a device that they lost later.
    pub forgotten: u64,
    /// Envelopes that nodes pushed to clients.
    pub pushed: u64,
    /// Old or forged records that nodes gave to contacts.
    pub false_answers: u64,
    /// Requests and answers that did not arrive.
    pub dropped: u64,
    /// Devices that were restored from a vault.
    pub restored: u64,
    /// Identities that were taken back.
    pub recovered: u64,
    /// How often something that must be true was looked at.
    pub checks: u64,
}

impl Figures {
    pub(crate) fn count(&mut self, operation: &Operation) {
        *self.operations.entry(operation.name()).or_default() += 1;
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.sequences += other.sequences;
        for (name, count) in &other.operations {
            *self.operations.entry(name).or_default() += count;
        }
        self.sent += other.sent;
        self.read += other.read;
        self.failed += other.failed;
        self.lost += other.lost;
        self.forgotten += other.forgotten;
        self.pushed += other.pushed;
        self.false_answers += other.false_answers;
        self.dropped += other.dropped;
        self.restored += other.restored;
        self.recovered += other.recovered;
        self.checks += other.checks;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: u64 = self.operations.values().sum();
        writeln!(f, "{} sequences, {all} operations", self.sequences)?;
        for (name, count) in &self.operations {
            writeln!(f, "  {count:>9} {name}")?;
        }
        writeln!(
            f,
            "{} messages: {} read once, {} failed visibly, {} lost by nodes and shown as missing, {} forgotten with a device",
            self.sent, self.read, self.failed, self.lost, self.forgotten
        )?;
        writeln!(
            f,
            "{} envelopes pushed, {} requests and answers lost, {} old or forged records given to contacts, {} devices restored, {} identities taken back",
            self.pushed, self.dropped, self.false_answers, self.restored, self.recovered
        )?;
        write!(f, "{} checks of what must be true", self.checks)
    }
}
