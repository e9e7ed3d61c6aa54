//! Reading bodies of bounded length.

use std::time::Duration;

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use shared_crypto::problem::ProblemCode;

use super::problem::Problem;

/// Room made before anything has come: an announcement is only words.
const AT_ONCE: usize = 64 * 1024;

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole body, if it is no longer than the limit and comes in time.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Bytes, Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Problem::too_large(limit));
    }
    tokio::time::timeout(PATIENCE, collect(payload, announced.unwrap_or(0), limit))
        .await
        .map_err(|_| Problem::new(ProblemCode::Malformed, "The body takes too long to come."))?
}

async fn collect(
    mut payload: web::Payload,
    announced: usize,
    limit: usize,
) -> Result<Bytes, Problem> {
    let mut body = BytesMut::with_capacity(announced.min(AT_ONCE));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(
                ProblemCode::Malformed,
                "The body ends before its announced length.",
            )
        })?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Problem::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
