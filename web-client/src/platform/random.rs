//! The page's only uses of randomness: ids of messages and of the tab, what passkeys are asked for, and what tells one
//! contact link from another.

use shared_crypto::id::{MessageId, Pass};

/// A new message id.
pub fn message_id() -> MessageId {
    MessageId::from_bytes(bytes())
}

/// What a new link is known by.
pub fn pass() -> Pass {
    Pass::from_bytes(bytes())
}

/// Random bytes that a passkey is asked for.
pub fn salt() -> [u8; 32] {
    bytes()
}

/// A random number.
pub fn number() -> u64 {
    u64::from_le_bytes(bytes())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the page's randomness comes from"
)]
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A browser without a random generator runs no part of this program: the engine refuses.
    // Zeros here only make ids collide, which the engine takes for a repeated request.
    let _ = getrandom::fill(&mut bytes);
    bytes
}
