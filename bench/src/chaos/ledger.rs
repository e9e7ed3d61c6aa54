//! What was accepted, and what has come.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use anyhow::{Result, ensure};
use bytes::Bytes;

/// The id of a message.
pub type Id = [u8; 16];

/// Where in a pushed frame the message id is: after kind, cursor, time and mailbox.
const ID_IN_FRAME: usize = 1 + 8 + 8 + 32;

/// The accounts of one mailbox, kept outside of the node.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Each with its moment: what was written down before it.
    accepted: HashMap<Id, usize>,
    tried: HashMap<Id, usize>,
    moment: usize,
    /// At which position it came.
    come: HashMap<Id, u64>,
    /// What came there.
    positions: HashMap<u64, Id>,
}

/// A ledger that several tasks write.
pub type Shared = Rc<RefCell<Ledger>>;

impl Ledger {
    /// Somebody begins to send it.
    pub fn trying(&mut self, id: Id) {
        let moment = self.next();
        self.tried.entry(id).or_insert(moment);
    }

    /// The node has said that it is durable.
    pub fn accepted(&mut self, id: Id) {
        let moment = self.next();
        self.accepted.entry(id).or_insert(moment);
    }

    fn next(&mut self) -> usize {
        self.moment = self.moment.saturating_add(1);
        self.moment
    }

    /// A frame has come; says at which position.
    pub fn came(&mut self, frame: &Bytes) -> Result<Option<u64>> {
        let (Some(id), Some(place)) = (frame.get(ID_IN_FRAME..ID_IN_FRAME + 16), frame.get(1..9))
        else {
            return Ok(None);
        };
        let (id, cursor): (Id, _) = (id.try_into()?, u64::from_be_bytes(place.try_into()?));
        ensure!(self.tried.contains_key(&id), "a message that nobody sent");
        let before = self.come.insert(id, cursor);
        ensure!(
            before.is_none_or(|before| before == cursor),
            "a message is stored twice"
        );
        let before = self.positions.insert(cursor, id);
        ensure!(
            before.is_none_or(|before| before == id),
            "a position is given twice"
        );
        Ok(Some(cursor))
    }

    /// Takes what was accepted and has not come for lost; says how much that is. Nothing of it may be older than
    /// anything that has come: nobody had begun to send that when the first of the lost was accepted.
    pub fn give_up_the_end(&mut self) -> Result<usize> {
        let before = self.accepted.len();
        let lost = self
            .accepted
            .iter()
            .filter(|(id, _)| !self.come.contains_key(*id));
        if let Some(first) = lost.map(|(_, moment)| *moment).min() {
            let later = self
                .come
                .keys()
                .filter(|id| self.tried.get(*id) > Some(&first));
            let later = later.count();
            ensure!(
                later == 0,
                "{later} messages are there that are later than one that is lost"
            );
        }
        self.accepted.retain(|id, _| self.come.contains_key(id));
        Ok(before.saturating_sub(self.accepted.len()))
    }

    /// How many were accepted so far.
    pub fn count(&self) -> usize {
        self.accepted.len()
    }

    /// Whether everything that was accepted has come.
    pub fn is_complete(&self) -> bool {
        self.accepted.keys().all(|id| self.come.contains_key(id))
    }

    /// In words, or what is wrong.
    pub fn close(&self) -> Result<String> {
        let lost = self
            .accepted
            .keys()
            .filter(|id| !self.come.contains_key(*id));
        let (lost, accepted) = (lost.count(), self.accepted.len());
        ensure!(lost == 0, "{lost} of {accepted} accepted messages are lost");
        ensure!(accepted > 0, "nothing was accepted at all");
        Ok(format!("{accepted} accepted, none lost, none twice"))
    }
}
