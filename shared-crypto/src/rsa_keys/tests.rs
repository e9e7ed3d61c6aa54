//! What is and is not taken as an RSA key, a signature or a ciphertext.

use super::*;
use crate::fixtures;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::pss::Pss;
use rsa::{Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign};
use sha2::Sha256;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn raw(index: usize) -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_der(fixtures::key_pkcs8(index)).unwrap()
}

#[test]
fn generated_keys_work_and_survive_storage() {
    let pair = SigningKeyPair::generate(&mut rng()).unwrap();
    assert_eq!(pair.public().modulus().len(), 384);
    let again = SigningKeyPair::from_pkcs8(&pair.to_pkcs8().unwrap()).unwrap();
    assert_eq!(again.public(), pair.public());
    let signature = again.sign(b"message", &mut rng()).unwrap();
    assert!(pair.public().is_valid(b"message", &signature));
}

#[test]
fn the_largest_keys_work() {
    let signing = SigningKeyPair::from_pkcs8(fixtures::large_key_pkcs8()).unwrap();
    let signature = signing.sign(b"message", &mut rng()).unwrap();
    assert_eq!(signature.len(), 512);
    assert!(signing.public().is_valid(b"message", &signature));
    let sealing = SealingKeyPair::from_pkcs8(fixtures::large_key_pkcs8()).unwrap();
    let sealed = sealing
        .public()
        .seal(&mut rng(), "label", &[5; 32])
        .unwrap();
    assert_eq!(*sealing.open(&mut rng(), "label", &sealed), [5; 32]);
}

#[test]
fn keys_of_2048_bits_are_refused() {
    let key = RsaPrivateKey::new(&mut rng(), 2048).unwrap();
    let der = key.to_pkcs8_der().unwrap();
    assert_eq!(
        SigningKeyPair::from_pkcs8(der.as_bytes()).unwrap_err(),
        KeyError::Size
    );
    assert_eq!(
        SealingKeyPair::from_pkcs8(der.as_bytes()).unwrap_err(),
        KeyError::Size
    );
    assert_eq!(
        SigningPublicKey::from_modulus(&key.n_bytes()),
        Err(KeyError::Size)
    );
}

#[test]
fn the_exponent_three_is_refused() {
    let with_three = |index| {
        let key = raw(index);
        let [p, q] = key.primes() else {
            unreachable!("two primes")
        };
        RsaPrivateKey::from_p_q(p.clone().get(), q.clone().get(), BoxedUint::from(3u64)).ok()
    };
    // Three has an inverse for about one pair of primes in four.
    let key = (0..fixtures::KEYS_COUNT).find_map(with_three).unwrap();
    let der = key.to_pkcs8_der().unwrap();
    assert_eq!(
        SigningKeyPair::from_pkcs8(der.as_bytes()).unwrap_err(),
        KeyError::Exponent
    );
    assert_eq!(
        SealingKeyPair::from_pkcs8(der.as_bytes()).unwrap_err(),
        KeyError::Exponent
    );
}

#[test]
fn only_proper_moduli_are_taken() {
    let modulus = fixtures::signing_key(0).public().modulus().to_vec();
    let of_length = |length: usize| [&[0x80], vec![1; length - 1].as_slice()].concat();
    let with_first = |first| {
        let mut modulus = modulus.clone();
        modulus[0] = first;
        modulus
    };
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    for (modulus, error) in [
        (vec![], KeyError::Size),
        (of_length(256), KeyError::Size),
        (with_first(0x7f), KeyError::Size),
        (of_length(513), KeyError::Size),
        (with_first(0), KeyError::Modulus),
        ([&[0], modulus.as_slice()].concat(), KeyError::Modulus),
        (even, KeyError::Modulus),
    ] {
        assert_eq!(SigningPublicKey::from_modulus(&modulus), Err(error));
        assert_eq!(SealingPublicKey::from_modulus(&modulus), Err(error));
    }
    assert!(SigningPublicKey::from_modulus(&of_length(400)).is_ok());
}

#[test]
fn keys_of_uncommon_length_verify_nothing_and_seal_without_panic() {
    let modulus = [&[0x01], vec![1; 384].as_slice()].concat();
    let key = SigningPublicKey::from_modulus(&modulus).unwrap();
    for length in [0, 1, 384, 385, 386] {
        assert!(!key.is_valid(b"message", &vec![1; length]));
        assert!(!key.is_valid(b"message", &vec![0xff; length]));
    }
    let key = SealingPublicKey::from_modulus(&modulus).unwrap();
    assert_eq!(key.seal(&mut rng(), "label", &[1; 32]).unwrap().len(), 385);
}

#[test]
fn signatures_have_salts_of_32_bytes_and_no_other_padding() {
    let pair = fixtures::signing_key(0);
    let digest = crate::hash::sha256(b"message");
    let accepts = |signature: &[u8]| pair.public().is_valid(b"message", signature);
    for salt in [0, 20, 31, 33, 64] {
        let padding = Pss::<Sha256>::new_with_salt(salt);
        let signature = raw(0).sign_with_rng(&mut rng(), padding, &digest).unwrap();
        assert!(!accepts(&signature), "a salt of {salt} bytes");
    }
    let padding = Pkcs1v15Sign::new::<Sha256>();
    assert!(!accepts(
        &raw(0).sign_with_rng(&mut rng(), padding, &digest).unwrap()
    ));
    assert!(accepts(&pair.sign(b"message", &mut rng()).unwrap()));
}

#[test]
fn signatures_are_of_the_modulus_length_and_below_it() {
    let pair = fixtures::signing_key(0);
    let signature = pair.sign(b"message", &mut rng()).unwrap();
    let public = pair.public();
    assert!(!public.is_valid(b"massage", &signature));
    assert!(
        !fixtures::signing_key(1)
            .public()
            .is_valid(b"message", &signature)
    );
    assert!(!public.is_valid(b"message", &[&[0], signature.as_slice()].concat()));
    for length in 0..signature.len() {
        assert!(!public.is_valid(b"message", &signature[..length]));
    }
    // The same residue, once more around the modulus.
    let number = BoxedUint::from_be_slice_vartime(&signature);
    let modulus = BoxedUint::from_be_slice_vartime(public.modulus());
    let larger = number.concatenating_add(&modulus).to_be_bytes();
    let tail = &larger[larger.len().saturating_sub(384)..];
    assert!(!public.is_valid(b"message", tail));
    assert!(!public.is_valid(b"message", &[0; 384]));
    assert!(!public.is_valid(b"message", public.modulus()));
}

#[test]
fn what_does_not_open_gives_a_secret_of_the_key_and_the_ciphertext() {
    let pair = fixtures::sealing_key(0);
    let sealed = pair.public().seal(&mut rng(), "label", &[5; 32]).unwrap();
    assert_eq!(*pair.open(&mut rng(), "label", &sealed), [5; 32]);
    let rejected = |ciphertext: &[u8]| *pair.open(&mut rng(), "label", ciphertext);
    let mut flipped = sealed.clone();
    flipped[383] ^= 1;
    assert_eq!(rejected(&flipped), rejected(&flipped));
    assert_eq!(rejected(&flipped), *pair.rejected(&flipped));
    assert_eq!(
        *pair.open(&mut rng(), "other", &sealed),
        *pair.rejected(&sealed)
    );
    let other = fixtures::sealing_key(1);
    assert_eq!(
        *other.open(&mut rng(), "label", &sealed),
        *other.rejected(&sealed)
    );
    assert_ne!(*other.rejected(&sealed), *pair.rejected(&sealed));
    for strange in [
        &[][..],
        &[0; 384],
        &[0xff; 384],
        &[1; 383],
        &[1; 385],
        &sealed[..383],
    ] {
        assert_eq!(rejected(strange), *pair.rejected(strange));
    }
    // A whole message of another length than 32 bytes is rejected the same way.
    for length in [0, 31, 33, 318] {
        let padding = Oaep::<Sha256>::new_with_label(b"label".as_slice());
        let long = pair
            .public()
            .0
            .key
            .encrypt(&mut rng(), padding, &vec![5; length])
            .unwrap();
        assert_eq!(rejected(&long), *pair.rejected(&long), "{length} bytes");
    }
    let old = pair
        .public()
        .0
        .key
        .encrypt(&mut rng(), Pkcs1v15Encrypt, &[5; 32])
        .unwrap();
    assert_eq!(rejected(&old), *pair.rejected(&old));
}

#[test]
fn private_keys_are_not_shown() {
    let (signing, sealing) = fixtures::person(0);
    for text in [format!("{signing:?}"), format!("{sealing:?}")] {
        assert!(text.len() < 120 && text.contains(".."), "{text}");
    }
}

#[test]
fn what_is_not_a_key_is_refused() {
    let der = fixtures::key_pkcs8(0);
    assert_eq!(
        SigningKeyPair::from_pkcs8(&[]).unwrap_err(),
        KeyError::Private
    );
    for length in (0..der.len()).step_by(37) {
        assert!(SigningKeyPair::from_pkcs8(&der[..length]).is_err());
    }
    for index in (30..der.len()).step_by(101) {
        let mut damaged = der.to_vec();
        damaged[index] ^= 1;
        let _ = SigningKeyPair::from_pkcs8(&damaged);
    }
}
