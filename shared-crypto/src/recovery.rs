//! The recovery phrase: 12 words of BIP-39 (English), and what is derived from it
//! (`docs/protocol.md` §16).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bip39::Language;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::ed25519_keys::RecoveryKey;
use crate::hash::{derive, hash, sha256};
use crate::id::Hash;
use crate::record::recovery_commitment;

const KEY_NAMESPACE: &str = "zechat/recovery-key/v1";
const VAULT_NAMESPACE: &str = "zechat/vault-half/v1";
const WORDS: usize = 12;
const WORD_BITS: u128 = 0x7ff;
const LAST_BITS: u128 = 0x7f;
const CHECKSUM_BITS: u32 = 4;

/// The entropy behind the words. Zeroed when dropped.
#[derive(Clone)]
pub struct RecoveryPhrase(Zeroizing<[u8; 16]>);

/// Why words are not a recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Not 12 words.
    #[error("a recovery phrase has {WORDS} words, not {0}")]
    Count(usize),
    /// A word that is not in the list; counted from 1.
    #[error("word {0} is not in the list")]
    UnknownWord(usize),
    /// All words are in the list, but one is wrong or they are in another order.
    #[error("a word is wrong or the order is")]
    Checksum,
}

impl RecoveryPhrase {
    /// Makes a new phrase.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut entropy = Zeroizing::new([0; 16]);
        rng.fill_bytes(entropy.as_mut());
        Self(entropy)
    }

    /// The phrase with this entropy.
    pub fn from_entropy(entropy: &[u8; 16]) -> Self {
        Self(Zeroizing::new(*entropy))
    }

    /// Parses 12 words, in whatever case and with whatever white space between.
    ///
    /// # Errors
    /// [`PhraseError`].
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let words: Vec<Zeroizing<String>> = text
            .split_whitespace()
            .map(|word| Zeroizing::new(word.to_ascii_lowercase()))
            .collect();
        if words.len() != WORDS {
            return Err(PhraseError::Count(words.len()));
        }
        let mut bits = Zeroizing::new(0_u128);
        let mut last = 0;
        for (count, word) in (1..).zip(&words) {
            let index = Language::English.find_word(word);
            last = index.ok_or(PhraseError::UnknownWord(count))?;
            // Each word is 11 bits of entropy; the last is 7, and 4 of the checksum.
            *bits = if count == WORDS {
                *bits << 7 | u128::from(last >> CHECKSUM_BITS)
            } else {
                *bits << 11 | u128::from(last)
            };
        }
        let phrase = Self(Zeroizing::new(bits.to_be_bytes()));
        if phrase.checksum() == last & 0xf {
            Ok(phrase)
        } else {
            Err(PhraseError::Checksum)
        }
    }

    /// The 12 words.
    pub fn words(&self) -> Zeroizing<String> {
        let bits = Zeroizing::new(u128::from_be_bytes(*self.0));
        let last = (*bits & LAST_BITS) << CHECKSUM_BITS | u128::from(self.checksum());
        let others = (0..WORDS - 1).map(|behind| *bits >> (7 + 11 * behind) & WORD_BITS);
        let list = Language::English.word_list();
        let word = |index| list.get(usize::try_from(index).ok()?).copied();
        let words: Vec<&str> = others.rev().chain([last]).filter_map(word).collect();
        Zeroizing::new(words.join(" "))
    }

    /// The first 4 bits of the entropy's SHA-256.
    fn checksum(&self) -> u16 {
        let [first, ..] = sha256(self.0.as_slice());
        u16::from(first >> CHECKSUM_BITS)
    }

    /// The 16 bytes behind the words.
    pub fn entropy(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key that signs a recovery record.
    pub fn recovery_key(&self) -> RecoveryKey {
        RecoveryKey::from_seed(&derive(
            KEY_NAMESPACE,
            self.0.as_slice(),
            &hash(KEY_NAMESPACE, &[]),
        ))
    }

    /// The commitment to the recovery key that records carry.
    pub fn commitment(&self) -> Hash {
        recovery_commitment(&self.recovery_key().public())
    }

    /// The phrase's half of the vault key.
    pub fn vault_half(&self) -> Zeroizing<[u8; 32]> {
        derive(
            VAULT_NAMESPACE,
            self.0.as_slice(),
            &hash(VAULT_NAMESPACE, &[]),
        )
    }
}

impl PartialEq for RecoveryPhrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for RecoveryPhrase {}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(…)")
    }
}
