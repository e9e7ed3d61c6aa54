//! The lock: what opens the data key, and what does not.

use proptest::prelude::*;
use shared_crypto::cannot_open::{CannotOpen, SealError};
use shared_crypto::cbor::DecodeError;
use shared_crypto::lock::{DataKey, PasskeySlot, PassphraseSlot, SlotError};

use crate::support::rng;

fn key() -> DataKey {
    DataKey::from_bytes(&[0x5d; 32])
}

/// A slot under this passphrase.
fn slot_under(passphrase: &str) -> PassphraseSlot {
    PassphraseSlot::seal(passphrase, &key(), &mut rng(1)).unwrap()
}

fn passkey() -> PasskeySlot {
    PasskeySlot::seal(b"credential", [7; 32], &[8; 32], &key(), &mut rng(2)).unwrap()
}

#[test]
fn a_passphrase_opens_its_slot_and_no_other_does() {
    let slot = PassphraseSlot::parse(&slot_under("correct horse").to_bytes()).unwrap();
    assert_eq!(slot.open("correct horse").unwrap().as_bytes(), &[0x5d; 32]);
    for wrong in ["", "correct", "Correct horse", "correct horse "] {
        assert_eq!(slot.open(wrong).unwrap_err(), CannotOpen, "{wrong:?}");
    }
}

#[test]
fn an_empty_passphrase_is_no_lock() {
    let refused = PassphraseSlot::seal("", &key(), &mut rng(1));
    assert_eq!(refused.unwrap_err(), SealError::Key);
}

#[test]
fn guessing_costs_what_the_protocol_says_and_a_changed_cost_does_not_open() {
    let slot = slot_under("p");
    assert_eq!((slot.memory, slot.passes), (65_536, 3));
    for (memory, passes) in [(8_192, 3), (65_536, 1)] {
        let cheaper = PassphraseSlot {
            memory,
            passes,
            ..slot.clone()
        };
        let cheaper = PassphraseSlot::parse(&cheaper.to_bytes()).unwrap();
        assert_eq!(cheaper.open("p").unwrap_err(), CannotOpen);
    }
}

#[test]
fn a_slot_cannot_ask_for_all_memory() {
    for (memory, passes) in [
        (u64::MAX, 3),
        (262_145, 3),
        (8_191, 3),
        (65_536, 0),
        (65_536, 17),
    ] {
        let slot = PassphraseSlot {
            memory,
            passes,
            ..slot_under("p")
        };
        let read = PassphraseSlot::parse(&slot.to_bytes());
        assert_eq!(read, Err(SlotError::Encoding(DecodeError::Shape)));
    }
}

#[test]
fn a_passkey_opens_its_slot_and_no_other_does() {
    let slot = PasskeySlot::parse(&passkey().to_bytes()).unwrap();
    assert_eq!(slot.open(&[8; 32]).unwrap().as_bytes(), &[0x5d; 32]);
    assert_eq!(slot.open(&[9; 32]).unwrap_err(), CannotOpen);
    let another = PasskeySlot {
        credential: b"credentiaL".as_slice().into(),
        ..slot
    };
    assert_eq!(another.open(&[8; 32]).unwrap_err(), CannotOpen);
}

#[test]
fn impossible_credentials_are_refused() {
    for length in [0, 1_024] {
        let made = PasskeySlot::seal(&vec![1; length], [7; 32], &[8; 32], &key(), &mut rng(2));
        assert_eq!(made.unwrap_err(), SealError::TooLong);
    }
}

#[test]
fn a_slot_of_a_later_version_is_said_to_be_one() {
    for mut bytes in [slot_under("p").to_bytes(), passkey().to_bytes()] {
        bytes[0] = 2;
        assert_eq!(PassphraseSlot::parse(&bytes), Err(SlotError::Newer(2)));
        assert_eq!(PasskeySlot::parse(&bytes), Err(SlotError::Newer(2)));
        bytes[0] = 0;
        assert_eq!(PasskeySlot::parse(&bytes), Err(SlotError::Length));
    }
    assert_eq!(PassphraseSlot::parse(&[]), Err(SlotError::Length));
    assert_eq!(PasskeySlot::parse(&[1; 2_049]), Err(SlotError::Length));
}

#[test]
fn the_two_kinds_of_slot_are_not_taken_for_each_other() {
    assert!(PasskeySlot::parse(&slot_under("p").to_bytes()).is_err());
    assert!(PassphraseSlot::parse(&passkey().to_bytes()).is_err());
}

#[test]
fn keys_do_not_show_in_logs() {
    assert_eq!(format!("{:?}", key()), "DataKey(…)");
    assert_ne!(
        DataKey::generate(&mut rng(3)).as_bytes(),
        DataKey::generate(&mut rng(4)).as_bytes()
    );
}

proptest! {
    #[test]
    fn a_changed_passkey_slot_does_not_open(at in 0..200_usize, bit in 0..8_u32) {
        let mut bytes = passkey().to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let opened = PasskeySlot::parse(&bytes).ok().and_then(|slot| slot.open(&[8; 32]).ok());
        prop_assert!(opened.is_none());
    }

    #[test]
    fn a_cut_slot_is_none(length in 0..200_usize) {
        let bytes = passkey().to_bytes();
        prop_assume!(length < bytes.len());
        prop_assert!(PasskeySlot::parse(&bytes[..length]).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = PassphraseSlot::parse(&bytes);
        let _ = PasskeySlot::parse(&bytes);
    }
}
