//! Writes `fixtures/keys.bin` and `fixtures/key-4096.der`, the RSA keys that tests use. Run in release mode; it takes a minute.

use std::path::Path;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::fixtures::KEYS_COUNT;
use shared_crypto::rsa_keys::{RsaBits, SigningKeyPair};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut file = Vec::new();
    for index in 0..KEYS_COUNT {
        // Each key from its own seed, so that one can be made again alone.
        let mut seed = *b"zechat fixture keys, for tests..";
        if let Some(last) = seed.last_mut() {
            *last = u8::try_from(index)?;
        }
        let key = SigningKeyPair::generate(&mut ChaCha20Rng::from_seed(seed))?.to_pkcs8()?;
        file.extend_from_slice(&u16::try_from(key.len())?.to_be_bytes());
        file.extend_from_slice(&key);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::fs::write(folder.join("keys.bin"), file)?;
    let rng = &mut ChaCha20Rng::from_seed(*b"zechat fixture keys, 4096 bits..");
    let large = SigningKeyPair::generate_sized(rng, RsaBits::B4096)?.to_pkcs8()?;
    std::fs::write(folder.join("key-4096.der"), &*large)?;
    Ok(())
}
