//! Bodies that nobody has read to their end when the answer goes out. The server takes its time with one in chunks that
//! was let go, and a client whose chunks never end would hold its connection for ever; with one that is still held it
//! ends the connection.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

/// The body of a request, for the handler and for the answer.
#[derive(Clone)]
struct Held(Rc<RefCell<Payload>>);

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// An answer, with the body of its request.
struct Answer {
    body: BoxBody,
    _request: Held,
}

impl MessageBody for Answer {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// Holds a body in chunks until the answer is sent.
pub(super) async fn apply(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.headers().contains_key(TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let held = Held(Rc::new(RefCell::new(request.take_payload())));
    let lent = Box::pin(held.clone());
    request.set_payload(Payload::Stream { payload: lent });
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, body| {
        BoxBody::new(Answer {
            body,
            _request: held,
        })
    }))
}
