//! The protocol once more, straight from its text on the primitives: for what the library refuses
//! to make, and as a second opinion on what it makes.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use rsa::pkcs8::DecodePrivateKey;
use rsa::pss::Pss;
use rsa::{Oaep, RsaPrivateKey};
use sha2::{Digest, Sha256};
use shared_crypto::fixtures;
use x_wing::{Encapsulate, EncapsulationKey};

use crate::people::rng;

pub fn prefix(ns: &str) -> Vec<u8> {
    [&[1, u8::try_from(ns.len()).expect("short")], ns.as_bytes()].concat()
}

pub fn h(ns: &str, bytes: &[u8]) -> Vec<u8> {
    Sha256::digest([prefix(ns).as_slice(), bytes].concat()).to_vec()
}

pub fn kdf(ns: &str, secret: &[u8], transcript: &[u8], n: usize) -> Vec<u8> {
    let mut output = vec![0; n];
    let info = [prefix(ns).as_slice(), transcript].concat();
    Hkdf::<Sha256>::new(None, secret)
        .expand(&info, &mut output)
        .expect("short");
    output
}

/// A signed object of any payload under any namespace, with a frozen key.
pub fn signed(ns: &str, payload: &[u8], key: usize) -> Vec<u8> {
    let private = RsaPrivateKey::from_pkcs8_der(fixtures::key_pkcs8(key)).expect("a key");
    let digest = Sha256::digest([prefix(ns).as_slice(), payload].concat());
    let padding = Pss::<Sha256>::new_with_salt(32);
    let signature = private
        .sign_with_rng(&mut rng(90), padding, &digest)
        .expect("a signature");
    framed(payload, &signature)
}

/// A signed object with whatever stands for its signature.
pub fn framed(payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&[1], length.as_slice(), payload, signature].concat()
}

/// The payload of a signed object.
pub fn payload_of(signed: &[u8]) -> Vec<u8> {
    let (length, rest) = signed
        .get(1..)
        .and_then(|rest| rest.split_first_chunk())
        .expect("a frame");
    let length = usize::try_from(u32::from_be_bytes(*length)).expect("short");
    rest.get(..length).expect("a payload").to_vec()
}

pub struct Envelope<'a> {
    pub kind: u8,
    pub hint: &'a [u8],
    pub public_key: &'a [u8],
    pub r: &'a [u8],
    pub other: &'a [u8],
    pub sender: &'a [u8],
    pub recipient: &'a [u8],
    pub mailbox: &'a [u8],
    pub padded: &'a [u8],
    pub seed: u64,
    pub break_commitment: bool,
}

/// An envelope and what was computed on the way.
pub struct Steps {
    pub shared: Vec<u8>,
    pub header: Vec<u8>,
    pub transcript: Vec<u8>,
    pub okm: Vec<u8>,
    pub envelope: Vec<u8>,
}

impl Envelope<'_> {
    pub fn seal(&self) -> Vec<u8> {
        self.steps().envelope
    }

    pub fn steps(&self) -> Steps {
        let key = EncapsulationKey::try_from(self.public_key).expect("a public key");
        let (ciphertext, shared) = key.encapsulate_with_rng(&mut rng(self.seed));
        let r_length = u16::try_from(self.r.len()).expect("short").to_be_bytes();
        let header = [
            &[1, self.kind],
            self.hint,
            ciphertext.as_slice(),
            &r_length,
            self.r,
        ]
        .concat();
        let ns = "zechat/envelope/v1";
        let transcript = h(
            ns,
            &[header.as_slice(), self.sender, self.recipient, self.mailbox].concat(),
        );
        let okm = kdf(
            ns,
            &[shared.as_slice(), self.other].concat(),
            &transcript,
            76,
        );
        let (key, rest) = okm.split_first_chunk::<32>().expect("76 bytes");
        let (nonce, commitment) = rest.split_first_chunk::<12>().expect("44 bytes");
        let sealed = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
            .encrypt(
                &Nonce::from(*nonce),
                Payload {
                    msg: self.padded,
                    aad: &header,
                },
            )
            .expect("short");
        let mut commitment = commitment.to_vec();
        if let (true, Some(last)) = (self.break_commitment, commitment.last_mut()) {
            *last ^= 1;
        }
        Steps {
            shared: shared.to_vec(),
            envelope: [header.as_slice(), &commitment, &sealed].concat(),
            header,
            transcript,
            okm,
        }
    }
}

pub fn oaep(key: usize, label: &str, secret: &[u8]) -> Vec<u8> {
    let private = RsaPrivateKey::from_pkcs8_der(fixtures::key_pkcs8(key)).expect("a key");
    let padding = Oaep::<Sha256>::new_with_label(label.as_bytes());
    private
        .to_public_key()
        .encrypt(&mut rng(91), padding, secret)
        .expect("a ciphertext")
}

pub fn pad(content: &[u8], size: usize) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    let mut padded = [length.as_slice(), content].concat();
    padded.resize(size, 0);
    padded
}
