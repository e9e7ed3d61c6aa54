//! Strict deterministic CBOR (RFC 8949 §4.2.1, narrowed by `docs/protocol.md` §2).
//!
//! [`decode`] walks the raw bytes first ([`walk`]) and refuses whatever is not the one encoding of
//! its value; only then does it decode. [`encode`] writes keys in the ascending order in which
//! [`cbor_map!`](crate::cbor_map) makes its users declare them, which the compiler checks.

mod fields;
mod macros;
mod walk;

pub use fields::{ByteArray, Bytes};
#[doc(hidden)]
pub use macros::keys_ascend;
#[doc(hidden)]
pub use minicbor;
pub use walk::walk;

/// Deepest permitted nesting of arrays and maps.
pub const MAX_DEPTH: usize = 8;

/// Unknown map keys below this are refused, those from this on are skipped.
pub const FIRST_IGNORABLE_KEY: u64 = 64;

/// Why bytes are not the deterministic encoding of the expected value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end inside an item.
    #[error("the data ends too early")]
    Truncated,
    /// A length or an integer is not in its shortest form.
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// Map keys are out of order, repeated, or not unsigned integers.
    #[error("map keys are out of order, repeated or of the wrong type")]
    Keys,
    /// A text string is not UTF-8.
    #[error("a text is not UTF-8")]
    NotText,
    /// Bytes follow the value.
    #[error("bytes follow the value")]
    TrailingBytes,
    /// Tags, floats, negative integers, null, undefined or indefinite lengths.
    #[error("a kind of value that this format does not use")]
    Unsupported,
    /// Arrays and maps are nested deeper than [`MAX_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
    /// A missing or unknown key, or a value of the wrong type, length or range.
    #[error("a field is missing, unknown or out of range")]
    Shape,
}

/// Encodes a value; the result is deterministic when `T` comes from this crate's macros.
pub fn encode<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "writing to a Vec cannot fail and no Encode implementation raises its own error"
    )]
    minicbor::to_vec(value).expect("encoding to memory")
}

/// Decodes one value from the whole of `bytes`.
///
/// Allocation is bounded by the length of the input: every length has been walked before.
///
/// # Errors
/// [`DecodeError`] when the bytes are not the deterministic encoding of a `T`.
pub fn decode<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, DecodeError> {
    walk(bytes)?;
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|_| DecodeError::Shape)?;
    if decoder.position() != bytes.len() {
        return Err(DecodeError::TrailingBytes);
    }
    Ok(value)
}
