//! What a node does that it should not, as a test wants it.

use shared_crypto::id::{IdentityId, MailboxId};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::live::MailboxKind;
use shared_crypto::record::Chain;
use shared_crypto::signed::Verified;

use super::SimNode;

/// How a node answers to records that it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Word {
    True,
    /// Takes them, and says something else.
    Lie(u16, &'static str),
    /// Does not take them.
    Refuse(u16, &'static str),
}

/// What a node does with those who log in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    True,
    /// Lets them in, and says then that it does not know them.
    Disowns,
    /// Lets them in, and closes.
    HangsUp,
}

impl SimNode {
    /// Somebody else comes first to these mailboxes.
    pub fn squat(&mut self, mailboxes: &[MailboxId]) {
        let nobody = IdentityId::from_bytes([99; 32]);
        for mailbox in mailboxes {
            self.mailboxes
                .insert(*mailbox, (nobody, MailboxKind::Contact));
        }
    }

    /// Loses all mailboxes.
    pub fn forget_mailboxes(&mut self) {
        self.mailboxes.clear();
    }

    /// Answers for one identity with what belongs to another.
    pub fn impersonate(&mut self, identity: IdentityId, other: (Chain, Verified<KeyPackage>)) {
        self.accounts.insert(identity, other);
    }

    /// Serves other records of an identity, as a node does that is set back or bribed.
    pub fn serve(&mut self, chain: Chain, package: Verified<KeyPackage>) {
        self.impersonate(chain.identity(), (chain, package));
    }

    /// Loses all accounts with their mailboxes and mail, as a node restored from nothing would have.
    pub fn forget_everything(&mut self) {
        self.accounts.clear();
        self.mailboxes.clear();
        self.stored.clear();
        self.known.clear();
        self.acknowledged.clear();
        self.outbox.clear();
    }

    /// Loses what it was to deliver elsewhere, and what became of it.
    pub fn forget_outbox(&mut self) {
        self.outbox.clear();
    }

    /// Loses the mail that waits, and nothing else.
    pub fn forget_mail(&mut self) {
        self.stored.clear();
    }
}
