//! The vectors of Project Wycheproof, which collect what implementations got wrong, through the functions
//! of this crate; where the crate binds more (a namespace, a second key), through what lies below.

use core::array::TryFromSliceError;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use wycheproof::TestResult;

use crate::aead;
use crate::ed25519_keys::Ed25519PublicKey;
use crate::hash::hkdf;
use crate::rsa_keys::{SealingKeyPair, SigningPublicKey};
use crate::signed::VerifyingKey;
use crate::x_wing_kem;

/// How many vectors were compared; a set that nothing is taken of shows nothing.
#[derive(Default)]
struct Counts {
    valid: usize,
    invalid: usize,
}

impl Counts {
    /// Compares an outcome with what it must be.
    fn see(&mut self, result: TestResult, accepted: bool, what: &str) {
        match result {
            TestResult::Valid => assert!(accepted, "{what} is valid"),
            TestResult::Invalid => assert!(!accepted, "{what} is invalid"),
            TestResult::Acceptable => {}
        }
        if accepted {
            self.valid += 1;
        } else {
            self.invalid += 1;
        }
    }

    fn at_least(&self, valid: usize, invalid: usize) {
        println!("{} valid, {} invalid", self.valid, self.invalid);
        assert!(self.valid >= valid, "{} valid", self.valid);
        assert!(self.invalid >= invalid, "{} invalid", self.invalid);
    }
}

#[test]
fn aes_256_gcm() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key: [u8; 32] = test.key[..].try_into().unwrap();
            let nonce: [u8; 12] = test.nonce[..].try_into().unwrap();
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = aead::open(&key, &nonce, &test.aad, &sealed);
            counts.see(test.result, opened.is_ok(), &test.comment);
            if let Ok(opened) = opened {
                assert_eq!(opened.as_slice(), &test.pt[..]);
                assert_eq!(aead::seal(&key, &nonce, &test.aad, &test.pt), Ok(sealed));
            }
        }
    }
    counts.at_least(30, 20);
}

#[test]
fn hkdf_sha_256() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let mut counts = Counts::default();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut output = vec![0; test.size];
        let derived = hkdf(&test.salt, &test.ikm, &test.info, &mut output);
        counts.see(test.result, derived.is_some(), &test.comment);
        if derived.is_some() {
            assert_eq!(output, test.okm[..]);
        }
    }
    counts.at_least(80, 1);
}

#[test]
fn ed25519() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups {
        let key: Result<[u8; 32], TryFromSliceError> = group.key.pk[..].try_into();
        let key = Ed25519PublicKey::from_bytes(&key.unwrap());
        for test in group.tests {
            let accepted = key
                .as_ref()
                .is_ok_and(|key| key.verifies(&test.msg, &test.sig));
            counts.see(test.result, accepted, &test.comment);
        }
    }
    counts.at_least(80, 40);
}

/// The curve under X-Wing and HPKE. Points that give zeros are what both sides of X-Wing refuse, and they refuse no
/// other. What the others give is compared below them: our functions make their private keys from seeds.
#[test]
fn x25519() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).unwrap();
    let mut counts = Counts::default();
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let owner = x_wing_kem::PrivateKey::expand(&[2; 32]);
    let (sealed, _) = x_wing_kem::encapsulate(&owner.public(), rng).unwrap();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let private: [u8; 32] = test.private_key[..].try_into().unwrap();
        let public: [u8; 32] = test.public_key[..].try_into().unwrap();
        let shared = x25519_dalek::x25519(private, public);
        assert_eq!(shared, test.shared_secret[..], "{}", test.comment);
        let is_refused = shared == [0; 32];
        let (mut key, mut sent) = (owner.public(), sealed);
        *key.last_chunk_mut().unwrap() = public;
        *sent.last_chunk_mut().unwrap() = public;
        let taken = [
            x_wing_kem::is_public_key(&key),
            x_wing_kem::encapsulate(&key, rng).is_some(),
            owner.decapsulate(&sent).is_some(),
        ];
        assert_eq!(taken, [!is_refused; 3], "{}", test.comment);
        if is_refused {
            counts.invalid += 1;
        } else {
            counts.valid += 1;
        }
    }
    counts.at_least(400, 20);
}

#[test]
fn rsa_pss_3072_and_4096() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut counts = Counts::default();
    for name in [
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            assert_eq!(group.key.e[..], [1, 0, 1]);
            let modulus = without_leading_zeros(&group.key.n);
            let key = SigningPublicKey::from_modulus(modulus).unwrap();
            for test in group.tests {
                counts.see(
                    test.result,
                    key.verifies(&test.msg, &test.sig),
                    &test.comment,
                );
            }
        }
    }
    counts.at_least(80, 80);
}

/// What this crate never makes does not verify either: another salt, another hash, a smaller key.
#[test]
fn rsa_pss_of_other_parameters() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut counts = Counts::default();
    for (name, is_key) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, false),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, true),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, true),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = SigningPublicKey::from_modulus(without_leading_zeros(&group.key.n));
            assert_eq!(key.is_ok(), is_key);
            for test in group.tests {
                let accepted = key
                    .as_ref()
                    .is_ok_and(|key| key.verifies(&test.msg, &test.sig));
                assert!(!accepted, "{}", test.comment);
                counts.invalid += 1;
            }
        }
    }
    counts.at_least(0, 200);
}

#[test]
fn rsa_oaep_3072_and_4096() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let mut counts = Counts::default();
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for name in [
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa4096Sha256Mgf1Sha256,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = SealingKeyPair::from_pkcs8(&group.pkcs8).unwrap();
            for test in group.tests {
                let opened = key.decrypt(rng, &test.label, &test.ct);
                counts.see(test.result, opened.is_some(), &test.comment);
                if let Some(opened) = opened {
                    assert_eq!(opened.as_slice(), &test.pt[..]);
                }
            }
        }
    }
    counts.at_least(30, 30);
}

/// What is offered as a public key: ML-KEM-768 keys with coefficients that are too large, next to a
/// sound X25519 key, are refused; sound ones are taken.
#[test]
fn ml_kem_768_public_keys() {
    use wycheproof::mlkem::{TestName, TestSet};
    let curve = x25519_dalek::x25519([7; 32], x25519_dalek::X25519_BASEPOINT_BYTES);
    let mut counts = Counts::default();
    for name in [TestName::MlKem768, TestName::MlKem768Encaps] {
        for test in TestSet::load(name)
            .unwrap()
            .test_groups
            .into_iter()
            .flat_map(|group| group.tests)
        {
            let Some(lattice) = &test.encaps_key else {
                continue;
            };
            // What is wrong elsewhere (a ciphertext, a private key) says nothing of the public key.
            let is_about_the_key =
                test.result == TestResult::Valid || name == TestName::MlKem768Encaps;
            if !is_about_the_key {
                continue;
            }
            let key = [&lattice[..], &curve].concat();
            let accepted = key
                .try_into()
                .is_ok_and(|key| x_wing_kem::is_public_key(&key));
            counts.see(test.result, accepted, &test.comment);
        }
    }
    counts.at_least(10, 10);
}

/// The lattice under X-Wing: what a ciphertext opens to, implicit rejections included. Below our functions, whose seeds
/// have 32 bytes, and of which the lattice's 64 are only derived: these vectors name those, and none of X-Wing's.
#[test]
fn ml_kem_768() {
    use ml_kem::kem::Decapsulate;
    use wycheproof::mlkem::{TestName, TestSet};
    let mut counts = Counts::default();
    let tests = TestSet::load(TestName::MlKem768).unwrap().test_groups;
    for test in tests.into_iter().flat_map(|group| group.tests) {
        let (Some(seed), Some(sent)) = (&test.seed, &test.ct) else {
            continue;
        };
        let opened = (|| {
            let seed: [u8; 64] = seed[..].try_into().ok()?;
            let key = ml_kem::DecapsulationKey768::from_seed(seed.into());
            let sent: ml_kem::ml_kem_768::Ciphertext = sent[..].try_into().ok()?;
            Some(key.decapsulate(&sent))
        })();
        counts.see(test.result, opened.is_some(), &test.comment);
        if let (Some(opened), Some(expected)) = (opened, &test.shared_secret) {
            assert_eq!(opened[..], expected[..], "{}", test.comment);
        }
    }
    counts.at_least(20, 1);
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
