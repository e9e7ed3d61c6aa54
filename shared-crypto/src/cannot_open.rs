//! The one answer to everything that does not open, and the one to what cannot be sealed.

/// The bytes cannot be opened by this reader. Why is deliberately not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened")]
pub struct CannotOpen;

/// Why something cannot be sealed. These errors are for whoever wrote the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Longer than the largest size class takes.
    #[error("longer than the largest size")]
    TooLong,
    /// The recipient's public key cannot be used.
    #[error("the recipient's key cannot be used")]
    Key,
}
