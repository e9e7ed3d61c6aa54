//! From where a request comes, and whether too many come from there.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, ResponseError as _, web};

use super::headers::is_api;
use super::problem::Problem;
use crate::limits::address::{ClientAddress, client_address};
use crate::service::App;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that a request counts for; nothing for this machine's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) Option<ClientAddress>);

impl FromRequest for Client {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().copied();
        ready(Ok(known.unwrap_or(Self(None))))
    }
}

/// Finds out the address and counts the request.
pub(super) async fn apply(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    if let Some(app) = request.app_data::<web::Data<Arc<App>>>()
        && is_api(&request)
        && request.method() != Method::OPTIONS
    {
        let client = client_of(&request, app);
        let refused = app.limits.address(client.0).err();
        request.extensions_mut().insert(client);
        if let Some(refusal) = refused {
            let response = Problem::from(refusal).error_response();
            return Ok(request.into_response(response).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn client_of(request: &ServiceRequest, app: &App) -> Client {
    let Some(connected) = request.peer_addr() else {
        return Client(None);
    };
    let forwarded: Vec<&[u8]> = request
        .headers()
        .get_all(FORWARDED_FOR)
        .map(HeaderValue::as_bytes)
        .collect();
    let trusted = &app.settings.server.trusted_proxies;
    Client(client_address(
        connected.ip(),
        forwarded.into_iter(),
        trusted,
        !app.settings.is_loopback(),
    ))
}
