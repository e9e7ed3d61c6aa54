//! How a request gets to another node.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Response, StatusCode};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::PEER_HEADER;
use shared_crypto::problem::ProblemCode;

use super::address::{CheckedResolver, OnlyPrivateAddresses, PrivateNetworks};
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
        // Fails when it is set already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let private_networks = PrivateNetworks::of(settings);
        let builder = || {
            reqwest::Client::builder()
                .dns_resolver(CheckedResolver(private_networks))
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
