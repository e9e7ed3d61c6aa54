//! Chains that contradict each other, and what a replaced key may still say (`docs/protocol.md` §4).

use super::chain::Step;
use super::{
    Chain, ChainError, MAX_CHAIN, MAX_RECORD, MAX_RECORDS, RECOVERY_BYTES, RECOVERY_RECORDS,
    RecordKind,
};
use crate::id::Hash;
use crate::time::{HOUR, Millis};

/// How long a recovery record overrules what the old keys signed.
pub const RECOVERY_WINDOW: Millis = 72 * HOUR;

/// When and how a signing key was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// When the record that replaced it was signed, as that record says.
    pub at: Millis,
    /// Whether the recovery key replaced it or one of its followers: it was lost or stolen.
    pub recovered: bool,
}

impl Chain {
    /// The chain that has `records` in the place of this one's from number `from` on.
    ///
    /// # Errors
    /// [`ChainError`] for records that do not verify there.
    pub fn branch(&self, from: u64, records: &[impl AsRef<[u8]>]) -> Result<Self, ChainError> {
        if from == 0 {
            return Self::verify(records);
        }
        // What is kept was verified before.
        let kept = usize::try_from(from).unwrap_or(usize::MAX);
        let mut chain = self.truncated(kept).ok_or(ChainError::Number {
            expected: self.next_number(),
            found: from,
        })?;
        chain.extend(records)?;
        Ok(chain)
    }

    /// The longest beginning of this chain that leaves a recovery commitment in force; `None` if none does.
    pub fn committed_to(&self, commitment: &Hash) -> Option<Self> {
        let mut steps = self.steps.iter();
        let last = steps.rposition(|step| step.recovery == *commitment)?;
        self.truncated(last.saturating_add(1))
    }

    /// What of this chain comes before the first record that was signed after a time, by its own word; `None` if
    /// that is nothing.
    pub fn signed_until(&self, at: Millis) -> Option<Self> {
        let later = self.steps.iter().position(|step| step.signed_at > at);
        self.truncated(later.unwrap_or(self.steps.len()))
    }

    /// How many updates of the largest size it has room for.
    pub fn room(&self) -> usize {
        let records = MAX_RECORDS.saturating_sub(RECOVERY_RECORDS);
        let bytes = MAX_CHAIN.saturating_sub(RECOVERY_BYTES);
        let left = bytes.saturating_sub(self.bytes) / MAX_RECORD;
        records.saturating_sub(self.steps.len()).min(left)
    }

    /// The number of the first record in which two chains differ; `None` when one continues the other.
    pub fn fork_point(&self, other: &Self) -> Option<u64> {
        let mut pairs = self.steps.iter().zip(&other.steps);
        let index = pairs.position(|(mine, theirs)| mine.hash != theirs.hash)?;
        u64::try_from(index).ok()
    }

    /// Whether `other` settles a fork by a recovery record that overrules this chain's records.
    ///
    /// Only a recovery by the key that was committed to before the fork counts: whoever has the signing key can
    /// commit to a key of their own after it.
    ///
    /// `first_seen` is when the reader first saw the first record of this chain that `other` lacks. It counts
    /// besides the record's own time, which a thief may set back.
    pub fn is_overruled_by(&self, other: &Self, first_seen: Millis) -> bool {
        let Some(from) = self.fork_point(other) else {
            return false;
        };
        if self.identity() != other.identity() || self.recoveries_from(from).next().is_some() {
            return false;
        }
        let index = usize::try_from(from).unwrap_or(usize::MAX);
        let recovery = other.recoveries_from(from).next();
        let Some((first, (_, recovery))) = self.steps.get(index).zip(recovery) else {
            return false;
        };
        let since = first.signed_at.max(first_seen);
        recovery.signed_at <= since.saturating_add(RECOVERY_WINDOW)
    }

    /// The recovery records from a number on that the recovery key committed to before it signed, or one that such
    /// a record committed to; with their numbers.
    fn recoveries_from(&self, number: u64) -> impl Iterator<Item = (u64, &Step)> {
        let from = usize::try_from(number).unwrap_or(usize::MAX);
        let before = from.checked_sub(1).and_then(|last| self.steps.get(last));
        let mut trusted = before.map(|step| step.recovery);
        let mut in_force = trusted;
        let steps = (number..).zip(self.steps.iter().skip(from));
        steps.filter(move |(_, step)| {
            // It verified, so its key is the one that was in force.
            let revealed = in_force.replace(step.recovery);
            let counts = step.kind == RecordKind::Recovery && revealed == trusted;
            if counts {
                trusted = Some(step.recovery);
            }
            counts
        })
    }

    /// When the signing key in force from the record with this hash on was replaced, if it was.
    pub fn replaced(&self, record: &Hash) -> Option<Replaced> {
        let index = self.steps.iter().rposition(|step| step.hash == *record)?;
        let (step, later) = (self.steps.get(index)?, self.steps.get(index..)?);
        let replaced = later
            .iter()
            .find(|other| other.signing_key != step.signing_key)?;
        let mut after = later.iter().skip(1);
        Some(Replaced {
            at: replaced.signed_at,
            recovered: after.any(|step| step.kind == RecordKind::Recovery),
        })
    }

    /// When the newest record was signed, as it says.
    pub fn signed_at(&self) -> Millis {
        self.steps.last().map_or(0, |step| step.signed_at)
    }

    /// Whether the owner's recovery key signed a record from this number on: the one committed to before it.
    pub fn recovered_since(&self, number: u64) -> bool {
        self.recoveries_from(number).next().is_some()
    }

    /// Whether any recovery key signed a record from this number on, perhaps one that was committed to only after it.
    pub fn has_recovery(&self, number: u64) -> bool {
        let from = usize::try_from(number).unwrap_or(usize::MAX);
        let mut steps = self.steps.iter().skip(from);
        steps.any(|step| step.kind == RecordKind::Recovery)
    }

    /// The number of the newest record from `number` on that the recovery key committed to before it signed, or a
    /// follower of that key.
    pub fn last_recovery(&self, number: u64) -> Option<u64> {
        self.recoveries_from(number)
            .last()
            .map(|(number, _)| number)
    }
}
