//! What a node says of itself, asked before it becomes one of ours.
//!
//! The node is asked directly: it is going to see this client's address anyway when it is added, and the answer
//! must not depend on a home node that may be dead.

use shared_crypto::link::{ContactLink, NODE_MARK, NodeInvite, node_mark};
use shared_crypto::node_document::{NodeDocument, NodeDocumentError, Registration};
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

/// A node as a person names it: by its URL, or with a link that invites to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) node: NodeUrl,
    /// What an invite says of the node's key.
    mark: Option<[u8; NODE_MARK]>,
    /// What opens a node that takes invited people only.
    pub(crate) token: Option<[u8; 16]>,
}

impl Address {
    /// Reads it as a person types or pastes it.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if let Ok(invite) = NodeInvite::parse(text) {
            return Ok(Self {
                node: invite.node,
                mark: Some(invite.node_mark),
                token: Some(invite.token),
            });
        }
        if let Ok(link) = ContactLink::parse(text) {
            return Ok(Self {
                node: link.node,
                mark: Some(link.node_mark),
                token: link.invite,
            });
        }
        Ok(Self {
            node: parse_node(text)?,
            mark: None,
            token: None,
        })
    }

    /// Whether the node that answered is the one that is meant, and takes us.
    pub(crate) fn check(&self, document: &NodeDocument) -> Result<(), Failure> {
        let mark = node_mark(&document.fingerprint());
        if self.mark.is_some_and(|expected| expected != mark) {
            return Err(Failure::NodeMisbehaves);
        }
        let refused = match (document.registration, self.token) {
            (Registration::Open, _) | (Registration::Invite, Some(_)) => return Ok(()),
            (Registration::Invite, None) => "invite_required",
            (Registration::Closed, _) => "registration_closed",
        };
        let code = refused.to_owned();
        Err(Failure::NodeRefused { code })
    }
}

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
    NodeDocument::verify(&body, node, None, now).map_err(|error| match error {
        NodeDocumentError::NotNow => Failure::ClockWrong,
        _ => Failure::NodeMisbehaves,
    })
}

/// What the page shows of a document.
pub(crate) fn view(document: &NodeDocument, listed: bool, invited: bool) -> NodeOfferView {
    NodeOfferView {
        invited,
        closing_at: document.closing_at,
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
        vault_quota_bytes: document.vault_quota_bytes,
        listed,
    }
}

/// How long a node keeps mail, by its own word.
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
    use shared_crypto::id::IdentityId;

    use super::*;

    #[test]
    fn an_address_is_a_url_or_an_invite() {
        let plain = Address::parse("chat.example").unwrap();
        assert_eq!(
            (plain.node.as_str(), plain.token),
            ("https://chat.example", None)
        );
        let invite = NodeInvite {
            node: plain.node.clone(),
            node_mark: [3; NODE_MARK],
            token: [4; 16],
        };
        let contact = ContactLink {
            node: plain.node,
            node_mark: [3; NODE_MARK],
            identity: IdentityId::from_bytes([5; 32]),
            pass: None,
            invite: Some([6; 16]),
        };
        for (link, token) in [(invite.to_string(), 4), (contact.to_string(), 6)] {
            let invited = Address::parse(&format!(" {link} ")).unwrap();
            assert_eq!(
                (invited.mark, invited.token),
                (Some([3; NODE_MARK]), Some([token; 16]))
            );
        }
        assert!(Address::parse("nonsense#AQ").is_err());
    }

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
