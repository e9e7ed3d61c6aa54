//! Base64url without padding (RFC 4648 §5): each value has one text, and no other is read.

use alloc::string::String;
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// The text is not base64url without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct Base64Error;

/// Bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes of a text.
///
/// # Errors
/// [`Base64Error`], also for a text that another one stands for.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| Base64Error)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &BASE64URL_NOPAD.encode(&bytes));
            prop_assert_eq!(decode(&text), Ok(bytes));
        }

        #[test]
        fn a_text_is_read_as_one_value_or_not_at_all(text in "[A-Za-z0-9_=+/ é-]{0,9}") {
            let expected = BASE64URL_NOPAD.decode(text.as_bytes());
            prop_assert_eq!(decode(&text).ok(), expected.ok());
        }
    }
}
