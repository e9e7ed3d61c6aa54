//! The ways to the data key that are stored beside the rows.
//!
//! Without a lock the browser's own slot ([`super::data_key`]) is there. With one there are a slot of a
//! passphrase and perhaps slots of passkeys, and the browser's is gone. `session` names the time for which the lock
//! is open: a key from before it was locked again is not taken.

use client_core::store::{Change, StoreError};
use js_sys::{Array, Uint8Array};
use rand_core::CryptoRng;
use shared_crypto::lock::{PasskeySlot, PassphraseSlot, SlotError};
use wasm_bindgen::{JsCast, JsValue};

use super::data_key;
use super::database::{IdbStore, KEYS};
use crate::bridge::{LockView, PasskeyView};

const PASSPHRASE: &str = "passphrase";
const PASSKEYS: &str = "passkeys";
const MINUTES: &str = "auto-lock";
const SESSION: &str = "session";

/// Minutes after which a new lock closes by itself.
const FIRST_MINUTES: u32 = 15;

/// Most passkeys of one lock.
pub const MOST_PASSKEYS: usize = 8;

/// Names a time for which the lock is open.
pub type Session = [u8; 16];

/// A lock as it is stored.
#[derive(Debug, Clone)]
pub struct Slots {
    /// The way that is always there.
    pub passphrase: PassphraseSlot,
    /// More ways.
    pub passkeys: Vec<PasskeySlot>,
    /// After how many minutes it closes by itself; 0: never.
    pub minutes: u32,
}

impl Slots {
    /// A lock with one way.
    pub fn new(passphrase: PassphraseSlot) -> Self {
        Self {
            passphrase,
            passkeys: Vec::new(),
            minutes: FIRST_MINUTES,
        }
    }

    /// Reads the lock, if there is one.
    ///
    /// # Errors
    /// When the store fails, or a slot is damaged or of a later version.
    pub async fn read(store: &IdbStore) -> Result<Option<Self>, StoreError> {
        let Some(slot) = store.value(KEYS, PASSPHRASE).await? else {
            return Ok(None);
        };
        let passphrase = PassphraseSlot::parse(&bytes(slot)?).map_err(unreadable)?;
        let mut passkeys = Vec::new();
        if let Some(stored) = store.value(KEYS, PASSKEYS).await? {
            for slot in Array::from(&stored).iter().take(MOST_PASSKEYS) {
                passkeys.push(PasskeySlot::parse(&bytes(slot)?).map_err(unreadable)?);
            }
        }
        let minutes = store.value(KEYS, MINUTES).await?;
        Ok(Some(Self {
            passphrase,
            passkeys,
            minutes: minutes.map_or(FIRST_MINUTES, |minutes| whole(&minutes)),
        }))
    }

    /// Puts this lock in the place of whatever led to the key before, together with the rows that it opens.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn write(&self, store: &IdbStore, rows: Vec<Change>) -> Result<(), StoreError> {
        let passkeys: Array = self
            .passkeys
            .iter()
            .map(|slot| JsValue::from(Uint8Array::from(&slot.to_bytes()[..])))
            .collect();
        let passphrase = Uint8Array::from(&self.passphrase.to_bytes()[..]);
        let values = [
            (data_key::SLOT, None),
            (PASSPHRASE, Some(passphrase.into())),
            (PASSKEYS, Some(passkeys.into())),
            (MINUTES, Some(self.minutes.into())),
        ];
        store.commit_with(rows, KEYS, &values).await
    }

    /// Takes the lock away: the browser's own slot is the way again.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn remove(store: &IdbStore, browser: JsValue) -> Result<(), StoreError> {
        let values = [
            (data_key::SLOT, Some(browser)),
            (PASSPHRASE, None),
            (PASSKEYS, None),
            (MINUTES, None),
            (SESSION, None),
        ];
        store.commit_with(Vec::new(), KEYS, &values).await
    }

    /// What pages may know.
    pub fn view(&self) -> LockView {
        let passkey = |slot: &PasskeySlot| PasskeyView {
            credential: slot.credential.0.clone(),
            salt: slot.salt.0,
        };
        LockView {
            is_set: true,
            minutes: self.minutes,
            passkeys: self.passkeys.iter().map(passkey).collect(),
        }
    }
}

/// Begins a time for which the lock is open.
///
/// # Errors
/// When the store fails.
pub async fn begin_session<R>(store: &IdbStore, rng: &mut R) -> Result<Session, StoreError>
where
    R: CryptoRng + ?Sized,
{
    let mut session = Session::default();
    rng.fill_bytes(&mut session);
    let value = Uint8Array::from(&session[..]).into();
    store
        .commit_with(Vec::new(), KEYS, &[(SESSION, Some(value))])
        .await?;
    Ok(session)
}

/// Ends it: whoever still has the key may not use it.
///
/// # Errors
/// When the store fails.
pub async fn end_session(store: &IdbStore) -> Result<(), StoreError> {
    store
        .commit_with(Vec::new(), KEYS, &[(SESSION, None)])
        .await
}

/// The time for which the lock is open, if it is.
///
/// # Errors
/// When the store fails.
pub async fn session(store: &IdbStore) -> Result<Option<Session>, StoreError> {
    let stored = store.value(KEYS, SESSION).await?;
    let Some(stored) = stored else {
        return Ok(None);
    };
    Ok(bytes(stored)?.try_into().ok())
}

fn bytes(value: JsValue) -> Result<Vec<u8>, StoreError> {
    let bytes: Uint8Array = value.dyn_into().map_err(|_| StoreError::Damaged(KEYS))?;
    Ok(bytes.to_vec())
}

fn whole(value: &JsValue) -> u32 {
    let value = value.as_f64().unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::as_conversions,
        reason = "clamped; there is no other way out of a float"
    )]
    let whole = value.clamp(0.0, 1e6) as u32;
    whole
}

fn unreadable(error: SlotError) -> StoreError {
    match error {
        SlotError::Newer(_) => StoreError::Newer,
        SlotError::Length | SlotError::Encoding(_) => StoreError::Damaged(KEYS),
    }
}
