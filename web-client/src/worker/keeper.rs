//! The lock while it is open: sets, changes and removes it, and knows when it closes.

use client_core::request::Secret;
use client_core::sealed::SealedStore;
use client_core::store::StoreError;
use client_core::view::Millis;
use shared_crypto::lock::{DataKey, PasskeySlot, PassphraseSlot};

use super::data_key;
use super::database::IdbStore;
use super::handover::Handover;
use super::random::BrowserRng;
use super::slots::{self, MOST_PASSKEYS, Slots};
use crate::bridge::{
    LockAnswer, LockAsk, LockFailure, LockView, PasskeyOutput, Place, SHORTEST_PASSPHRASE,
};

const MINUTE: Millis = 60_000;

/// Most minutes without a person that can be chosen: a day.
const MOST_MINUTES: u32 = 1_440;

/// The lock of an engine that runs.
pub struct Keeper {
    place: Place,
    store: IdbStore,
    key: DataKey,
    slots: Option<Slots>,
    handover: Handover,
    active_at: Millis,
}

/// What the engine does after a question about the lock.
pub enum Then {
    /// Answers, and goes on.
    Answer(LockAnswer),
    /// Answers, and starts again: the rows lie under another key.
    Restart(DataKey),
    /// Nothing: it is over.
    Lock,
}

impl Keeper {
    /// Watches over a lock that was opened, or over none.
    pub fn new(
        place: Place,
        store: IdbStore,
        key: DataKey,
        slots: Option<Slots>,
        handover: Handover,
        now: Millis,
    ) -> Self {
        Self {
            place,
            store,
            key,
            slots,
            handover,
            active_at: now,
        }
    }

    /// What pages may know.
    pub fn view(&self) -> LockView {
        self.slots.as_ref().map(Slots::view).unwrap_or_default()
    }

    /// When it closes by itself, if nobody comes before.
    pub fn closes_at(&self) -> Option<Millis> {
        let slots = self.slots.as_ref().filter(|slots| slots.minutes > 0)?;
        let wait = u64::from(slots.minutes).saturating_mul(MINUTE);
        Some(self.active_at.saturating_add(wait))
    }

    /// Whether it is to be closed. By a clock that was set back nobody knows since when nobody came; a little back is how clocks
    /// are kept right.
    pub fn is_over(&self, now: Millis) -> bool {
        let was_set_back = now.saturating_add(MINUTE) < self.active_at;
        self.closes_at().is_some_and(|at| now >= at || was_set_back)
    }

    /// Does what a page asks.
    pub async fn ask(&mut self, ask: LockAsk, now: Millis) -> Then {
        // A person who comes too late finds it closed, though the timer may have slept with the machine.
        if self.is_over(now) {
            return Then::Lock;
        }
        let done = match ask {
            LockAsk::View => return Then::Answer(LockAnswer::View(self.view())),
            LockAsk::Unlock(_) | LockAsk::UnlockWithPasskey(_) => Ok(()),
            LockAsk::Active => {
                self.active_at = now;
                Ok(())
            }
            LockAsk::Lock if self.slots.is_some() => return Then::Lock,
            LockAsk::Lock => Err(LockFailure::WrongState),
            LockAsk::Set(passphrase) => match self.set(&passphrase).await {
                Ok(key) => return Then::Restart(key),
                Err(failure) => Err(failure),
            },
            LockAsk::Change { current, new } => self.change(&current, &new).await,
            LockAsk::Remove { current } => self.remove(&current).await,
            LockAsk::AddPasskey { salt, output } => self.add_passkey(salt, &output).await,
            LockAsk::RemovePasskeys => self.alter(|slots| slots.passkeys.clear()).await,
            LockAsk::SetMinutes(minutes) => {
                self.active_at = now;
                self.alter(|slots| slots.minutes = minutes.min(MOST_MINUTES))
                    .await
            }
        };
        Then::Answer(match done {
            Ok(()) => LockAnswer::Done,
            Err(failure) => LockAnswer::Failed(failure),
        })
    }

    /// Closes it: no key from before opens anything any more, whoever has one.
    pub async fn close(&self) {
        if slots::end_session(&self.store).await.is_err() {
            super::js::warn("the end of the session could not be stored");
        }
        self.handover.forget();
    }

    async fn set(&mut self, passphrase: &Secret) -> Result<DataKey, LockFailure> {
        if self.slots.is_some() {
            return Err(LockFailure::WrongState);
        }
        // A new key: what opened the rows so far may lie around in what the browser deleted.
        let key = DataKey::generate(&mut BrowserRng);
        let slots = Slots::new(seal(passphrase, &key)?);
        let rows = IdbStore::open(&self.place.database())
            .await
            .map_err(storage)?;
        let rows = SealedStore::new(rows, &self.key, BrowserRng);
        let changes = rows.resealed(&key).await.map_err(storage)?;
        slots.write(&self.store, changes).await.map_err(storage)?;
        Ok(key)
    }

    async fn change(&mut self, current: &Secret, new: &Secret) -> Result<(), LockFailure> {
        self.check(current)?;
        let passphrase = seal(new, &self.key)?;
        self.alter(|slots| slots.passphrase = passphrase).await
    }

    async fn remove(&mut self, current: &Secret) -> Result<(), LockFailure> {
        self.check(current)?;
        let slot = data_key::slot(&self.key, &mut BrowserRng)
            .await
            .map_err(storage)?;
        Slots::remove(&self.store, slot).await.map_err(storage)?;
        self.slots = None;
        self.handover.forget();
        Ok(())
    }

    async fn add_passkey(
        &mut self,
        salt: [u8; 32],
        output: &PasskeyOutput,
    ) -> Result<(), LockFailure> {
        let slot = PasskeySlot::seal(
            &output.credential,
            salt,
            &output.output,
            &self.key,
            &mut BrowserRng,
        )
        .map_err(|_| LockFailure::WrongPasskey)?;
        self.alter(|slots| {
            slots
                .passkeys
                .retain(|known| known.credential != slot.credential);
            slots.passkeys.truncate(MOST_PASSKEYS.saturating_sub(1));
            slots.passkeys.push(slot);
        })
        .await
    }

    /// Changes the lock, in the store first.
    async fn alter(&mut self, how: impl FnOnce(&mut Slots)) -> Result<(), LockFailure> {
        let mut next = self.slots.clone().ok_or(LockFailure::WrongState)?;
        how(&mut next);
        next.write(&self.store, Vec::new()).await.map_err(storage)?;
        self.slots = Some(next);
        Ok(())
    }

    fn check(&self, passphrase: &Secret) -> Result<(), LockFailure> {
        let slots = self.slots.as_ref().ok_or(LockFailure::WrongState)?;
        let opened = slots.passphrase.open(&passphrase.normal());
        opened.map(drop).or(Err(LockFailure::WrongPassphrase))
    }
}

fn seal(passphrase: &Secret, key: &DataKey) -> Result<PassphraseSlot, LockFailure> {
    let passphrase = passphrase.normal();
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(LockFailure::TooShort);
    }
    let slot = PassphraseSlot::seal(&passphrase, key, &mut BrowserRng);
    slot.map_err(|error| LockFailure::Storage {
        detail: error.to_string(),
    })
}

fn storage(error: StoreError) -> LockFailure {
    match error {
        StoreError::Full => LockFailure::NoRoom,
        error => LockFailure::Storage {
            detail: error.to_string(),
        },
    }
}
