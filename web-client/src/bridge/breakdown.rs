//! Why there is no engine, as its pages are told.

use client_core::store::StoreError;
use serde::{Deserialize, Serialize};

/// Why there is no engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// What is to be done about it.
    pub fault: Fault,
    /// The browser's own words, for a bug report.
    pub detail: String,
}

/// What a person can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The browser does not let it run.
    Browser,
    /// There is no room left.
    Full,
    /// A newer version of the program wrote what is stored.
    Newer,
    /// What is stored cannot be read any more.
    Damaged,
}

impl From<&StoreError> for Breakdown {
    fn from(error: &StoreError) -> Self {
        let fault = match error {
            StoreError::Platform(_) => Fault::Browser,
            StoreError::Full => Fault::Full,
            StoreError::Newer => Fault::Newer,
            StoreError::Damaged(_) => Fault::Damaged,
        };
        Self {
            fault,
            detail: error.to_string(),
        }
    }
}

impl From<String> for Breakdown {
    fn from(detail: String) -> Self {
        let fault = Fault::Browser;
        Self { fault, detail }
    }
}
