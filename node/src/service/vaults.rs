//! Vaults: who may read and write them, and what a node checks of what it cannot read.

use bytes::Bytes;
use shared_crypto::id::{Hash, VaultId};
use shared_crypto::problem::ProblemCode;
use shared_crypto::rsa_keys::SigningPublicKey;
use shared_crypto::signed::{Signed, SignedError, Verified};
use shared_crypto::vault::{
    CHUNK_CLASSES, Manifest, ManifestError, VaultCall, VaultOwner, VaultOwnerError, VaultRequest,
    VaultRequestError, chunk_id,
};

use super::{App, Refusal};
use crate::store::{AccountId, ForgetVault, Kept, OwnVault, PutChunk, PutManifest};

impl App {
    /// Checks who asks for a vault.
    fn authorize(
        &self,
        header: &str,
        vault: &VaultId,
        call: VaultCall,
        subject: Option<&Hash>,
    ) -> Result<Verified<VaultRequest>, ProblemCode> {
        let now = self.clock.now();
        VaultRequest::verify(header, &self.identity.url, vault, call, subject, now).map_err(
            |error| match error {
                VaultRequestError::Signed(SignedError::Signature) => ProblemCode::InvalidSignature,
                VaultRequestError::Header | VaultRequestError::Signed(_) => ProblemCode::Malformed,
                VaultRequestError::OtherNode => ProblemCode::NotThisNode,
                VaultRequestError::OtherSubject => ProblemCode::Unauthorized,
                VaultRequestError::Time => ProblemCode::LoginExpired,
            },
        )
    }

    /// Makes a vault an account's, by the word of the identity.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn own_vault(
        &self,
        vault: VaultId,
        header: &str,
        owner: &[u8],
    ) -> Result<(), Refusal> {
        self.authorize(header, &vault, VaultCall::Own, None)?;
        self.has_room()?;
        let account = self.owner_of(&vault, owner).await?;
        Ok(self.store.write(OwnVault { vault, account }).await??)
    }

    /// Forgets a vault, by the word of the identity whose it is: nobody needs it after its phrase was replaced.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn forget_vault(
        &self,
        vault: VaultId,
        header: &str,
        owner: &[u8],
    ) -> Result<(), Refusal> {
        self.authorize(header, &vault, VaultCall::Forget, None)?;
        let account = self.owner_of(&vault, owner).await?;
        Ok(self.store.write(ForgetVault { vault, account }).await??)
    }

    /// The account of the identity that says that a vault is its own.
    async fn owner_of(&self, vault: &VaultId, owner: &[u8]) -> Result<AccountId, Refusal> {
        let claimed = Signed::<VaultOwner>::parse(owner).map_err(|_| ProblemCode::Malformed)?;
        let account = self
            .store
            .find_account(claimed.unverified().identity)
            .await?
            .ok_or(ProblemCode::UnknownIdentity)?;
        if account.is_blocked {
            return Err(ProblemCode::AccountBlocked.into());
        }
        let key = SigningPublicKey::from_modulus(&account.signing_key)
            .map_err(|_| ProblemCode::Internal)?;
        let (url, fingerprint) = (&self.identity.url, &self.identity.fingerprint);
        VaultOwner::verify(owner, url, fingerprint, vault, &key, self.clock.now()).map_err(
            |error| match error {
                VaultOwnerError::Signed(SignedError::Signature) => ProblemCode::InvalidSignature,
                VaultOwnerError::Signed(_) => ProblemCode::Malformed,
                VaultOwnerError::OtherNode => ProblemCode::NotThisNode,
                VaultOwnerError::OtherVault => ProblemCode::Unauthorized,
                VaultOwnerError::Time => ProblemCode::LoginExpired,
            },
        )?;
        Ok(account.id)
    }

    /// The manifest of a vault.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn vault_manifest(&self, vault: VaultId, header: &str) -> Result<Vec<u8>, Refusal> {
        self.authorize(header, &vault, VaultCall::ReadManifest, None)?;
        let manifest = self.store.find_vault(vault).await?;
        Ok(manifest.ok_or(ProblemCode::NotFound)?)
    }

    /// Takes a manifest, if the one that it replaces is the one that is here.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn put_manifest(
        &self,
        vault: VaultId,
        header: &str,
        signed: Bytes,
    ) -> Result<Kept, Refusal> {
        let request = self.authorize(header, &vault, VaultCall::WriteManifest, None)?;
        self.has_room()?;
        let manifest = Manifest::verify(&signed, &vault).map_err(|error| match error {
            ManifestError::Signed(SignedError::Signature) => ProblemCode::InvalidSignature,
            ManifestError::Signed(_) => ProblemCode::Malformed,
            ManifestError::OtherVault => ProblemCode::Unauthorized,
        })?;
        let command = PutManifest {
            vault,
            version: manifest.version,
            hash: manifest.hash(),
            replaces: request.replaces(),
            chunks: manifest.chunks.clone(),
            signed,
        };
        Ok(self.store.write(command).await??)
    }

    /// A chunk of a vault.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn vault_chunk(
        &self,
        vault: VaultId,
        chunk: Hash,
        header: &str,
    ) -> Result<Vec<u8>, Refusal> {
        self.authorize(header, &vault, VaultCall::ReadChunk, Some(&chunk))?;
        let sealed = self.store.find_chunk(vault, chunk).await?;
        Ok(sealed.ok_or(ProblemCode::NotFound)?)
    }

    /// Keeps a chunk.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn put_chunk(
        &self,
        vault: VaultId,
        chunk: Hash,
        header: &str,
        sealed: Bytes,
    ) -> Result<Kept, Refusal> {
        self.authorize(header, &vault, VaultCall::WriteChunk, Some(&chunk))?;
        self.has_room()?;
        if !CHUNK_CLASSES.contains(&sealed.len()) {
            let detail = "A chunk has 4,096, 16,384, 65,536 or 262,144 bytes.";
            return Err(Refusal::new(ProblemCode::WrongSize, detail));
        }
        if chunk_id(&sealed) != chunk {
            let detail = "The chunk's name is not its hash.";
            return Err(Refusal::new(ProblemCode::Malformed, detail));
        }
        let command = PutChunk {
            vault,
            chunk,
            sealed,
        };
        Ok(self.store.write(command).await??)
    }
}
