//! Requests of other nodes, each signed by its node's key.

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::peer::{MAX_BATCH_BYTES, PEER_HEADER};
use shared_crypto::problem::ProblemCode;

use super::client::Client;
use super::problem::Problem;
use super::{Shared, body};

pub(super) async fn deliver(
    app: Shared,
    request: HttpRequest,
    payload: web::Payload,
    client: Client,
) -> Result<HttpResponse, Problem> {
    let batch = verified_body(&app, &request, payload, client, MAX_BATCH_BYTES).await?;
    let results = app.deliver_batch(batch).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/cbor")
        .body(results.to_bytes()))
}

pub(super) async fn lookup(
    app: Shared,
    request: HttpRequest,
    payload: web::Payload,
    client: Client,
) -> Result<HttpResponse, Problem> {
    let sealed = verified_body(&app, &request, payload, client, SEALED_LOOKUP).await?;
    let answer = app.answer_lookup(&sealed).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .body(answer))
}

async fn verified_body(
    app: &Shared,
    request: &HttpRequest,
    payload: web::Payload,
    client: Client,
    limit: usize,
) -> Result<Bytes, Problem> {
    let header = request
        .headers()
        .get(PEER_HEADER)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| {
            Problem::new(
                ProblemCode::Unauthorized,
                "The header ZeChat-Peer is missing.",
            )
        })?;
    // The header first: from whom it does not name, no body is read.
    app.verify_peer_header(header)?;
    let body = body::read(request, payload, limit).await?;
    let peer = app.verify_peer(header, &body)?;
    app.admit_peer(&peer, client.0).await?;
    Ok(body)
}
