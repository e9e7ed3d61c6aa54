//! Is the process alive, and can it serve?

use actix_web::HttpResponse;
use shared_crypto::problem::ProblemCode;

use super::Shared;
use super::problem::Problem;

pub(super) async fn live() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

pub(super) async fn ready(app: Shared) -> Result<HttpResponse, Problem> {
    if *app.draining.borrow() {
        return Err(Problem::new(
            ProblemCode::Unavailable,
            "The node is going down.",
        ));
    }
    if app.high_water.is_full() {
        return Err(Problem::new(
            ProblemCode::Unavailable,
            "There is no room for new mail.",
        ));
    }
    app.store
        .check()
        .await
        .map_err(|_| Problem::new(ProblemCode::Unavailable, "The database does not answer."))?;
    Ok(HttpResponse::NoContent().finish())
}
