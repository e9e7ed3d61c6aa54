//! Vaults: who may read and write them, and what two writers or a hostile one can do.

use reqwest::Method;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::{Hash, VaultId};
use shared_crypto::problem::ProblemCode;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::Verified;
use shared_crypto::vault::{
    Manifest, Section, Segment, VAULT_HEADER, VaultAuth, VaultCall, VaultHalf, VaultIndex,
    VaultKey, VaultOwner, VaultRequest, chunk_id, seal_chunk, unlock_key,
};
use zechat_node::admin::{Admin, Request};
use zechat_node::random;

use super::support::{Person, TestNode, clock, code, eventually, http};

pub struct Vault {
    auth: VaultAuth,
    key: VaultKey,
    wrapped: Bytes,
}

impl Vault {
    pub fn new() -> Self {
        let phrase = RecoveryPhrase::generate(&mut random::system());
        let auth = VaultAuth::of(&phrase);
        let key = VaultKey::generate(&mut random::system());
        let unlock = unlock_key("", &VaultHalf::of(&phrase), &auth.vault());
        let wrapped = Manifest::wrap(&unlock, &key, &auth.vault(), &mut random::system()).unwrap();
        Self { auth, key, wrapped }
    }

    pub fn chunk(&self, size: usize) -> Vec<u8> {
        let content = vec![7; size];
        seal_chunk(
            &self.key,
            &self.auth.vault(),
            &content,
            &mut random::system(),
        )
        .unwrap()
    }

    pub fn manifest(&self, version: u64, chunks: &[&[u8]]) -> Verified<Manifest> {
        let names: Vec<Hash> = chunks.iter().map(|chunk| chunk_id(chunk)).collect();
        let segments = (0..chunks.len() as u64)
            .map(|first| Segment { first, count: 1 })
            .collect();
        let index = VaultIndex {
            format: 1,
            identity: shared_crypto::id::IdentityId::from_bytes([1; 32]),
            saved_at: 1,
            nodes: Vec::new(),
            sections: vec![Section {
                device: shared_crypto::id::DeviceId::from_bytes([1; 16]),
                revision: version,
                saved_at: 1,
                segments,
                absorbed: Vec::new(),
            }],
            has_passphrase: false,
        };
        let wrapped = self.wrapped.clone();
        let rng = &mut random::system();
        Manifest::create(&self.auth, &self.key, version, names, wrapped, &index, rng).unwrap()
    }

    pub fn header(&self, node: &TestNode, call: VaultCall, subject: Option<Hash>) -> String {
        self.header_at(node, call, subject, node.clock_now())
    }

    fn header_at(
        &self,
        node: &TestNode,
        call: VaultCall,
        subject: Option<Hash>,
        at: u64,
    ) -> String {
        let rng = &mut random::system();
        VaultRequest::header(&self.auth, &node.url(), call, subject, at, rng).unwrap()
    }

    pub fn id(&self) -> VaultId {
        self.auth.vault()
    }

    fn path(&self) -> String {
        format!("/v1/vaults/{}", self.auth.vault())
    }

    pub async fn own(&self, node: &TestNode, person: &Person) -> (u16, Option<ProblemCode>) {
        self.say(node, person, VaultCall::Own, "owner").await
    }

    async fn forget(&self, node: &TestNode, person: &Person) -> (u16, Option<ProblemCode>) {
        self.say(node, person, VaultCall::Forget, "forgotten").await
    }

    async fn say(
        &self,
        node: &TestNode,
        person: &Person,
        call: VaultCall,
        what: &str,
    ) -> (u16, Option<ProblemCode>) {
        let owner = VaultOwner {
            node: node.url(),
            fingerprint: node.document().await.fingerprint(),
            vault: self.auth.vault(),
            identity: person.identity(),
            at: node.clock_now(),
        };
        let owner = owner.sign(&person.signing, &mut random::system()).unwrap();
        let header = self.header(node, call, None);
        let path = format!("{}/{what}", self.path());
        put(node, &path, &header, owner.bytes().to_vec()).await
    }

    pub async fn put_chunk(&self, node: &TestNode, chunk: &[u8]) -> (u16, Option<ProblemCode>) {
        let name = chunk_id(chunk);
        let header = self.header(node, VaultCall::WriteChunk, Some(name));
        let path = format!("{}/chunks/{name}", self.path());
        put(node, &path, &header, chunk.to_vec()).await
    }

    pub async fn put_manifest(
        &self,
        node: &TestNode,
        manifest: &Verified<Manifest>,
        replaces: Option<Hash>,
    ) -> (u16, Option<ProblemCode>) {
        let header = self.header(node, VaultCall::WriteManifest, replaces);
        put(node, &self.path(), &header, manifest.bytes().to_vec()).await
    }

    pub async fn get_manifest(
        &self,
        node: &TestNode,
    ) -> Result<Vec<u8>, (u16, Option<ProblemCode>)> {
        let header = self.header(node, VaultCall::ReadManifest, None);
        get(node, &self.path(), &header).await
    }

    pub async fn get_chunk(
        &self,
        node: &TestNode,
        name: Hash,
    ) -> Result<Vec<u8>, (u16, Option<ProblemCode>)> {
        let header = self.header(node, VaultCall::ReadChunk, Some(name));
        get(node, &format!("{}/chunks/{name}", self.path()), &header).await
    }
}

impl TestNode {
    fn clock_now(&self) -> u64 {
        zechat_node::clock::Clock::now(&self.clock)
    }
}

async fn put(
    node: &TestNode,
    path: &str,
    header: &str,
    body: Vec<u8>,
) -> (u16, Option<ProblemCode>) {
    let request = http().request(Method::PUT, node.at(path)).body(body);
    code(request.header(VAULT_HEADER, header).send().await.unwrap()).await
}

async fn get(
    node: &TestNode,
    path: &str,
    header: &str,
) -> Result<Vec<u8>, (u16, Option<ProblemCode>)> {
    let request = http().get(node.at(path)).header(VAULT_HEADER, header);
    let response = request.send().await.unwrap();
    if response.status() == 200 {
        return Ok(response.bytes().await.unwrap().to_vec());
    }
    Err(code(response).await)
}

const NOT_FOUND: (u16, Option<ProblemCode>) = (404, Some(ProblemCode::NotFound));
const STALE: (u16, Option<ProblemCode>) = (409, Some(ProblemCode::StaleVault));

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_is_written_read_and_replaced_step_by_step() {
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    let (one, two) = (vault.chunk(10), vault.chunk(20_000));
    assert_eq!(vault.get_manifest(&node).await, Err(NOT_FOUND));
    assert_eq!(vault.put_chunk(&node, &one).await, NOT_FOUND);
    assert_eq!(vault.own(&node, &alice).await, (200, None));
    assert_eq!(vault.own(&node, &alice).await, (200, None));
    assert_eq!(vault.get_manifest(&node).await, Err(NOT_FOUND));

    assert_eq!(vault.put_chunk(&node, &one).await, (201, None));
    assert_eq!(vault.put_chunk(&node, &one).await, (200, None));
    let first = vault.manifest(3, &[&one]);
    assert_eq!(vault.put_manifest(&node, &first, None).await, (201, None));
    assert_eq!(vault.put_manifest(&node, &first, None).await, (200, None));
    node.stop().await;
    node.start_again().await;
    assert_eq!(vault.get_manifest(&node).await.unwrap(), first.bytes());
    assert_eq!(vault.get_chunk(&node, chunk_id(&one)).await.unwrap(), one);

    let second = vault.manifest(4, &[&two]);
    let missing = (409, Some(ProblemCode::MissingChunk));
    let replaced = Some(first.hash());
    assert_eq!(vault.put_manifest(&node, &second, replaced).await, missing);
    assert_eq!(vault.put_chunk(&node, &two).await, (201, None));
    assert_eq!(
        vault.put_manifest(&node, &second, replaced).await,
        (201, None)
    );
    // What no manifest lists any more goes.
    assert_eq!(vault.get_chunk(&node, chunk_id(&one)).await, Err(NOT_FOUND));
    assert_eq!(vault.get_chunk(&node, chunk_id(&two)).await.unwrap(), two);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_never_replaces_one_that_its_writer_has_not_seen() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    let first = vault.manifest(1, &[]);
    assert_eq!(vault.put_manifest(&node, &first, None).await, (201, None));
    // Two devices read the first; the slower of them is refused.
    let (mine, theirs) = (vault.manifest(2, &[]), vault.manifest(3, &[]));
    let seen = Some(first.hash());
    assert_eq!(vault.put_manifest(&node, &theirs, seen).await, (201, None));
    assert_eq!(vault.put_manifest(&node, &mine, seen).await, STALE);
    assert_eq!(vault.put_manifest(&node, &mine, None).await, STALE);
    // Nor does an older version come back, whoever signs for it.
    let (older, now) = (vault.manifest(2, &[]), Some(theirs.hash()));
    assert_eq!(vault.put_manifest(&node, &older, now).await, STALE);
    assert_eq!(vault.get_manifest(&node).await.unwrap(), theirs.bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_the_phrase_reads_or_writes() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let (vault, other) = (Vault::new(), Vault::new());
    vault.own(&node, &alice).await;
    let chunk = vault.chunk(10);
    vault.put_chunk(&node, &chunk).await;
    let manifest = vault.manifest(1, &[&chunk]);
    vault.put_manifest(&node, &manifest, None).await;

    let forged = (403, Some(ProblemCode::InvalidSignature));
    let theirs = other.header(&node, VaultCall::ReadManifest, None);
    assert_eq!(get(&node, &vault.path(), &theirs).await, Err(forged));
    let unauthorized = (403, Some(ProblemCode::Unauthorized));
    let without = http().get(node.at(&vault.path())).send().await.unwrap();
    assert_eq!(code(without).await, unauthorized);
    // A permission to read is none to write, nor one to read something else.
    let read = vault.header(&node, VaultCall::ReadManifest, None);
    let newer = vault.manifest(2, &[]).bytes().to_vec();
    assert_eq!(put(&node, &vault.path(), &read, newer).await, unauthorized);
    let path = format!("{}/chunks/{}", vault.path(), chunk_id(&chunk));
    assert_eq!(get(&node, &path, &read).await, Err(unauthorized));
    // A forged manifest, and that of another vault.
    let write = vault.header(&node, VaultCall::WriteManifest, Some(manifest.hash()));
    let mut changed = vault.manifest(2, &[]).bytes().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(put(&node, &vault.path(), &write, changed).await, forged);
    let foreign = other.manifest(2, &[]).bytes().to_vec();
    assert_eq!(
        put(&node, &vault.path(), &write, foreign).await,
        unauthorized
    );
    // An old permission, and one for another node.
    let expired = (403, Some(ProblemCode::LoginExpired));
    let old = vault.header_at(
        &node,
        VaultCall::ReadManifest,
        None,
        node.clock_now() - 400_000,
    );
    assert_eq!(get(&node, &vault.path(), &old).await, Err(expired));
    let elsewhere = TestNode::start().await;
    let theirs = vault.header(&elsewhere, VaultCall::ReadManifest, None);
    let misdirected = (421, Some(ProblemCode::NotThisNode));
    assert_eq!(get(&node, &vault.path(), &theirs).await, Err(misdirected));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_vault_cannot_be_taken_over() {
    let node = TestNode::start().await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let vault = Vault::new();
    assert_eq!(vault.own(&node, &alice).await, (200, None));
    let unauthorized = (403, Some(ProblemCode::Unauthorized));
    assert_eq!(vault.own(&node, &bob).await, unauthorized);
    // Nor does anybody without an account have one.
    let stranger = Person::new(2, &[node.delivery().await], node.clock_now());
    let unknown = (404, Some(ProblemCode::UnknownIdentity));
    assert_eq!(Vault::new().own(&node, &stranger).await, unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_what_their_names_say_and_of_one_of_four_sizes() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    let (one, two) = (vault.chunk(10), vault.chunk(11));
    let name = chunk_id(&one);
    let header = vault.header(&node, VaultCall::WriteChunk, Some(name));
    let path = format!("{}/chunks/{name}", vault.path());
    let malformed = (400, Some(ProblemCode::Malformed));
    assert_eq!(put(&node, &path, &header, two).await, malformed);
    let cut = one[..4_000].to_vec();
    let wrong_size = (400, Some(ProblemCode::WrongSize));
    assert_eq!(vault.put_chunk(&node, &cut).await, wrong_size);
    let huge = vec![1; 262_145];
    let too_large = (413, Some(ProblemCode::TooLarge));
    assert_eq!(vault.put_chunk(&node, &huge).await, too_large);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_has_a_quota_and_an_account_has_few_vaults() {
    let node = TestNode::with(clock(), |settings| settings.vault.quota_bytes = 8_192).await;
    assert_eq!(node.document().await.vault_quota_bytes, Some(8_192));
    let alice = node.person(0).await;
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    let chunks: Vec<Vec<u8>> = (0..5).map(|_| vault.chunk(10)).collect();
    // Twice the quota, so that a vault can be written anew.
    for chunk in &chunks[..4] {
        assert_eq!(vault.put_chunk(&node, chunk).await, (201, None));
    }
    let full = (507, Some(ProblemCode::VaultFull));
    assert_eq!(vault.put_chunk(&node, &chunks[4]).await, full);
    let list: Vec<&[u8]> = chunks[..3].iter().map(Vec::as_slice).collect();
    let manifest = vault.manifest(1, &list);
    assert_eq!(vault.put_manifest(&node, &manifest, None).await, full);
    let manifest = vault.manifest(1, &list[..2]);
    assert_eq!(
        vault.put_manifest(&node, &manifest, None).await,
        (201, None)
    );
    // What nobody listed makes room after a while.
    node.clock.advance(std::time::Duration::from_secs(7_200));
    let next = vault.manifest(2, &list[..1]);
    let replaced = Some(manifest.hash());
    assert_eq!(
        vault.put_manifest(&node, &next, replaced).await,
        (201, None)
    );
    assert_eq!(vault.put_chunk(&node, &chunks[4]).await, (201, None));
    for _ in 1..4 {
        assert_eq!(Vault::new().own(&node, &alice).await, (200, None));
    }
    assert_eq!(Vault::new().own(&node, &alice).await, full);
    // One that is forgotten makes room.
    assert_eq!(vault.forget(&node, &alice).await, (200, None));
    assert_eq!(Vault::new().own(&node, &alice).await, (200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_is_forgotten_by_the_word_of_its_identity_and_of_nobody_else() {
    let node = TestNode::with(clock(), |_| {}).await;
    let (alice, mallory) = (node.person(0).await, node.person(1).await);
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    let chunk = vault.chunk(10);
    assert_eq!(vault.put_chunk(&node, &chunk).await, (201, None));
    let manifest = vault.manifest(1, &[&chunk]);
    assert_eq!(
        vault.put_manifest(&node, &manifest, None).await,
        (201, None)
    );
    // A thief of the phrase has the vault's key, but not the identity's.
    let unauthorized = (403, Some(ProblemCode::Unauthorized));
    assert_eq!(vault.forget(&node, &mallory).await, unauthorized);
    // What was said to make it theirs does not have it forgotten.
    let mixed = vault.say(&node, &alice, VaultCall::Own, "forgotten").await;
    assert_eq!(mixed, unauthorized);
    assert!(vault.get_manifest(&node).await.is_ok());
    assert_eq!(vault.forget(&node, &alice).await, (200, None));
    let not_found = (404, Some(ProblemCode::NotFound));
    assert_eq!(vault.get_manifest(&node).await, Err(not_found));
    let name = chunk_id(&chunk);
    assert_eq!(vault.get_chunk(&node, name).await, Err(not_found));
    assert_eq!(vault.forget(&node, &alice).await, not_found);
}

/// A full disk takes nothing new, vaults included: they are the largest thing that an account writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_vault_does_not_fill_a_disk_that_is_full() {
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    assert_eq!(vault.own(&node, &alice).await, (200, None));
    let chunk = vault.chunk(10);
    assert_eq!(vault.put_chunk(&node, &chunk).await, (201, None));
    let first = vault.manifest(1, &[&chunk]);
    assert_eq!(vault.put_manifest(&node, &first, None).await, (201, None));
    node.stop().await;
    node.settings.database.free_bytes = u64::MAX;
    node.start_again().await;
    let full = (507, Some(ProblemCode::NodeFull));
    assert_eq!(vault.put_chunk(&node, &vault.chunk(10)).await, full);
    let next = vault.manifest(2, &[&chunk]);
    let replaced = Some(first.hash());
    assert_eq!(vault.put_manifest(&node, &next, replaced).await, full);
    assert_eq!(Vault::new().own(&node, &alice).await, full);
    // What is there can be had.
    assert_eq!(vault.get_manifest(&node).await.unwrap(), first.bytes());
    let name = chunk_id(&chunk);
    assert_eq!(vault.get_chunk(&node, name).await.unwrap(), chunk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_writes_no_vault() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    let chunk = vault.chunk(10);
    vault.put_chunk(&node, &chunk).await;
    let manifest = vault.manifest(1, &[&chunk]);
    vault.put_manifest(&node, &manifest, None).await;
    let block = Request::AccountBlock {
        identity: alice.identity(),
        is_blocked: true,
    };
    Admin::of(node.node().app()).perform(block).await.unwrap();
    let blocked = (403, Some(ProblemCode::AccountBlocked));
    assert_eq!(vault.put_chunk(&node, &vault.chunk(10)).await, blocked);
    let next = vault.manifest(2, &[&chunk]);
    let replaced = Some(manifest.hash());
    assert_eq!(vault.put_manifest(&node, &next, replaced).await, blocked);
    assert_eq!(Vault::new().own(&node, &alice).await, blocked);
    // They may take theirs elsewhere.
    assert_eq!(vault.get_manifest(&node).await.unwrap(), manifest.bytes());
}

/// Saves that were begun and never finished, for example by a device that went away, leave chunks that no
/// manifest lists. They keep nobody from saving later.
#[tokio::test(flavor = "multi_thread")]
async fn saves_that_were_cut_off_do_not_lock_a_vault() {
    let node = TestNode::with(clock(), |settings| settings.vault.quota_bytes = 8_192).await;
    let alice = node.person(0).await;
    let vault = Vault::new();
    vault.own(&node, &alice).await;
    for _ in 0..4 {
        let cut_off = vault.chunk(10);
        assert_eq!(vault.put_chunk(&node, &cut_off).await, (201, None));
    }
    let chunk = vault.chunk(10);
    let full = (507, Some(ProblemCode::VaultFull));
    assert_eq!(vault.put_chunk(&node, &chunk).await, full);
    node.clock.advance(std::time::Duration::from_secs(3_601));
    assert_eq!(vault.put_chunk(&node, &chunk).await, (201, None));
    let manifest = vault.manifest(1, &[&chunk]);
    assert_eq!(
        vault.put_manifest(&node, &manifest, None).await,
        (201, None)
    );
    // And what nobody comes back for goes by itself.
    let abandoned = vault.chunk(10);
    assert_eq!(vault.put_chunk(&node, &abandoned).await, (201, None));
    let name = chunk_id(&abandoned);
    assert_eq!(vault.get_chunk(&node, name).await.unwrap(), abandoned);
    eventually("an abandoned chunk goes", || async {
        node.clock.advance(std::time::Duration::from_secs(3_601));
        vault.get_chunk(&node, name).await == Err(NOT_FOUND)
    })
    .await;
    assert_eq!(
        vault.get_chunk(&node, chunk_id(&chunk)).await.unwrap(),
        chunk
    );
}
