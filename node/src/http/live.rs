//! Opening a live socket.

use std::sync::Arc;

use actix_web::http::header::SEC_WEBSOCKET_PROTOCOL;
use actix_web::{HttpRequest, HttpResponse, web};
use shared_crypto::live::{MAX_BINARY_FRAME, SUBPROTOCOL};
use shared_crypto::problem::ProblemCode;
use tracing::Instrument as _;

use super::Shared;
use super::client::Client;
use super::problem::Problem;
use crate::live::session;
use crate::live::wire::ToClient;

pub(super) async fn open(
    app: Shared,
    request: HttpRequest,
    payload: web::Payload,
    client: Client,
) -> Result<HttpResponse, Problem> {
    let (response, session, stream) =
        actix_ws::handle_with_protocols(&request, payload, &[SUBPROTOCOL]).map_err(|_| {
            Problem::new(
                ProblemCode::Malformed,
                "This address is for WebSocket connections.",
            )
        })?;
    if !response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL) {
        let detail = format!("The subprotocol must be {SUBPROTOCOL}.");
        return Err(Problem::new(ProblemCode::Malformed, detail));
    }
    if *app.draining.borrow() {
        return Err(ProblemCode::Unavailable.into());
    }
    let held = app.limits.connections.hold(client.0)?;
    let stream = stream
        .max_frame_size(MAX_BINARY_FRAME)
        .aggregate_continuations()
        .max_continuation_size(MAX_BINARY_FRAME);
    let session = session::run(
        Arc::clone(&app),
        ToClient::Socket(session),
        Box::new(stream),
        held,
    );
    // Its log lines carry the number of the request that it began with.
    actix_web::rt::spawn(session.in_current_span());
    Ok(response)
}
