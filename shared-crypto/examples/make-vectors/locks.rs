//! Locks: slots of a passphrase and of a passkey.

use serde_json::json;
use shared_crypto::cbor;
use shared_crypto::hash::SUITE;
use shared_crypto::lock::{DataKey, PasskeySlot, PassphraseSlot};

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::rng;

const KEY: [u8; 32] = [0x5d; 32];
const OUTPUT: [u8; 32] = [0x0f; 32];

pub fn lock() -> Family {
    let mut family = Family::new("lock", "Slots of a lock, protocol §22.");
    passphrase(&mut family);
    passkey(&mut family);
    family
}

fn passphrase(family: &mut Family) {
    let key = DataKey::from_bytes(&KEY);
    let slot = PassphraseSlot::seal("café au lait", &key, &mut rng(1)).expect("a slot");
    let bytes = slot.to_bytes();
    let input = json!({"kind": "passphrase", "slot": hex(&bytes), "passphrase": "café au lait"});
    family.valid("passphrase", input.clone(), json!({"key": hex(KEY)}));
    let base = with(&input, json!({"slot": same("passphrase")}));
    let greedy = PassphraseSlot {
        memory: 262_145,
        ..slot.clone()
    };
    let hasty = PassphraseSlot { passes: 0, ..slot };
    for (case, reason, error, fields) in [
        (
            "another passphrase",
            "not the one that it was sealed under",
            "CannotOpen",
            json!({"passphrase": "cafe au lait"}),
        ),
        (
            "a later suite",
            "the suite is 3",
            "Newer(3)",
            json!({"slot": changed("passphrase", 0, 2)}),
        ),
        (
            "suite zero",
            "the suite is 0",
            "Length",
            json!({"slot": changed("passphrase", 0, 1)}),
        ),
        (
            "another salt",
            "the key is derived from the salt",
            "CannotOpen",
            json!({"slot": changed("passphrase", 8, 1)}),
        ),
        (
            "changed at the end",
            "the tag does not fit",
            "CannotOpen",
            json!({"slot": changed("passphrase", bytes.len().saturating_sub(1), 1)}),
        ),
        (
            "cut passphrase slot",
            "it ends too early",
            "Encoding(Truncated)",
            json!({"slot": cut("passphrase", 90)}),
        ),
        (
            "too much memory",
            "more than 262,144 KiB",
            "Encoding(Shape)",
            json!({"slot": hex(greedy.to_bytes())}),
        ),
        (
            "no passes",
            "at least one pass is needed",
            "Encoding(Shape)",
            json!({"slot": hex(hasty.to_bytes())}),
        ),
    ] {
        family.invalid(case, reason, error, with(&base, fields));
    }
}

fn passkey(family: &mut Family) {
    let key = DataKey::from_bytes(&KEY);
    let slot = PasskeySlot::seal(b"a credential's id", [7; 32], &OUTPUT, &key, &mut rng(2));
    let slot = slot.expect("a slot");
    let input = json!({"kind": "passkey", "slot": hex(slot.to_bytes()), "output": hex(OUTPUT)});
    family.valid("passkey", input.clone(), json!({"key": hex(KEY)}));
    let base = with(&input, json!({"slot": same("passkey")}));
    let other = PasskeySlot {
        credential: b"another credential".as_slice().into(),
        ..slot.clone()
    };
    let nameless = PasskeySlot {
        credential: Vec::new().into(),
        ..slot.clone()
    };
    let longer = [&[SUITE], cbor::encode(&slot).as_slice(), &[0]].concat();
    for (case, reason, error, fields) in [
        (
            "another output",
            "not what this passkey gives",
            "CannotOpen",
            json!({"output": hex([0x10; 32])}),
        ),
        (
            "another credential",
            "the credential is part of the context",
            "CannotOpen",
            json!({"slot": hex(other.to_bytes())}),
        ),
        (
            "no credential",
            "it has no bytes",
            "Encoding(Shape)",
            json!({"slot": hex(nameless.to_bytes())}),
        ),
        (
            "bytes to spare",
            "a byte follows",
            "Encoding(TrailingBytes)",
            json!({"slot": hex(longer)}),
        ),
        (
            "a passphrase's slot",
            "another kind",
            "Encoding(Shape)",
            json!({"slot": same("passphrase")}),
        ),
    ] {
        family.invalid(case, reason, error, with(&base, fields));
    }
}
