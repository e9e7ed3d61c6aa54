//! Every sealed or signed kind against every attack: one table, so that a new kind cannot be forgotten.
//!
//! A kind is what an honest writer makes, how its reader reads it, and who else might be tricked into
//! reading it: another person, place, time or purpose. `namespaces` finds kinds that are
//! not listed.

mod namespaces;
mod sealed;
mod signed;
mod vaults;

use std::sync::OnceLock;

use shared_crypto::id::MessageId;

/// Whether a reader takes the bytes.
type Reads = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

struct Kind {
    /// The namespaces that bind it.
    namespaces: &'static [&'static str],
    name: &'static str,
    genuine: Vec<u8>,
    reads: Reads,
    /// Readers in other circumstances, who must refuse the genuine bytes.
    elsewhere: Vec<(&'static str, Reads)>,
    /// How many bytes apart bits are flipped: RSA decryption takes its time.
    stride: usize,
}

const ID: MessageId = MessageId::from_bytes([0x3c; 16]);

/// All of them, made once.
fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| {
        vec![
            signed::genesis(),
            signed::update(),
            signed::recovery(),
            signed::key_package(),
            signed::event(),
            signed::login(),
            signed::node_document(),
            signed::peer_request(),
            sealed::first_contact(),
            sealed::lane(),
            sealed::acceptance(),
            sealed::forward_box(),
            sealed::lookup(),
            sealed::lookup_answer(),
            vaults::request(),
            vaults::owner(),
            vaults::manifest(),
            vaults::chunk(),
        ]
    })
}

fn reads(reads: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Reads {
    Box::new(reads)
}

#[test]
fn every_kind_is_read_where_it_belongs() {
    for kind in kinds() {
        assert!((kind.reads)(&kind.genuine), "{}", kind.name);
    }
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for kind in kinds() {
        for place in (0..kind.genuine.len()).step_by(kind.stride) {
            let mut damaged = kind.genuine.clone();
            damaged[place] ^= 1 << (place % 8);
            assert!(
                !(kind.reads)(&damaged),
                "{}: a bit of byte {place}",
                kind.name
            );
        }
    }
}

#[test]
fn truncation_at_every_length_is_refused() {
    for kind in kinds() {
        for length in 0..kind.genuine.len() {
            assert!(
                !(kind.reads)(&kind.genuine[..length]),
                "{}: {length} bytes",
                kind.name
            );
        }
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    for kind in kinds() {
        for more in [1, 2, 32] {
            let longer = [kind.genuine.as_slice(), &vec![0; more]].concat();
            assert!(!(kind.reads)(&longer), "{}: {more} bytes more", kind.name);
        }
    }
}

#[test]
fn what_was_made_for_others_is_refused() {
    for kind in kinds() {
        assert!(
            !kind.elsewhere.is_empty(),
            "{} has a wrong recipient",
            kind.name
        );
        for (circumstance, reads) in &kind.elsewhere {
            assert!(!reads(&kind.genuine), "{} {circumstance}", kind.name);
        }
    }
}

#[test]
fn no_kind_is_read_as_another() {
    for kind in kinds() {
        for other in kinds() {
            if kind.name != other.name {
                assert!(
                    !(kind.reads)(&other.genuine),
                    "{} as {}",
                    other.name,
                    kind.name
                );
            }
        }
    }
}
