//! What operators ask of a node, the same whether it runs (over a socket in its data folder) or not (in
//! its database).

#[cfg(unix)]
pub mod owner;
#[cfg(unix)]
pub mod socket;

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared_crypto::id::IdentityId;
use shared_crypto::node_document::Registration;
use shared_crypto::node_url::NodeUrl;

use crate::clock::{Clock, Millis};
use crate::random;
use crate::service::App;
use crate::store::{
    BlockAccount, BlockPeer, CreateInvite, DeleteAccount, Expire, InviteHash, PeerReached,
    PurgeMail, RevokeInvite, SetClosing, Store, StoreError,
};

/// A request of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// What the node holds.
    Stats,
    /// Who the node is, if it runs: whatever settings the command has found.
    Describe,
    /// Makes an invite.
    InviteCreate {
        /// For the operator.
        note: String,
        /// For how many accounts.
        uses: u64,
        /// For how long.
        lifetime_s: u64,
    },
    /// Every invite.
    InviteList,
    /// Makes an invite void.
    InviteRevoke {
        /// Which.
        id: u64,
    },
    /// Every account.
    AccountList,
    /// Blocks an account, or lets it in again.
    AccountBlock {
        /// Whose.
        identity: IdentityId,
        /// Which of both.
        is_blocked: bool,
    },
    /// Deletes an account with all that is its.
    AccountDelete {
        /// Whose.
        identity: IdentityId,
        /// Whether to tell only what would go.
        dry_run: bool,
    },
    /// Nodes that failed, are blocked or that mail waits for.
    PeerList,
    /// Blocks a node, or talks with it again.
    PeerBlock {
        /// As in the settings.
        pattern: String,
        /// Which of both.
        is_blocked: bool,
    },
    /// Tries a node again now.
    PeerRetry {
        /// Which.
        node: NodeUrl,
    },
    /// Deletes what is older than the retention, which happens by itself as well.
    Retention {
        /// Whether to tell only what would go.
        dry_run: bool,
    },
    /// Begins the end of the node, or calls it off.
    Close {
        /// When it ends; none to go on.
        at: Option<Millis>,
    },
    /// Deletes all mail, once the end of the node has come.
    Purge {
        /// Whether to tell only what would go.
        dry_run: bool,
        /// Whether not to wait for the end.
        #[serde(default)]
        early: bool,
    },
}

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It is too early.
    #[error("{0}")]
    NotYet(String),
    /// The node's document.
    #[error("the node cannot describe itself: {0}")]
    Document(#[from] shared_crypto::signed::SignedError),
}

/// Carries requests out.
pub struct Admin {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long mail is kept.
    pub retention: Millis,
    /// The node that runs, if one does.
    pub app: Option<Arc<App>>,
}

impl Admin {
    /// Of a node that runs.
    pub fn of(app: &Arc<App>) -> Self {
        Self {
            store: app.store.clone(),
            clock: Arc::clone(&app.clock),
            retention: app.settings.mail.retention_s.saturating_mul(1_000),
            app: Some(Arc::clone(app)),
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn perform(&self, request: Request) -> Result<Value, AdminError> {
        let store = &self.store;
        Ok(match request {
            Request::Stats => self.stats().await?,
            Request::Describe => self.app.as_deref().map_or(Value::Null, describe),
            Request::InviteCreate {
                note,
                uses,
                lifetime_s,
            } => {
                let token: [u8; 16] = random::bytes();
                let create = CreateInvite {
                    hash: InviteHash::of(&token),
                    note,
                    uses: uses.max(1),
                    lifetime: lifetime_s.saturating_mul(1_000),
                };
                let row = store.write(create).await?;
                let mut value = value(&row);
                set(&mut value, "token", json!(BASE64URL_NOPAD.encode(&token)));
                value
            }
            Request::InviteList => value(&store.invites().await?),
            Request::InviteRevoke { id } => {
                if !store.write(RevokeInvite(id)).await? {
                    return Err(AdminError::NotFound(format!("there is no invite {id}")));
                }
                json!({ "revoked": id })
            }
            Request::AccountList => value(&store.accounts().await?),
            Request::AccountBlock {
                identity,
                is_blocked,
            } => {
                let block = BlockAccount {
                    identity,
                    is_blocked,
                };
                let account = store.write(block).await?;
                account.ok_or_else(|| no_account(&identity))?;
                json!({ "identity": identity, "blocked": is_blocked })
            }
            Request::AccountDelete { identity, dry_run } => {
                let accounts = store.accounts().await?;
                let account = accounts
                    .into_iter()
                    .find(|account| account.identity == identity);
                let account = account.ok_or_else(|| no_account(&identity))?;
                if !dry_run {
                    store.write(DeleteAccount(identity)).await?;
                }
                json!({ "deleted": !dry_run, "account": value(&account) })
            }
            Request::PeerList => value(&store.peers().await?),
            Request::PeerBlock {
                pattern,
                is_blocked,
            } => {
                let block = BlockPeer {
                    pattern: pattern.clone(),
                    is_blocked,
                };
                let has_changed = store.write(block).await?;
                if let Some(app) = &self.app {
                    app.renew_peer_rules().await?;
                }
                json!({ "node": pattern, "blocked": is_blocked, "changed": has_changed })
            }
            Request::PeerRetry { node } => {
                store.write(PeerReached(node.clone())).await?;
                if let Some(app) = &self.app {
                    let _ = app.retry.send(node.clone()); // the forwarder ends before this
                }
                json!({ "node": node, "failures": 0 })
            }
            Request::Retention { dry_run } => self.retention(dry_run).await?,
            Request::Close { at } => {
                store.write(SetClosing(at)).await?;
                if let Some(app) = &self.app {
                    app.set_closing(at)?;
                }
                json!({ "closing_at": at })
            }
            Request::Purge { dry_run, early } => self.purge(dry_run, early).await?,
        })
    }

    async fn stats(&self) -> Result<Value, AdminError> {
        let mut stats = value(&self.store.stats().await?);
        set(
            &mut stats,
            "database_bytes",
            json!(self.store.used_bytes().await?),
        );
        set(
            &mut stats,
            "closing_at",
            json!(self.store.closing_at().await?),
        );
        set(&mut stats, "running", json!(self.app.is_some()));
        if let Some(app) = &self.app {
            set(
                &mut stats,
                "live_connections",
                json!(app.limits.connections.count()),
            );
            set(&mut stats, "postage_bits", json!(app.postage.demanded()));
            set(&mut stats, "is_full", json!(app.high_water.is_full()));
        }
        Ok(stats)
    }

    async fn retention(&self, dry_run: bool) -> Result<Value, AdminError> {
        let before = self.clock.now().saturating_sub(self.retention);
        let expirable = self.store.expirable(before).await?;
        if !dry_run {
            while !self.store.write(Expire).await?.is_done {}
        }
        let mut report = value(&expirable);
        set(&mut report, "before", json!(before));
        set(&mut report, "deleted", json!(!dry_run));
        Ok(report)
    }

    async fn purge(&self, dry_run: bool, early: bool) -> Result<Value, AdminError> {
        let Some(closing_at) = self.store.closing_at().await? else {
            let words = "the node is not being closed down: decommission it first";
            return Err(AdminError::NotFound(words.to_owned()));
        };
        let left = closing_at.saturating_sub(self.clock.now());
        if left > 0 && !early && !dry_run {
            let hours = left.div_ceil(3_600_000);
            return Err(AdminError::NotYet(format!(
                "the end that the node's people were told is {hours} hours away, and until then they may \
                 fetch their mail and move: purge then, or with --force"
            )));
        }
        let stats = self.store.stats().await?;
        if !dry_run {
            while !self.store.write(PurgeMail).await?.1 {
                // Between two pages others get their turn.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Ok(json!({
            "deleted": !dry_run,
            "envelopes": stats.envelopes,
            "envelope_bytes": stats.envelope_bytes,
            "outbox": stats.outbox,
        }))
    }
}

fn describe(app: &App) -> Value {
    json!({
        "node": app.identity.url,
        "fingerprint": app.identity.fingerprint,
        "takes_invites": app.settings.registration() == Registration::Invite,
    })
}

/// Sets a member of an object.
fn set(object: &mut Value, name: &str, member: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), member);
    }
}

fn value(data: &impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}

fn no_account(identity: &IdentityId) -> AdminError {
    AdminError::NotFound(format!("there is no account of {identity} here"))
}
