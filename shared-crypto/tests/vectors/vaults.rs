//! What the family of vaults means, in terms of the public API.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use shared_crypto::id::{Hash, NodeFingerprint, VaultId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SigningPublicKey;
use shared_crypto::vault::{
    Archive, Manifest, VaultAuth, VaultCall, VaultHalf, VaultKey, VaultOwner, VaultRequest,
    chunk_id, open_chunk, split_rows, unlock_key,
};

use crate::input::Input;

type Outcome = Result<Value, String>;

fn named(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(HEXLOWER.encode(bytes.as_ref()))
}

fn names(chunks: &[Hash]) -> Vec<Value> {
    chunks.iter().map(|name| hex(name.as_bytes())).collect()
}

fn vault_id(input: &Input<'_>) -> VaultId {
    VaultId::from_bytes(input.array("vault"))
}

pub fn vault(input: &Input<'_>) -> Outcome {
    match input.text("kind") {
        "unlock" => Ok(unlock(input)),
        "chunk" => chunk(input),
        "manifest" => manifest(input),
        "backup" => backup(input),
        "rows" => rows(input),
        "request" => request(input),
        "owner" => owner(input),
        other => panic!("no such kind: {other}"),
    }
}

fn unlock(input: &Input<'_>) -> Value {
    let phrase = RecoveryPhrase::from_entropy(&input.array("entropy"));
    let vault = VaultAuth::of(&phrase).vault();
    let unlock = unlock_key(input.text("passphrase"), &VaultHalf::of(&phrase), &vault);
    json!({"vault": hex(vault.as_bytes()), "unlock": hex(unlock.as_slice())})
}

fn chunk(input: &Input<'_>) -> Outcome {
    let chunk = input.bytes("chunk");
    let key = VaultKey::from_bytes(&input.array("key"));
    let content = open_chunk(&key, &vault_id(input), &chunk).map_err(named)?;
    Ok(json!({"name": hex(chunk_id(&chunk).as_bytes()), "content": hex(content.as_slice())}))
}

fn manifest(input: &Input<'_>) -> Outcome {
    let manifest = Manifest::verify(&input.bytes("manifest"), &vault_id(input)).map_err(named)?;
    let opened = manifest.open(&input.array("unlock")).map_err(named)?;
    let index = opened.index;
    let sections: Vec<Value> = index
        .sections
        .iter()
        .map(|it| {
            let segments = it.segments.iter().map(|it| json!([it.first, it.count]));
            let absorbed = it
                .absorbed
                .iter()
                .map(|it| json!([hex(it.device.as_bytes()), it.revision]));
            json!({
                "device": hex(it.device.as_bytes()),
                "revision": it.revision,
                "saved_at": it.saved_at,
                "segments": segments.collect::<Vec<_>>(),
                "absorbed": absorbed.collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({
        "version": manifest.version,
        "hash": hex(manifest.hash().as_bytes()),
        "chunks": names(&manifest.chunks),
        "key": hex(opened.key.as_bytes()),
        "identity": hex(index.identity.as_bytes()),
        "saved_at": index.saved_at,
        "nodes": index.nodes,
        "sections": sections,
        "has_passphrase": index.has_passphrase,
    }))
}

fn backup(input: &Input<'_>) -> Outcome {
    let archive = Archive::verify(&input.bytes("file"), &vault_id(input)).map_err(named)?;
    Ok(json!({"version": archive.manifest.version, "chunks": names(&archive.manifest.chunks)}))
}

fn rows(input: &Input<'_>) -> Outcome {
    let rows = split_rows(&input.bytes("rows")).map_err(named)?;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let value = row.value.as_ref().map(hex);
            json!({"table": row.table, "key": hex(&row.key), "value": value})
        })
        .collect();
    Ok(json!({"rows": rows}))
}

fn request(input: &Input<'_>) -> Outcome {
    let call = VaultCall::from_number(input.number("call")).unwrap();
    let subject = Hash::from_bytes(input.array("subject"));
    let node = NodeUrl::parse(input.text("url")).unwrap();
    let request = VaultRequest::verify(
        input.text("header"),
        &node,
        &vault_id(input),
        call,
        Some(&subject),
        input.number("now"),
    )
    .map_err(named)?;
    Ok(json!({"at": request.at}))
}

fn owner(input: &Input<'_>) -> Outcome {
    let owner = VaultOwner::verify(
        &input.bytes("owner"),
        &NodeUrl::parse(input.text("url")).unwrap(),
        &NodeFingerprint::from_bytes(input.array("fingerprint")),
        &vault_id(input),
        &SigningPublicKey::from_modulus(&input.bytes("signer")).unwrap(),
        input.number("now"),
    )
    .map_err(named)?;
    Ok(json!({"identity": hex(owner.identity.as_bytes()), "at": owner.at}))
}
