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

/// Why the node cannot serve now. One without room for new mail serves what it has, and says so itself to whoever
/// brings more: taken out of a balancer it could not even be emptied.
pub(super) async fn unready(app: &App) -> Option<&'static str> {
    if *app.draining.borrow() {
        return Some("The node is going down.");
    }
    match app.store.check().await {
        Ok(()) => None,
        Err(_) => Some("The database does not answer."),
    }
}
