//! Contact links: `https://<node>/i#…` (`docs/protocol.md` §9). What is after `#` never reaches a
//! server.

use alloc::vec::Vec;
use core::fmt;

use crate::base64url;
use crate::hash::{SUITE, hash_parts};
use crate::id::{IdentityId, NodeFingerprint, Pass};
use crate::node_url::NodeUrl;

const NAMESPACE: &str = "zechat/link/v1";
const CHECKSUM: usize = 4;
const TOKEN: usize = 16;
const PATH: &str = "/i";

/// How many bytes of the node's fingerprint a link carries.
pub const NODE_MARK: usize = 10;

/// Who somebody is and where to ask for them first.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactLink {
    /// Where to ask first.
    pub node: NodeUrl,
    /// The first bytes of that node's fingerprint, so that whoever carries the question there cannot
    /// pose as the node and read it.
    pub node_mark: [u8; NODE_MARK],
    /// Who it is.
    pub identity: IdentityId,
    /// What the owner knows this link by, if it is not the one for everybody.
    pub pass: Option<Pass>,
    /// Postage for the first message.
    pub invite: Option<[u8; TOKEN]>,
}

/// Why a text is not a contact link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It does not look like one at all.
    #[error("this is not a contact link")]
    NotALink,
    /// What should be the node's address is not one.
    #[error("the link's address is not that of a node")]
    BadNode,
    /// Something in it was changed or left out.
    #[error("the link is damaged: a character is wrong or missing")]
    Typo,
    /// A newer kind of link.
    #[error("the link was made by a newer version")]
    TooNew,
}

impl ContactLink {
    /// Parses a link; white space around it and a slash before `#` are tolerated.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let (node, body) = read(text)?;
        let (identity, rest) = body.split_first_chunk().ok_or(LinkError::Typo)?;
        let (node_mark, rest) = rest.split_first_chunk().ok_or(LinkError::Typo)?;
        // The length tells what is there.
        let pass_length = match rest.len() {
            0 | TOKEN => 0,
            _ => Pass::LENGTH,
        };
        let (pass, invite) = rest.split_at_checked(pass_length).ok_or(LinkError::Typo)?;
        Ok(Self {
            node,
            node_mark: *node_mark,
            identity: IdentityId::from_bytes(*identity),
            pass: optional(pass)?.map(Pass::from_bytes),
            invite: optional(invite)?,
        })
    }
}

/// An invite to a node that leads to nobody: its link has the same form without an identity.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeInvite {
    /// The node.
    pub node: NodeUrl,
    /// The first bytes of its fingerprint.
    pub node_mark: [u8; NODE_MARK],
    /// What a new account is made with.
    pub token: [u8; TOKEN],
}

impl NodeInvite {
    /// Parses a link; white space around it and a slash before `#` are tolerated.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let (node, body) = read(text)?;
        let (node_mark, token) = body.split_first_chunk().ok_or(LinkError::Typo)?;
        Ok(Self {
            node,
            node_mark: *node_mark,
            token: token.try_into().map_err(|_| LinkError::Typo)?,
        })
    }
}

impl fmt::Display for NodeInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.node, &[&self.node_mark, &self.token])
    }
}

impl fmt::Debug for NodeInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeInvite")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// The part of a fingerprint that links carry.
pub fn node_mark(fingerprint: &NodeFingerprint) -> [u8; NODE_MARK] {
    fingerprint
        .as_bytes()
        .first_chunk()
        .copied()
        .unwrap_or_default()
}

impl fmt::Display for ContactLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pass = self.pass.as_ref().map_or(&[][..], |pass| pass.as_bytes());
        let token = self
            .invite
            .as_ref()
            .map_or(&[][..], |token| token.as_slice());
        let identity = self.identity.as_bytes().as_slice();
        write(f, &self.node, &[identity, &self.node_mark, pass, token])
    }
}

impl fmt::Debug for ContactLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactLink")
            .field("node", &self.node)
            .field("identity", &self.identity)
            .field("has_pass", &self.pass.is_some())
            .field("has_invite", &self.invite.is_some())
            .finish()
    }
}

/// All of these bytes, or nothing.
fn optional<const N: usize>(bytes: &[u8]) -> Result<Option<[u8; N]>, LinkError> {
    match bytes {
        [] => Ok(None),
        bytes => bytes.try_into().map(Some).map_err(|_| LinkError::Typo),
    }
}

/// The node, and what stands between the version and the checksum.
fn read(text: &str) -> Result<(NodeUrl, Vec<u8>), LinkError> {
    let (address, fragment) = text.trim().split_once('#').ok_or(LinkError::NotALink)?;
    let address = address.strip_suffix('/').unwrap_or(address);
    let node = address.strip_suffix(PATH).ok_or(LinkError::NotALink)?;
    let node = NodeUrl::parse(node).map_err(|_| LinkError::BadNode)?;
    let bytes = base64url::decode(fragment).map_err(|_| LinkError::Typo)?;
    let (body, found) = bytes.split_last_chunk().ok_or(LinkError::Typo)?;
    if checksum(&node, body) != *found {
        return Err(LinkError::Typo);
    }
    let (version, rest) = body.split_first().ok_or(LinkError::Typo)?;
    if *version != SUITE {
        return Err(LinkError::TooNew);
    }
    Ok((node, rest.to_vec()))
}

fn write(f: &mut fmt::Formatter<'_>, node: &NodeUrl, parts: &[&[u8]]) -> fmt::Result {
    let mut bytes = [&[SUITE], parts.concat().as_slice()].concat();
    let checksum = checksum(node, &bytes);
    bytes.extend_from_slice(&checksum);
    write!(f, "{node}{PATH}#{}", base64url::encode(&bytes))
}

fn checksum(node: &NodeUrl, body: &[u8]) -> [u8; CHECKSUM] {
    let hash = hash_parts(NAMESPACE, &[node.as_str().as_bytes(), body]);
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}
