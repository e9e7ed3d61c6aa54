//! Leaving an envelope in a mailbox.

use actix_web::{HttpRequest, HttpResponse, web};
use shared_crypto::envelope::CLASSES;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::postage::{POSTAGE_HEADER, Postage};
use shared_crypto::problem::ProblemCode;

use super::problem::Problem;
use super::{Shared, body};
use crate::store::Delivered;

const MAX_ENVELOPE: usize = {
    let [.., largest] = CLASSES;
    largest
};

pub(super) async fn put(
    app: Shared,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (mailbox, message) = path.into_inner();
    let malformed = |what| Problem::new(ProblemCode::Malformed, what);
    let mailbox = MailboxId::parse(&mailbox).map_err(|_| malformed("This is not a mailbox id."))?;
    let message = MessageId::parse(&message).map_err(|_| malformed("This is not a message id."))?;
    let postage = match request.headers().get(POSTAGE_HEADER) {
        None => Postage::none(),
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| Postage::parse(text).ok())
            .ok_or_else(|| malformed("The header ZeChat-Postage cannot be read."))?,
    };
    let envelope = body::read(&request, payload, MAX_ENVELOPE).await?;
    Ok(
        match app.deliver(mailbox, message, postage, envelope).await? {
            Delivered::Stored => HttpResponse::Created().finish(),
            Delivered::Known => HttpResponse::Ok().finish(),
        },
    )
}
