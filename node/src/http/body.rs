//! Reading bodies of bounded length.

use std::time::Duration;

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use shared_crypto::problem::ProblemCode;

use super::Shared;
use super::problem::Problem;

/// Room made before anything has come: an announcement is only words.
const AT_ONCE: usize = 64 * 1024;

/// The whole body, if it is no longer than the limit and comes in time.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Bytes, Problem> {
    let app = request.app_data::<Shared>();
    let app = app.ok_or(ProblemCode::Internal)?; // each route has it
    let patience = app.settings.server.patience();
    read_within(patience, request, payload, limit).await
}

async fn read_within(
    patience: Duration,
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Bytes, Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Problem::too_large(limit));
    }
    tokio::time::timeout(patience, collect(payload, announced.unwrap_or(0), limit))
        .await
        .map_err(|_| Problem::new(ProblemCode::Malformed, "The body takes too long to come."))?
}

async fn collect(
    mut payload: web::Payload,
    announced: usize,
    limit: usize,
) -> Result<Bytes, Problem> {
    let mut body = BytesMut::with_capacity(announced.min(AT_ONCE));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(
                ProblemCode::Malformed,
                "The body ends before its announced length.",
            )
        })?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Problem::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use actix_web::FromRequest as _;
    use actix_web::dev::Payload;
    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use futures_util::{Stream, stream};

    use super::*;

    type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

    async fn read_from(payload: Chunks, limit: usize) -> Result<Bytes, ProblemCode> {
        let request = TestRequest::default().to_http_request();
        let payload = web::Payload::from_request(&request, &mut Payload::Stream { payload });
        let payload = payload.await.unwrap();
        let read = read_within(Duration::from_millis(50), &request, payload, limit);
        read.await.map_err(|problem| problem.code())
    }

    #[actix_web::test]
    async fn a_body_that_drips_for_ever_is_given_up() {
        let silent = stream::once(async { Ok(Bytes::from_static(b"a")) }).chain(stream::pending());
        let read = read_from(Box::pin(silent), 100).await;
        assert_eq!(read, Err(ProblemCode::Malformed));
        let dripping = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok(Bytes::from_static(b"a")), ()))
        });
        let read = read_from(Box::pin(dripping), 1_000_000).await;
        assert_eq!(read, Err(ProblemCode::Malformed));
    }

    #[actix_web::test]
    async fn a_body_that_never_said_how_long_it_is_ends_at_the_limit() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[0; 1_024])));
        let read = read_from(Box::pin(endless), 10_000).await;
        assert_eq!(read, Err(ProblemCode::TooLarge));
        let short = stream::iter([Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"c"))]);
        assert_eq!(
            read_from(Box::pin(short), 3).await,
            Ok(Bytes::from_static(b"abc"))
        );
    }
}
