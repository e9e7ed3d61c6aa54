//! Stable codes of what a node can answer instead of success (`docs/protocol.md` §14).

use alloc::string::String;
use core::fmt;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! problem_codes {
    ($( $(#[$doc:meta])* $variant:ident = $text:literal ),* $(,)?) => {
        /// A problem's stable code. Readers map a code they do not know to [`ProblemCode::Internal`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode {
            $( $(#[$doc])* $variant, )*
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),*];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                }
            }

            /// The code with exactly this text.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $( $text => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }
    };
}

problem_codes! {
    /// The bytes are not what the call expects.
    Malformed = "malformed",
    /// Longer than the call permits.
    TooLarge = "too_large",
    /// There is no such thing here.
    NotFound = "not_found",
    /// No such mailbox on this node.
    UnknownMailbox = "unknown_mailbox",
    /// The owner of the mailbox has left this node; their newest record says where they are.
    MailboxMoved = "mailbox_moved",
    /// The mailbox or its account has reached its quota.
    MailboxFull = "mailbox_full",
    /// The node has no room for anybody.
    NodeFull = "node_full",
    /// The envelope is not of a permitted size.
    WrongSize = "wrong_size",
    /// An intro mailbox wants postage that is missing or too little.
    PostageRequired = "postage_required",
    /// A signature does not verify.
    InvalidSignature = "invalid_signature",
    /// A record or chain breaks the rules.
    InvalidRecord = "invalid_record",
    /// The chain is older than what the node holds.
    StaleRecord = "stale_record",
    /// The chain contradicts what the node holds.
    ForkedRecord = "forked_record",
    /// The key package is older than what the node holds.
    StaleKeyPackage = "stale_key_package",
    /// The node takes no new accounts.
    RegistrationClosed = "registration_closed",
    /// The node takes new accounts by invite only, and there was none.
    InviteRequired = "invite_required",
    /// The invite is not known, used up or too old.
    InviteInvalid = "invite_invalid",
    /// The operator has blocked this account.
    AccountBlocked = "account_blocked",
    /// The node is being closed down: it takes no new mail and no new accounts.
    NodeClosing = "node_closing",
    /// The chain does not list this node.
    NotThisNode = "not_this_node",
    /// Not permitted to whoever asked.
    Unauthorized = "unauthorized",
    /// Signed by a key of this identity that a newer record has replaced.
    KeyReplaced = "key_replaced",
    /// The login's time or nonce is not the present one.
    LoginExpired = "login_expired",
    /// The node has no account for this identity.
    UnknownIdentity = "unknown_identity",
    /// The vault has reached its quota.
    VaultFull = "vault_full",
    /// The vault has changed since it was read.
    StaleVault = "stale_vault",
    /// A manifest lists a chunk that is not there.
    MissingChunk = "missing_chunk",
    /// The other node refuses this one, or this one refuses it.
    PeerRefused = "peer_refused",
    /// The other node cannot be reached now.
    PeerUnreachable = "peer_unreachable",
    /// The other node answers what it should not.
    PeerMisbehaves = "peer_misbehaves",
    /// The URL leads to an address that the operator does not permit.
    PrivateAddress = "private_address",
    /// Too many requests.
    RateLimited = "rate_limited",
    /// Too many live connections.
    TooManyConnections = "too_many_connections",
    /// Given up after two days.
    Undeliverable = "undeliverable",
    /// The forward box was not sealed to this node.
    CannotOpen = "cannot_open",
    /// Not now: starting, stopping or overloaded.
    Unavailable = "unavailable",
    /// The node's own fault, or a code this version does not know.
    Internal = "internal",
}

impl ProblemCode {
    /// The code with this text, [`ProblemCode::Internal`] if a newer node sent one we do not know.
    pub fn parse_lenient(text: &str) -> Self {
        Self::parse(text).unwrap_or(Self::Internal)
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ProblemCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse_lenient(&String::deserialize(deserializer)?))
    }
}

impl<C> encode::Encode<C> for ProblemCode {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> decode::Decode<'b, C> for ProblemCode {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str().map(Self::parse_lenient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_their_texts() {
        for code in ProblemCode::ALL {
            assert_eq!(ProblemCode::parse(code.as_str()), Some(*code));
        }
        assert_eq!(ProblemCode::ALL.len(), 37);
        assert_eq!(ProblemCode::parse("from_the_future"), None);
        assert_eq!(
            ProblemCode::parse_lenient("from_the_future"),
            ProblemCode::Internal
        );
    }
}
