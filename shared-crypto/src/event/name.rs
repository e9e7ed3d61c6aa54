//! The name that somebody gives themselves.

use alloc::string::String;
use core::fmt;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most characters in a name.
pub const MAX_CHARACTERS: usize = 64;
/// Most bytes in a name.
pub const MAX_BYTES: usize = 256;

/// A profile name: 1 to 64 characters, at most 256 bytes, no control characters, no white space
/// around it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("a name is needed")]
    Empty,
    /// More than 64 characters or 256 bytes.
    #[error("a name has at most {MAX_CHARACTERS} characters")]
    TooLong,
    /// Line breaks, tabs, or characters that change the direction of what follows.
    #[error("a name has no control characters")]
    Control,
}

impl Name {
    /// Parses a name, without the white space around it.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MAX_BYTES || text.chars().count() > MAX_CHARACTERS {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// C0, C1, line and paragraph separators, and the explicit directional formatting characters, with
/// which a name could disguise the text around it.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names stay out of logs.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.0.len())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<C> encode::Encode<C> for Name {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

/// What travels has no white space around it already.
impl<'b, C> decode::Decode<'b, C> for Name {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let text = d.str()?;
        let name = Self::parse(text).map_err(decode::Error::message)?;
        if name.0 == text {
            Ok(name)
        } else {
            Err(decode::Error::message("white space"))
        }
    }
}
