//! How a request gets to another node.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Response, StatusCode};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::PEER_HEADER;
use shared_crypto::problem::ProblemCode;

use super::address::{CheckedResolver, Names, OnlyPrivateAddresses, PrivateNetworks, SystemNames};
use super::client::PeerError;
use crate::settings::FederationSettings;

/// A problem of another node: only its code is read.
const MAX_PROBLEM: usize = 8_192;

/// One request to another node.
#[derive(Debug, Clone)]
pub struct PeerCall {
    /// The node.
    pub node: NodeUrl,
    /// Path with a leading slash.
    pub path: &'static str,
    /// Nothing: GET. Some: POST with this proof of who asks, and this body.
    pub post: Option<(String, Bytes)>,
    /// Largest answer to read.
    pub limit: usize,
}

/// An answer on its way.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<Bytes, PeerError>> + Send + 'a>>;

/// Carries requests to other nodes.
pub trait Transport: Send + Sync + 'static {
    /// Makes a request; a success has a body.
    fn call(&self, call: PeerCall) -> Answered<'_>;
}

/// Over HTTP: bounded in time, without redirects, to checked addresses only.
pub struct Http(reqwest::Client);

impl Http {
    /// Prepares connections; opens none.
    ///
    /// # Errors
    /// [`reqwest::Error`] if TLS cannot be set up.
    pub fn new(
        settings: &FederationSettings,
        roots: Vec<reqwest::Certificate>,
    ) -> Result<Self, reqwest::Error> {
        Self::with_names(settings, roots, Arc::new(SystemNames))
    }

    fn with_names(
        settings: &FederationSettings,
        roots: Vec<reqwest::Certificate>,
        names: Arc<dyn Names>,
    ) -> Result<Self, reqwest::Error> {
        // Fails when it is set already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let resolver = CheckedResolver::new(PrivateNetworks::of(settings), names);
        let builder = || {
            reqwest::Client::builder()
                .dns_resolver(resolver.clone())
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .http1_only()
                .connect_timeout(Duration::from_secs(settings.connect_timeout_s))
                .timeout(Duration::from_secs(settings.request_timeout_s))
                .pool_idle_timeout(Duration::from_secs(60))
                .pool_max_idle_per_host(2)
        };
        let http = builder()
            .tls_certs_merge(roots.clone())
            .build()
            .or_else(|error| {
                tracing::warn!(%error, "the system has no certificate authorities: few https:// nodes will be believed");
                builder().tls_certs_only(roots).build()
            })?;
        Ok(Self(http))
    }
}

impl Transport for Http {
    fn call(&self, call: PeerCall) -> Answered<'_> {
        let PeerCall {
            node,
            path,
            post,
            limit,
        } = call;
        let url = format!("{node}{path}");
        let request = match post {
            None => self.0.get(url),
            Some((header, body)) => self
                .0
                .post(url)
                .header(PEER_HEADER, header)
                .header(reqwest::header::CONTENT_TYPE, "application/octet-stream")
                .body(body),
        };
        Box::pin(answer(request, limit))
    }
}

async fn answer(request: reqwest::RequestBuilder, limit: usize) -> Result<Bytes, PeerError> {
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    if status == StatusCode::OK {
        return read(response, limit).await;
    }
    if status.is_redirection() {
        return Err(PeerError::Misbehaves("it redirects"));
    }
    if status.is_success() {
        return Err(PeerError::Misbehaves("it answers with another status"));
    }
    let problem = read(response, MAX_PROBLEM).await.unwrap_or_default();
    Err(refused(status.as_u16(), &problem))
}

/// What a status and a problem document say.
pub fn refused(status: u16, problem: &[u8]) -> PeerError {
    PeerError::Refused(problem_code(problem).unwrap_or(match status {
        429 => ProblemCode::RateLimited,
        500.. => ProblemCode::Unavailable,
        _ => ProblemCode::PeerMisbehaves,
    }))
}

fn problem_code(body: &[u8]) -> Option<ProblemCode> {
    #[derive(serde::Deserialize)]
    struct Problem {
        code: String,
    }
    let problem: Problem = serde_json::from_slice(body).ok()?;
    ProblemCode::parse(&problem.code)
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, PeerError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(PeerError::Misbehaves("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unreachable(error: &reqwest::Error) -> PeerError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<OnlyPrivateAddresses>() {
            return PeerError::PrivateAddress;
        }
        source = cause.source();
    }
    PeerError::Unreachable
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::super::address::Found;
    use super::*;

    /// Names that lead to this machine the first time, and nowhere that may be reached after that.
    #[derive(Default)]
    struct Once(AtomicUsize);

    impl Names for Once {
        fn addresses(&self, _: &str) -> Found {
            let found = match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
                _ => Vec::new(),
            };
            Box::pin(async move { Ok(found) })
        }
    }

    /// A server that gives this answer to everybody, and counts them.
    async fn trap(answer: String) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let visitors = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&visitors);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, visitors)
    }

    fn get(url: &str) -> PeerCall {
        PeerCall {
            node: NodeUrl::parse(url).unwrap(),
            path: "/v1/node",
            post: None,
            limit: 100,
        }
    }

    fn transport(allow_private_networks: bool, names: &Arc<Once>) -> Http {
        let settings = FederationSettings {
            allow_private_networks,
            ..FederationSettings::default()
        };
        let names: Arc<dyn Names> = Arc::<Once>::clone(names);
        Http::with_names(&settings, Vec::new(), names).unwrap()
    }

    #[tokio::test]
    async fn the_connection_goes_where_the_check_was_and_a_name_is_asked_once() {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
        let (port, visitors) = trap(answer.to_owned()).await;
        let names = Arc::<Once>::default();
        let http = transport(true, &names);
        let url = format!("http://peer.internal:{port}");
        assert_eq!(http.call(get(&url)).await.unwrap(), "ok");
        // Had anything asked again between check and connection, it had been sent away.
        assert_eq!(names.0.load(Ordering::SeqCst), 1);
        assert_eq!(visitors.load(Ordering::SeqCst), 1);
        assert_eq!(http.call(get(&url)).await, Err(PeerError::PrivateAddress));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_brings_no_connection() {
        let (port, visitors) = trap(String::new()).await;
        for scheme in ["http", "https"] {
            let names = Arc::<Once>::default();
            let http = transport(false, &names);
            let url = format!("{scheme}://peer.internal:{port}");
            assert_eq!(http.call(get(&url)).await, Err(PeerError::PrivateAddress));
        }
        assert_eq!(visitors.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let (secret, visitors) = trap(String::new()).await;
        for to in [
            format!("http://127.0.0.1:{secret}/"),
            format!("http://localhost:{secret}/"),
            format!("//[::ffff:127.0.0.1]:{secret}/"),
            format!("http://2130706433:{secret}/"),
        ] {
            for status in ["301", "302", "303", "307", "308"] {
                let answer = format!(
                    "HTTP/1.1 {status} Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
                );
                let (port, _) = trap(answer).await;
                let http = transport(true, &Arc::default());
                let answered = http.call(get(&format!("http://127.0.0.1:{port}"))).await;
                assert_eq!(answered, Err(PeerError::Misbehaves("it redirects")));
            }
        }
        assert_eq!(visitors.load(Ordering::SeqCst), 0);
    }
}
