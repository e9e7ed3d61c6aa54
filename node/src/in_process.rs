//! A node without sockets and threads: the same services, sessions, HTTP handlers, forwarding and expiry,
//! over a disk in memory. Many of them fit into one process, under one clock, and do the same things in
//! the same order whenever they are run. It needs a [`tokio::task::LocalSet`] around it.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::to_bytes;
pub use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use bytes::Bytes;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::federation::client::PeerClient;
use crate::federation::rules::PeerRules;
use crate::federation::transport::Transport;
use crate::federation::worker::{Forwarder, Jitter};
use crate::http::{self, assets::Assets};
use crate::identity::Identity;
use crate::live::hub::Hub;
use crate::live::session;
use crate::live::wire::{Pipe, Said, ToClient};
use crate::node::{
    StartError, assemble, expire, keep_seen, observer, postage_target, writer_limits,
};
use crate::service::{App, Refusal};
use crate::settings::Settings;
use crate::store::{Disk, Store};

/// One HTTP request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// GET, PUT or POST.
    pub method: Method,
    /// Path with a leading slash.
    pub path: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// Status and body.
pub type HttpAnswer = (u16, Bytes);

type Handlers = Rc<dyn Fn(HttpRequest) -> LocalBoxFuture<'static, HttpAnswer>>;

/// What a node in this process is made of.
pub struct Parts {
    /// What the operator set.
    pub settings: Settings,
    /// Its keys.
    pub keys: NodeKeys,
    /// Its address for others.
    pub url: NodeUrl,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// All that is durable.
    pub disk: Disk,
    /// The way to other nodes.
    pub transport: Arc<dyn Transport>,
    /// The chance in its waits.
    pub jitter: Jitter,
}

/// A running node.
pub struct InProcess {
    app: Arc<App>,
    handlers: Handlers,
    tasks: Vec<JoinHandle<()>>,
    sessions: Vec<JoinHandle<()>>,
}

impl InProcess {
    /// Starts a node.
    ///
    /// # Errors
    /// [`StartError`] if it cannot describe itself.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            settings,
            keys,
            url,
            clock,
            disk,
            transport,
            jitter,
        } = parts;
        let identity = Arc::new(Identity::new(keys, url, &settings, clock.now())?);
        let hub = Arc::new(Hub::default());
        let (announce, announced) = mpsc::unbounded_channel();
        let postage = postage_target(&settings, clock.now());
        let rescan = Arc::new(Notify::new());
        let observer = observer(
            Arc::clone(&hub),
            Arc::clone(&postage),
            announce,
            Arc::clone(&rescan),
        );
        let store = Store::on_disk(disk, writer_limits(&settings), Arc::clone(&clock), observer);
        let peers = Arc::new(PeerClient::new(
            &settings.federation,
            transport,
            PeerRules::new(&settings.federation, &[]),
            Arc::clone(&identity),
            Arc::clone(&clock),
        ));
        let forwarder = Forwarder {
            process: None,
            lease: 0,
            store: store.clone(),
            client: Arc::clone(&peers),
            clock: Arc::clone(&clock),
            give_up_after: settings.federation.give_up_after_s.saturating_mul(1_000),
            concurrent_peers: settings.federation.concurrent_peers,
            jitter,
            rescan,
        };
        let (retry, retries) = mpsc::unbounded_channel();
        let app = assemble(settings, identity, clock, store, hub, peers, postage, retry);
        let handlers = handlers(&app).await;
        let tasks = vec![
            tokio::task::spawn_local(forwarder.run(announced, retries)),
            tokio::task::spawn_local(expire(Arc::clone(&app))),
            tokio::task::spawn_local(keep_seen(Arc::clone(&app))),
        ];
        Ok(Self {
            app,
            handlers,
            tasks,
            sessions: Vec::new(),
        })
    }

    /// Everything that requests share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// A live connection; `hear` is called with what the node says on it. Dropping the pipe breaks it.
    ///
    /// # Errors
    /// [`Refusal`] when there are too many.
    pub fn connect(&mut self, hear: impl FnMut(Said) + 'static) -> Result<Pipe, Refusal> {
        let held = self.app.limits.connections.hold(None)?;
        let (pipe, from_client) = Pipe::new();
        let to_client = ToClient::Pipe(Box::new(hear));
        let session = session::run(Arc::clone(&self.app), to_client, from_client, held);
        self.sessions.retain(|session| !session.is_finished());
        self.sessions.push(tokio::task::spawn_local(session));
        Ok(pipe)
    }

    /// Answers an HTTP request, through the routes that the server has.
    pub fn http(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpAnswer> {
        (self.handlers)(request)
    }

    /// Ends at once, wherever it was. What was committed is on the disk.
    pub fn crash(self) -> Option<Disk> {
        let work = self.tasks.iter().chain(&self.sessions);
        work.for_each(JoinHandle::abort);
        self.app.store.take_disk()
    }
}

async fn handlers(app: &Arc<App>) -> Handlers {
    let assets = Arc::new(Assets::new(&app.settings.server.client_dir));
    let service = Rc::new(init_service(http::server(Arc::clone(app), assets)).await);
    Rc::new(move |request: HttpRequest| {
        let service = Rc::clone(&service);
        async move {
            let mut call = TestRequest::with_uri(&request.path).method(request.method);
            for (name, value) in request.headers {
                call = call.insert_header((name, value));
            }
            let call = call.set_payload(request.body).to_request();
            let response = call_service(&*service, call).await;
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body()).await;
            (status, body.unwrap_or_default())
        }
        .boxed_local()
    })
}
