//! Vaults: keys, chunks, manifests, rows, requests, owners and backup files.

use serde_json::{Value, json};
use shared_crypto::cbor::{self, Bytes};
use shared_crypto::id::{DeviceId, Hash};
use shared_crypto::signed::Verified;
use shared_crypto::vault::{
    Absorbed, Archive, FORMAT, Manifest, Section, Segment, VaultAuth, VaultCall, VaultHalf,
    VaultIndex, VaultKey, VaultOwner, VaultRequest, VaultRow, chunk_id, seal_chunk, unlock_key,
};

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{DEVICE, NOW, Person, node_keys, node_url, person, rng};

struct Vault {
    auth: VaultAuth,
    half: VaultHalf,
    key: VaultKey,
}

fn vault_of(person: &Person) -> Vault {
    Vault {
        auth: VaultAuth::of(&person.phrase),
        half: VaultHalf::of(&person.phrase),
        key: VaultKey::from_bytes(&[0x77; 32]),
    }
}

fn index(person: &Person, format: u64) -> VaultIndex {
    let other = DeviceId::from_bytes([0xe2; 16]);
    let section = |device, revision, first, count, absorbed| Section {
        device,
        revision,
        saved_at: NOW,
        segments: vec![Segment { first, count }],
        absorbed,
    };
    let absorbed = Absorbed {
        device: DEVICE,
        revision: 3,
    };
    VaultIndex {
        format,
        identity: person.id(),
        saved_at: NOW,
        nodes: vec![node_url(0).to_string(), node_url(1).to_string()],
        sections: vec![
            section(DEVICE, 4, 0, 1, Vec::new()),
            section(other, 1, 1, 1, vec![absorbed]),
        ],
        has_passphrase: true,
    }
}

pub fn vault() -> Family {
    let mut family = Family::new("vault", "Vaults and backup files, protocol §20.");
    let (alice, bob) = (person(0), person(1));
    let (own, other) = (vault_of(&alice), vault_of(&bob));
    keys(&mut family, &alice, &own);
    let chunks = chunks(&mut family, &own, &other);
    manifests(&mut family, &alice, &own, &other, &chunks);
    rows(&mut family);
    requests(&mut family, &own, &other);
    owners(&mut family, &alice, &bob, &own, &other);
    family
}

fn keys(family: &mut Family, alice: &Person, own: &Vault) {
    for (name, passphrase) in [("no passphrase", ""), ("a passphrase", "café au lait")] {
        let unlock = unlock_key(passphrase, &own.half, &own.auth.vault());
        family.valid(
            name,
            json!({"kind": "unlock", "entropy": hex(alice.phrase.entropy()), "passphrase": passphrase}),
            json!({"vault": hex(own.auth.vault().as_bytes()), "unlock": hex(unlock.as_slice())}),
        );
    }
}

fn chunks(family: &mut Family, own: &Vault, other: &Vault) -> Vec<Vec<u8>> {
    let vault = own.auth.vault();
    let mut made = Vec::new();
    for (name, content, seed) in [("chunk", "first", 1), ("empty chunk", "", 2)] {
        let chunk = seal_chunk(&own.key, &vault, content.as_bytes(), &mut rng(seed));
        let chunk = chunk.expect("a chunk");
        let input = json!({
            "kind": "chunk",
            "key": hex(own.key.as_bytes()),
            "vault": hex(vault.as_bytes()),
            "chunk": hex(&chunk),
        });
        let name_of = hex(chunk_id(&chunk).as_bytes());
        family.valid(
            name,
            input.clone(),
            json!({"name": name_of, "content": hex(content)}),
        );
        made.push(chunk);
        if seed == 1 {
            let base = with(&input, json!({"chunk": same(name)}));
            for (case, reason, fields) in [
                (
                    "chunk of another suite",
                    "the suite is 0",
                    json!({"chunk": changed(name, 0, 1)}),
                ),
                (
                    "other nonce",
                    "the commitment does not fit",
                    json!({"chunk": changed(name, 1, 1)}),
                ),
                (
                    "other commitment",
                    "the commitment does not fit",
                    json!({"chunk": changed(name, 33, 1)}),
                ),
                (
                    "changed chunk",
                    "the tag does not fit",
                    json!({"chunk": changed(name, 100, 1)}),
                ),
                (
                    "cut chunk",
                    "no size of a chunk",
                    json!({"chunk": cut(name, 4_095)}),
                ),
                (
                    "chunk in another vault",
                    "the vault is part of the key",
                    json!({"vault": hex(other.auth.vault().as_bytes())}),
                ),
                (
                    "chunk under another key",
                    "another key",
                    json!({"key": hex([1; 32])}),
                ),
            ] {
                family.invalid(case, reason, "CannotOpen", with(&base, fields));
            }
        }
    }
    made
}

fn sections(index: &VaultIndex) -> Value {
    let absorbed = |it: &Absorbed| json!([hex(it.device.as_bytes()), it.revision]);
    let section = |it: &Section| {
        json!({
            "device": hex(it.device.as_bytes()),
            "revision": it.revision,
            "saved_at": it.saved_at,
            "segments": it.segments.iter().map(|it| json!([it.first, it.count])).collect::<Vec<_>>(),
            "absorbed": it.absorbed.iter().map(absorbed).collect::<Vec<_>>(),
        })
    };
    index.sections.iter().map(section).collect()
}

fn manifests(family: &mut Family, alice: &Person, own: &Vault, other: &Vault, chunks: &[Vec<u8>]) {
    let vault = own.auth.vault();
    let unlock = unlock_key("café au lait", &own.half, &vault);
    let wrapped: Bytes =
        Manifest::wrap(&unlock, &own.key, &vault, &mut rng(3)).expect("a wrapped key");
    let names: Vec<Hash> = chunks.iter().map(|chunk| chunk_id(chunk)).collect();
    let make = |format| -> Verified<Manifest> {
        let index = index(alice, format);
        let (names, wrapped) = (names.clone(), wrapped.clone());
        Manifest::create(&own.auth, &own.key, 7, names, wrapped, &index, &mut rng(4))
            .expect("a manifest")
    };
    let manifest = make(FORMAT);
    let index = index(alice, FORMAT);
    let input = json!({
        "kind": "manifest",
        "vault": hex(vault.as_bytes()),
        "unlock": hex(unlock.as_slice()),
        "manifest": hex(manifest.bytes()),
    });
    let chunk_names: Vec<Value> = names.iter().map(|name| hex(name.as_bytes())).collect();
    let expected = json!({
        "version": 7,
        "hash": hex(manifest.hash().as_bytes()),
        "chunks": chunk_names,
        "key": hex(own.key.as_bytes()),
        "identity": hex(alice.id().as_bytes()),
        "saved_at": NOW,
        "nodes": index.nodes,
        "sections": sections(&index),
        "has_passphrase": true,
    });
    family.valid("manifest", input.clone(), expected);
    let base = with(&input, json!({"manifest": same("manifest")}));
    let last = manifest.bytes().len().saturating_sub(1);
    for (name, reason, error, fields) in [
        (
            "forged manifest",
            "the signature does not verify",
            "Signed(Signature)",
            json!({"manifest": changed("manifest", last, 1)}),
        ),
        (
            "manifest of another suite",
            "suite 3",
            "Signed(UnknownSuite(3))",
            json!({"manifest": changed("manifest", 0, 2)}),
        ),
        (
            "manifest of another vault",
            "another vault",
            "OtherVault",
            json!({"vault": hex(other.auth.vault().as_bytes())}),
        ),
        (
            "manifest under another passphrase",
            "another passphrase",
            "Passphrase",
            json!({"unlock": hex([1; 32])}),
        ),
        (
            "manifest of a later format",
            "the index has format 2",
            "Newer(2)",
            json!({"manifest": hex(make(2).bytes())}),
        ),
    ] {
        family.invalid(name, reason, error, with(&base, fields));
    }
    let file = Archive::to_bytes(&manifest, chunks);
    let input = json!({"kind": "backup", "vault": hex(vault.as_bytes()), "file": hex(&file)});
    family.valid(
        "backup",
        input.clone(),
        json!({"version": 7, "chunks": chunk_names}),
    );
    let base = with(&input, json!({"file": same("backup")}));
    let mut reversed = chunks.to_vec();
    reversed.reverse();
    for (name, reason, error, fields) in [
        (
            "backup with swapped chunks",
            "the first is the second",
            "Chunk(0)",
            json!({"file": hex(Archive::to_bytes(&manifest, &reversed))}),
        ),
        (
            "cut backup",
            "a chunk is missing",
            "Framing",
            json!({"file": cut("backup", file.len().saturating_sub(4_100))}),
        ),
        (
            "backup of a later version",
            "version 2",
            "Newer",
            json!({"file": changed("backup", 14, 3)}),
        ),
        (
            "no backup",
            "other first bytes",
            "NotOne",
            json!({"file": changed("backup", 0, 1)}),
        ),
    ] {
        family.invalid(name, reason, error, with(&base, fields));
    }
}

fn rows(family: &mut Family) {
    let row = |table, key: &[u8], value: Option<&[u8]>| VaultRow {
        table,
        key: Bytes::from(key),
        value: value.map(Bytes::from),
    };
    let rows = [
        row(5, b"key", Some(b"value")),
        row(5, b"gone", None),
        row(1, b"", Some(b"")),
    ];
    let bytes: Vec<u8> = rows.iter().flat_map(cbor::encode).collect();
    let expected: Vec<Value> = rows
        .iter()
        .map(|row| {
            let value = row.value.as_ref().map(hex);
            json!({"table": row.table, "key": hex(&row.key), "value": value})
        })
        .collect();
    let input = json!({"kind": "rows", "rows": hex(&bytes)});
    family.valid("rows", input, json!({"rows": expected}));
    family.invalid(
        "cut rows",
        "the last row is cut",
        "RowsError",
        json!({"kind": "rows", "rows": cut("rows", bytes.len().saturating_sub(1))}),
    );
}

fn requests(family: &mut Family, own: &Vault, other: &Vault) {
    let name = chunk_id(b"chunk");
    let header = VaultRequest::header(
        &own.auth,
        &node_url(1),
        VaultCall::ReadChunk,
        Some(name),
        NOW,
        &mut rng(5),
    )
    .expect("a header");
    let input = json!({
        "kind": "request",
        "header": header,
        "url": node_url(1).to_string(),
        "vault": hex(own.auth.vault().as_bytes()),
        "call": 1,
        "subject": hex(name.as_bytes()),
        "now": NOW,
    });
    family.valid("request", input.clone(), json!({"at": NOW}));
    for (case, reason, error, fields) in [
        (
            "request to another node",
            "another node",
            "OtherNode",
            json!({"url": node_url(2).to_string()}),
        ),
        (
            "request for something else",
            "another call",
            "OtherSubject",
            json!({"call": 2}),
        ),
        (
            "request for another chunk",
            "another subject",
            "OtherSubject",
            json!({"subject": hex([0; 32])}),
        ),
        (
            "request of another vault",
            "another key",
            "Signed(Signature)",
            json!({"vault": hex(other.auth.vault().as_bytes())}),
        ),
        (
            "old request",
            "more than five minutes",
            "Time",
            json!({"now": NOW.saturating_add(300_001)}),
        ),
        (
            "request that is no base64url",
            "no base64url",
            "Header",
            json!({"header": "?"}),
        ),
    ] {
        family.invalid(case, reason, error, with(&input, fields));
    }
}

fn owners(family: &mut Family, alice: &Person, bob: &Person, own: &Vault, other: &Vault) {
    let fingerprint = node_keys(1).fingerprint();
    let owner = VaultOwner {
        node: node_url(1),
        fingerprint,
        vault: own.auth.vault(),
        identity: alice.id(),
        at: NOW,
    };
    let owner = owner.sign(&alice.signing, &mut rng(6)).expect("an owner");
    let input = json!({
        "kind": "owner",
        "owner": hex(owner.bytes()),
        "url": node_url(1).to_string(),
        "fingerprint": hex(fingerprint.as_bytes()),
        "vault": hex(own.auth.vault().as_bytes()),
        "signer": hex(alice.signing.public().modulus()),
        "now": NOW,
    });
    let expected = json!({"identity": hex(alice.id().as_bytes()), "at": NOW});
    family.valid("owner", input.clone(), expected);
    let base = with(&input, json!({"owner": same("owner")}));
    for (case, reason, error, fields) in [
        (
            "owner at another node",
            "another node",
            "OtherNode",
            json!({"url": node_url(2).to_string()}),
        ),
        (
            "owner of another vault",
            "another vault",
            "OtherVault",
            json!({"vault": hex(other.auth.vault().as_bytes())}),
        ),
        (
            "owner by another identity",
            "another key",
            "Signed(Signature)",
            json!({"signer": hex(bob.signing.public().modulus())}),
        ),
        (
            "old owner",
            "more than five minutes",
            "Time",
            json!({"now": NOW.saturating_add(300_001)}),
        ),
    ] {
        family.invalid(case, reason, error, with(&base, fields));
    }
}
