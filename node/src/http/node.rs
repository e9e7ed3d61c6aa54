//! The node document.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use shared_crypto::problem::ProblemCode;

use super::Shared;
use super::problem::Problem;

pub(super) async fn document(app: Shared) -> Result<HttpResponse, Problem> {
    let document = app
        .identity
        .document(app.clock.now())
        .map_err(|_| ProblemCode::Internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .body(document))
}
