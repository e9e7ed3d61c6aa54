//! Is the process alive, and can it serve?

use actix_web::HttpResponse;
use shared_crypto::problem::ProblemCode;

use super::Shared;
use super::problem::Problem;
use crate::service::App;

pub(super) async fn live() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

pub(super) async fn ready(app: Shared) -> Result<HttpResponse, Problem> {
    match unready(&app).await {
        None => Ok(HttpResponse::NoContent().finish()),
        Some(words) => Err(Problem::new(ProblemCode::Unavailable, words)),
    }
}

/// Why the node cannot serve now.
pub(super) async fn unready(app: &App) -> Option<&'static str> {
    if *app.draining.borrow() {
        return Some("The node is going down.");
    }
    if app.high_water.is_full() {
        return Some("There is no room for new mail.");
    }
    match app.store.check().await {
        Ok(()) => None,
        Err(_) => Some("The database does not answer."),
    }
}
