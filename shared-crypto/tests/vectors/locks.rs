//! What the family of locks means, in terms of the public API.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use shared_crypto::lock::{PasskeySlot, PassphraseSlot, SlotError};

use crate::input::Input;

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(HEXLOWER.encode(bytes.as_ref()))
}

fn unreadable(error: SlotError) -> String {
    format!("{error:?}")
}

pub fn lock(input: &Input<'_>) -> Result<Value, String> {
    let slot = input.bytes("slot");
    let key = match input.text("kind") {
        "passphrase" => PassphraseSlot::parse(&slot)
            .map_err(unreadable)?
            .open(input.text("passphrase")),
        "passkey" => PasskeySlot::parse(&slot)
            .map_err(unreadable)?
            .open(&input.array("output")),
        other => panic!("no such kind: {other}"),
    };
    let key = key.map_err(|error| format!("{error:?}"))?;
    Ok(json!({"key": hex(key.as_bytes())}))
}
