//! What the node does, whoever asks: the same rules for HTTP, the live socket and other nodes.

pub mod accounts;
pub mod forward;
pub mod lookup;
pub mod mail;
pub mod vaults;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shared_crypto::live::CloseCode;
use shared_crypto::node_document::Registration;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::SignedError;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::clock::{Clock, Millis};
use crate::federation::client::PeerClient;
use crate::http::health::Readiness;
use crate::identity::Identity;
use crate::limits::Limits;
use crate::limits::disk::HighWater;
use crate::limits::postage::PostageTarget;
use crate::live::hub::Hub;
use crate::refused::{self, Refused};
use crate::settings::Settings;
use crate::store::{Store, StoreError};

/// Everything that requests share.
pub struct App {
    /// What the operator set.
    pub settings: Settings,
    /// Who the node is.
    pub identity: Arc<Identity>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Store,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// The way to other nodes.
    pub peers: Arc<PeerClient>,
    /// Where work for other nodes runs: it outlives the request's own thread.
    pub runtime: tokio::runtime::Handle,
    /// Bundles that may be verified at the same time.
    pub verifying: Arc<Semaphore>,
    /// Bundles that may wait for that; each is in memory meanwhile.
    pub waiting_to_verify: Arc<Semaphore>,
    /// Requests to other nodes that may be under way for clients at the same time.
    pub relays: Semaphore,
    /// How much at once.
    pub limits: Limits,
    /// Whether there is room on the disk.
    pub high_water: HighWater,
    /// What a stranger's first message costs.
    pub postage: Arc<PostageTarget>,
    /// Nodes to be tried again at once.
    pub retry: mpsc::UnboundedSender<NodeUrl>,
    /// When the node ends, if it is being closed down; else 0.
    pub closing: AtomicU64,
    /// Whether the database answered when it was last asked.
    pub readiness: Readiness,
    /// Whether the node is going down.
    pub draining: watch::Sender<bool>,
}

impl App {
    /// When the node ends, if it is being closed down.
    pub fn closing_at(&self) -> Option<Millis> {
        Some(self.closing.load(Ordering::Relaxed)).filter(|at| *at != 0)
    }

    /// Puts in force which nodes were blocked by command.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_peer_rules(&self) -> Result<(), StoreError> {
        let blocked = self.store.blocked_peers().await?;
        self.peers.set_blocked(&blocked);
        Ok(())
    }

    /// Puts in force what operators have decided through another process on the same database.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_decisions(&self) -> Result<(), StoreError> {
        self.renew_peer_rules().await?;
        let closing_at = self.store.closing_at().await?;
        if let Err(error) = self.set_closing(closing_at) {
            tracing::error!(%error, "the node cannot describe itself");
        }
        let connected = self.hub.devices().into_iter();
        let connected = connected.map(|(account, _)| account).collect();
        for account in self.store.barred(connected).await? {
            self.hub.close_account(account, CloseCode::GoingDown);
        }
        Ok(())
    }

    /// Whether it takes no new mail any more.
    pub fn is_closing(&self) -> bool {
        self.closing_at().is_some()
    }

    /// Whether there is room on the disk for what is new.
    ///
    /// # Errors
    /// `node_full`.
    pub fn has_room(&self) -> Result<(), ProblemCode> {
        if self.high_water.is_full() {
            return Err(ProblemCode::NodeFull);
        }
        Ok(())
    }

    /// From now on.
    ///
    /// # Errors
    /// [`SignedError`] if the node's document cannot be signed.
    pub fn set_closing(&self, at: Option<Millis>) -> Result<(), SignedError> {
        self.closing.store(at.unwrap_or(0), Ordering::Relaxed);
        let open = self.settings.registration();
        self.identity.change(self.clock.now(), |document| {
            document.closing_at = at;
            document.registration = if at.is_some() {
                Registration::Closed
            } else {
                open
            };
        })
    }

    /// Does what takes long: on a thread that may block, if the store has threads of its own.
    pub(crate) async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ProblemCode> {
        if !self.store.has_threads() {
            return Ok(work());
        }
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| ProblemCode::Unavailable)
    }
}

/// A refusal by a rule, with a sentence that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// Which.
    pub code: ProblemCode,
    /// In words.
    pub detail: Cow<'static, str>,
    /// The limit that was reached, for the log and the caller.
    pub rule: Option<&'static str>,
    /// After how many seconds it may be tried again.
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal with its own words.
    pub fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            rule: refused::rule(code),
            retry_after_s: None,
        }
    }

    /// With the limit that was reached, and when to try again.
    #[must_use]
    pub fn by(mut self, rule: &'static str, retry_after_s: u32) -> Self {
        self.rule = Some(rule);
        self.retry_after_s = Some(retry_after_s);
        self
    }
}

impl From<ProblemCode> for Refusal {
    fn from(code: ProblemCode) -> Self {
        Self::new(code, sentence(code))
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self {
            rule: refused.rule,
            ..refused.code.into()
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            rule: refusal.rule,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        store_code(&error).into()
    }
}

/// What a caller learns of a database that fails; the cause is logged here.
pub(crate) fn store_code(error: &StoreError) -> ProblemCode {
    match error {
        StoreError::Stopped => ProblemCode::Unavailable,
        StoreError::Unavailable(_) => {
            tracing::error!(%error, "the database is not available");
            ProblemCode::Unavailable
        }
        _ => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(%error, cause, "the database failed");
            ProblemCode::Internal
        }
    }
}

/// What a code says where nobody knows more.
pub fn sentence(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Malformed => "The request cannot be read.",
        ProblemCode::TooLarge => "The request is too large.",
        ProblemCode::NotFound => "There is nothing here.",
        ProblemCode::UnknownMailbox => "There is no such mailbox on this node.",
        ProblemCode::MailboxMoved => {
            "The owner of this mailbox has moved; the newest record says where to."
        }
        ProblemCode::MailboxFull => "The owner of this mailbox has no room left.",
        ProblemCode::NodeFull => "The node has no room left.",
        ProblemCode::WrongSize => "An envelope has 4,096, 16,384 or 65,536 bytes.",
        ProblemCode::PostageRequired => "This mailbox wants postage.",
        ProblemCode::InvalidSignature => "A signature does not verify.",
        ProblemCode::InvalidRecord => "The records do not verify.",
        ProblemCode::StaleRecord => "The node holds newer records.",
        ProblemCode::ForkedRecord => "The records contradict the ones that the node holds.",
        ProblemCode::StaleKeyPackage => "The node holds a newer key package.",
        ProblemCode::RegistrationClosed => "This node takes no new accounts.",
        ProblemCode::InviteRequired => "This node takes new accounts by invite only.",
        ProblemCode::InviteInvalid => "The invite is not known, used up or too old.",
        ProblemCode::AccountBlocked => "The operator has blocked this account.",
        ProblemCode::NodeClosing => "This node is being closed down.",
        ProblemCode::NotThisNode => "This is meant for another node.",
        ProblemCode::Unauthorized => "This is not permitted.",
        ProblemCode::KeyReplaced => "A newer record has replaced the key that signed this.",
        ProblemCode::LoginExpired => "The login is not an answer to this challenge, or too old.",
        ProblemCode::UnknownIdentity => "There is no account for this identity here.",
        ProblemCode::VaultFull => "There is no room left for this vault.",
        ProblemCode::StaleVault => "The vault has changed since it was read.",
        ProblemCode::MissingChunk => "The manifest lists a chunk that is not here.",
        ProblemCode::PeerRefused => "The other node is refused.",
        ProblemCode::PeerUnreachable => "The other node cannot be reached now.",
        ProblemCode::PeerMisbehaves => "The other node answers wrongly.",
        ProblemCode::PrivateAddress => "The address is on a private network.",
        ProblemCode::RateLimited => "Too many requests; try again later.",
        ProblemCode::TooManyConnections => "Too many connections; try again later.",
        ProblemCode::Undeliverable => "It could not be delivered for too long and was given up.",
        ProblemCode::CannotOpen => "It was not sealed to this node's present keys.",
        ProblemCode::Unavailable => "Not now; try again soon.",
        ProblemCode::Internal => "The node made a mistake.",
    }
}
