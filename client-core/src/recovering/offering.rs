//! Offering a recovery record to our nodes until one has it.
//!
//! Keys, next phrase and record are stored before anybody is told. A node that refuses or does not answer may have the
//! record all the same, and whoever saw it takes no other one for the same place, ever. So there is never another one: the
//! same is offered again, also after a restart, and a node in the place of one that refuses is named in an update after it.

use shared_crypto::id::Hash;
use shared_crypto::node_url::NodeUrl;

use super::refused;
use crate::driver::Call;
use crate::homes::Home;
use crate::problem::code_of;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Secret};
use crate::store::Store;
use crate::turn::Turn;
use crate::vault::keys::parse_phrase;
use crate::view::NodeStep;

/// How often a node is asked before the person is told that it does not answer. It is asked on.
const PATIENCE: u32 = 3;

/// What a node says of our records.
pub(crate) enum Said {
    /// It has them.
    Taken,
    /// It will not have them.
    Refused(Failure),
    /// That is open: a failure of its own, or of what stands before it, does not say what it has stored.
    Unclear(Failure),
}

impl Said {
    /// Reads the answer to a registration.
    pub(crate) fn of(answer: Option<&(u16, Vec<u8>)>) -> Self {
        match answer {
            Some((200 | 201, _)) => Self::Taken,
            Some((400..=407 | 409..=428 | 430..=499, body)) if code_of(body).is_some() => {
                Self::Refused(refused(body))
            }
            Some((_, body)) => Self::Unclear(refused(body)),
            None => Self::Unclear(Failure::NodeUnreachable),
        }
    }
}

impl Ready {
    /// Whether we used the recovery phrase and no node that mail is left at is known to have the record.
    pub(crate) fn is_recovering(&self) -> bool {
        self.own.row.recovering.unwrap_or_default() && !self.is_locked_out()
    }

    /// A node answered to our records up to this head.
    pub(crate) fn recovery_answered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        head: &Hash,
        said: Said,
    ) {
        let number = self.own.chain.number_of(head);
        let is_after = |number: u64| !self.own.chain.has_recovery(number.saturating_add(1));
        if !self.is_recovering() || !number.is_some_and(is_after) {
            return;
        }
        let Some(home) = self.homes.get_mut(node) else {
            return;
        };
        home.refuses = matches!(said, Said::Refused(_));
        let is_active = home.step() == NodeStep::Active;
        let is_given_up = home.tries() >= PATIENCE;
        let failure = match said {
            Said::Taken if is_active => return self.recovery_taken(turn),
            Said::Taken => None,
            Said::Refused(failure) => Some(failure),
            Said::Unclear(failure) => Some(failure).filter(|_| is_given_up),
        };
        // It may let us in, whatever it said. A link that was closed since is opened again in its time.
        self.homes.connect_idle(turn);
        if self.another_takes_over(turn)
            || self
                .homes
                .iter()
                .any(|home| is_choice(home) && home.telling)
        {
            return;
        }
        if let Some(failure) = failure
            && let Some(call) = self.recovery_call.take()
        {
            turn.app_changed();
            turn.fail(call, failure);
        }
    }

    /// A node that mail is left at has the record.
    pub(crate) fn recovery_taken<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.own.row.recovering = None;
        self.own.save(turn);
        turn.app_changed();
        if let Some(call) = self.recovery_call.take() {
            turn.answer(call, Answer::Done);
        }
    }

    /// If the node that mail is left at clearly refuses the record, and another one that was chosen here has it, mail is
    /// left there. One that only a list names may be a thief's, and one that was being left was left for a reason: the
    /// person decides. A failure may pass: the person would have moved for good.
    fn another_takes_over<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> bool {
        let head = self.own.chain.head();
        let active = self.own.home().node.clone();
        let refuses = |home: &Home| home.refuses && home.row.head.is_none();
        if !self.homes.get(&active).is_some_and(refuses) {
            return false;
        }
        let has_it = |home: &&Home| is_choice(home) && home.row.head == Some(head);
        let other = self.homes.iter().find(has_it);
        let Some(other) = other.map(|home| home.live.node.clone()) else {
            return false;
        };
        self.become_active(turn, &other, Some(&active)).is_ok()
    }

    /// The person tries again: the same record is offered to the same nodes.
    pub(crate) fn offer_recovery_again<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        phrase: &Secret,
    ) {
        let ours = parse_phrase(phrase).and_then(|phrase| {
            let place = self.own.chain.committed_to(&phrase.commitment());
            place.map(drop).ok_or(Failure::WrongPhrase)
        });
        let failure = match ours {
            Ok(()) if self.recovery_call.is_none() => {
                self.recovery_call = Some(call);
                for home in self.homes.iter_mut() {
                    home.ask_anew();
                }
                self.homes.wanted(turn);
                self.tell_homes(turn);
                return turn.app_changed();
            }
            Ok(()) => Failure::WrongState,
            Err(failure) => failure,
        };
        turn.fail(call, failure);
    }
}

/// Whether a node that mail is only fetched from was chosen here.
fn is_choice(home: &Home) -> bool {
    home.step() == NodeStep::Draining && home.row.adopted != Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_refusal_is_one() {
        let body = br#"{"code":"unauthorized"}"#.to_vec();
        let of = |status: u16| Said::of(Some(&(status, body.clone())));
        assert!(matches!(of(200), Said::Taken));
        assert!(matches!(
            of(403),
            Said::Refused(Failure::NodeRefused { .. })
        ));
        for status in [302, 408, 429, 500, 502, 503, 504, 507] {
            assert!(matches!(of(status), Said::Unclear(_)), "{status}");
        }
        let page = (403, b"<html>".to_vec());
        assert!(matches!(
            Said::of(Some(&page)),
            Said::Unclear(Failure::NodeMisbehaves)
        ));
        assert!(matches!(
            Said::of(None),
            Said::Unclear(Failure::NodeUnreachable)
        ));
    }
}
