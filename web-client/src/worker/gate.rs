//! A closed lock: there is no engine, and nothing stored can be read, until somebody brings the key.

use client_core::store::StoreError;
use gloo::timers::future::TimeoutFuture;
use shared_crypto::cannot_open::CannotOpen;
use shared_crypto::lock::DataKey;
use wasm_bindgen::JsValue;

use super::js;
use super::queue::Queue;
use super::slots::Slots;
use crate::bridge::{
    Answered, Asked, FromEngine, LockAnswer, LockAsk, LockFailure, PasskeyOutput, Place, ToEngine,
};
use crate::platform::channel::Channel;

/// Wait after a wrong try; doubles with each, up to [`LONGEST_WAIT_MS`]. What really makes guessing slow is the derivation.
const SHORTEST_WAIT_MS: u32 = 250;
const LONGEST_WAIT_MS: u32 = 8_000;

/// Tells the pages, and waits for the key.
///
/// # Errors
/// When the browser has no channel to the pages.
pub async fn wait(place: Place, slots: &Slots) -> Result<DataKey, StoreError> {
    let queue = Queue::new();
    let channel = Channel::open(&place.channel(), {
        let queue = queue.clone();
        move |bytes| {
            if let Ok(message) = ToEngine::decode(&bytes) {
                queue.push(message);
            }
        }
    })
    .map_err(|error: JsValue| StoreError::Platform(js::words(&error)))?;
    let say = |message: FromEngine| {
        if let Some(bytes) = message.encode() {
            channel.post(&bytes);
        }
    };
    say(FromEngine::Locked(slots.view()));
    let mut pause = SHORTEST_WAIT_MS;
    loop {
        let ToEngine { tab, call, asked } = queue.take().await;
        let answer = |answer| FromEngine::Answer {
            tab,
            call,
            answer: Answered::Lock(answer),
        };
        let (opened, failure) = match &asked {
            Asked::Lock(LockAsk::Unlock(passphrase)) => (
                slots.passphrase.open(&passphrase.normal()),
                LockFailure::WrongPassphrase,
            ),
            Asked::Lock(LockAsk::UnlockWithPasskey(output)) => {
                (open_with(slots, output), LockFailure::WrongPasskey)
            }
            _ => {
                say(FromEngine::Locked(slots.view()));
                continue;
            }
        };
        match opened {
            Ok(key) => {
                say(answer(LockAnswer::Done));
                return Ok(key);
            }
            Err(CannotOpen) => {
                TimeoutFuture::new(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_WAIT_MS);
                say(answer(LockAnswer::Failed(failure)));
            }
        }
    }
}

fn open_with(slots: &Slots, output: &PasskeyOutput) -> Result<DataKey, CannotOpen> {
    let mut all = slots.passkeys.iter();
    let slot = all.find(|slot| slot.credential.0 == output.credential);
    slot.ok_or(CannotOpen)?.open(&output.output)
}
