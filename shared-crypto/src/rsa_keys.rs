//! The two RSA keys of an identity: one that signs (PSS), one that things are sealed to (OAEP).
//!
//! Public keys travel as their modulus alone; the exponent is always 65537 and the length 3072 to
//! 4096 bits (`docs/protocol.md` §1). Every private operation takes a random generator: it is
//! blinded.

mod primes;
mod sealing;
mod signing;

use alloc::vec::Vec;
use core::num::NonZeroU32;

use rand_core::CryptoRng;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use primes::random_prime;
pub use sealing::{SealingKeyPair, SealingPublicKey};
pub use signing::{SigningKeyPair, SigningPublicKey};

/// Shortest modulus, in bytes.
pub const MIN_MODULUS: usize = 384;
/// Longest modulus, in bytes.
pub const MAX_MODULUS: usize = 512;

const EXPONENT: u64 = 65_537;

const HALF_OF_3072: NonZeroU32 = NonZeroU32::new(1536).unwrap();
const HALF_OF_4096: NonZeroU32 = NonZeroU32::new(2048).unwrap();
/// More failures than this in a row are not chance.
const TRIES: usize = 8;

/// The size of a key that is to be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RsaBits {
    /// 3072 bits, what everybody uses.
    #[default]
    B3072,
    /// 4096 bits.
    B4096,
}

/// Why bytes are not a usable RSA key, or a key cannot do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Shorter than 3072 or longer than 4096 bits.
    #[error("an RSA key of 3072 to 4096 bits is needed")]
    Size,
    /// A leading zero byte, an even number, or something the arithmetic cannot use.
    #[error("not an RSA modulus")]
    Modulus,
    /// The public exponent is not 65537.
    #[error("the public exponent must be 65537")]
    Exponent,
    /// Not a private key in PKCS#8, or one whose parts do not belong together.
    #[error("not an RSA private key")]
    Private,
    /// The operation itself failed, as for a fault in the computation.
    #[error("the key operation failed")]
    Operation,
}

/// A checked public key together with its travelling form.
#[derive(Clone, PartialEq, Eq)]
struct PublicKey {
    key: RsaPublicKey,
    modulus: Vec<u8>,
}

impl PublicKey {
    fn from_modulus(modulus: &[u8]) -> Result<Self, KeyError> {
        check_modulus(modulus)?;
        let number = BoxedUint::from_be_slice_vartime(modulus);
        let key =
            RsaPublicKey::new(number, BoxedUint::from(EXPONENT)).map_err(|_| KeyError::Modulus)?;
        Ok(Self {
            key,
            modulus: modulus.to_vec(),
        })
    }
}

fn check_modulus(modulus: &[u8]) -> Result<(), KeyError> {
    let first = *modulus.first().ok_or(KeyError::Size)?;
    if first == 0 {
        return Err(KeyError::Modulus);
    }
    let shortest = shortest_modulus();
    let is_short = modulus.len() < shortest || (modulus.len() == shortest && first < 0x80);
    if is_short || modulus.len() > MAX_MODULUS {
        return Err(KeyError::Size);
    }
    if modulus.last().is_some_and(|last| last & 1 == 0) {
        return Err(KeyError::Modulus);
    }
    Ok(())
}

/// [`MIN_MODULUS`], but for a simulation that has asked for test keys.
pub(crate) fn shortest_modulus() -> usize {
    #[cfg(any(test, feature = "fixtures"))]
    let shortest = crate::fixtures::shortest_modulus();
    #[cfg(not(any(test, feature = "fixtures")))]
    let shortest = MIN_MODULUS;
    shortest
}

fn generate<R: CryptoRng + ?Sized>(rng: &mut R, bits: RsaBits) -> Result<RsaPrivateKey, KeyError> {
    let half = match bits {
        RsaBits::B3072 => HALF_OF_3072,
        RsaBits::B4096 => HALF_OF_4096,
    };
    // Two primes make no key when the exponent divides one less than one of them: one time in 30,000.
    for _ in 0..TRIES {
        let primes = alloc::vec![random_prime(rng, half)?, random_prime(rng, half)?];
        if let Ok(key) = RsaPrivateKey::from_primes(primes, BoxedUint::from(EXPONENT)) {
            return Ok(key);
        }
    }
    Err(KeyError::Operation)
}

/// Reads PKCS#8 DER; the library checks that the parts belong together.
fn from_pkcs8(der: &[u8]) -> Result<(RsaPrivateKey, PublicKey), KeyError> {
    let key = RsaPrivateKey::from_pkcs8_der(der).map_err(|_| KeyError::Private)?;
    if key.primes().len() != 2 {
        return Err(KeyError::Private);
    }
    let public = public_of(&key)?;
    Ok((key, public))
}

fn public_of(key: &RsaPrivateKey) -> Result<PublicKey, KeyError> {
    if *key.e() != BoxedUint::from(EXPONENT) {
        return Err(KeyError::Exponent);
    }
    PublicKey::from_modulus(&key.n_bytes())
}

fn to_pkcs8(key: &RsaPrivateKey) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    Ok(key
        .to_pkcs8_der()
        .map_err(|_| KeyError::Private)?
        .to_bytes())
}

/// What the public and the private types of both kinds have in common.
macro_rules! key_types {
    ($pair:ident, $public:ident) => {
        impl $public {
            /// Takes a modulus: big-endian, no leading zero, odd, 3072 to 4096 bits.
            ///
            /// # Errors
            /// [`KeyError::Size`] or [`KeyError::Modulus`].
            pub fn from_modulus(modulus: &[u8]) -> Result<Self, KeyError> {
                PublicKey::from_modulus(modulus).map(Self)
            }

            /// The modulus as it travels; its length is that of signatures and ciphertexts.
            pub fn modulus(&self) -> &[u8] {
                &self.0.modulus
            }
        }

        impl core::fmt::Debug for $public {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let start = self.0.modulus.get(..4).unwrap_or_default();
                write!(f, concat!(stringify!($public), "({:02x?}…)"), start)
            }
        }

        impl<C> minicbor::Encode<C> for $public {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0.modulus)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $public {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                Self::from_modulus(d.bytes()?).map_err(minicbor::decode::Error::message)
            }
        }

        impl $pair {
            /// Generates a key of 3072 bits. Takes from a third of a second to several.
            ///
            /// # Errors
            /// [`KeyError::Operation`] if the library cannot.
            pub fn generate<R: rand_core::CryptoRng + ?Sized>(
                rng: &mut R,
            ) -> Result<Self, KeyError> {
                Self::generate_sized(rng, RsaBits::default())
            }

            /// Generates a key of the given size.
            ///
            /// # Errors
            /// [`KeyError::Operation`] if the library cannot.
            pub fn generate_sized<R: rand_core::CryptoRng + ?Sized>(
                rng: &mut R,
                bits: RsaBits,
            ) -> Result<Self, KeyError> {
                let private = generate(rng, bits)?;
                let public = $public(public_of(&private)?);
                Ok(Self { private, public })
            }

            /// Reads a private key in PKCS#8 DER (RFC 5958).
            ///
            /// # Errors
            /// [`KeyError`] for anything but an RSA key of two primes, 3072 to 4096 bits, with the
            /// exponent 65537.
            pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
                let (private, public) = from_pkcs8(der)?;
                Ok(Self {
                    private,
                    public: $public(public),
                })
            }

            /// The private key in PKCS#8 DER (RFC 5958).
            ///
            /// # Errors
            /// [`KeyError::Private`] if the library cannot encode it.
            pub fn to_pkcs8(&self) -> Result<zeroize::Zeroizing<alloc::vec::Vec<u8>>, KeyError> {
                to_pkcs8(&self.private)
            }

            /// The public key.
            pub fn public(&self) -> &$public {
                &self.public
            }
        }

        impl core::fmt::Debug for $pair {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($pair))
                    .field("public", &self.public)
                    .finish_non_exhaustive()
            }
        }
    };
}
use key_types;

#[cfg(test)]
mod tests;
