//! A number for each request, on its log lines and in its answer. Paths hold mailboxes, so only the
//! route's pattern is logged.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use bytes::Bytes;
use tracing::Instrument as _;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Tells the requests of one run from those of another.
static RUN: LazyLock<u32> = LazyLock::new(|| u32::from_be_bytes(crate::random::bytes()));

/// Numbers the request and logs how it ended.
pub(super) async fn apply(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:08x}-{number:x}", *RUN);
    let span = tracing::info_span!("request", id = %id, method = method_name(request.method()));
    let result = next.call(request).instrument(span.clone()).await;
    let mut response = result?;
    // Putting the pattern together costs more than the rest of this: not for nobody.
    if crate::metrics::is_on() || tracing::enabled!(tracing::Level::DEBUG) {
        let route = response.request().match_pattern().unwrap_or_default();
        let status = response.status().as_u16();
        tracing::debug!(parent: &span, route, status, "answered");
        crate::metrics::answered(route, method_name(response.request().method()), status);
    }
    if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(id)) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// A method that is known. Any word may stand in a request, and neither log nor metrics are for what
/// clients write.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
