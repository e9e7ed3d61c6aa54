//! What nobody fetches in time.

use std::time::Duration;

use shared_crypto::id::DeviceId;
use shared_crypto::live::{ClientFrame, NodeFrame, Tombstone};
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::Clock as _;
use zechat_node::random;

use super::support::*;

const DAY: Duration = Duration::from_secs(86_400);

/// A machine whose clock was set a month ahead by mistake threw all mail away.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_ahead_deletes_no_mail() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let left = node.put(&mailbox, &message(), &envelope(4096)).await;
    assert_eq!(left, (201, None));
    live.pushed().await;
    drop(live);
    let right = node.clock.now();
    node.clock.set(right + 30 * 86_400_000);
    for _ in 0..5 {
        node.clock.advance(Duration::from_secs(61));
        tokio::time::sleep(QUIET).await;
    }
    let mut live = node.connect(&alice).await;
    assert_eq!(live.stored().await.len(), 1);
    // Nobody put it right, so it is.
    node.clock.advance(Duration::from_secs(25 * 3_600));
    let told = live.socket.text().await;
    assert!(matches!(told, NodeFrame::Tombstones { .. }), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_mail_leaves_a_tombstone_until_it_is_seen() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    for _ in 0..3 {
        assert_eq!(
            node.put(&mailbox, &message(), &envelope(4096)).await,
            (201, None)
        );
        node.clock.advance(DAY);
    }
    for _ in 0..3 {
        live.pushed().await;
    }
    node.clock.advance(19 * DAY + Duration::from_secs(1));
    // Two are older than 21 days, and the device that is connected is told at once.
    let mut told = Vec::new();
    while told
        .iter()
        .map(|tombstone: &Tombstone| tombstone.count)
        .sum::<u64>()
        < 2
    {
        match live.socket.text().await {
            NodeFrame::Tombstones { items } => told.extend(items),
            other => panic!("expected tombstones, not {other:?}"),
        }
    }
    let day = 86_400_000;
    assert_eq!(told.first().unwrap().from, START);
    assert_eq!(told.last().unwrap().to, START + day);
    drop(live);
    // Told again until it is seen
    let mut again = Live::connect(&node.url(), &alice, alice.device, node.clock.now()).await;
    assert_eq!(
        again.socket.text().await,
        NodeFrame::Tombstones {
            items: told.clone()
        }
    );
    assert_eq!(again.stored().await.len(), 1);
    let ids: Vec<u64> = told.iter().map(|tombstone| tombstone.id).collect();
    // Not by somebody else
    let bob = node.person(1).await;
    let mut bobs = node.connect(&bob).await;
    bobs.stored().await;
    bobs.socket
        .send(&ClientFrame::TombstonesSeen { ids: ids.clone() })
        .await;
    bobs.settle().await;
    let mut again = node.connect(&alice).await;
    assert_eq!(
        again.socket.text().await,
        NodeFrame::Tombstones { items: told }
    );
    again.stored().await;
    again
        .socket
        .send(&ClientFrame::TombstonesSeen { ids })
        .await;
    again.settle().await;
    assert_eq!(node.connect(&alice).await.stored().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_mail_makes_room() {
    let node = TestNode::with(clock(), |settings| settings.mail.quota_count = 1).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    assert_eq!(node.put(&mailbox, &message(), &envelope(4096)).await.0, 507);
    node.clock.advance(22 * DAY);
    eventually("there is room again", || async {
        node.put(&mailbox, &message(), &envelope(4096)).await.0 == 201
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_come_holds_nothing_back() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let lost = DeviceId::from_bytes(random::bytes());
    Live::connect(&node.url(), &alice, lost, START)
        .await
        .stored()
        .await;
    node.clock.advance(20 * DAY);
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let cursor = live.pushed().await.cursor;
    live.ack(cursor).await;
    live.settle().await;
    let third = DeviceId::from_bytes(random::bytes());
    let mut other = Live::connect(&node.url(), &alice, third, node.clock.now()).await;
    assert_eq!(
        other.stored().await.len(),
        1,
        "the lost device may still come"
    );
    other.ack(cursor).await;
    other.settle().await;
    // After its 21 days it counts no more: gone before the mail itself would expire.
    node.clock.advance(2 * DAY);
    eventually("the mail is deleted", || async {
        let fourth = DeviceId::from_bytes(random::bytes());
        let mut live = Live::connect(&node.url(), &alice, fourth, node.clock.now()).await;
        let stored = live.stored().await;
        // Each of these devices would hold it back as well, so they acknowledge.
        live.ack(cursor).await;
        live.settle().await;
        stored.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_says_is_what_is_kept() {
    let node = TestNode::with(clock(), |settings| {
        settings.mail.quota_count = 3;
        settings.mail.retention_s = 5 * 86_400;
    })
    .await;
    let said = node.document().await;
    assert_eq!((said.quota_count, said.retention_seconds), (3, 5 * 86_400));
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let full = (507, Some(ProblemCode::MailboxFull));
    for _ in 0..said.quota_count {
        let put = node.put(&mailbox, &message(), &envelope(4096)).await;
        assert_eq!(put, (201, None));
    }
    assert_eq!(node.put(&mailbox, &message(), &envelope(4096)).await, full);
    let kept = Duration::from_secs(said.retention_seconds);
    node.clock.advance(kept - Duration::from_secs(60));
    assert_eq!(node.put(&mailbox, &message(), &envelope(4096)).await, full);
    node.clock.advance(Duration::from_secs(120));
    eventually("all of it has expired", || async {
        node.put(&mailbox, &message(), &envelope(4096)).await.0 == 201
    })
    .await;
}
