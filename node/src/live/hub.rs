//! Who is connected. The store's writer tells of each commit, and the hub wakes whom it concerns.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use shared_crypto::id::DeviceId;
use shared_crypto::live::{CloseCode, NodeBinary};

use super::slot::Slot;
use crate::metrics::Since;
use crate::store::{AccountId, Elsewhere, Event, OutcomeRow};

/// All connected devices.
#[derive(Debug, Default)]
pub struct Hub {
    sessions: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    accounts: BTreeMap<AccountId, Vec<Arc<Slot>>>,
    is_closing: bool,
}

/// A device is connected as long as this lives.
#[derive(Debug)]
pub struct Connected {
    hub: Arc<Hub>,
    pub(super) slot: Arc<Slot>,
}

impl Hub {
    /// Live connections of an account that are of other devices than this one.
    pub fn others(&self, account: AccountId, device: DeviceId) -> usize {
        let sessions = self.lock();
        let slots = sessions.accounts.get(&account);
        slots.map_or(0, |slots| {
            slots.iter().filter(|slot| slot.device != device).count()
        })
    }

    /// Closes the connections of an account.
    pub fn close_account(&self, account: AccountId, code: CloseCode) {
        let sessions = self.lock();
        for slot in sessions.accounts.get(&account).into_iter().flatten() {
            slot.close(code);
        }
    }

    /// Connects a device. The same device's older connection is closed.
    pub fn connect(self: &Arc<Self>, account: AccountId, device: DeviceId) -> Connected {
        let slot = Arc::new(Slot::new(account, device));
        let mut sessions = self.lock();
        if sessions.is_closing {
            slot.close(CloseCode::GoingDown);
        }
        let slots = sessions.accounts.entry(account).or_default();
        for older in slots.extract_if(.., |slot| slot.device == device) {
            older.close(CloseCode::Replaced);
        }
        slots.push(Arc::clone(&slot));
        drop(sessions);
        Connected {
            hub: Arc::clone(self),
            slot,
        }
    }

    /// Tells connected devices what a commit has made true.
    pub fn committed(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let since = Since::now();
        let sessions = self.lock();
        for event in events {
            match event {
                Event::Stored {
                    account,
                    cursor,
                    arrived_at,
                    mailbox,
                    message_id,
                    envelope,
                    kind: _,
                } => {
                    let Some(slots) = sessions.accounts.get(account) else {
                        continue;
                    };
                    let frame = NodeBinary::Envelope {
                        cursor: cursor.get(),
                        arrived_at: *arrived_at,
                        mailbox: *mailbox,
                        message_id: *message_id,
                        envelope,
                    };
                    let frame = Bytes::from(frame.encode());
                    slots
                        .iter()
                        .for_each(|slot| slot.push_mail(*cursor, &frame, since));
                }
                Event::Outcome {
                    account,
                    device,
                    submission,
                    code,
                } => {
                    let outcome = OutcomeRow {
                        submission: *submission,
                        code: *code,
                    };
                    for slot in sessions.accounts.get(account).into_iter().flatten() {
                        if slot.device == *device {
                            slot.push_outcome(outcome);
                        }
                    }
                }
                Event::Tombstone { account, tombstone } => {
                    for slot in sessions.accounts.get(account).into_iter().flatten() {
                        slot.push_tombstone(*tombstone);
                    }
                }
                Event::KeyReplaced { account } => sessions
                    .accounts
                    .get(account)
                    .into_iter()
                    .flatten()
                    .for_each(|slot| slot.close(CloseCode::LoginRefused)),
                // Whoever is blocked comes back, and learns at the login why they are not let in.
                Event::Closed { account } => sessions
                    .accounts
                    .get(account)
                    .into_iter()
                    .flatten()
                    .for_each(|slot| slot.close(CloseCode::GoingDown)),
                Event::Queued { .. } | Event::Decided => {}
                Event::Elsewhere(Elsewhere::Anything) => {
                    for slot in sessions.accounts.values().flatten() {
                        slot.miss_mail();
                        slot.miss_news();
                    }
                }
                Event::Elsewhere(Elsewhere::These {
                    mail,
                    news,
                    replaced,
                    closed,
                    ..
                }) => {
                    let slots = |account| sessions.accounts.get(account).into_iter().flatten();
                    replaced
                        .iter()
                        .flat_map(slots)
                        .for_each(|slot| slot.close(CloseCode::LoginRefused));
                    closed
                        .iter()
                        .flat_map(slots)
                        .for_each(|slot| slot.close(CloseCode::GoingDown));
                    mail.iter()
                        .flat_map(slots)
                        .for_each(|slot| slot.miss_mail());
                    news.iter()
                        .flat_map(slots)
                        .for_each(|slot| slot.miss_news());
                }
            }
        }
    }

    /// Who is connected now.
    pub fn devices(&self) -> Vec<(AccountId, DeviceId)> {
        let sessions = self.lock();
        sessions
            .accounts
            .values()
            .flatten()
            .map(|slot| (slot.account, slot.device))
            .collect()
    }

    /// Closes every connection, and each that is still to come.
    pub fn close_all(&self, code: CloseCode) {
        let mut sessions = self.lock();
        sessions.is_closing = true;
        sessions
            .accounts
            .values()
            .flatten()
            .for_each(|slot| slot.close(code));
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut sessions = self.hub.lock();
        if let Some(slots) = sessions.accounts.get_mut(&self.slot.account) {
            slots.retain(|slot| !Arc::ptr_eq(slot, &self.slot));
            if slots.is_empty() {
                sessions.accounts.remove(&self.slot.account);
            }
        }
    }
}
