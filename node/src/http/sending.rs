//! Sending long answers: in parts, so that whoever reads slowly holds little of the node's memory, and only
//! so many at a time and for so long.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, ResponseError as _};
use bytes::Bytes;
use tokio::task::JoinHandle;

use super::Shared;
use super::client::Client;
use super::headers::is_api;
use super::problem::Problem;
use crate::limits;
use crate::limits::address::ClientAddress;

/// What is handed to a connection at once; it keeps a copy until the reader has it.
const PART: usize = 32 * 1024;

/// How long a long answer of the API may take: it is made for its reader and kept until it is read.
const PATIENCE: Duration = Duration::from_secs(60);

/// Hands a long body over in parts.
pub(super) async fn apply(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_api = is_api(&request);
    let answered = next.call(request).await?.map_into_boxed_body();
    let (request, response) = answered.into_parts();
    let (response, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() > PART => bytes,
        Ok(bytes) => {
            return Ok(ServiceResponse::new(
                request,
                response.set_body(BoxBody::new(bytes)),
            ));
        }
        Err(body) => return Ok(ServiceResponse::new(request, response.set_body(body))),
    };
    let mut held = None;
    if is_api && let Some(app) = request.app_data::<Shared>() {
        let client = request
            .extensions()
            .get::<Client>()
            .and_then(|client| client.0);
        match app.limits.answers.hold_part(client, bytes.len()) {
            Ok(place) => held = Some(place),
            Err(refusal) => {
                let refused = Problem::from(refusal).error_response();
                return Ok(ServiceResponse::new(request, refused));
            }
        }
    }
    let body = BoxBody::new(Parts::new(bytes, held, PATIENCE));
    Ok(ServiceResponse::new(request, response.set_body(body)))
}

type Held = limits::Held<ClientAddress>;

/// What is left to send, with its place among the long answers.
type Left = Arc<Mutex<Option<(Bytes, Option<Held>)>>>;

/// A body in parts. What is held for it is given back when it was sent or took too long.
struct Parts {
    left: Left,
    length: u64,
    timer: Option<JoinHandle<()>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the reader is too slow")]
struct TooSlow;

impl Parts {
    fn new(bytes: Bytes, held: Option<Held>, patience: Duration) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let is_timed = held.is_some();
        let left: Left = Arc::new(Mutex::new(Some((bytes, held))));
        let timer = is_timed.then(|| {
            let left = Arc::clone(&left);
            tokio::spawn(async move {
                tokio::time::sleep(patience).await;
                lock(&left).take();
            })
        });
        Self {
            left,
            length,
            timer,
        }
    }
}

impl MessageBody for Parts {
    type Error = TooSlow;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TooSlow>>> {
        Poll::Ready(match lock(&self.left).as_mut() {
            None => Some(Err(TooSlow)),
            Some((bytes, _)) if bytes.is_empty() => None,
            Some((bytes, _)) => Some(Ok(bytes.split_to(bytes.len().min(PART)))),
        })
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let Some(timer) = &self.timer {
            timer.abort();
        }
        lock(&self.left).take();
    }
}

fn lock(
    left: &Mutex<Option<(Bytes, Option<Held>)>>,
) -> MutexGuard<'_, Option<(Bytes, Option<Held>)>> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::limits::Shares;

    async fn next(body: &mut Parts) -> Option<Result<Bytes, TooSlow>> {
        poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await
    }

    #[tokio::test]
    async fn a_long_answer_comes_in_parts_and_whole() {
        let bytes = Bytes::from(
            (0..200_000)
                .map(|number| u8::try_from(number % 251).unwrap())
                .collect::<Vec<_>>(),
        );
        let mut body = Parts::new(bytes.clone(), None, PATIENCE);
        assert_eq!(body.size(), BodySize::Sized(200_000));
        let mut read = Vec::new();
        while let Some(part) = next(&mut body).await {
            let part = part.unwrap();
            assert!(part.len() <= PART);
            read.extend_from_slice(&part);
        }
        assert_eq!(read, bytes);
    }

    /// Whoever asks for much and reads nothing keeps the node's memory for a minute, and no longer.
    #[tokio::test]
    async fn a_reader_that_does_not_read_holds_nothing_for_long() {
        let answers = Shares::answers(100_000, 100_000);
        let body = |held, patience| Parts::new(Bytes::from(vec![1; 90_000]), Some(held), patience);
        let held = answers.hold_part(None, 90_000).unwrap();
        let mut patient = body(held, PATIENCE);
        assert!(next(&mut patient).await.unwrap().is_ok());
        assert!(answers.hold_part(None, 90_000).is_err());
        drop(patient);
        let held = answers.hold_part(None, 90_000).unwrap();
        let mut slow = body(held, Duration::from_millis(1));
        while answers.count() != 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(next(&mut slow).await.unwrap().is_err());
    }
}
