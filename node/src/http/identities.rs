//! Records and key packages.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use shared_crypto::id::IdentityId;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::MAX_CHAIN;

use super::client::Client;
use super::problem::Problem;
use super::{Shared, body};
use crate::store::PutIdentityOutcome;

/// The longest chain, with room for its framing and the key package. What is longer does not verify.
const MAX_BUNDLE: usize = MAX_CHAIN + 64 * 1024;

pub(super) async fn get(app: Shared, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let bundle = app.bundle(parse(&path)?).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/cbor")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(bundle))
}

pub(super) async fn put(
    app: Shared,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
    client: Client,
) -> Result<HttpResponse, Problem> {
    let identity = parse(&path)?;
    let bundle = body::read(&request, payload, MAX_BUNDLE).await?;
    Ok(match app.put_identity(identity, bundle, client.0).await? {
        PutIdentityOutcome::Created => HttpResponse::Created().finish(),
        PutIdentityOutcome::Known => HttpResponse::Ok().finish(),
    })
}

fn parse(text: &str) -> Result<IdentityId, Problem> {
    IdentityId::parse(text)
        .map_err(|_| Problem::new(ProblemCode::Malformed, "This is not an identity id."))
}
