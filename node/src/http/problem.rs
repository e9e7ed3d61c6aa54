//! Every error of the API as a problem document (RFC 9457): the one place where codes become statuses.

use std::borrow::Cow;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, Responder, ResponseError};
use serde::Serialize;
use shared_crypto::problem::ProblemCode;

use crate::refused;
use crate::service::{Refusal, sentence};

/// The media type.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// After how many seconds a caller may try again what was refused for the moment.
const RETRY_AFTER_S: u32 = 5;

/// An error as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    status: StatusCode,
    code: ProblemCode,
    detail: Cow<'static, str>,
    limit: Option<usize>,
    rule: Option<&'static str>,
    retry_after_s: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem with its own words.
    pub fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: status(code),
            code,
            detail: detail.into(),
            limit: None,
            rule: refused::rule(code),
            retry_after_s: None,
        }
    }

    /// A body above its limit.
    pub fn too_large(limit: usize) -> Self {
        Self {
            limit: Some(limit),
            ..Self::from(ProblemCode::TooLarge)
        }
    }

    /// A method that the resource does not have.
    pub fn method_not_allowed(method: &Method) -> Self {
        let detail = format!("The method {method} is not possible here.");
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::new(ProblemCode::Malformed, detail)
        }
    }

    /// What the framework refused before any handler ran.
    fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => ProblemCode::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
            status if status.is_client_error() => ProblemCode::Malformed,
            _ => ProblemCode::Internal,
        };
        Self {
            status,
            ..Self::from(code)
        }
    }

    /// The code.
    pub fn code(&self) -> ProblemCode {
        self.code
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code, sentence(code))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            rule: refusal.rule,
            retry_after_s: refusal.retry_after_s,
            ..Self::new(refusal.code, refusal.detail)
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let is_temporary = matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let retry_after_s = self.retry_after_s.or(is_temporary.then_some(RETRY_AFTER_S));
        let document = Document {
            r#type: format!("urn:zechat:problem:{}", self.code),
            title: sentence(self.code),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            limit: self.limit,
            // Which of their bounds somebody has reached is nobody else's business.
            rule: self.rule.filter(|_| self.code != ProblemCode::MailboxFull),
            retry_after_s,
        };
        let mut response = HttpResponse::build(self.status);
        response.content_type(PROBLEM_JSON);
        response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if let Some(seconds) = retry_after_s {
            response.insert_header((RETRY_AFTER, seconds));
        }
        crate::metrics::refused(self.code, self.rule);
        let (status, what) = (self.status.as_u16(), refused::word(self.rule));
        tracing::info!(code = %self.code, rule = self.rule, status, "{what}");
        response.body(serde_json::to_vec(&document).unwrap_or_default())
    }
}

impl Responder for Problem {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        self.error_response()
    }
}

/// Makes a problem document of every error of the API that is not one.
pub(super) async fn ensure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_api = super::headers::is_api(&request);
    let response = next.call(request).await?;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes() == PROBLEM_JSON.as_bytes());
    if is_api && is_error && !is_problem {
        return Ok(response.into_response(Problem::of_status(status).error_response()));
    }
    Ok(response.map_into_boxed_body())
}

/// The status of each code.
fn status(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::Malformed | ProblemCode::WrongSize => StatusCode::BAD_REQUEST,
        ProblemCode::PostageRequired => StatusCode::PAYMENT_REQUIRED,
        ProblemCode::InvalidSignature
        | ProblemCode::RegistrationClosed
        | ProblemCode::InviteRequired
        | ProblemCode::InviteInvalid
        | ProblemCode::AccountBlocked
        | ProblemCode::Unauthorized
        | ProblemCode::KeyReplaced
        | ProblemCode::LoginExpired
        | ProblemCode::PeerRefused
        | ProblemCode::PrivateAddress => StatusCode::FORBIDDEN,
        ProblemCode::NotFound | ProblemCode::UnknownMailbox | ProblemCode::UnknownIdentity => {
            StatusCode::NOT_FOUND
        }
        ProblemCode::StaleRecord
        | ProblemCode::ForkedRecord
        | ProblemCode::StaleKeyPackage
        | ProblemCode::StaleVault
        | ProblemCode::MissingChunk => StatusCode::CONFLICT,
        ProblemCode::MailboxMoved | ProblemCode::NodeClosing => StatusCode::GONE,
        ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::NotThisNode => StatusCode::MISDIRECTED_REQUEST,
        ProblemCode::InvalidRecord | ProblemCode::CannotOpen => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::RateLimited | ProblemCode::TooManyConnections => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ProblemCode::PeerUnreachable | ProblemCode::PeerMisbehaves => StatusCode::BAD_GATEWAY,
        ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::Undeliverable => StatusCode::GATEWAY_TIMEOUT,
        ProblemCode::MailboxFull | ProblemCode::NodeFull | ProblemCode::VaultFull => {
            StatusCode::INSUFFICIENT_STORAGE
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn every_code_is_a_whole_problem_document() {
        for code in ProblemCode::ALL {
            let problem = Problem::from(*code);
            assert!(problem.status.is_client_error() || problem.status.is_server_error());
            let response = problem.error_response();
            assert_eq!(
                response.headers().get("content-type").unwrap(),
                PROBLEM_JSON
            );
            let expects_retry = matches!(response.status().as_u16(), 429 | 503);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), expects_retry);
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body()).await.unwrap();
            let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(document["code"], code.as_str());
            assert_eq!(document["status"], status);
            assert_eq!(document["type"], format!("urn:zechat:problem:{code}"));
            assert!(document["title"].as_str().unwrap().ends_with('.'));
        }
    }
}
