//! Writes `fixtures/keys.bin`, `fixtures/small-keys.bin` and `fixtures/key-4096.der`, the RSA keys that tests use. Run in
//! release mode; it takes a few minutes.

use std::path::Path;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use shared_crypto::fixtures::KEYS_COUNT;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let small = keys(b"zechat fixture keys, 1024 bits..", 1_024)?;
    std::fs::write(folder.join("small-keys.bin"), small)?;
    let keys = keys(b"zechat fixture keys, for tests..", 3_072)?;
    std::fs::write(folder.join("keys.bin"), keys)?;
    let rng = &mut ChaCha20Rng::from_seed(*b"zechat fixture keys, 4096 bits..");
    let large = RsaPrivateKey::new(rng, 4_096)?.to_pkcs8_der()?;
    std::fs::write(folder.join("key-4096.der"), large.as_bytes())?;
    Ok(())
}

/// Each key behind its length, and from its own seed, so that one can be made again alone.
fn keys(seed: &[u8; 32], bits: usize) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut file = Vec::new();
    for index in 0..KEYS_COUNT {
        let mut seed = *seed;
        if let Some(last) = seed.last_mut() {
            *last = u8::try_from(index)?;
        }
        let key = RsaPrivateKey::new(&mut ChaCha20Rng::from_seed(seed), bits)?.to_pkcs8_der()?;
        file.extend_from_slice(&u16::try_from(key.as_bytes().len())?.to_be_bytes());
        file.extend_from_slice(key.as_bytes());
    }
    Ok(file)
}
