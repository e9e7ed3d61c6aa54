//! Keys for the people of the world: frozen ones, since making one takes a second.

use shared_crypto::fixtures;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};

/// How many pairs there are.
pub(crate) const PAIRS: usize = fixtures::PEOPLE;

pub(crate) fn signing(number: usize) -> Box<SigningKeyPair> {
    Box::new(fixtures::signing_key(number % PAIRS))
}

pub(crate) fn sealing(number: usize) -> Box<SealingKeyPair> {
    Box::new(fixtures::sealing_key(number % PAIRS))
}
