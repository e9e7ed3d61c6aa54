//! What a node says of itself, asked before it becomes one of ours.
//!
//! The node is asked directly: it is going to see this client's address anyway when it is added, and the answer
//! must not depend on a home node that may be dead.

use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::signed::Verified;
use shared_crypto::time::SECOND;

use crate::creation::MAX_DOCUMENT;
use crate::driver::{Action, HttpCall};
use crate::problem::code_of;
use crate::request::Failure;
use crate::store::Store;

use crate::turn::Turn;
use crate::view::{Millis, NodeOfferView, RegistrationView};

/// Asks the node for its document.
pub(crate) fn ask<S: Store>(turn: &mut Turn<'_, S>, call: HttpCall, node: &NodeUrl) {
    turn.act(Action::Http {
        call,
        node: node.clone(),
        path: "/v1/node".to_owned(),
        vault: None,
        put: None,
        limit: MAX_DOCUMENT,
    });
}

/// Reads the answer.
pub(crate) fn read(
    answer: Option<(u16, Vec<u8>)>,
    node: &NodeUrl,
    now: Millis,
) -> Result<Verified<NodeDocument>, Failure> {
    let (status, body) = answer.ok_or(Failure::NodeUnreachable)?;
    if status != 200 {
        return Err(
            code_of(&body).map_or(Failure::NodeMisbehaves, |code| Failure::NodeRefused {
                code,
            }),
        );
    }
    NodeDocument::verify(&body, node, None, now).map_err(|_| Failure::NodeMisbehaves)
}

/// What the page shows of a document.
pub(crate) fn view(document: &NodeDocument, listed: bool) -> NodeOfferView {
    NodeOfferView {
        node: document.url.to_string(),
        name: document.name.clone(),
        software: document.software.clone(),
        registration: match document.registration {
            Registration::Open => RegistrationView::Open,
            Registration::Invite => RegistrationView::Invite,
            Registration::Closed => RegistrationView::Closed,
        },
        retention: retention(document),
        quota_bytes: document.quota_bytes,
        quota_count: document.quota_count,
        listed,
    }
}

/// How long a node keeps mail.
pub(crate) fn retention(document: &NodeDocument) -> Millis {
    document.retention_seconds.saturating_mul(SECOND)
}

/// Reads a URL as a person types it: without a scheme it is `https`, and a slash at the end does no harm.
pub(crate) fn parse_node(text: &str) -> Result<NodeUrl, Failure> {
    let text = text.trim().trim_end_matches('/').to_lowercase();
    let parsed = NodeUrl::parse(&text);
    let parsed = match parsed {
        Err(_) if !text.contains("://") => NodeUrl::parse(&format!("https://{text}")),
        parsed => parsed,
    };
    parsed.map_err(|_| Failure::BadNode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_read_as_people_type_it() {
        for text in ["https://b.test", " B.test/ ", "https://B.TEST/"] {
            assert_eq!(parse_node(text).unwrap().as_str(), "https://b.test");
        }
        for text in [
            "",
            "https://",
            "ftp://b.test",
            "https://b.test/i#abc",
            "a b",
        ] {
            assert_eq!(parse_node(text), Err(Failure::BadNode), "{text}");
        }
    }
}
