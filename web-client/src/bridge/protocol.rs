//! The messages and their encoding: shared by the page and the worker.

use client_core::request::{Answer, Request, Update};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::breakdown::Breakdown;
use super::lock::{LockAnswer, LockAsk, LockView};

/// Which build this is. Tabs of different builds do not understand each other.
const BUILD: &str = match option_env!("ZECHAT_BUILD") {
    Some(build) => build,
    None => "unnamed",
};

/// Random number of a tab; chosen when the page starts.
pub type TabId = u64;

/// Number of a call within its tab, from 1.
pub type CallNumber = u32;

/// From a page to the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToEngine {
    /// Which tab asks; the answer carries it back.
    pub tab: TabId,
    /// Which of the tab's calls this is. A repeated call keeps its number.
    pub call: CallNumber,
    /// What is asked.
    pub asked: Asked,
}

/// What is asked of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// Of the client.
    Client(Request),
    /// Of the lock in front of it.
    Lock(LockAsk),
}

/// What is answered by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answered {
    /// By the client.
    Client(Answer),
    /// By the lock.
    Lock(LockAnswer),
}

/// From the engine to the pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromEngine {
    /// The engine has started and listens: pages repeat what is still unanswered.
    Ready,
    /// The answer to one call of one tab.
    Answer {
        /// Which tab asked.
        tab: TabId,
        /// Which of its calls.
        call: CallNumber,
        /// What is answered.
        answer: Answered,
    },
    /// What changed together; meant for every page.
    Updates(Vec<Update>),
    /// How the lock stands now; it is open, or there is none.
    Lock(LockView),
    /// The lock is closed. Pages that showed anything forget it.
    Locked(LockView),
    /// The engine cannot run in this browser, or its store cannot be opened.
    Broken(Breakdown),
}

/// The bytes are not a message of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError;

impl ToEngine {
    /// The bytes that travel, or `None` if the value cannot be encoded.
    pub fn encode(&self) -> Option<Vec<u8>> {
        encode(self)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes)
    }
}

impl FromEngine {
    /// The bytes that travel, or `None` if the value cannot be encoded.
    pub fn encode(&self) -> Option<Vec<u8>> {
        encode(self)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes)
    }
}

fn encode<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    postcard::to_allocvec(&(BUILD, value)).ok()
}

/// Strict: the numbers of requests differ from build to build, and a page must not be taken to ask for what it did
/// not ask for.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (build, bytes) = postcard::take_from_bytes::<&str>(bytes).map_err(|_| DecodeError)?;
    if build != BUILD {
        return Err(DecodeError);
    }
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(DecodeError),
    }
}

#[cfg(test)]
mod tests {
    use client_core::request::Failure;
    use shared_crypto::id::MessageId;

    use super::*;

    #[test]
    fn messages_survive_the_channel() {
        let asked = ToEngine {
            tab: u64::MAX,
            call: 7,
            asked: Asked::Client(Request::Send {
                contact: 3,
                id: MessageId::from_bytes([9; 16]),
                text: "hé".into(),
            }),
        };
        assert_eq!(ToEngine::decode(&asked.encode().unwrap()), Ok(asked));
        let answered = FromEngine::Answer {
            tab: 1,
            call: 2,
            answer: Answered::Client(Answer::Failed(Failure::TextTooLong { limit: 9 })),
        };
        assert_eq!(
            FromEngine::decode(&answered.encode().unwrap()),
            Ok(answered)
        );
    }

    #[test]
    fn another_build_is_not_understood() {
        let other = postcard::to_allocvec(&("another", FromEngine::Ready)).unwrap();
        assert_eq!(FromEngine::decode(&other), Err(DecodeError));
        assert_eq!(
            FromEngine::decode(&FromEngine::Ready.encode().unwrap()),
            Ok(FromEngine::Ready)
        );
    }

    #[test]
    fn rubbish_and_left_over_bytes_are_refused() {
        assert_eq!(FromEngine::decode(&[]), Err(DecodeError));
        assert_eq!(FromEngine::decode(&[99]), Err(DecodeError));
        let mut bytes = FromEngine::Ready.encode().unwrap();
        bytes.push(0);
        assert_eq!(FromEngine::decode(&bytes), Err(DecodeError));
    }
}
