//! Vaults: what opens, and what does not when somebody changed it.

use proptest::prelude::*;
use shared_crypto::cannot_open::CannotOpen;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::{DeviceId, Hash, IdentityId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::{SignedError, Verified};
use shared_crypto::vault::{
    Absorbed, Archive, ArchiveError, CHUNK_CLASSES, FORMAT, MAX_CHUNK_CONTENT, Manifest,
    ManifestError, OpenError, Section, Segment, VaultAuth, VaultCall, VaultHalf, VaultIndex,
    VaultKey, VaultRequest, VaultRequestError, VaultRow, chunk_id, open_chunk, seal_chunk,
    split_rows, unlock_key,
};

use crate::support::{NOW, rng};

struct Vault {
    auth: VaultAuth,
    half: VaultHalf,
    key: VaultKey,
}

impl Vault {
    fn new(number: u8) -> Self {
        let phrase = RecoveryPhrase::from_entropy(&[number; 16]);
        Self {
            auth: VaultAuth::of(&phrase),
            half: VaultHalf::of(&phrase),
            key: VaultKey::from_bytes(&[number; 32]),
        }
    }

    fn unlock(&self, passphrase: &str) -> zeroize::Zeroizing<[u8; 32]> {
        unlock_key(passphrase, &self.half, &self.auth.vault())
    }

    fn wrap(&self, passphrase: &str) -> Bytes {
        let unlock = self.unlock(passphrase);
        Manifest::wrap(&unlock, &self.key, &self.auth.vault(), &mut rng(5)).unwrap()
    }

    fn manifest(&self, version: u64, chunks: Vec<Hash>, index: &VaultIndex) -> Verified<Manifest> {
        let wrapped = self.wrap("");
        let rng = &mut rng(6);
        Manifest::create(&self.auth, &self.key, version, chunks, wrapped, index, rng).unwrap()
    }

    fn chunk(&self, content: &[u8]) -> Vec<u8> {
        seal_chunk(&self.key, &self.auth.vault(), content, &mut rng(7)).unwrap()
    }
}

fn section(device: u8, revision: u64, segments: Vec<Segment>) -> Section {
    Section {
        device: DeviceId::from_bytes([device; 16]),
        revision,
        saved_at: NOW,
        segments,
        absorbed: Vec::new(),
    }
}

fn index(sections: Vec<Section>) -> VaultIndex {
    VaultIndex {
        format: FORMAT,
        identity: IdentityId::from_bytes([3; 32]),
        saved_at: NOW,
        nodes: vec!["https://a.test".into()],
        sections,
        has_passphrase: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn chunks_come_back_and_have_one_of_four_sizes(length in 0..MAX_CHUNK_CONTENT, byte: u8) {
        let vault = Vault::new(1);
        let content = vec![byte; length];
        let chunk = vault.chunk(&content);
        prop_assert!(CHUNK_CLASSES.contains(&chunk.len()));
        let opened = open_chunk(&vault.key, &vault.auth.vault(), &chunk).unwrap();
        prop_assert_eq!(opened.as_slice(), content.as_slice());
    }

    #[test]
    fn a_changed_or_cut_chunk_does_not_open(at in 0..4_096_usize, bit in 0..8_u32) {
        let vault = Vault::new(1);
        let mut chunk = vault.chunk(b"content");
        chunk[at] ^= 1 << bit;
        prop_assert_eq!(open_chunk(&vault.key, &vault.auth.vault(), &chunk).unwrap_err(), CannotOpen);
        prop_assert_eq!(open_chunk(&vault.key, &vault.auth.vault(), &chunk[..at]).unwrap_err(), CannotOpen);
    }

    #[test]
    fn rows_come_back(rows in prop::collection::vec(
        (any::<u64>(), prop::collection::vec(any::<u8>(), 0..40), prop::option::of(prop::collection::vec(any::<u8>(), 0..300))),
        0..20,
    )) {
        let rows: Vec<VaultRow> = rows
            .into_iter()
            .map(|(table, key, value)| VaultRow { table, key: Bytes(key), value: value.map(Bytes) })
            .collect();
        let bytes: Vec<u8> = rows.iter().flat_map(shared_crypto::cbor::encode).collect();
        prop_assert_eq!(split_rows(&bytes), Ok(rows));
    }

    #[test]
    fn rubbish_is_neither_rows_nor_a_manifest_nor_a_backup(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let vault = Vault::new(1).auth.vault();
        let _ = split_rows(&bytes);
        prop_assert!(Manifest::verify(&bytes, &vault).is_err());
        prop_assert!(Archive::verify(&bytes, &vault).is_err());
    }
}

#[test]
fn too_much_for_a_chunk_is_refused() {
    let vault = Vault::new(1);
    let content = vec![0; MAX_CHUNK_CONTENT + 1];
    assert!(seal_chunk(&vault.key, &vault.auth.vault(), &content, &mut rng(1)).is_err());
}

#[test]
fn a_chunk_opens_in_its_own_vault_only() {
    let (vault, other) = (Vault::new(1), Vault::new(2));
    let chunk = vault.chunk(b"content");
    assert!(open_chunk(&other.key, &vault.auth.vault(), &chunk).is_err());
    assert!(open_chunk(&vault.key, &other.auth.vault(), &chunk).is_err());
    assert_ne!(chunk_id(&chunk), chunk_id(&other.chunk(b"content")));
}

#[test]
fn a_manifest_opens_with_phrase_and_passphrase() {
    let vault = Vault::new(1);
    let index = index(vec![section(1, 1, vec![Segment { first: 0, count: 1 }])]);
    let chunks = vec![chunk_id(b"x")];
    let manifest = vault.manifest(1, chunks, &index);
    let again = Manifest::verify(manifest.bytes(), &vault.auth.vault()).unwrap();
    let opened = again.open(&vault.unlock("")).unwrap();
    assert_eq!((opened.key, opened.index), (vault.key.clone(), index));
    assert_eq!(again.open(&vault.unlock("x")), Err(OpenError::Passphrase));
    assert_eq!(
        again.open(&Vault::new(2).unlock("")),
        Err(OpenError::Passphrase)
    );
    assert_eq!(again.open_index(&Vault::new(2).key), Err(OpenError::Index));
}

#[test]
fn a_passphrase_gives_another_key_in_every_vault() {
    let (one, two) = (Vault::new(1), Vault::new(2));
    assert_ne!(one.unlock("same"), two.unlock("same"));
    assert_ne!(one.unlock("same"), one.unlock("Same"));
    assert_ne!(one.unlock("same"), one.unlock(""));
    assert_eq!(one.unlock("same"), one.unlock("same"));
}

#[test]
fn a_forged_manifest_or_that_of_another_vault_is_refused() {
    let (vault, other) = (Vault::new(1), Vault::new(2));
    let manifest = vault.manifest(1, Vec::new(), &index(Vec::new()));
    let id = vault.auth.vault();
    for at in [6, 40, manifest.bytes().len() - 1] {
        let mut bytes = manifest.bytes().to_vec();
        bytes[at] ^= 1;
        assert!(Manifest::verify(&bytes, &id).is_err(), "byte {at}");
    }
    let refused = Manifest::verify(manifest.bytes(), &other.auth.vault());
    assert_eq!(refused.unwrap_err(), ManifestError::OtherVault);
    let mut newer = manifest.bytes().to_vec();
    newer[0] = 2;
    let error = Manifest::verify(&newer, &id).unwrap_err();
    assert!(error.is_newer());
    assert_eq!(error, ManifestError::Signed(SignedError::UnknownSuite(2)));
}

#[test]
fn an_index_cannot_be_moved_to_another_version() {
    let vault = Vault::new(1);
    let (one, two) = (
        vault.manifest(1, Vec::new(), &index(Vec::new())),
        vault.manifest(2, Vec::new(), &index(Vec::new())),
    );
    let moved = Manifest {
        version: 2,
        ..Manifest::clone(&one)
    };
    assert_eq!(moved.open_index(&vault.key), Err(OpenError::Index));
    assert!(two.open_index(&vault.key).is_ok());
}

#[test]
fn an_index_of_a_later_format_is_told_from_a_damaged_one() {
    let vault = Vault::new(1);
    let later = VaultIndex {
        format: FORMAT + 1,
        ..index(Vec::new())
    };
    let manifest = vault.manifest(1, Vec::new(), &later);
    assert_eq!(
        manifest.open(&vault.unlock("")),
        Err(OpenError::Newer(FORMAT + 1))
    );
}

#[test]
fn segments_stay_inside_the_list_and_sections_in_order() {
    let vault = Vault::new(1);
    let make = |sections, chunks| {
        let wrapped = vault.wrap("");
        let index = index(sections);
        Manifest::create(
            &vault.auth,
            &vault.key,
            1,
            chunks,
            wrapped,
            &index,
            &mut rng(1),
        )
    };
    let one = || vec![chunk_id(b"x")];
    let part = |first, count| vec![Segment { first, count }];
    assert!(make(vec![section(1, 1, part(0, 1))], one()).is_ok());
    assert!(make(vec![section(1, 1, part(0, 2))], one()).is_err());
    assert!(make(vec![section(1, 1, part(u64::MAX, 1))], one()).is_err());
    assert!(make(vec![section(1, 1, part(0, 0))], one()).is_err());
    assert!(
        make(
            vec![section(2, 1, part(0, 1)), section(1, 1, part(0, 1))],
            one()
        )
        .is_err()
    );
    assert!(
        make(
            vec![section(1, 1, part(0, 1)), section(1, 2, part(0, 1))],
            one()
        )
        .is_err()
    );
}

#[test]
fn a_section_that_another_contains_is_not_read() {
    let mut newer = section(2, 5, Vec::new());
    newer.absorbed = vec![Absorbed {
        device: DeviceId::from_bytes([1; 16]),
        revision: 3,
    }];
    let live = |first_revision| {
        let index = index(vec![section(1, first_revision, Vec::new()), newer.clone()]);
        index
            .live_sections()
            .map(|it| it.device.as_bytes()[0])
            .collect::<Vec<_>>()
    };
    assert_eq!(live(3), [2]);
    // It went on after it was taken over.
    assert_eq!(live(4), [1, 2]);
}

#[test]
fn a_backup_with_swapped_changed_or_missing_parts_is_refused() {
    let vault = Vault::new(1);
    let id = vault.auth.vault();
    let mut rng = rng(9);
    let mut chunk = |content: &[u8]| seal_chunk(&vault.key, &id, content, &mut rng).unwrap();
    let chunks = vec![chunk(b"one"), chunk(b"two")];
    let names = chunks.iter().map(|chunk| chunk_id(chunk)).collect();
    let segments = vec![Segment { first: 0, count: 2 }];
    let manifest = vault.manifest(1, names, &index(vec![section(1, 1, segments)]));
    let file = Archive::to_bytes(&manifest, &chunks);
    let archive = Archive::verify(&file, &id).unwrap();
    assert_eq!(archive.chunks, chunks);
    let swapped = Archive::to_bytes(&manifest, &[chunks[1].clone(), chunks[0].clone()]);
    assert_eq!(
        Archive::verify(&swapped, &id).unwrap_err(),
        ArchiveError::Chunk(0)
    );
    let missing = Archive::to_bytes(&manifest, &chunks[..1]);
    assert_eq!(
        Archive::verify(&missing, &id).unwrap_err(),
        ArchiveError::Framing
    );
    let more = [file.as_slice(), &[0]].concat();
    assert_eq!(
        Archive::verify(&more, &id).unwrap_err(),
        ArchiveError::Framing
    );
    for length in [0, 15, 16, 19, 100, file.len() - 1] {
        assert!(
            Archive::verify(&file[..length], &id).is_err(),
            "{length} bytes"
        );
    }
    let mut newer = file.clone();
    newer[14] = b'2';
    assert_eq!(
        Archive::verify(&newer, &id).unwrap_err(),
        ArchiveError::Newer
    );
    assert_eq!(
        Archive::verify(b"GIF89a", &id).unwrap_err(),
        ArchiveError::NotOne
    );
    let refused = Archive::verify(&file, &Vault::new(2).auth.vault()).unwrap_err();
    assert_eq!(refused, ArchiveError::Manifest(ManifestError::OtherVault));
}

#[test]
fn a_request_is_for_one_node_one_thing_and_five_minutes() {
    let vault = Vault::new(1);
    let id = vault.auth.vault();
    let node = NodeUrl::parse("https://a.test").unwrap();
    let other = NodeUrl::parse("https://b.test").unwrap();
    let name = chunk_id(b"x");
    let make = |call, subject| {
        VaultRequest::header(&vault.auth, &node, call, subject, NOW, &mut rng(1)).unwrap()
    };
    let header = make(VaultCall::ReadChunk, Some(name));
    let verify = |node: &NodeUrl, call, subject: Option<&Hash>, now| {
        VaultRequest::verify(&header, node, &id, call, subject, now).map(|_| ())
    };
    assert_eq!(
        verify(&node, VaultCall::ReadChunk, Some(&name), NOW),
        Ok(())
    );
    let elsewhere = verify(&other, VaultCall::ReadChunk, Some(&name), NOW);
    assert_eq!(elsewhere, Err(VaultRequestError::OtherNode));
    let write = verify(&node, VaultCall::WriteChunk, Some(&name), NOW);
    assert_eq!(write, Err(VaultRequestError::OtherSubject));
    let another = verify(&node, VaultCall::ReadChunk, Some(&chunk_id(b"y")), NOW);
    assert_eq!(another, Err(VaultRequestError::OtherSubject));
    let late = verify(&node, VaultCall::ReadChunk, Some(&name), NOW + 300_001);
    assert_eq!(late, Err(VaultRequestError::Time));
    let theirs = Vault::new(2).auth.vault();
    let forged = VaultRequest::verify(
        &header,
        &node,
        &theirs,
        VaultCall::ReadChunk,
        Some(&name),
        NOW,
    );
    assert_eq!(
        forged.unwrap_err(),
        VaultRequestError::Signed(SignedError::Signature)
    );
    let replaces = |header: &str| {
        VaultRequest::verify(header, &node, &id, VaultCall::WriteManifest, None, NOW)
            .unwrap()
            .replaces()
    };
    assert_eq!(
        replaces(&make(VaultCall::WriteManifest, Some(name))),
        Some(name)
    );
    assert_eq!(replaces(&make(VaultCall::WriteManifest, None)), None);
    let bad = VaultRequest::verify("?", &node, &id, VaultCall::Own, None, NOW).unwrap_err();
    assert_eq!(bad, VaultRequestError::Header);
}

#[test]
fn an_index_of_no_format_is_damaged_and_not_newer() {
    let vault = Vault::new(1);
    for (format, refused) in [
        (0, OpenError::Index),
        (FORMAT + 1, OpenError::Newer(FORMAT + 1)),
    ] {
        let index = VaultIndex {
            format,
            ..index(Vec::new())
        };
        let manifest = vault.manifest(1, Vec::new(), &index);
        assert_eq!(manifest.open_index(&vault.key), Err(refused));
    }
}
