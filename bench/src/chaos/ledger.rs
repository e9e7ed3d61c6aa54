//! What was accepted, and what has come.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
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
    accepted: HashSet<Id>,
    tried: HashSet<Id>,
    /// At which position it came.
    come: HashMap<Id, u64>,
}

/// A ledger that several tasks write.
pub type Shared = Rc<RefCell<Ledger>>;

impl Ledger {
    /// Somebody begins to send it.
    pub fn trying(&mut self, id: Id) {
        self.tried.insert(id);
    }

    /// The node has said that it is durable.
    pub fn accepted(&mut self, id: Id) {
        self.accepted.insert(id);
    }

    /// A frame has come; says at which position.
    pub fn came(&mut self, frame: &Bytes) -> Result<Option<u64>> {
        let (Some(id), Some(place)) = (frame.get(ID_IN_FRAME..ID_IN_FRAME + 16), frame.get(1..9))
        else {
            return Ok(None);
        };
        let (id, cursor): (Id, _) = (id.try_into()?, u64::from_be_bytes(place.try_into()?));
        ensure!(self.tried.contains(&id), "a message that nobody sent");
        let before = self.come.insert(id, cursor);
        ensure!(
            before.is_none_or(|before| before == cursor),
            "a message is stored twice"
        );
        Ok(Some(cursor))
    }

    /// How many were accepted so far.
    pub fn count(&self) -> usize {
        self.accepted.len()
    }

    /// Whether everything that was accepted has come.
    pub fn is_complete(&self) -> bool {
        self.accepted.iter().all(|id| self.come.contains_key(id))
    }

    /// In words, or what is wrong.
    pub fn close(&self) -> Result<String> {
        let lost = self
            .accepted
            .iter()
            .filter(|id| !self.come.contains_key(*id));
        let (lost, accepted) = (lost.count(), self.accepted.len());
        ensure!(lost == 0, "{lost} of {accepted} accepted messages are lost");
        ensure!(accepted > 0, "nothing was accepted at all");
        Ok(format!("{accepted} accepted, none lost, none twice"))
    }
}
