//! Reading answers: each question has one kind of answer, and another kind is a defect.

use client_core::request::Answer;
use client_core::view::{FileView, NodeOfferView, VaultProofView};

use super::client::{CallError, unexpected};

/// Nothing but that it is done.
pub fn done(answer: Answer) -> Result<(), CallError> {
    match answer {
        Answer::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// What a node says of itself.
pub fn node(answer: Answer) -> Result<NodeOfferView, CallError> {
    match answer {
        Answer::Node(offer) => Ok(offer),
        other => Err(unexpected(&other)),
    }
}

/// The words of the recovery phrase.
pub fn phrase(answer: Answer) -> Result<Vec<String>, CallError> {
    match answer {
        Answer::RecoveryPhrase(words) => {
            Ok(words.0.split_whitespace().map(str::to_owned).collect())
        }
        other => Err(unexpected(&other)),
    }
}

/// What was found in the vault.
pub fn proof(answer: Answer) -> Result<VaultProofView, CallError> {
    match answer {
        Answer::VaultProof(proof) => Ok(proof),
        other => Err(unexpected(&other)),
    }
}

/// A file for the person to keep.
pub fn file(answer: Answer) -> Result<FileView, CallError> {
    match answer {
        Answer::File(file) => Ok(file),
        other => Err(unexpected(&other)),
    }
}
