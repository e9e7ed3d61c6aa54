//! Kinds of a vault, signed and sealed.

use data_encoding::BASE64URL_NOPAD;
use shared_crypto::id::Hash;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::vault::{
    FORMAT, Manifest, VaultAuth, VaultCall, VaultHalf, VaultIndex, VaultKey, VaultOwner,
    VaultRequest, open_chunk, seal_chunk, unlock_key,
};

use super::{Kind, reads};
use crate::support::{NOW, Node, Person, alice, bob, node_a, node_b, rng};

fn vault_of(number: u8) -> (VaultAuth, VaultHalf, VaultKey) {
    let phrase = RecoveryPhrase::from_entropy(&[number; 16]);
    let key = VaultKey::from_bytes(&[number; 32]);
    (VaultAuth::of(&phrase), VaultHalf::of(&phrase), key)
}

pub(super) fn request() -> Kind {
    let (auth, _, _) = vault_of(1);
    let subject = Hash::from_bytes([4; 32]);
    let (call, at) = (VaultCall::ReadChunk, &node_a().url);
    let header = VaultRequest::header(&auth, at, call, Some(subject), NOW, &mut rng(30)).unwrap();
    let read = |vault: u8, node: &'static Node, call: VaultCall, subject: Hash, now: u64| {
        reads(move |bytes| {
            let (vault, header) = (vault_of(vault).0.vault(), BASE64URL_NOPAD.encode(bytes));
            VaultRequest::verify(&header, &node.url, &vault, call, Some(&subject), now).is_ok()
        })
    };
    let other = Hash::from_bytes([5; 32]);
    Kind {
        namespaces: &["zechat/vault-request/v1", "zechat/vault-auth/v1"],
        name: "vault request",
        genuine: BASE64URL_NOPAD.decode(header.as_bytes()).unwrap(),
        reads: read(1, node_a(), call, subject, NOW),
        elsewhere: vec![
            ("for another vault", read(2, node_a(), call, subject, NOW)),
            ("at another node", read(1, node_b(), call, subject, NOW)),
            (
                "to write",
                read(1, node_a(), VaultCall::WriteChunk, subject, NOW),
            ),
            ("for another chunk", read(1, node_a(), call, other, NOW)),
            ("too late", read(1, node_a(), call, subject, NOW + 300_001)),
            ("too early", read(1, node_a(), call, subject, NOW - 300_001)),
        ],
        stride: 3,
    }
}

pub(super) fn owner() -> Kind {
    let owner = VaultOwner {
        node: node_a().url.clone(),
        fingerprint: node_a().keys.fingerprint(),
        vault: vault_of(1).0.vault(),
        identity: alice().id(),
        at: NOW,
    };
    let read = |node: &'static Node, vault: u8, who: &'static Person, now: u64| {
        reads(move |bytes| {
            let (fingerprint, vault) = (node.keys.fingerprint(), vault_of(vault).0.vault());
            VaultOwner::verify(
                bytes,
                &node.url,
                &fingerprint,
                &vault,
                who.signing.public(),
                now,
            )
            .is_ok()
        })
    };
    Kind {
        namespaces: &["zechat/vault-owner/v1"],
        name: "vault owner",
        genuine: owner
            .sign(&alice().signing, &mut rng(31))
            .unwrap()
            .bytes()
            .to_vec(),
        reads: read(node_a(), 1, alice(), NOW),
        elsewhere: vec![
            ("at another node", read(node_b(), 1, alice(), NOW)),
            ("for another vault", read(node_a(), 2, alice(), NOW)),
            ("by another", read(node_a(), 1, bob(), NOW)),
            ("too late", read(node_a(), 1, alice(), NOW + 300_001)),
        ],
        stride: 3,
    }
}

pub(super) fn manifest() -> Kind {
    let (auth, half, key) = vault_of(1);
    let unlock = unlock_key("", &half, &auth.vault());
    let wrapped = Manifest::wrap(&unlock, &key, &auth.vault(), &mut rng(32)).unwrap();
    let index = VaultIndex {
        format: FORMAT,
        identity: alice().id(),
        saved_at: NOW,
        nodes: Vec::new(),
        sections: Vec::new(),
        has_passphrase: false,
    };
    let manifest =
        Manifest::create(&auth, &key, 1, Vec::new(), wrapped, &index, &mut rng(33)).unwrap();
    let read = |vault: u8, half: u8| {
        let unlock = unlock_key("", &vault_of(half).1, &vault_of(vault).0.vault());
        reads(move |bytes| {
            let vault = vault_of(vault).0.vault();
            Manifest::verify(bytes, &vault).is_ok_and(|manifest| manifest.open(&unlock).is_ok())
        })
    };
    Kind {
        namespaces: &[
            "zechat/vault-manifest/v1",
            "zechat/vault-wrap/v1",
            "zechat/vault-index/v1",
            "zechat/vault-unlock/v1",
            "zechat/vault-half/v1",
        ],
        name: "vault manifest",
        genuine: manifest.bytes().to_vec(),
        reads: read(1, 1),
        elsewhere: vec![
            ("of another vault", read(2, 2)),
            ("with another phrase", read(1, 2)),
        ],
        stride: 41,
    }
}

pub(super) fn chunk() -> Kind {
    let (auth, _, key) = vault_of(1);
    let read = |vault: u8, key: u8| {
        reads(move |bytes| open_chunk(&vault_of(key).2, &vault_of(vault).0.vault(), bytes).is_ok())
    };
    Kind {
        namespaces: &["zechat/vault-chunk/v1"],
        name: "vault chunk",
        genuine: seal_chunk(&key, &auth.vault(), b"content", &mut rng(34)).unwrap(),
        reads: read(1, 1),
        elsewhere: vec![
            ("in another vault", read(2, 1)),
            ("with another key", read(1, 2)),
        ],
        stride: 29,
    }
}
