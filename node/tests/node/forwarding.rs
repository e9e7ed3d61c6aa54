//! Mail from one node to another.

use std::time::Duration;

use shared_crypto::id::{DeviceId, SubmissionId};
use shared_crypto::live::{ClientFrame, NodeFrame};
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::Clock as _;
use zechat_node::random;
use zechat_node::settings::Settings;

use super::support::*;

/// Alice on one node, Bob on another, a mailbox of Bob.
struct Pair {
    home: TestNode,
    away: TestNode,
    alice: Person,
    bob: Person,
    alices: Live,
    bobs: Live,
    mailbox: shared_crypto::id::MailboxId,
}

impl Pair {
    async fn new() -> Self {
        Self::with(|_| (), |_| ()).await
    }

    async fn with(home: impl FnOnce(&mut Settings), away: impl FnOnce(&mut Settings)) -> Self {
        let clock = clock();
        let home = TestNode::with(clock.clone(), home).await;
        let away = TestNode::with(clock, away).await;
        let (alice, bob) = (home.person(0).await, away.person(1).await);
        let (mut alices, mut bobs) = (home.connect(&alice).await, away.connect(&bob).await);
        alices.stored().await;
        bobs.stored().await;
        let mailbox = bobs.mailbox().await;
        Self {
            home,
            away,
            alice,
            bob,
            alices,
            bobs,
            mailbox,
        }
    }

    /// A submission for Bob's mailbox.
    async fn submit(&mut self) -> (SubmissionId, shared_crypto::id::MessageId) {
        let (id, message) = (submission(), message());
        let boxed = boxed(&self.away.document().await, &self.mailbox, &message);
        self.alices.submit(id, &self.away.url(), &boxed).await;
        (id, message)
    }
}

/// Moves the clock until the outcomes are there.
async fn outcomes(
    live: &mut Live,
    node: &TestNode,
    count: usize,
) -> Vec<(SubmissionId, Option<ProblemCode>)> {
    let mut outcomes = Vec::new();
    let mut tries = 0;
    while outcomes.len() < count {
        match live.socket.frame_within(Duration::from_millis(100)).await {
            Some(Frame::Text(NodeFrame::Outcomes { items })) => {
                outcomes.extend(items.into_iter().map(|item| (item.submission, item.code)));
            }
            Some(Frame::Text(NodeFrame::CaughtUp)) => {}
            Some(other) => panic!("expected outcomes, not {other:?}"),
            None => node.clock.advance(Duration::from_secs(10)),
        }
        tries += 1;
        assert!(tries < 500, "outcomes in time");
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_to_another_node_and_the_outcome_comes_back() {
    let mut pair = Pair::new().await;
    for _ in 0..3 {
        let (id, message) = pair.submit().await;
        assert_eq!(pair.alices.accepted().await, [id]);
        let pushed = pair.bobs.pushed().await;
        assert_eq!((pushed.message, pushed.mailbox), (message, pair.mailbox));
        assert_eq!(pair.alices.outcome().await, (id, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_arrive_in_order_once() {
    let mut pair = Pair::new().await;
    let mut sent = Vec::new();
    for _ in 0..300 {
        sent.push(pair.submit().await.1);
    }
    let mut accepted = 0;
    let mut settled = 0;
    while settled < 300 {
        match pair.alices.socket.text().await {
            NodeFrame::Accepted { submissions } => accepted += submissions.len(),
            NodeFrame::Outcomes { items } => {
                assert!(items.iter().all(|item| item.code.is_none()));
                settled += items.len();
                assert!(settled <= accepted);
            }
            other => panic!("expected answers, not {other:?}"),
        }
    }
    let mut arrived = Vec::new();
    while arrived.len() < 300 {
        let pushed = pair.bobs.pushed().await;
        pair.bobs.ack(pushed.cursor).await;
        arrived.push(pushed.message);
    }
    assert_eq!(arrived, sent);
    pair.bobs.nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_for_a_node_that_is_down_and_survives_our_own_restart() {
    let mut pair = Pair::new().await;
    let document = pair.away.document().await;
    pair.away.stop().await;
    let mut sent = Vec::new();
    for _ in 0..20 {
        let (id, message) = (submission(), message());
        let boxed = boxed(&document, &pair.mailbox, &message);
        pair.alices.submit(id, &pair.away.url(), &boxed).await;
        sent.push((id, message));
    }
    let mut accepted = Vec::new();
    while accepted.len() < 20 {
        accepted.extend(pair.alices.accepted().await);
    }
    assert_eq!(accepted, sent.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    pair.home.clock.advance(Duration::from_secs(600));
    pair.home.stop().await;
    pair.home.start_again().await;
    pair.home.clock.advance(Duration::from_secs(600));
    pair.away.start_again().await;
    let now = pair.home.clock.now();
    let mut alices = Live::connect(&pair.home.url(), &pair.alice, pair.alice.device, now).await;
    let settled = outcomes(&mut alices, &pair.home, 20).await;
    assert_eq!(
        settled,
        sent.iter().map(|(id, _)| (*id, None)).collect::<Vec<_>>()
    );
    let mut bobs = pair.away.connect(&pair.bob).await;
    let mut arrived = bobs.stored().await;
    while arrived.len() < 20 {
        arrived.push(bobs.pushed().await);
    }
    let arrived: Vec<_> = arrived.into_iter().map(|pushed| pushed.message).collect();
    assert_eq!(
        arrived,
        sent.iter().map(|(_, message)| *message).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_for_the_own_node_is_there_at_once() {
    let node = TestNode::start().await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let (mut alices, mut bobs) = (node.connect(&alice).await, node.connect(&bob).await);
    alices.stored().await;
    bobs.stored().await;
    let mailbox = bobs.mailbox().await;
    let document = node.document().await;
    let (id, sent) = (submission(), message());
    let own = boxed(&document, &mailbox, &sent);
    alices.submit(id, &node.url(), &own).await;
    assert_eq!(alices.accepted().await, [id]);
    assert_eq!(alices.outcome().await, (id, None));
    assert_eq!(bobs.pushed().await.message, sent);
    // Again: known, with its outcome, and delivered once
    alices.submit(id, &node.url(), &own).await;
    assert_eq!(alices.accepted().await, [id]);
    assert_eq!(alices.outcome().await, (id, None));
    bobs.nothing().await;
    for (boxed, code) in [
        (
            boxed(&document, &super::support::mailbox(), &message()),
            ProblemCode::UnknownMailbox,
        ),
        (
            boxed(&document, &bob.intro(), &message()),
            ProblemCode::PostageRequired,
        ),
        (vec![7; own.len()], ProblemCode::CannotOpen),
    ] {
        let id = submission();
        alices.submit(id, &node.url(), &boxed).await;
        assert_eq!(alices.accepted().await, [id]);
        assert_eq!(alices.outcome().await, (id, Some(code)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_is_told_until_it_is_seen() {
    let mut pair = Pair::new().await;
    let (id, _) = pair.submit().await;
    assert_eq!(pair.alices.accepted().await, [id]);
    assert_eq!(pair.alices.outcome().await, (id, None));
    // To the device that submitted it, and to no other
    let tablet = DeviceId::from_bytes(random::bytes());
    let mut other = Live::connect(&pair.home.url(), &pair.alice, tablet, START).await;
    other.stored().await;
    other
        .socket
        .send(&ClientFrame::OutcomesSeen {
            submissions: vec![id],
        })
        .await;
    other.settle().await;
    // Nor does another account take it away, whatever its device calls itself.
    let stranger = pair.home.person(2).await;
    for device in [stranger.device, pair.alice.device] {
        let mut theirs = Live::connect(&pair.home.url(), &stranger, device, START).await;
        theirs.stored().await;
        theirs
            .socket
            .send(&ClientFrame::OutcomesSeen {
                submissions: vec![id],
            })
            .await;
        theirs.settle().await;
    }
    let mut again = pair.home.connect(&pair.alice).await;
    assert_eq!(again.outcome().await, (id, None));
    again.stored().await;
    again
        .socket
        .send(&ClientFrame::OutcomesSeen {
            submissions: vec![id],
        })
        .await;
    again.settle().await;
    assert_eq!(pair.home.connect(&pair.alice).await.stored().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_their_node_comes_back_with_its_code() {
    let mut pair = Pair::new().await;
    let away = pair.away.document().await;
    let home = pair.home.document().await;
    let (known, url) = (pair.mailbox, pair.away.url());
    let cases = [
        (boxed(&away, &known, &message()), None),
        (
            boxed(&away, &mailbox(), &message()),
            Some(ProblemCode::UnknownMailbox),
        ),
        (
            boxed(&home, &known, &message()),
            Some(ProblemCode::CannotOpen),
        ),
    ];
    for (boxed, code) in cases {
        let id = submission();
        pair.alices.submit(id, &url, &boxed).await;
        assert_eq!(pair.alices.accepted().await, [id]);
        assert_eq!(pair.alices.outcome().await, (id, code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_given_up_after_two_days() {
    let mut pair = Pair::new().await;
    let document = pair.away.document().await;
    pair.away.stop().await;
    let id = submission();
    let boxed = boxed(&document, &pair.mailbox, &message());
    pair.alices.submit(id, &pair.away.url(), &boxed).await;
    assert_eq!(pair.alices.accepted().await, [id]);
    pair.home.clock.advance(Duration::from_secs(47 * 3600));
    assert_eq!(pair.alices.socket.frame_within(QUIET).await, None);
    pair.home.clock.advance(Duration::from_secs(3600));
    let settled = outcomes(&mut pair.alices, &pair.home, 1).await;
    assert_eq!(settled, [(id, Some(ProblemCode::Undeliverable))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_has_bounds() {
    let mut pair = Pair::with(|home| home.federation.outbox_count = 2, |_| ()).await;
    let document = pair.away.document().await;
    pair.away.stop().await;
    let url = pair.away.url();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = submission();
        let boxed = boxed(&document, &pair.mailbox, &message());
        pair.alices.submit(id, &url, &boxed).await;
        ids.push((id, boxed));
    }
    let mut accepted = Vec::new();
    let refused = loop {
        match pair.alices.socket.text().await {
            NodeFrame::Accepted { submissions } => accepted.extend(submissions),
            NodeFrame::Refused { submission, code } => break (submission, code),
            other => panic!("expected answers, not {other:?}"),
        }
    };
    assert_eq!(refused, (ids[2].0, ProblemCode::RateLimited));
    // What is in already is accepted again.
    pair.alices.submit(ids[0].0, &url, &ids[0].1).await;
    while !accepted.ends_with(&[ids[0].0]) || accepted.len() < 3 {
        accepted.extend(pair.alices.accepted().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_for_a_full_mailbox_waits_and_lets_other_mail_pass() {
    let mut pair = Pair::with(|_| (), |away| away.mail.quota_count = 1).await;
    let (first, message) = pair.submit().await;
    assert_eq!(pair.alices.accepted().await, [first]);
    assert_eq!(pair.alices.outcome().await, (first, None));
    let cursor = pair.bobs.pushed().await.cursor;
    let (waits, later) = pair.submit().await;
    assert_eq!(pair.alices.accepted().await, [waits]);
    // Somebody else on that node has room.
    let carol = pair.away.person(2).await;
    let mut carols = pair.away.connect(&carol).await;
    carols.stored().await;
    let (id, sent) = (submission(), super::support::message());
    let document = pair.away.document().await;
    let boxed = boxed(&document, &carols.mailbox().await, &sent);
    pair.alices.submit(id, &pair.away.url(), &boxed).await;
    assert_eq!(pair.alices.accepted().await, [id]);
    assert_eq!(pair.alices.outcome().await, (id, None));
    assert_eq!(carols.pushed().await.message, sent);
    pair.bobs.ack(cursor).await;
    pair.bobs.settle().await;
    let settled = outcomes(&mut pair.alices, &pair.home, 1).await;
    assert_eq!(settled, [(waits, None)]);
    assert_eq!(pair.bobs.pushed().await.message, later);
    assert_ne!(message, later);
}
