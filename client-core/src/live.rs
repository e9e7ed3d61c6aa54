//! The link to one home node: when to open it, how to log in, when to try again.

use shared_crypto::id::{NodeFingerprint, SubmissionId};
use shared_crypto::live::{Base64Bytes, ClientFrame, NodeFrame};
use shared_crypto::login::Login;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::rsa_keys::SigningPublicKey;
use shared_crypto::time::CLOCK_SKEW;

use crate::driver::Action;
use crate::own::Own;
use crate::own_code;
use crate::sorted::SortedSet;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ConnectionView, Millis};

/// First wait before trying again; doubles up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Millis = 1_000;

/// Longest wait before trying again.
const MAX_BACKOFF: Millis = 60_000;

/// Silence after which the node is probed: a connection may be dead without either end being told, and a
/// browser hides the node's pings.
const SILENCE: Millis = 60_000;

/// How long the node may take to answer a probe.
const PROBE_PATIENCE: Millis = 10_000;

/// How long a connection lasts that is taken as proof that the node means it.
const LASTING: Millis = 60_000;

/// Wait after the node said that it cannot take mail now.
const HOLD: Millis = 5_000;

/// The link to one home node.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) node: NodeUrl,
    fingerprint: NodeFingerprint,
    state: LiveState,
    attempt: u32,
    /// When the node let us in last.
    online_at: Millis,
    /// The key of the last login that the node has not ended yet.
    login_key: Option<SigningPublicKey>,
    /// When the node was last heard, or given up.
    heard_at: Millis,
    /// Until when it has to answer a probe.
    probe_until: Option<Millis>,
    /// Submissions handed over on this connection and not answered yet.
    pub(crate) in_flight: SortedSet<SubmissionId>,
    /// Until when it is given no mail.
    pub(crate) hold_until: Option<Millis>,
}

#[derive(Debug, Default)]
enum LiveState {
    #[default]
    Idle,
    Connecting,
    LoggingIn,
    Online,
    Waiting {
        retry_at: Millis,
    },
    Refused {
        code: String,
        retry_at: Millis,
    },
}

impl Live {
    pub(crate) fn new(node: NodeUrl, fingerprint: NodeFingerprint) -> Self {
        Self {
            node,
            fingerprint,
            state: LiveState::Idle,
            attempt: 0,
            online_at: 0,
            login_key: None,
            heard_at: 0,
            probe_until: None,
            in_flight: SortedSet::new(),
            hold_until: None,
        }
    }

    /// Gives it no mail for a moment.
    pub(crate) fn hold(&mut self, now: Millis) {
        self.hold_until = Some(now.saturating_add(HOLD));
    }

    pub(crate) fn is_online(&self) -> bool {
        matches!(self.state, LiveState::Online)
    }

    /// Whether nobody has tried to open it, or wants it.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, LiveState::Idle)
    }

    /// Whether a frame may come now: first a challenge, then a welcome, then anything else.
    pub(crate) fn expects(&self, frame: &NodeFrame) -> bool {
        match frame {
            NodeFrame::Challenge { .. } => matches!(self.state, LiveState::Connecting),
            NodeFrame::Welcome { .. } => matches!(self.state, LiveState::LoggingIn),
            _ => self.is_online(),
        }
    }

    /// Opens the link unless it is open or opening.
    pub(crate) fn connect<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        if matches!(
            self.state,
            LiveState::Connecting | LiveState::LoggingIn | LiveState::Online
        ) {
            return;
        }
        self.state = LiveState::Connecting;
        turn.act(Action::Open(self.node.clone()));
        turn.app_changed();
    }

    /// Does what is due: opens the link, probes it, or gives it up.
    pub(crate) fn wake<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> Woken {
        // A clock that was set back would have it wait for as long as it was wrong.
        let is_due = |at| at <= turn.now || turn.now < self.heard_at;
        if !self.wake_at().is_some_and(is_due) {
            return Woken::Alive;
        }
        if !self.is_online() {
            self.connect(turn);
        } else if self.probe_until.is_some() || self.has_lost_time(turn.now) {
            turn.act(Action::Close(self.node.clone()));
            return Woken::Dead;
        } else {
            self.probe(turn);
        }
        Woken::Alive
    }

    /// When [`Self::wake`] has something to do.
    pub(crate) fn wake_at(&self) -> Option<Millis> {
        match self.state {
            LiveState::Waiting { retry_at } | LiveState::Refused { retry_at, .. } => Some(retry_at),
            LiveState::Online => Some(
                self.probe_until
                    .unwrap_or(self.heard_at.saturating_add(SILENCE)),
            ),
            LiveState::Idle | LiveState::Connecting | LiveState::LoggingIn => None,
        }
    }

    /// Somebody wants the link now: opens it, or finds out whether it is alive.
    pub(crate) fn wanted<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.connect(turn);
        if self.is_online() && self.heard_at < turn.now {
            self.probe(turn);
        }
    }

    /// The node said something. By a clock that was set since it let us in, nothing is read: it comes again after a login.
    pub(crate) fn heard<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> Woken {
        if self.is_online() && self.has_lost_time(turn.now) {
            turn.act(Action::Close(self.node.clone()));
            return Woken::Dead;
        }
        self.heard_at = turn.now;
        self.probe_until = None;
        Woken::Alive
    }

    /// Whether the clock was set, or the device slept, since the node was heard: then the node has to look at the clock
    /// again, which it does when it lets us in.
    fn has_lost_time(&self, now: Millis) -> bool {
        now.saturating_add(CLOCK_SKEW) < self.heard_at
            || now > self.heard_at.saturating_add(SILENCE + CLOCK_SKEW)
    }

    /// Asks for nothing; the node says that it is done.
    fn probe<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        if self.probe_until.is_none() {
            self.probe_until = Some(turn.now.saturating_add(PROBE_PATIENCE));
            let (request, add, remove) = (0, Vec::new(), Vec::new());
            send_text(
                turn,
                &self.node,
                &ClientFrame::Mailboxes {
                    request,
                    add,
                    remove,
                },
            );
        }
    }

    /// The socket was closed or could not be opened.
    pub(crate) fn closed<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.in_flight.clear();
        self.probe_until = None;
        self.heard_at = turn.now;
        turn.app_changed();
        if matches!(self.state, LiveState::Refused { .. } | LiveState::Idle) {
            return;
        }
        // A node that lets us in and soon hangs up is tried ever more seldom, as one that does not let us in.
        let has_lasted = turn.now >= self.online_at.saturating_add(LASTING);
        if self.is_online() && has_lasted {
            self.attempt = 0;
        }
        let retry_at = self.next_try(turn);
        self.state = LiveState::Waiting { retry_at };
    }

    /// The node does not want this client; tried again slowly.
    pub(crate) fn refused<S: Store>(&mut self, turn: &mut Turn<'_, S>, code: &str) {
        self.in_flight.clear();
        self.heard_at = turn.now;
        let retry_at = turn.now.saturating_add(MAX_BACKOFF);
        self.state = LiveState::Refused {
            code: code.to_owned(),
            retry_at,
        };
        turn.act(Action::Close(self.node.clone()));
        turn.app_changed();
    }

    /// A node that does not want this client is not tried before this time either.
    pub(crate) fn not_before(&mut self, at: Millis) {
        if let LiveState::Refused { retry_at, .. } = &mut self.state {
            *retry_at = at.max(*retry_at);
        }
    }

    /// The node ended what was opened under a key that we replaced ourselves: that is no refusal. Whether it was; then
    /// the link is opened again at once, and by the key of now, so that a node can have it so only once for each key.
    pub(crate) fn reopened<S: Store>(&mut self, turn: &mut Turn<'_, S>, own: &Own) -> bool {
        let old = self.login_key.take();
        if old.is_none_or(|key| key == *own.signing.public()) {
            return false;
        }
        self.in_flight.clear();
        self.probe_until = None;
        self.state = LiveState::Idle;
        self.connect(turn);
        true
    }

    /// Nobody wants the link any more.
    pub(crate) fn shut<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.in_flight.clear();
        self.probe_until = None;
        self.state = LiveState::Idle;
        turn.act(Action::Close(self.node.clone()));
        turn.app_changed();
    }

    fn next_try<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> Millis {
        let wait = backoff(self.attempt);
        self.attempt = self.attempt.saturating_add(1);
        // Full jitter on the upper half: many clients of a node that comes back do not come at once.
        let half = wait / 2;
        turn.now
            .saturating_add(half)
            .saturating_add(turn.random_below(half.max(1)))
    }

    /// Answers a challenge with a login, unless it is not our node that asks.
    pub(crate) fn challenged<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        own: &Own,
        challenge: &NodeFrame,
    ) {
        let NodeFrame::Challenge {
            nonce,
            url,
            fingerprint,
        } = challenge
        else {
            return;
        };
        let genuine = *url == self.node && *fingerprint == self.fingerprint;
        if !genuine {
            return self.refused(turn, own_code::WRONG_NODE);
        }
        let login = Login {
            node: url.clone(),
            fingerprint: *fingerprint,
            nonce: *nonce,
            identity: own.identity(),
            device: own.row.device,
            at: turn.now,
        };
        let Ok(login) = login.sign(&own.signing, turn.rng) else {
            return self.refused(turn, own_code::INTERNAL);
        };
        self.state = LiveState::LoggingIn;
        self.login_key = Some(own.signing.public().clone());
        let login = Base64Bytes(login.bytes().to_vec());
        send_text(turn, &self.node, &ClientFrame::Login { login });
    }

    /// The node let us in.
    pub(crate) fn welcomed<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.state = LiveState::Online;
        self.online_at = turn.now;
        turn.app_changed();
    }

    pub(crate) fn view(&self) -> ConnectionView {
        match &self.state {
            LiveState::Idle => ConnectionView::Idle,
            LiveState::Connecting | LiveState::LoggingIn => ConnectionView::Connecting,
            LiveState::Online => ConnectionView::Online,
            LiveState::Waiting { retry_at } => ConnectionView::Offline {
                retry_at: *retry_at,
            },
            LiveState::Refused { code, .. } => ConnectionView::Refused { code: code.clone() },
        }
    }
}

/// What a wake found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    Alive,
    /// The node did not answer a probe, or has to look at our clock again: the link is closed.
    Dead,
}

/// Sends a control frame to a home node.
pub(crate) fn send_text<S: Store>(turn: &mut Turn<'_, S>, node: &NodeUrl, frame: &ClientFrame) {
    turn.act(Action::SendText(node.clone(), frame.to_text()));
}

/// Wait before the given attempt, without jitter.
pub(crate) fn backoff(attempt: u32) -> Millis {
    MIN_BACKOFF
        .saturating_mul(1 << attempt.min(10))
        .min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_rises_to_a_bound() {
        assert_eq!(backoff(0), 1_000);
        assert_eq!(backoff(3), 8_000);
        assert_eq!(backoff(6), MAX_BACKOFF);
        assert_eq!(backoff(u32::MAX), MAX_BACKOFF);
    }
}
