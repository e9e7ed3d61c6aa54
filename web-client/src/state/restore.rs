//! The form by which an identity is brought into a browser that has none. Its state belongs to the
//! application: the page is gone while the engine works, and has to come back with what was typed.

use core::fmt;

use client_core::request::{Request, Secret};

use super::person::clean_name;
use super::phrase;
use crate::bridge::CallError;

/// How the identity is brought here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// From the vault on a node.
    #[default]
    Vault,
    /// From a backup file.
    File,
    /// With new keys: every other copy is locked out.
    TakeBack,
}

impl Way {
    /// All ways, the common one first.
    pub const ALL: [Self; 3] = [Self::Vault, Self::File, Self::TakeBack];

    /// A name for tests and style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::File => "file",
            Self::TakeBack => "take-back",
        }
    }
}

/// A file that was chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chosen({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// How.
    pub way: Way,
    /// The recovery phrase.
    pub phrase: Secret,
    /// The passphrase, where there is one.
    pub passphrase: Secret,
    /// Contact link, or address of a node.
    pub from: String,
    /// The backup file.
    pub file: Option<Chosen>,
    /// The name that contacts are told.
    pub name: String,
    /// Whether the identity is here already: then link and name are known.
    pub is_here: bool,
    /// Whether to go on without what is in the vault.
    pub without_vault: bool,
}

/// A field that is plainly wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no phrase.
    Phrase,
    /// There is neither link nor node.
    From,
    /// There is no file.
    File,
    /// There is no name.
    Name,
}

impl Wrong {
    /// The field's id.
    pub fn field(self) -> &'static str {
        match self {
            Self::Phrase => "phrase",
            Self::From => "restore-from",
            Self::File => "restore-file",
            Self::Name => "restore-name",
        }
    }
}

impl Form {
    /// The phrase was typed or pasted, perhaps with the address that was copied with it.
    pub fn type_phrase(&mut self, text: String) {
        if let Some(address) = phrase::address(&text) {
            self.from = address.to_owned();
        }
        self.phrase = Secret(text);
    }

    /// What to ask of the engine. It checks everything again; this finds what is plainly missing, the first
    /// field first.
    pub fn request(&self) -> Result<Request, Wrong> {
        let phrase = Secret(phrase::normal(&self.phrase.0));
        let passphrase = self.passphrase.clone();
        let from = self.from.trim().to_owned();
        match (self.way, &self.file) {
            (Way::File, None) => return Err(Wrong::File),
            (Way::Vault | Way::TakeBack, _) if from.is_empty() && !self.is_here => {
                return Err(Wrong::From);
            }
            _ => {}
        }
        if phrase.0.is_empty() {
            return Err(Wrong::Phrase);
        }
        Ok(match (self.way, &self.file) {
            (Way::Vault, _) => Request::Restore {
                phrase,
                passphrase,
                from,
            },
            (Way::File, Some(file)) => Request::ImportBackup {
                file: file.bytes.clone(),
                phrase,
                passphrase,
            },
            (Way::File, None) => return Err(Wrong::File),
            (Way::TakeBack, _) => {
                if clean_name(&self.name).is_none() && !self.is_here {
                    return Err(Wrong::Name);
                }
                Request::Recover {
                    phrase,
                    passphrase,
                    from,
                    name: self.name.trim().to_owned(),
                    without_vault: self.without_vault,
                }
            }
        })
    }
}

/// How bringing it here stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempt {
    /// What was typed.
    pub form: Form,
    /// Whether the engine is at it.
    pub busy: bool,
    /// Why it did not work.
    pub error: Option<CallError>,
}

impl Attempt {
    /// It began.
    pub fn asked(form: Form) -> Self {
        Self {
            form,
            busy: true,
            error: None,
        }
    }

    /// It ended. What was typed is kept only where it is needed again.
    pub fn ended(self, result: Result<(), CallError>) -> Self {
        match result {
            Ok(()) => Self::default(),
            Err(error) => Self {
                form: self.form,
                busy: false,
                error: Some(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(way: Way) -> Form {
        Form {
            way,
            phrase: Secret(" Zoo  able ".into()),
            from: " https://a.example ".into(),
            file: Some(Chosen {
                name: "zechat.backup".into(),
                bytes: vec![1, 2],
            }),
            name: "Ada".into(),
            ..Form::default()
        }
    }

    #[test]
    fn each_way_asks_for_its_own() {
        let phrase = Secret("zoo able".into());
        let passphrase = Secret::default();
        let asked: Vec<_> = Way::ALL.map(|way| form(way).request().unwrap()).into();
        assert_eq!(
            asked,
            [
                Request::Restore {
                    phrase: phrase.clone(),
                    passphrase: passphrase.clone(),
                    from: "https://a.example".into()
                },
                Request::ImportBackup {
                    file: vec![1, 2],
                    phrase: phrase.clone(),
                    passphrase: passphrase.clone()
                },
                Request::Recover {
                    phrase,
                    passphrase,
                    from: "https://a.example".into(),
                    name: "Ada".into(),
                    without_vault: false
                },
            ]
        );
    }

    #[test]
    fn what_is_missing_is_found_before_anybody_is_asked() {
        let without = |way, change: fn(&mut Form)| {
            let mut form = form(way);
            change(&mut form);
            form.request()
        };
        let no_phrase = |form: &mut Form| form.phrase = Secret("12 …".into());
        for way in Way::ALL {
            assert_eq!(without(way, no_phrase), Err(Wrong::Phrase));
        }
        let no_from = |form: &mut Form| form.from = " ".into();
        assert_eq!(without(Way::Vault, no_from), Err(Wrong::From));
        assert_eq!(without(Way::TakeBack, no_from), Err(Wrong::From));
        assert!(without(Way::File, no_from).is_ok());
        assert_eq!(
            without(Way::File, |form| form.file = None),
            Err(Wrong::File)
        );
        let here = |form: &mut Form| {
            form.is_here = true;
            form.name = String::new();
            form.from = String::new();
        };
        assert!(without(Way::TakeBack, here).is_ok());
        let no_name = |form: &mut Form| form.name = "\u{200B}".into();
        assert_eq!(without(Way::TakeBack, no_name), Err(Wrong::Name));
    }

    #[test]
    fn a_failure_keeps_what_was_typed_and_success_forgets_it() {
        let asked = Attempt::asked(form(Way::Vault));
        let failed = asked.clone().ended(Err(CallError::Silent));
        assert_eq!(failed.form, asked.form);
        assert!(!failed.busy && failed.error.is_some());
        assert_eq!(asked.ended(Ok(())), Attempt::default());
    }

    #[test]
    fn no_log_shows_a_secret() {
        let shown = format!("{:?}", form(Way::File));
        assert!(!shown.to_lowercase().contains("able"), "{shown}");
    }
}
