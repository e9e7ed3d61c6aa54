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
            "{} messages: {} read once, {} failed and seen to",
            self.sent, self.read, self.failed
        )?;
        write!(f, "{} checks of what must be true", self.checks)
    }
}
