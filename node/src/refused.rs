//! What rules refuse. Each refusal is counted, and the log names its rule; whoever is refused the same again
//! and again on one connection, or in one batch, fills no log.

use shared_crypto::problem::ProblemCode;

/// A refusal and the rule behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// What whoever asked is told.
    pub code: ProblemCode,
    /// For the log and the figures.
    pub rule: Option<&'static str>,
}

impl Refused {
    /// By this rule.
    pub const fn by(code: ProblemCode, rule: &'static str) -> Self {
        Self {
            code,
            rule: Some(rule),
        }
    }

    /// Counts it.
    pub(crate) fn count(self) {
        crate::metrics::refused(self.code, self.rule);
    }

    /// Counts it, and tells the log where it happened.
    pub(crate) fn note(self, place: &'static str) {
        self.count();
        let what = word(self.rule);
        tracing::info!(code = %self.code, rule = self.rule, place, "{what}");
    }
}

impl From<ProblemCode> for Refused {
    fn from(code: ProblemCode) -> Self {
        Self {
            code,
            rule: rule(code),
        }
    }
}

/// What has happened, for the log: nobody refuses by having failed.
pub(crate) const fn word(rule: Option<&'static str>) -> &'static str {
    match rule {
        Some(_) => "refused",
        None => "failed",
    }
}

/// The rule behind a code; nothing where something failed and nobody refuses.
pub(crate) const fn rule(code: ProblemCode) -> Option<&'static str> {
    Some(match code {
        ProblemCode::Malformed => "format",
        ProblemCode::TooLarge => "length",
        ProblemCode::WrongSize => "size_classes",
        ProblemCode::NotFound => "existing",
        ProblemCode::UnknownMailbox => "existing_mailbox",
        ProblemCode::UnknownIdentity => "existing_account",
        ProblemCode::MailboxMoved => "moved_away",
        ProblemCode::MailboxFull => "mailbox_quota",
        ProblemCode::NodeFull => "node_full",
        ProblemCode::VaultFull => "vaults",
        ProblemCode::PostageRequired => "postage",
        ProblemCode::InvalidSignature => "signature",
        ProblemCode::InvalidRecord => "records",
        ProblemCode::StaleRecord
        | ProblemCode::ForkedRecord
        | ProblemCode::StaleKeyPackage
        | ProblemCode::StaleVault => "no_way_back",
        ProblemCode::MissingChunk => "listed_chunks",
        ProblemCode::RegistrationClosed
        | ProblemCode::InviteRequired
        | ProblemCode::InviteInvalid => "registration",
        ProblemCode::AccountBlocked => "account_blocked",
        ProblemCode::NodeClosing => "closing",
        ProblemCode::NotThisNode => "this_node",
        ProblemCode::Unauthorized => "permission",
        ProblemCode::KeyReplaced => "key_in_force",
        ProblemCode::LoginExpired => "login_time",
        ProblemCode::PeerRefused => "peer_list",
        ProblemCode::PrivateAddress => "private_networks",
        ProblemCode::CannotOpen => "sealed_to_this_node",
        ProblemCode::RateLimited => "rate",
        ProblemCode::TooManyConnections => "connections",
        ProblemCode::PeerUnreachable
        | ProblemCode::PeerMisbehaves
        | ProblemCode::Undeliverable
        | ProblemCode::Unavailable
        | ProblemCode::Internal => return None,
    })
}

/// The refusals of one connection or batch: all are counted, and the log hears of each kind once.
#[derive(Debug, Default)]
pub(crate) struct Noted(Vec<Refused>);

impl Noted {
    pub(crate) fn note(&mut self, refused: Refused, place: &'static str) {
        if self.is_new(refused) {
            refused.note(place);
        } else {
            refused.count();
        }
    }

    /// Whether nothing was heard of this kind yet.
    pub(crate) fn is_new(&mut self, refused: Refused) -> bool {
        let is_new = !self.0.contains(&refused);
        if is_new {
            self.0.push(refused);
        }
        is_new
    }
}
