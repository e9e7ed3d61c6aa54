//! From what a person types to the vault's keys.

use rand_core::CryptoRng;
use shared_crypto::cannot_open::SealError;
use shared_crypto::cbor::Bytes;
use shared_crypto::recovery::{PhraseError, RecoveryPhrase};
use shared_crypto::vault::{Manifest, VaultAuth, VaultHalf, VaultKey, unlock_key};

use super::row::VaultRow;
use crate::request::{Failure, PhraseFault, Secret};

/// Reads a phrase.
pub(crate) fn parse_phrase(phrase: &Secret) -> Result<RecoveryPhrase, Failure> {
    RecoveryPhrase::parse(&phrase.0).map_err(|error| {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Failure::BadPhrase(match error {
            PhraseError::Count(found) => PhraseFault::WordCount {
                found: number(found),
            },
            PhraseError::UnknownWord(word) => PhraseFault::UnknownWord {
                number: number(word),
            },
            PhraseError::Checksum => PhraseFault::Checksum,
        })
    })
}

/// Wraps a vault key under phrase and passphrase.
pub(super) fn wrap(
    passphrase: &Secret,
    half: &VaultHalf,
    auth: &VaultAuth,
    key: &VaultKey,
    rng: &mut dyn CryptoRng,
) -> Result<Bytes, SealError> {
    let vault = auth.vault();
    let unlock = unlock_key(&passphrase.normal(), half, &vault);
    Manifest::wrap(&unlock, key, &vault, rng)
}

/// A vault that nobody has written yet.
pub(super) fn begin(
    phrase: &RecoveryPhrase,
    passphrase: &Secret,
    rng: &mut dyn CryptoRng,
) -> Result<VaultRow, SealError> {
    let (auth, half) = (VaultAuth::of(phrase), VaultHalf::of(phrase));
    let key = VaultKey::generate(rng);
    let wrapped = wrap(passphrase, &half, &auth, &key, rng)?;
    let has_passphrase = !passphrase.0.is_empty();
    Ok(row(&auth, &half, &key, wrapped, has_passphrase))
}

/// The row of a vault about which nothing more is known than its keys.
pub(super) fn row(
    auth: &VaultAuth,
    half: &VaultHalf,
    key: &VaultKey,
    wrapped: Bytes,
    has_passphrase: bool,
) -> VaultRow {
    VaultRow {
        auth: Bytes(auth.to_seed().to_vec()),
        half: Bytes(half.as_bytes().to_vec()),
        key: Bytes(key.as_bytes().to_vec()),
        wrapped,
        has_passphrase,
        rewrapped: false,
        confirmed: false,
        version: 0,
        revision: 0,
        segments: Vec::new(),
        absorbed: Vec::new(),
        nodes: Vec::new(),
        saved_at: None,
        whole_at: None,
        removed: None,
        replaced: None,
        others: None,
    }
}
