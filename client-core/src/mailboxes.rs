//! Our mailboxes: which exist, which of our nodes has confirmed them, which are revoked.
//!
//! Every mailbox has the same id at each of our nodes. Nodes that compare notes see from our record anyway that
//! we use both, and equal message ids would tell them the rest; and a contact need not be told when we
//! move. A node that is removed knows the ids, so contacts are given new ones then.

use shared_crypto::id::{MailboxId, NodeFingerprint};
use shared_crypto::live::{ClientFrame, MAX_LIST, MailboxEntry, MailboxKind};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::Chain;
use shared_crypto::time::RETENTION;

use crate::live::send_text;
use crate::rows::{MailboxRow, key};
use crate::sorted::{SortedMap, SortedSet, gather};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::ContactNumber;

/// Our mailboxes.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    rows: SortedMap<MailboxId, MailboxRow>,
    /// What which node was asked on this connection, and whether it was to revoke.
    asked: SortedMap<u64, (NodeFingerprint, Vec<(MailboxId, bool)>)>,
    /// Told or confirmed on this connection.
    told: SortedSet<(NodeFingerprint, MailboxId)>,
}

/// Mailboxes of one purpose that are replaced for one node, at most, until they are revoked.
const MAX_TAKEN: usize = 3;

/// Mailboxes of one contact that are open before no other is taken in. Those that a copy of us made are fewer: one for
/// each node that was left within [`RETENTION`].
const MAX_OPEN: usize = 32;

/// Whether somebody else has a mailbox at a node.
fn is_taken(row: &MailboxRow, node: &NodeFingerprint) -> bool {
    row.taken.iter().flatten().any(|at| at == node)
}

/// What a node may know of our mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// All of them.
    Everything,
    /// Which of those that it has are revoked.
    Revocations,
}

/// Whom a mailbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Strangers,
    Contact(ContactNumber),
}

impl Mailboxes {
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Self, StoreError> {
        let all = KeyRange {
            from: Vec::new(),
            to: vec![0xff; MailboxId::LENGTH.saturating_add(1)],
        };
        let mut rows = SortedMap::new();
        for (key, row) in turn
            .scan::<MailboxRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if let Ok(mailbox) = MailboxId::try_from(key.as_slice()) {
                rows.insert(mailbox, row);
            }
        }
        Ok(Self {
            rows,
            ..Self::default()
        })
    }

    /// Takes in the mailboxes for strangers that our record names. Those that it does not name any more stay until
    /// nothing can be on its way to them.
    pub(crate) fn follow<S: Store>(&mut self, turn: &mut Turn<'_, S>, chain: &Chain) {
        let listed: SortedSet<MailboxId> = gather(chain.delivery().iter().map(|entry| entry.intro));
        for intro in listed.iter() {
            let known = self.rows.get(intro);
            let stays =
                |row: &MailboxRow| row.contact.is_some() || !row.revoked && row.retire_at.is_none();
            if !known.is_some_and(stays) {
                self.told.retain(|(_, told)| told != intro);
                self.add_intro(turn, *intro);
            }
        }
        let is_left =
            |row: &MailboxRow| row.contact.is_none() && !row.revoked && row.retire_at.is_none();
        let left: Vec<MailboxId> = self
            .rows
            .iter()
            .filter(|(mailbox, row)| is_left(row) && !listed.contains(mailbox))
            .map(|(mailbox, _)| *mailbox)
            .collect();
        for mailbox in left {
            self.retire(turn, mailbox);
        }
    }

    /// Notes the intro mailbox, which is chosen before there is an identity.
    fn add_intro<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId) {
        self.set(
            turn,
            mailbox,
            MailboxRow {
                contact: None,
                revoked: false,
                at: Vec::new(),
                retire_at: None,
                taken: None,
                read_until: None,
                adopted: None,
            },
        );
    }

    /// Makes a mailbox for a contact's mail.
    pub(crate) fn make<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        contact: ContactNumber,
    ) -> MailboxId {
        let mailbox = MailboxId::from_bytes(turn.random());
        let row = MailboxRow {
            contact: Some(contact),
            revoked: false,
            at: Vec::new(),
            retire_at: None,
            taken: None,
            read_until: None,
            adopted: None,
        };
        self.set(turn, mailbox, row);
        mailbox
    }

    /// Takes in a mailbox that a copy of us made for a contact: read until the contact has been told of another. False
    /// when the contact has too many: with our node's help it can write to mailboxes that nobody made.
    pub(crate) fn adopt<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        contact: ContactNumber,
    ) -> bool {
        if self.of(contact).len() >= MAX_OPEN {
            return false;
        }
        let row = MailboxRow {
            contact: Some(contact),
            revoked: false,
            at: Vec::new(),
            retire_at: Some(turn.now.saturating_add(RETENTION)),
            taken: None,
            read_until: None,
            adopted: Some(true),
        };
        self.set(turn, mailbox, row);
        true
    }

    /// Revokes a mailbox: nothing can be delivered to it any more. All of our nodes are to be told, those too that
    /// did not confirm it yet.
    pub(crate) fn revoke<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        nodes: impl IntoIterator<Item = NodeFingerprint>,
    ) {
        if let Some(row) = self.rows.get(&mailbox).cloned() {
            let at: Vec<NodeFingerprint> = nodes.into_iter().collect();
            self.told.retain(|(_, told)| *told != mailbox);
            let revoked = true;
            self.set(turn, mailbox, MailboxRow { revoked, at, ..row });
        }
    }

    /// All of our nodes are to be told of those that are revoked: nobody knows any more which were.
    pub(crate) fn revoke_again<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        nodes: &[NodeFingerprint],
    ) {
        let rows = self.rows.iter().filter(|(_, row)| row.revoked);
        let revoked: Vec<MailboxId> = rows.map(|(mailbox, _)| *mailbox).collect();
        for mailbox in revoked {
            self.revoke(turn, mailbox, nodes.iter().copied());
        }
    }

    /// Revokes a mailbox, of which what was left there before is still read.
    pub(crate) fn revoke_and_read<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        nodes: impl IntoIterator<Item = NodeFingerprint>,
    ) {
        self.revoke(turn, mailbox, nodes);
        if let Some(row) = self.rows.get(&mailbox).cloned() {
            let read_until = Some(turn.now.saturating_add(RETENTION));
            self.set(turn, mailbox, MailboxRow { read_until, ..row });
        }
    }

    /// Forgets those revoked ones in which nothing can be left any more.
    pub(crate) fn forget_read<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
        let is_over = |row: &MailboxRow| row.read_until.is_some_and(|at| at <= now);
        let rows = self.rows.iter().filter(|(_, row)| is_over(row));
        let over: Vec<(MailboxId, MailboxRow)> =
            rows.map(|(mailbox, row)| (*mailbox, row.clone())).collect();
        for (mailbox, row) in over {
            let read_until = None;
            self.keep_or_forget(turn, mailbox, MailboxRow { read_until, ..row });
        }
    }

    /// Another mailbox took its place: revoked when nothing can be on its way to it any more.
    pub(crate) fn retire<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId) {
        if let Some(row) = self.rows.get(&mailbox).cloned() {
            let retire_at = Some(turn.now.saturating_add(RETENTION));
            self.set(turn, mailbox, MailboxRow { retire_at, ..row });
        }
    }

    /// Revokes what is due to be. Whether there was any. Mail that came while this device was away is still read.
    pub(crate) fn revoke_retired<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        nodes: &[NodeFingerprint],
    ) -> bool {
        let now = turn.now;
        let is_due = |row: &MailboxRow| !row.revoked && row.retire_at.is_some_and(|at| at <= now);
        let due: Vec<MailboxId> = self
            .rows
            .iter()
            .filter(|(_, row)| is_due(row))
            .map(|(mailbox, _)| *mailbox)
            .collect();
        for mailbox in &due {
            self.revoke_and_read(turn, *mailbox, nodes.iter().copied());
        }
        !due.is_empty()
    }

    fn set<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId, row: MailboxRow) {
        turn.put(&key::mailbox(&mailbox), &row);
        self.rows.insert(mailbox, row);
    }

    /// Whether a mailbox is known here, revoked or not.
    pub(crate) fn knows(&self, mailbox: &MailboxId) -> bool {
        self.rows.contains_key(mailbox)
    }

    /// Whether a copy of us made a mailbox.
    pub(crate) fn is_adopted(&self, mailbox: &MailboxId) -> bool {
        self.rows
            .get(mailbox)
            .is_some_and(|row| row.adopted.unwrap_or_default())
    }

    /// Whom a mailbox is for; `None` when it is not ours, or revoked and not read any more.
    pub(crate) fn purpose(&self, mailbox: &MailboxId) -> Option<Purpose> {
        let is_read = |row: &&MailboxRow| !row.revoked || row.read_until.is_some();
        let row = self.rows.get(mailbox).filter(is_read)?;
        Some(purpose(row))
    }

    /// The mailboxes of a contact that are open.
    pub(crate) fn of(&self, contact: ContactNumber) -> Vec<MailboxId> {
        let theirs = |row: &MailboxRow| row.contact == Some(contact) && !row.revoked;
        let rows = self.rows.iter().filter(|(_, row)| theirs(row));
        rows.map(|(mailbox, _)| *mailbox).collect()
    }

    /// All mailboxes that mail of a contact may have come to, open or not.
    pub(crate) fn of_or_strangers(&self, contact: ContactNumber) -> Vec<(MailboxId, Purpose)> {
        let theirs = |row: &MailboxRow| row.contact.is_none_or(|of| of == contact);
        let rows = self.rows.iter().filter(|(_, row)| theirs(row));
        rows.map(|(mailbox, row)| (*mailbox, purpose(row)))
            .collect()
    }

    /// Whether one of our nodes is known to have a mailbox.
    pub(crate) fn is_confirmed(&self, mailbox: &MailboxId) -> bool {
        self.rows
            .get(mailbox)
            .is_some_and(|row| !row.at.is_empty() && !row.revoked)
    }

    /// Whether a node is known to have all of our mailboxes.
    pub(crate) fn all_confirmed_at(&self, node: &NodeFingerprint) -> bool {
        self.rows
            .values()
            .all(|row| row.revoked || row.at.contains(node) || is_taken(row, node))
    }

    /// A new connection: what was asked on the old one may be lost, and the node may have lost what it knew.
    pub(crate) fn forget_told(&mut self, node: &NodeFingerprint) {
        self.asked.retain(|_, (asked, _)| asked != node);
        self.told.retain(|(told, _)| told != node);
    }

    /// A node had to be told who we are, or is ours no more: it has none of our mailboxes.
    pub(crate) fn unconfirm<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeFingerprint) {
        self.forget_told(node);
        let there: Vec<(MailboxId, MailboxRow)> = self
            .rows
            .iter()
            .filter(|(_, row)| row.at.contains(node))
            .map(|(mailbox, row)| (*mailbox, row.clone()))
            .collect();
        for (mailbox, row) in there {
            self.take_from(turn, mailbox, row, node);
        }
    }

    fn take_from<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        mut row: MailboxRow,
        node: &NodeFingerprint,
    ) {
        row.at.retain(|at| at != node);
        self.keep_or_forget(turn, mailbox, row);
    }

    fn keep_or_forget<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        row: MailboxRow,
    ) {
        if row.revoked && row.at.is_empty() && row.read_until.is_none() {
            self.rows.remove(&mailbox);
            turn.delete::<MailboxRow>(&key::mailbox(&mailbox));
        } else {
            self.set(turn, mailbox, row);
        }
    }

    /// Tells a node every mailbox that it was not told of on this connection. It knows repeated ones.
    pub(crate) fn tell<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: (&NodeUrl, NodeFingerprint),
        trust: Trust,
        mut next_request: impl FnMut() -> u64,
    ) {
        let (url, fingerprint) = node;
        let open: Vec<(MailboxId, Option<ContactNumber>, bool)> = self
            .rows
            .iter()
            .filter(|(mailbox, _)| !self.told.contains(&(fingerprint, **mailbox)))
            .filter(|(_, row)| match row.revoked {
                true => row.at.contains(&fingerprint),
                false => trust == Trust::Everything,
            })
            .filter(|(_, row)| !is_taken(row, &fingerprint))
            .map(|(mailbox, row)| (*mailbox, row.contact, row.revoked))
            .collect();
        for part in open.chunks(MAX_LIST) {
            let request = next_request();
            let (mut add, mut remove) = (Vec::new(), Vec::new());
            for (mailbox, contact, revoked) in part {
                let mailbox = *mailbox;
                let kind = match contact {
                    Some(_) => MailboxKind::Contact,
                    None => MailboxKind::Intro,
                };
                if *revoked {
                    remove.push(mailbox);
                } else {
                    add.push(MailboxEntry { mailbox, kind });
                }
                self.told.insert((fingerprint, mailbox));
            }
            let asked = part
                .iter()
                .map(|(mailbox, _, revoked)| (*mailbox, *revoked));
            self.asked.insert(request, (fingerprint, asked.collect()));
            send_text(
                turn,
                url,
                &ClientFrame::Mailboxes {
                    request,
                    add,
                    remove,
                },
            );
        }
    }

    /// A node did not do what the request asked, since somebody else has these mailboxes there: which of them are to be
    /// replaced, and whose they are. The others are told again.
    pub(crate) fn refused<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        request: u64,
        mailboxes: &[MailboxId],
    ) -> Option<(NodeFingerprint, Vec<(MailboxId, Purpose)>)> {
        // A node that names none, or others than it was asked for, is told again on the next connection.
        let (_, asked) = self.asked.get(&request)?;
        if !asked.iter().any(|(mailbox, _)| mailboxes.contains(mailbox)) {
            return None;
        }
        let (node, asked) = self.asked.remove(&request)?;
        let mut replaced = Vec::new();
        for (mailbox, _) in asked {
            if !mailboxes.contains(&mailbox) {
                self.told.remove(&(node, mailbox));
            } else if self.note_taken(turn, &mailbox, node) {
                let purpose = self.purpose(&mailbox);
                replaced.extend(purpose.map(|purpose| (mailbox, purpose)));
            }
        }
        Some((node, replaced))
    }

    /// Somebody else has a mailbox at a node. Whether to replace it: a node that says so again and again is not
    /// believed.
    pub(crate) fn note_taken<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: &MailboxId,
        node: NodeFingerprint,
    ) -> bool {
        let is_open = |row: &&MailboxRow| !row.revoked && !is_taken(row, &node);
        let Some(mut row) = self.rows.get(mailbox).filter(is_open).cloned() else {
            return false;
        };
        row.at.retain(|at| *at != node);
        row.taken.get_or_insert_default().push(node);
        let contact = row.contact;
        self.set(turn, *mailbox, row);
        let alike = self.rows.values().filter(|row| row.contact == contact);
        alike.filter(|row| is_taken(row, &node)).count() <= MAX_TAKEN
    }

    /// A node did what the request asked.
    pub(crate) fn done<S: Store>(&mut self, turn: &mut Turn<'_, S>, request: u64) {
        let Some((node, asked)) = self.asked.remove(&request) else {
            return;
        };
        for (mailbox, revoked) in asked {
            match self.rows.get(&mailbox).cloned() {
                Some(row) if row.revoked && revoked => self.take_from(turn, mailbox, row, &node),
                // Revoked since it was asked for: the answer to that is still to come.
                Some(row) if row.revoked || row.at.contains(&node) => {}
                Some(mut row) => {
                    row.at.push(node);
                    self.set(turn, mailbox, row);
                }
                None => {}
            }
        }
    }
}
fn purpose(row: &MailboxRow) -> Purpose {
    row.contact.map_or(Purpose::Strangers, Purpose::Contact)
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng as _;

    use super::*;
    use crate::memory::MemoryStore;

    #[test]
    fn a_contact_cannot_have_us_take_in_mailboxes_without_end() {
        let store = MemoryStore::new();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut turn = Turn::new(&store, 0, &mut rng);
        let mut mailboxes = Mailboxes::default();
        let (bob, carol) = (1, 2);
        mailboxes.make(&mut turn, bob);
        let ids = (1..=100).map(|byte| MailboxId::from_bytes([byte; 32]));
        let taken = ids.filter(|id| mailboxes.adopt(&mut turn, *id, bob));
        assert_eq!(taken.count(), MAX_OPEN - 1);
        // Others have their own bound, and time makes room.
        assert!(mailboxes.adopt(&mut turn, MailboxId::from_bytes([200; 32]), carol));
        turn.now = RETENTION;
        assert!(mailboxes.revoke_retired(&mut turn, &[]));
        // What waits there for a device that was away so long is read.
        let waits = mailboxes.purpose(&MailboxId::from_bytes([1; 32]));
        assert_eq!(waits, Some(Purpose::Contact(bob)));
        assert!(mailboxes.adopt(&mut turn, MailboxId::from_bytes([201; 32]), bob));
    }
}
