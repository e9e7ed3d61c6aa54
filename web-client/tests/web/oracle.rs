//! The browser's cryptography as a second, independent opinion on ours.

use client_core::driver::Event;
use data_encoding::BASE64URL_NOPAD;
use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use shared_crypto::hash;
use shared_crypto::id::{DeviceId, IdentityId, NodeFingerprint, Nonce, VaultId};
use shared_crypto::login::Login;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::rsa_keys::{SealingKeyPair, SealingPublicKey, SigningKeyPair, SigningPublicKey};
use shared_crypto::signed::Signed;
use shared_crypto::vault::{VaultKey, open_chunk, seal_chunk};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_client::worker::make_key;
use web_client::worker::random::BrowserRng;
use web_sys::{CryptoKey, SubtleCrypto};

const SIGNATURE_NAMESPACE: &str = "zechat/login/v1";
const LABEL: &str = "zechat/first-contact/v1";

#[wasm_bindgen_test]
async fn the_browser_verifies_our_signature() {
    let pair = our_signing_pair();
    let (message, signature) = signed_by_us(&pair);
    let key = import_modulus("RSA-PSS", "verify", pair.public().modulus()).await;
    assert!(verify(&key, &signature, &message).await);
    let mut other = message.clone();
    other[20] ^= 1;
    assert!(!verify(&key, &signature, &other).await);
}

#[wasm_bindgen_test]
async fn we_verify_the_browsers_signature() {
    let (private, modulus) = their_pair("RSA-PSS", ["sign", "verify"]).await;
    let public = SigningPublicKey::from_modulus(&modulus).unwrap();
    // The payload of a login of ours, under a signature of theirs.
    let ours = login().sign(&our_signing_pair(), &mut BrowserRng).unwrap();
    let payload = payload_of(ours.bytes()).0;
    let message = [hash::prefix(SIGNATURE_NAMESPACE), payload.clone()].concat();
    let signature = bytes(subtle().sign_with_object_and_u8_array(&pss(), &private, &message)).await;
    assert_eq!(signature.len(), modulus.len());
    let mut travels = ours.bytes()[..5 + payload.len()].to_vec();
    travels.extend_from_slice(&signature);
    assert!(
        Signed::<Login>::parse(&travels)
            .unwrap()
            .verify(&public)
            .is_ok()
    );
    *travels.last_mut().unwrap() ^= 1;
    assert!(
        Signed::<Login>::parse(&travels)
            .unwrap()
            .verify(&public)
            .is_err()
    );
}

#[wasm_bindgen_test]
async fn the_browser_opens_our_box() {
    let (private, modulus) = their_pair("RSA-OAEP", ["encrypt", "decrypt"]).await;
    let public = SealingPublicKey::from_modulus(&modulus).unwrap();
    let secret = [7; 32];
    let sealed = public.seal(&mut BrowserRng, LABEL, &secret).unwrap();
    let opened = subtle().decrypt_with_object_and_u8_array(&oaep(LABEL), &private, &sealed);
    assert_eq!(bytes(opened).await, secret);
    let other_label = subtle().decrypt_with_object_and_u8_array(&oaep("other"), &private, &sealed);
    assert!(JsFuture::from(promise(other_label)).await.is_err());
}

#[wasm_bindgen_test]
async fn we_open_the_browsers_box() {
    let der = make_key::by_browser("RSA-OAEP", ["encrypt", "decrypt"])
        .await
        .unwrap();
    let pair = SealingKeyPair::from_pkcs8(&der).unwrap();
    let key = import_modulus("RSA-OAEP", "encrypt", pair.public().modulus()).await;
    let sealed = subtle().encrypt_with_object_and_u8_array(&oaep(LABEL), &key, &[9; 32]);
    let mut sealed = bytes(sealed).await;
    assert_eq!(*pair.open(&mut BrowserRng, LABEL, &sealed), [9; 32]);
    // Rejection is implicit: something comes out, and not the secret.
    sealed[40] ^= 1;
    assert_ne!(*pair.open(&mut BrowserRng, LABEL, &sealed), [9; 32]);
}

#[wasm_bindgen_test]
async fn both_generators_make_keys_that_both_sides_read() {
    let Ok(Event::SigningKey(pair)) = make_key::signing().await else {
        panic!("no signing key")
    };
    let (message, signature) = signed_by_us(&pair);
    let key = import_modulus("RSA-PSS", "verify", pair.public().modulus()).await;
    assert!(verify(&key, &signature, &message).await);
    assert!(matches!(
        make_key::sealing().await,
        Ok(Event::SealingKey(_))
    ));

    let ours = our_signing_pair();
    let der = ours.to_pkcs8().unwrap();
    let private = import("pkcs8", &Uint8Array::from(&der[..]), "RSA-PSS", "sign").await;
    let message = b"signed with a key of ours".to_vec();
    let signature = bytes(subtle().sign_with_object_and_u8_array(&pss(), &private, &message)).await;
    let public = import_modulus("RSA-PSS", "verify", ours.public().modulus()).await;
    assert!(verify(&public, &signature, &message).await);
}

const CHUNK: &str = "zechat/vault-chunk/v1";
const VAULT_KEY: [u8; 32] = [5; 32];
const VAULT: [u8; 32] = [6; 32];

/// A chunk stands for all that is sealed under one key: HKDF-SHA-256 from a nonce, a commitment, AES-256-GCM
/// (`docs/protocol.md` §20).
#[wasm_bindgen_test]
async fn the_browser_opens_what_we_sealed_under_one_key() {
    let (key, vault) = (VaultKey::from_bytes(&VAULT_KEY), VaultId::from_bytes(VAULT));
    let chunk = seal_chunk(&key, &vault, b"kept", &mut BrowserRng).unwrap();
    let (nonce, rest) = chunk[1..].split_at(32);
    let (commitment, sealed) = rest.split_at(32);
    let (key, gcm) = their_keys(nonce, commitment).await;
    let key = import_raw("AES-GCM", "decrypt", &key).await;
    let opened = bytes(subtle().decrypt_with_object_and_u8_array(&gcm, &key, sealed)).await;
    assert_eq!(opened[..8], *b"\0\0\0\x04kept");
    assert!(opened[8..].iter().all(|byte| *byte == 0));
    let mut other = sealed.to_vec();
    other[9] ^= 1;
    let refused = subtle().decrypt_with_object_and_u8_array(&gcm, &key, &other);
    assert!(JsFuture::from(promise(refused)).await.is_err());
}

#[wasm_bindgen_test]
async fn we_open_what_the_browser_sealed_under_one_key() {
    let nonce = [8; 32];
    let derived = their_derived(&nonce).await;
    let commitment = &derived[44..];
    let (key, gcm) = their_keys(&nonce, commitment).await;
    let key = import_raw("AES-GCM", "encrypt", &key).await;
    let mut plaintext = vec![0; 4_096 - 1 - 32 - 32 - 16];
    plaintext[..8].copy_from_slice(b"\0\0\0\x04kept");
    let sealed = subtle().encrypt_with_object_and_u8_array(&gcm, &key, &plaintext);
    let mut chunk = [&[1][..], &nonce, commitment, &bytes(sealed).await].concat();
    let (key, vault) = (VaultKey::from_bytes(&VAULT_KEY), VaultId::from_bytes(VAULT));
    assert_eq!(**open_chunk(&key, &vault, &chunk).unwrap(), *b"kept");
    chunk[100] ^= 1;
    assert!(open_chunk(&key, &vault, &chunk).is_err());
}

/// The key of a chunk with this nonce, and how it is used.
async fn their_keys(nonce: &[u8], commitment: &[u8]) -> (Vec<u8>, Object) {
    let derived = their_derived(nonce).await;
    assert_eq!(derived[44..], *commitment);
    let gcm = object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(&derived[32..44]).into()),
        ("additionalData", Uint8Array::from(commitment).into()),
    ]);
    (derived[..32].to_vec(), gcm)
}

/// Key, nonce of the cipher and commitment, by the browser's HKDF.
async fn their_derived(nonce: &[u8]) -> Vec<u8> {
    let transcript = [&hash::prefix(CHUNK), &VAULT[..], nonce].concat();
    let transcript = bytes(subtle().digest_with_str_and_u8_array("SHA-256", &transcript)).await;
    let info = [hash::prefix(CHUNK), transcript].concat();
    let hkdf = object(&[
        ("name", "HKDF".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::new_with_length(0).into()),
        ("info", Uint8Array::from(&info[..]).into()),
    ]);
    let secret = import_raw("HKDF", "deriveBits", &VAULT_KEY).await;
    bytes(subtle().derive_bits_with_object(&hkdf, &secret, 76 * 8)).await
}

async fn import_raw(algorithm: &str, usage: &str, key: &[u8]) -> CryptoKey {
    let data = Uint8Array::from(key);
    let uses = Array::of1(&usage.into());
    let key = subtle().import_key_with_str("raw", &data, algorithm, false, &uses);
    JsFuture::from(promise(key))
        .await
        .unwrap()
        .dyn_into()
        .unwrap()
}

fn our_signing_pair() -> SigningKeyPair {
    SigningKeyPair::generate(&mut BrowserRng).unwrap()
}

fn login() -> Login {
    Login {
        node: NodeUrl::parse("https://node.example").unwrap(),
        fingerprint: NodeFingerprint::from_bytes([1; 32]),
        nonce: Nonce::from_bytes([2; 32]),
        identity: IdentityId::from_bytes([3; 32]),
        device: DeviceId::from_bytes([4; 16]),
        at: 1_700_000_000_000,
    }
}

/// The signed bytes, namespace included, and the signature.
fn signed_by_us(pair: &SigningKeyPair) -> (Vec<u8>, Vec<u8>) {
    let login = login().sign(pair, &mut BrowserRng).unwrap();
    let (payload, signature) = payload_of(login.bytes());
    (
        [hash::prefix(SIGNATURE_NAMESPACE), payload].concat(),
        signature,
    )
}

/// Suite, length, payload, signature: `docs/protocol.md` §3.
fn payload_of(signed: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let length = u32::from_be_bytes(signed[1..5].try_into().unwrap()) as usize;
    (
        signed[5..5 + length].to_vec(),
        signed[5 + length..].to_vec(),
    )
}

/// A pair made by the browser: its private key and modulus.
async fn their_pair(algorithm: &str, uses: [&str; 2]) -> (CryptoKey, Vec<u8>) {
    let der = make_key::by_browser(algorithm, uses).await.unwrap();
    let modulus = SigningKeyPair::from_pkcs8(&der)
        .unwrap()
        .public()
        .modulus()
        .to_vec();
    let usage = if uses.contains(&"sign") {
        "sign"
    } else {
        "decrypt"
    };
    (
        import("pkcs8", &Uint8Array::from(&der[..]), algorithm, usage).await,
        modulus,
    )
}

async fn import_modulus(algorithm: &str, usage: &str, modulus: &[u8]) -> CryptoKey {
    let jwk = object(&[
        ("kty", "RSA".into()),
        ("n", BASE64URL_NOPAD.encode(modulus).into()),
        ("e", "AQAB".into()),
    ]);
    import("jwk", &jwk, algorithm, usage).await
}

async fn import(format: &str, data: &Object, algorithm: &str, usage: &str) -> CryptoKey {
    let algorithm = object(&[("name", algorithm.into()), ("hash", "SHA-256".into())]);
    let uses = Array::of1(&usage.into());
    let key = subtle().import_key_with_object(format, data, &algorithm, true, &uses);
    JsFuture::from(promise(key))
        .await
        .unwrap()
        .dyn_into()
        .unwrap()
}

async fn verify(key: &CryptoKey, signature: &[u8], message: &[u8]) -> bool {
    let verified =
        subtle().verify_with_object_and_u8_array_and_u8_array(&pss(), key, signature, message);
    JsFuture::from(promise(verified)).await.unwrap().is_truthy()
}

fn pss() -> Object {
    object(&[("name", "RSA-PSS".into()), ("saltLength", 32.into())])
}

fn oaep(label: &str) -> Object {
    let label = Uint8Array::from(label.as_bytes());
    object(&[("name", "RSA-OAEP".into()), ("label", label.into())])
}

fn subtle() -> SubtleCrypto {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap();
    Reflect::get(&crypto, &"subtle".into())
        .unwrap()
        .dyn_into()
        .unwrap()
}

fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object
}

fn promise(call: Result<Promise, JsValue>) -> Promise {
    call.unwrap()
}

async fn bytes(call: Result<Promise, JsValue>) -> Vec<u8> {
    let buffer: ArrayBuffer = JsFuture::from(promise(call))
        .await
        .unwrap()
        .dyn_into()
        .unwrap();
    Uint8Array::new(&buffer).to_vec()
}
