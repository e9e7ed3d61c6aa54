//! Our mailboxes: which exist, which our node has confirmed, which are revoked.

use std::collections::BTreeMap;

use shared_crypto::id::MailboxId;
use shared_crypto::live::{ClientFrame, MailboxEntry, MailboxKind};

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
    asked: BTreeMap<u64, Vec<MailboxId>>,
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
            asked: BTreeMap::new(),
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

    /// Revokes a mailbox: our node forgets it with what is in it.
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
    }

    /// Whom a mailbox is for; `None` when it is not ours or revoked.
    pub(crate) fn purpose(&self, mailbox: &MailboxId) -> Option<Purpose> {
        let row = self.rows.get(mailbox).filter(|row| !row.revoked)?;
        Some(row.contact.map_or(Purpose::Strangers, Purpose::Contact))
    }

    /// Whether our node knows all that we would give away.
    pub(crate) fn all_confirmed(&self) -> bool {
        self.rows.values().all(|row| row.confirmed || row.revoked)
    }

    /// A new connection: what was asked on the old one may be lost.
    pub(crate) fn forget_asked(&mut self) {
        self.asked.clear();
    }

    /// Tells our node what it has not confirmed and was not told on this connection.
    pub(crate) fn tell<S: Store>(&mut self, turn: &mut Turn<'_, S>, own: &Own, request: u64) {
        let asked: Vec<MailboxId> = self.asked.values().flatten().copied().collect();
        let open = self
            .rows
            .iter()
            .filter(|(mailbox, row)| !row.confirmed && !asked.contains(mailbox));
        let (removed, added): (Vec<_>, Vec<_>) = open.partition(|(_, row)| row.revoked);
        if removed.is_empty() && added.is_empty() {
            return;
        }
        let add = added
            .iter()
            .map(|(mailbox, row)| MailboxEntry {
                mailbox: **mailbox,
                kind: if row.contact.is_some() {
                    MailboxKind::Contact
                } else {
                    MailboxKind::Intro
                },
            })
            .collect();
        let remove: Vec<MailboxId> = removed.iter().map(|(mailbox, _)| **mailbox).collect();
        let told = added
            .iter()
            .chain(&removed)
            .map(|(mailbox, _)| **mailbox)
            .collect();
        self.asked.insert(request, told);
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

    /// Our node did what the request asked.
    pub(crate) fn done<S: Store>(&mut self, turn: &mut Turn<'_, S>, request: u64) {
        for mailbox in self.asked.remove(&request).unwrap_or_default() {
            match self.rows.get(&mailbox).copied() {
                Some(row) if row.revoked => {
                    self.rows.remove(&mailbox);
                    turn.delete::<MailboxRow>(&key::mailbox(&mailbox));
                }
                Some(row) => self.set(
                    turn,
                    mailbox,
                    MailboxRow {
                        confirmed: true,
                        ..row
                    },
                ),
                None => {}
            }
        }
    }
}
