//! A running node: puts the parts together, and takes them apart in order.

mod chores;
mod signals;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use sd_notify::NotifyState;
use shared_crypto::live::CloseCode;
use shared_crypto::node_url::NodeUrl;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::admin;
use crate::clock::{Clock, Millis};
use crate::federation::client::PeerClient;
use crate::federation::rules::PeerRules;
use crate::federation::transport::Http;
use crate::federation::worker::Forwarder;
use crate::http::{self, assets::Assets};
use crate::identity::{self, Identity, KeyFileError};
use crate::limits::Limits;
use crate::limits::disk::HighWater;
use crate::limits::postage::PostageTarget;
use crate::live::hub::Hub;
use crate::random;
use crate::service::App;
use crate::settings::{FederationSettings, Settings, SettingsError};
use crate::stalled;
use crate::store::{
    Database, Elsewhere, Event, MailboxKind, ProcessId, Store, StoreError, StoreOptions,
    WriterLimits,
};
use crate::tls::{self, Certificate};

pub(crate) use chores::{expire, keep_seen};
use chores::{feed_watchdog, forget_limits, look_at_disk, price_postage, watch_disk};
pub use signals::Signals;
use signals::Word;

/// Requests to other nodes under way for all clients together.
const RELAYS: usize = 256;

/// Bundles that wait to be verified, each of them in memory.
const WAITING_TO_VERIFY: usize = 16;

/// Why the node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The data folder cannot be made or used.
    #[error("the data folder {path} cannot be used: {source}")]
    DataFolder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another node uses the data.
    #[error("another zechat-node uses the data folder {0}")]
    InUse(PathBuf),
    /// The node's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document about the node cannot be signed.
    #[error("the node cannot describe itself: {0}")]
    Document(#[from] shared_crypto::signed::SignedError),
    /// A certificate or key cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(std::io::Error),
    /// TLS cannot be set up.
    #[error("connections to other nodes cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
    /// The system gives no threads.
    #[error("the node cannot start its threads: {0}")]
    Runtime(std::io::Error),
}

impl StartError {
    /// The exit code, as in sysexits.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::Document(_) | Self::Tls(_) => 78,
            Self::DataFolder { .. } => 73,
            Self::Keys(KeyFileError::Damaged { .. } | KeyFileError::OtherNode { .. }) => 65,
            Self::Store(StoreError::Newer { .. } | StoreError::Foreign { .. }) => 65,
            Self::Keys(_) | Self::Store(_) => 74,
            Self::Listen { .. } | Self::InUse(_) => 75,
            Self::Http(_) | Self::Runtime(_) => 69,
        }
    }
}

/// A running node. Dropping it without [`Node::stop`] is like a crash, as far as a process can.
pub struct Node {
    address: SocketAddr,
    monitor: Option<SocketAddr>,
    app: Arc<App>,
    server: ServerHandle,
    certificate: Option<Arc<Certificate>>,
    tasks: Vec<JoinHandle<()>>,
    _lock: std::fs::File,
}

impl Node {
    /// Starts a node; it serves when this returns.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        settings.check()?;
        let folder = settings.data_folder()?;
        let failed = |source| StartError::DataFolder {
            path: folder.clone(),
            source,
        };
        create_folder(&folder).map_err(failed)?;
        let lock = std::fs::File::create(folder.join("lock")).map_err(failed)?;
        lock.try_lock()
            .map_err(|_| StartError::InUse(folder.clone()))?;
        let certificate = Certificate::load(&settings).map_err(StartError::Tls)?;
        let roots = tls::extra_roots(&settings).map_err(StartError::Tls)?;

        let listen = settings.server.listen;
        let unusable = |source| StartError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let url = settings.public_url(address)?;
        let hub = Arc::new(Hub::default());
        let (announce, announced) = mpsc::unbounded_channel();
        let (retry, retries) = mpsc::unbounded_channel();
        let postage = postage_target(&settings, clock.now());
        let rescan = Arc::new(Notify::new());
        let observer = observer(
            Arc::clone(&hub),
            Arc::clone(&postage),
            announce.clone(),
            Arc::clone(&rescan),
        );
        let database = Database::parse(&settings.database.url, &folder);
        let options = store_options(&settings, database);
        let store = Store::open(&options, Arc::clone(&clock), observer)?;
        Store::can_listen(&options).await?;
        let keys = if options.database.is_shared() {
            identity::load_shared::<StartError>(&folder, &store).await?
        } else {
            identity::load_or_create(&folder)?
        };
        let identity = Arc::new(Identity::new(keys, url, &settings, clock.now())?);
        let blocked = store.blocked_peers().await?;
        let closing_at = store.closing_at().await?;
        let peers = Arc::new(PeerClient::new(
            &settings.federation,
            Arc::new(Http::new(&settings.federation, roots)?),
            PeerRules::new(&settings.federation, &blocked),
            Arc::clone(&identity),
            Arc::clone(&clock),
        ));
        let forwarder = Forwarder {
            store: store.clone(),
            client: Arc::clone(&peers),
            clock: Arc::clone(&clock),
            process: options.database.is_shared().then_some(options.process),
            lease: lease(&settings.federation),
            give_up_after: settings.federation.give_up_after_s.saturating_mul(1_000),
            concurrent_peers: settings.federation.concurrent_peers,
            jitter: Arc::new(random::below),
            rescan: Arc::clone(&rescan),
        };
        let app = assemble(settings, identity, clock, store, hub, peers, postage, retry);
        app.set_closing(closing_at)?;
        let others = Store::listen(&options, hearer(&app, announce, rescan));
        look_at_disk(&app, &folder).await;
        settings_warnings(&app.settings);
        let server = serve(listener, &app, certificate.as_ref()).map_err(unusable)?;
        let handle = server.handle();
        let served = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the server ended");
            }
        });
        let mut tasks = vec![
            served,
            tokio::spawn(forwarder.run(announced, retries)),
            tokio::spawn(others),
            tokio::spawn(expire(Arc::clone(&app))),
            tokio::spawn(keep_seen(Arc::clone(&app))),
            tokio::spawn(watch_disk(Arc::clone(&app), folder.clone())),
            tokio::spawn(price_postage(Arc::clone(&app))),
            tokio::spawn(forget_limits(Arc::clone(&app))),
        ];
        let mut monitor = None;
        if let Some(address) = app.settings.metrics.listen {
            let unusable = |source| StartError::Listen { address, source };
            let (bound, serving) = http::monitor::serve(address, &app).map_err(unusable)?;
            monitor = Some(bound);
            tasks.push(tokio::spawn(serving));
        }
        #[cfg(unix)]
        match admin::socket::Socket::bind(&folder) {
            Ok(socket) => tasks.push(tokio::spawn(socket.serve(admin::Admin::of(&app)))),
            Err(error) => tracing::warn!(%error, "operators cannot reach this node while it runs"),
        }
        tracing::info!(
            url = %app.identity.url,
            fingerprint = %app.identity.fingerprint,
            "the node is ready"
        );
        Ok(Self {
            address,
            monitor,
            app,
            server: handle,
            certificate,
            tasks,
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its figures are.
    pub fn monitor(&self) -> Option<SocketAddr> {
        self.monitor
    }

    /// Its address for others.
    pub fn url(&self) -> &NodeUrl {
        &self.app.identity.url
    }

    /// Everything that requests share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until the process is told to end, then stops in order. A second signal ends it at once.
    /// `settings` gives the settings anew when the process is told to read them again.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] if nothing could be written any more: a node that accepts nothing had
    /// better be started again.
    pub async fn run_until_signal(
        self,
        mut signals: Signals,
        settings: impl Fn() -> Result<Settings, SettingsError>,
    ) -> Result<(), StartError> {
        systemd(&[NotifyState::Ready]);
        let watchdog = tokio::spawn(feed_watchdog(Arc::clone(&self.app)));
        let result = loop {
            tokio::select! {
                word = signals.next() => match word {
                    Word::End => break Ok(()),
                    Word::Reload => {}
                },
                () = self.app.store.ended() => break Err(StoreError::Stopped.into()),
            }
            let fresh = match settings() {
                Ok(fresh) => fresh,
                Err(error) => {
                    tracing::error!(%error, "the settings stay as they were");
                    continue;
                }
            };
            tokio::select! {
                () = signals.end() => break Ok(()), // whatever the database does meanwhile
                () = self.reload(&fresh) => {}
            }
        };
        watchdog.abort();
        tracing::info!("going down");
        tokio::select! {
            () = self.stop() => {}
            () = signals.end() => tracing::warn!("ended at once"),
        }
        result
    }

    /// Puts in force what may change while the node runs: with whom it talks, its certificate and what
    /// it logs.
    pub async fn reload(&self, settings: &Settings) {
        match self.app.store.blocked_peers().await {
            Ok(blocked) => {
                self.app.peers.set_lists(&settings.federation, &blocked);
            }
            Err(error) => tracing::error!(%error, "the lists of nodes stay as they were"),
        }
        match self.app.store.closing_at().await {
            Ok(at) => {
                if let Err(error) = self.app.set_closing(at) {
                    tracing::error!(%error, "the node cannot describe itself");
                }
            }
            Err(error) => tracing::error!(%error, "whether the node is closing is not known"),
        }
        if let Some(certificate) = &self.certificate
            && let Err(error) = certificate.reload()
        {
            tracing::error!(%error, "the certificate stays as it was");
        }
        if let Err(error) = crate::log::set_filter(&settings.log) {
            tracing::error!(%error, "the log stays as it was");
        }
        tracing::info!("settings were read again");
    }

    /// Not ready, clients told to come back, what was begun finished, the database closed.
    pub async fn stop(self) {
        systemd(&[NotifyState::Stopping]);
        self.app.draining.send_replace(true);
        self.app.hub.close_all(CloseCode::GoingDown);
        let patience = Duration::from_secs(self.app.settings.server.drain_s.max(1));
        if tokio::time::timeout(patience, self.server.stop(true))
            .await
            .is_err()
        {
            tracing::warn!("some connections did not end in time");
        }
        self.tasks.iter().for_each(JoinHandle::abort);
        self.app.store.close(Duration::from_secs(1)).await;
    }
}

/// Makes the data folder: with the keys in it, it is nobody else's business.
///
/// # Errors
/// [`std::io::Error`] from the system.
pub fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn serve(
    listener: TcpListener,
    app: &Arc<App>,
    certificate: Option<&Arc<Certificate>>,
) -> std::io::Result<actix_web::dev::Server> {
    let assets = Arc::new(Assets::new(&app.settings.server.client_dir));
    let workers = match app.settings.server.workers {
        0 => processors(),
        workers => workers,
    };
    let patience = app.settings.server.drain_s.saturating_sub(1).max(1);
    stalled::end(
        &listener,
        Duration::from_secs(app.settings.server.stalled_s.max(1)),
    )?;
    let request = app.settings.server.patience();
    let app = Arc::clone(app);
    let server = HttpServer::new(move || http::server(Arc::clone(&app), Arc::clone(&assets)))
        .workers(workers)
        // A push is small: held back until the one before was acknowledged, it is 40 ms late.
        .tcp_nodelay(true)
        .disable_signals()
        .shutdown_timeout(patience)
        .client_request_timeout(request);
    let server = match certificate {
        Some(certificate) => server.listen_rustls_0_23(listener, certificate.server_config()?)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// What all parts of a node share.
#[expect(clippy::too_many_arguments, reason = "each is one of its parts")]
pub(crate) fn assemble(
    settings: Settings,
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    store: Store,
    hub: Arc<Hub>,
    peers: Arc<PeerClient>,
    postage: Arc<PostageTarget>,
    retry: mpsc::UnboundedSender<NodeUrl>,
) -> Arc<App> {
    Arc::new(App {
        identity,
        limits: Limits::new(&settings.limits),
        high_water: HighWater::new(&settings.database),
        postage,
        retry,
        closing: <_>::default(),
        clock,
        store,
        hub,
        peers,
        runtime: tokio::runtime::Handle::current(),
        verifying: Arc::new(Semaphore::new(processors())),
        waiting_to_verify: Arc::new(Semaphore::new(WAITING_TO_VERIFY)),
        relays: Semaphore::new(RELAYS),
        readiness: <_>::default(),
        draining: watch::Sender::new(false),
        settings,
    })
}

/// How the settings want the database opened.
pub fn store_options(settings: &Settings, database: Database) -> StoreOptions {
    StoreOptions {
        database,
        process: ProcessId::make(),
        readers: settings.database.readers,
        limits: writer_limits(settings),
    }
}

pub(crate) fn writer_limits(settings: &Settings) -> WriterLimits {
    let mail = &settings.mail;
    WriterLimits {
        vault_bytes: settings.vault.quota_bytes,
        quota_bytes: mail.quota_bytes,
        quota_count: mail.quota_count,
        retention: mail.retention_s.saturating_mul(1_000),
        outbox_count: settings.federation.outbox_count,
        outbox_bytes: settings.federation.outbox_bytes,
        mailboxes: mail.mailboxes,
    }
}

/// Tells connected devices and the forwarder what was committed.
pub(crate) fn observer(
    hub: Arc<Hub>,
    postage: Arc<PostageTarget>,
    announce: mpsc::UnboundedSender<NodeUrl>,
    rescan: Arc<Notify>,
) -> crate::store::Observer {
    Box::new(move |events| {
        crate::metrics::committed(events);
        hub.committed(events);
        for event in events {
            match event {
                Event::Queued { destination } => {
                    let _ = announce.send(destination.clone()); // the forwarder ends before the store
                }
                // Only what was new and is stored: work that is shown again and again counts once.
                Event::Stored {
                    kind: MailboxKind::Intro,
                    mailbox,
                    message_id,
                    envelope,
                    ..
                } => postage.paid(mailbox, message_id, envelope),
                // What was committed when its connection broke was told to nobody.
                Event::Elsewhere(Elsewhere::Anything) => rescan.notify_one(),
                _ => {}
            }
        }
    })
}

/// What strangers pay, as the operator set it.
pub(crate) fn postage_target(settings: &Settings, now: Millis) -> Arc<PostageTarget> {
    let bits = u32::try_from(settings.mail.postage_bits).unwrap_or(u32::MAX);
    let calm = settings.limits.strangers_per_minute;
    Arc::new(PostageTarget::new(bits, calm, now))
}

/// Tells them what other processes on the same database have committed.
fn hearer(
    app: &Arc<App>,
    announce: mpsc::UnboundedSender<NodeUrl>,
    rescan: Arc<Notify>,
) -> crate::store::Listener {
    let app = Arc::clone(app);
    Arc::new(move |elsewhere| {
        let has_decisions = match &elsewhere {
            Elsewhere::These { queued, state, .. } => {
                for url in queued {
                    let _ = announce.send(url.clone()); // the forwarder ends with the node
                }
                *state
            }
            Elsewhere::Anything => {
                rescan.notify_one();
                true
            }
        };
        if has_decisions {
            let app = Arc::clone(&app);
            app.runtime.clone().spawn(async move {
                if let Err(error) = app.renew_decisions().await {
                    tracing::error!(%error, "what operators decided is not known");
                }
            });
        }
        app.hub.committed(&[Event::Elsewhere(elsewhere)]);
    })
}

/// How long a process may serve another node without saying again that it lives: longer than one
/// request takes.
fn lease(federation: &FederationSettings) -> Millis {
    let request = federation
        .connect_timeout_s
        .saturating_add(federation.request_timeout_s);
    request.saturating_add(5).saturating_mul(1_000)
}

/// Tells systemd, if it listens.
fn systemd(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}

fn settings_warnings(settings: &Settings) {
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
}
