//! Several tabs, one lock: workers that wait hold a copy of the data key, so that closing the tab whose worker runs the engine
//! does not lock the others.
//!
//! It travels from worker to worker on a channel that no page opens, and only while the lock is open. Locking tells all to
//! forget it, and ends the *session* in the store, without which a key is not taken: a worker that did not hear of
//! the locking has a key and cannot use it.

use std::cell::RefCell;
use std::rc::Rc;

use shared_crypto::lock::DataKey;
use zeroize::Zeroizing;

use super::slots::Session;
use crate::bridge::Place;
use crate::platform::channel::Channel;

const ASK: u8 = 0;
const GIVE: u8 = 1;
const FORGET: u8 = 2;

/// What this worker knows of the data key; clones are the same.
#[derive(Clone)]
pub struct Handover(Rc<Shared>);

struct Shared {
    channel: RefCell<Option<Channel>>,
    held: RefCell<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    session: Session,
    key: DataKey,
    /// Whether this worker runs the engine: then it is the one who gives.
    is_mine: bool,
}

impl Handover {
    /// Listens, and asks who has the key.
    pub fn start(place: Place) -> Self {
        let shared = Rc::new(Shared {
            channel: RefCell::new(None),
            held: RefCell::new(None),
        });
        let hears = Rc::downgrade(&shared);
        let channel = Channel::open(&place.key_channel(), move |bytes| {
            if let Some(shared) = hears.upgrade() {
                shared.hear(&Zeroizing::new(bytes));
            }
        });
        shared.channel.replace(channel.ok());
        shared.post(&[ASK]);
        Self(shared)
    }

    /// The lock is open and this worker runs the engine: others may have the key.
    pub fn give(&self, session: Session, key: &DataKey) {
        self.0.held.replace(Some(Held {
            session,
            key: key.clone(),
            is_mine: true,
        }));
        self.0.answer();
    }

    /// The key, if another worker gave it in this session.
    pub fn key(&self, session: Option<Session>) -> Option<DataKey> {
        let held = self.0.held.borrow();
        let held = held.as_ref().filter(|held| Some(held.session) == session)?;
        Some(held.key.clone())
    }

    /// Nobody may have it any more.
    pub fn forget(&self) {
        self.0.held.replace(None);
        self.0.post(&[FORGET]);
    }
}

impl Shared {
    fn hear(&self, bytes: &[u8]) {
        match bytes {
            [ASK] => self.answer(),
            [FORGET] => drop(self.held.replace(None)),
            [GIVE, rest @ ..] => {
                if let Some(held) = read(rest) {
                    self.held.replace(Some(held));
                }
            }
            _ => {}
        }
    }

    fn answer(&self) {
        let held = self.held.borrow();
        if let Some(held) = held.as_ref().filter(|held| held.is_mine) {
            let mut bytes = Zeroizing::new(vec![GIVE]);
            bytes.extend_from_slice(&held.session);
            bytes.extend_from_slice(held.key.as_bytes());
            self.post(&bytes);
        }
    }

    fn post(&self, bytes: &[u8]) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.post(bytes);
        }
    }
}

fn read(bytes: &[u8]) -> Option<Held> {
    let (session, key) = bytes.split_first_chunk::<16>()?;
    Some(Held {
        session: *session,
        key: DataKey::from_bytes(key.try_into().ok()?),
        is_mine: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_key_is_taken() {
        let bytes: Vec<u8> = (0..48).collect();
        let held = read(&bytes).unwrap();
        assert_eq!(held.session, *bytes.first_chunk().unwrap());
        assert_eq!(held.key.as_bytes(), bytes.last_chunk().unwrap());
        assert!(!held.is_mine);
        for length in [0, 16, 47] {
            assert!(read(&bytes[..length]).is_none());
        }
        assert!(read(&[0; 49]).is_none());
    }

    #[test]
    fn a_key_of_another_session_is_not_used() {
        let handover = Handover(Rc::new(Shared {
            channel: RefCell::new(None),
            held: RefCell::new(read(&[7; 48])),
        }));
        assert!(handover.key(Some([7; 16])).is_some());
        assert!(handover.key(Some([8; 16])).is_none());
        assert!(handover.key(None).is_none());
        handover.0.hear(&[FORGET]);
        assert!(handover.key(Some([7; 16])).is_none());
    }
}
