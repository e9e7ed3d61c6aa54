//! Which destination gets a worker next.
//!
//! A destination that rests holds no worker, and those that failed or were slow last get a part of the workers only, as do those
//! of which nothing is known yet: neither dead names nor names that somebody invents hold up the mail for nodes that work.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared_crypto::node_url::NodeUrl;

use crate::clock::Millis;

/// Destinations known to work, or to be slow, at most: beyond that any of them is forgotten.
const MOST_KNOWN: usize = 16_384;

/// Why a worker has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing waits.
    Idle,
    /// What waits was refused for now; something new goes out at once.
    Refused(Millis),
    /// The node failed: not before this time.
    Failed(Millis),
    /// More waits, and it is the turn of others.
    Yielded,
}

/// How a destination was when it was last served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing was sent.
    Unknown,
    Quick,
    Slow,
}

/// What the dispatcher knows.
#[derive(Default)]
pub(super) struct Dispatch {
    /// Destinations with a worker, and whether new boxes came for them since it last looked.
    pub(super) active: HashMap<NodeUrl, Arc<AtomicBool>>,
    /// Destinations that wait for their time.
    pub(super) resting: BTreeSet<(Millis, NodeUrl)>,
    resting_urls: HashMap<NodeUrl, Millis>,
    /// Those that failed when they were last tried, or took long to answer.
    pub(super) failing: HashSet<NodeUrl>,
    /// Those that answered soon when they were last tried.
    quick: HashSet<NodeUrl>,
    /// Destinations that wait for a worker: that work, of which nothing is known, that failed.
    ready: VecDeque<NodeUrl>,
    ready_new: VecDeque<NodeUrl>,
    ready_failing: VecDeque<NodeUrl>,
    ready_urls: HashSet<NodeUrl>,
}

impl Dispatch {
    /// There is something for this destination. That does not end the rest of one that failed.
    pub(super) fn announce(&mut self, url: NodeUrl) {
        if let Some(is_fresh) = self.active.get(&url) {
            is_fresh.store(true, Ordering::Release);
        } else if !self.failing.contains(&url) {
            if let Some(until) = self.resting_urls.remove(&url) {
                self.resting.remove(&(until, url.clone()));
            }
            self.enqueue(url);
        } else if !self.resting_urls.contains_key(&url) {
            self.enqueue(url);
        }
    }

    /// Somebody wants it tried now.
    pub(super) fn retry(&mut self, url: NodeUrl) {
        self.failing.remove(&url);
        self.announce(url);
    }

    fn enqueue(&mut self, url: NodeUrl) {
        if !self.ready_urls.insert(url.clone()) {
            return;
        }
        if self.failing.contains(&url) {
            self.ready_failing.push_back(url);
        } else if self.quick.contains(&url) {
            self.ready.push_back(url);
        } else {
            self.ready_new.push_back(url);
        }
    }

    /// A worker has ended.
    pub(super) fn ended(&mut self, url: NodeUrl, rest: Rest, pace: Pace) {
        match (rest, pace) {
            (Rest::Failed(_), _) => {
                self.quick.remove(&url);
                self.failing.insert(url.clone());
            }
            (_, Pace::Slow) => {
                self.quick.remove(&url);
                keep(&mut self.failing, url.clone());
            }
            (_, Pace::Quick) => {
                self.failing.remove(&url);
                keep(&mut self.quick, url.clone());
            }
            (_, Pace::Unknown) => {}
        }
        let is_fresh = self
            .active
            .remove(&url)
            .is_some_and(|is_fresh| is_fresh.load(Ordering::Acquire));
        match rest {
            Rest::Failed(until) => self.rest(url, until),
            Rest::Yielded => self.enqueue(url),
            Rest::Idle | Rest::Refused(_) => {
                if is_fresh {
                    self.enqueue(url);
                } else if let Rest::Refused(until) = rest {
                    self.rest(url, until);
                }
            }
        }
    }

    fn rest(&mut self, url: NodeUrl, until: Millis) {
        self.resting_urls.insert(url.clone(), until);
        self.resting.insert((until, url));
    }

    /// Ends the rest of those whose time has come.
    pub(super) fn wake(&mut self, now: Millis) {
        while let Some((at, _)) = self.resting.first()
            && *at <= now
            && let Some((_, url)) = self.resting.pop_first()
        {
            self.resting_urls.remove(&url);
            self.enqueue(url);
        }
    }

    /// The next to get one of so many workers. Destinations of which nothing is known may hold half of them, those that failed
    /// a quarter.
    pub(super) fn next_ready(&mut self, workers: usize) -> Option<NodeUrl> {
        let failing = |url: &&NodeUrl| self.failing.contains(*url);
        let known = |url: &&NodeUrl| self.failing.contains(*url) || self.quick.contains(*url);
        let may_new = self.active.keys().filter(|url| !known(url)).count() < share(workers, 2);
        let may_failing = self.active.keys().filter(failing).count() < share(workers, 4);
        let url = self
            .ready
            .pop_front()
            .or_else(|| may_new.then(|| self.ready_new.pop_front())?)
            .or_else(|| may_failing.then(|| self.ready_failing.pop_front())?)?;
        self.ready_urls.remove(&url);
        Some(url)
    }
}

/// One of so many parts of the workers.
fn share(workers: usize, parts: usize) -> usize {
    workers.checked_div(parts).unwrap_or_default().max(1)
}

/// Notes a destination, in the place of any other if there are too many.
fn keep(known: &mut HashSet<NodeUrl>, url: NodeUrl) {
    if known.len() >= MOST_KNOWN
        && let Some(other) = known.iter().next().cloned()
    {
        known.remove(&other);
    }
    known.insert(url);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(number: usize) -> NodeUrl {
        NodeUrl::parse(&format!("https://n{number}.example")).unwrap()
    }

    fn start(dispatch: &mut Dispatch, workers: usize) -> Vec<NodeUrl> {
        let mut started = Vec::new();
        while dispatch.active.len() < workers
            && let Some(url) = dispatch.next_ready(workers)
        {
            dispatch.active.insert(url.clone(), Arc::default());
            started.push(url);
        }
        started
    }

    #[test]
    fn destinations_that_failed_hold_a_quarter_of_the_workers() {
        let mut dispatch = Dispatch::default();
        (0..100).for_each(|number| dispatch.announce(url(number)));
        while !dispatch.ready_urls.is_empty() {
            for url in start(&mut dispatch, 8) {
                dispatch.ended(url, Rest::Failed(10), Pace::Quick);
            }
        }
        dispatch.announce(url(7));
        assert_eq!(start(&mut dispatch, 8), [], "new mail does not end a rest");
        dispatch.wake(10);
        assert_eq!(start(&mut dispatch, 8).len(), 2);
        dispatch.quick.extend((200..210).map(url));
        (200..210).for_each(|number| dispatch.announce(url(number)));
        let started = start(&mut dispatch, 8);
        assert_eq!(started, (200..206).map(url).collect::<Vec<_>>());
    }

    #[test]
    fn destinations_that_somebody_invents_hold_half_of_the_workers() {
        let mut dispatch = Dispatch::default();
        (0..100).for_each(|number| dispatch.announce(url(number)));
        assert_eq!(start(&mut dispatch, 8), (0..4).map(url).collect::<Vec<_>>());
        dispatch.ended(url(0), Rest::Idle, Pace::Quick);
        dispatch.announce(url(0));
        assert_eq!(start(&mut dispatch, 8), [url(0), url(4)]);
    }

    #[test]
    fn destinations_that_take_long_to_answer_hold_a_quarter_of_the_workers() {
        let mut dispatch = Dispatch::default();
        (0..16).for_each(|number| dispatch.announce(url(number)));
        while !dispatch.ready_new.is_empty() {
            for url in start(&mut dispatch, 8) {
                dispatch.ended(url, Rest::Idle, Pace::Slow);
            }
        }
        (0..16).for_each(|number| dispatch.announce(url(number)));
        assert_eq!(start(&mut dispatch, 8).len(), 2);
        // One that answers soon again is like any other.
        dispatch.ended(url(0), Rest::Idle, Pace::Quick);
        dispatch.announce(url(0));
        assert_eq!(start(&mut dispatch, 8).first(), Some(&url(0)));
    }

    #[test]
    fn who_has_much_to_get_makes_room_for_others() {
        let mut dispatch = Dispatch::default();
        dispatch.quick.extend((0..3).map(url));
        (0..3).for_each(|number| dispatch.announce(url(number)));
        assert_eq!(start(&mut dispatch, 1), [url(0)]);
        dispatch.ended(url(0), Rest::Yielded, Pace::Quick);
        assert_eq!(start(&mut dispatch, 1), [url(1)]);
        dispatch.ended(url(1), Rest::Idle, Pace::Quick);
        assert_eq!(start(&mut dispatch, 1), [url(2)]);
        dispatch.ended(url(2), Rest::Idle, Pace::Quick);
        assert_eq!(start(&mut dispatch, 1), [url(0)]);
    }

    #[test]
    fn new_mail_goes_out_though_other_mail_was_refused_for_now() {
        let mut dispatch = Dispatch::default();
        dispatch.announce(url(1));
        start(&mut dispatch, 8);
        dispatch.ended(url(1), Rest::Refused(10), Pace::Quick);
        assert_eq!(start(&mut dispatch, 8), []);
        dispatch.announce(url(1));
        assert_eq!(start(&mut dispatch, 8), [url(1)]);
        assert!(dispatch.resting.is_empty() && dispatch.resting_urls.is_empty());
    }
}
