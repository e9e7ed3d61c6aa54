//! Our mailboxes: which exist, which our node has confirmed, which are revoked.

use std::collections::{BTreeMap, BTreeSet};

use shared_crypto::id::MailboxId;
use shared_crypto::live::{ClientFrame, MAX_LIST, MailboxEntry, MailboxKind};

use crate::live::send_text;
use crate::own::Own;
use crate::rows::{MailboxRow, key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::ContactNumber;

/// Our mailboxes.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    rows: BTreeMap<MailboxId, MailboxRow>,
    /// What was asked on this connection and whether it was to revoke.
    asked: BTreeMap<u64, Vec<(MailboxId, bool)>>,
    /// Told or confirmed on this connection.
    told: BTreeSet<MailboxId>,
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
        let mut rows = BTreeMap::new();
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

    /// Notes the intro mailbox, which is chosen before there is an identity.
    pub(crate) fn add_intro<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId) {
        self.set(
            turn,
            mailbox,
            MailboxRow {
                contact: None,
                confirmed: false,
                revoked: false,
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
            confirmed: false,
            revoked: false,
        };
        self.set(turn, mailbox, row);
        mailbox
    }

    /// Revokes a mailbox: nothing can be delivered to it any more.
    pub(crate) fn revoke<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId) {
        if let Some(row) = self.rows.get(&mailbox).copied() {
            self.set(
                turn,
                mailbox,
                MailboxRow {
                    confirmed: false,
                    revoked: true,
                    ..row
                },
            );
        }
    }

    fn set<S: Store>(&mut self, turn: &mut Turn<'_, S>, mailbox: MailboxId, row: MailboxRow) {
        turn.put(&key::mailbox(&mailbox), &row);
        self.rows.insert(mailbox, row);
        if !row.confirmed {
            self.told.remove(&mailbox);
        }
    }

    /// Whom a mailbox is for; `None` when it is not ours or revoked.
    pub(crate) fn purpose(&self, mailbox: &MailboxId) -> Option<Purpose> {
        let row = self.rows.get(mailbox).filter(|row| !row.revoked)?;
        Some(row.contact.map_or(Purpose::Strangers, Purpose::Contact))
    }

    /// Whether our node is known to have a mailbox.
    pub(crate) fn is_confirmed(&self, mailbox: &MailboxId) -> bool {
        self.rows
            .get(mailbox)
            .is_some_and(|row| row.confirmed && !row.revoked)
    }

    /// A new connection: what was asked on the old one may be lost, and the node may have lost what it knew.
    pub(crate) fn forget_told(&mut self) {
        self.asked.clear();
        self.told.clear();
    }

    /// Our node had to be told who we are: it knows none of our mailboxes.
    pub(crate) fn unconfirm<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let confirmed: Vec<(MailboxId, MailboxRow)> = self
            .rows
            .iter()
            .filter(|(_, row)| row.confirmed)
            .map(|(mailbox, row)| (*mailbox, *row))
            .collect();
        for (mailbox, row) in confirmed {
            self.set(
                turn,
                mailbox,
                MailboxRow {
                    confirmed: false,
                    ..row
                },
            );
        }
    }

    /// Tells our node every mailbox that it was not told of on this connection. It knows repeated ones.
    pub(crate) fn tell<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        own: &Own,
        mut next_request: impl FnMut() -> u64,
    ) {
        let open: Vec<(MailboxId, MailboxRow)> = self
            .rows
            .iter()
            .filter(|(mailbox, _)| !self.told.contains(*mailbox))
            .map(|(mailbox, row)| (*mailbox, *row))
            .collect();
        for part in open.chunks(MAX_LIST) {
            let request = next_request();
            let (mut add, mut remove) = (Vec::new(), Vec::new());
            for (mailbox, row) in part {
                let mailbox = *mailbox;
                let kind = match row.contact {
                    Some(_) => MailboxKind::Contact,
                    None => MailboxKind::Intro,
                };
                if row.revoked {
                    remove.push(mailbox);
                } else {
                    add.push(MailboxEntry { mailbox, kind });
                }
                self.told.insert(mailbox);
            }
            let asked = part
                .iter()
                .map(|(mailbox, row)| (*mailbox, row.revoked))
                .collect();
            self.asked.insert(request, asked);
            send_text(
                turn,
                own,
                &ClientFrame::Mailboxes {
                    request,
                    add,
                    remove,
                },
            );
        }
    }

    /// Our node did what the request asked.
    pub(crate) fn done<S: Store>(&mut self, turn: &mut Turn<'_, S>, request: u64) {
        for (mailbox, revoked) in self.asked.remove(&request).unwrap_or_default() {
            match self.rows.get(&mailbox).copied() {
                Some(row) if row.revoked && revoked => {
                    self.rows.remove(&mailbox);
                    turn.delete::<MailboxRow>(&key::mailbox(&mailbox));
                }
                // Revoked since it was asked for: the answer to that is still to come.
                Some(row) if row.revoked || row.confirmed => {}
                Some(row) => self.set_confirmed(turn, mailbox, row),
                None => {}
            }
        }
    }

    fn set_confirmed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mailbox: MailboxId,
        row: MailboxRow,
    ) {
        self.set(
            turn,
            mailbox,
            MailboxRow {
                confirmed: true,
                ..row
            },
        );
    }
}
