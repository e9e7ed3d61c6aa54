//! Leaving, pushing, acknowledging and deleting mail.

use shared_crypto::id::DeviceId;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::Clock as _;
use zechat_node::random;

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_pushed_live_and_deleted_when_acknowledged() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let mut last = 0;
    for size in [4096, 16_384, 65_536] {
        let (id, sent) = (message(), envelope(size));
        assert_eq!(node.put(&mailbox, &id, &sent).await, (201, None));
        let pushed = live.pushed().await;
        assert!(pushed.cursor > last);
        last = pushed.cursor;
        let expected = Pushed {
            cursor: last,
            arrived_at: START,
            mailbox,
            message: id,
            envelope: sent,
        };
        assert_eq!(pushed, expected);
    }
    live.ack(last).await;
    live.settle().await;
    let mut again = node.connect(&alice).await;
    assert_eq!(again.welcome, last);
    assert_eq!(again.stored().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_acknowledged_comes_again() {
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let mut sent = Vec::new();
    for _ in 0..5 {
        let id = message();
        assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
        sent.push(id);
    }
    let mut pushed = Vec::new();
    for _ in 0..5 {
        pushed.push(live.pushed().await);
    }
    live.ack(pushed[1].cursor).await;
    live.settle().await;
    drop(live);
    let mut again = node.connect(&alice).await;
    assert_eq!(again.welcome, pushed[1].cursor);
    assert_eq!(again.stored().await, pushed[2..]);
    // The same after a restart
    node.stop().await;
    node.start_again().await;
    let mut again = node.connect(&alice).await;
    assert_eq!(again.welcome, pushed[1].cursor);
    let stored = again.stored().await;
    assert_eq!(stored, pushed[2..]);
    // An acknowledgement of an earlier connection counts at once.
    again.ack(pushed[4].cursor).await;
    again.settle().await;
    let mut again = node.connect(&alice).await;
    assert_eq!(
        (again.welcome, again.stored().await),
        (pushed[4].cursor, Vec::new())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_right_before_the_end_counts() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let cursor = live.pushed().await.cursor;
    live.ack(cursor).await;
    live.socket.stream.close(None).await.unwrap();
    drop(live);
    eventually("the connection has ended", || async {
        node.node().app().hub.devices().is_empty()
    })
    .await;
    assert_eq!(node.connect(&alice).await.welcome, cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acknowledges_what_has_not_come() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let bob = node.person(1).await;
    let mut bobs = node.connect(&bob).await;
    bobs.stored().await;
    let bobs_box = bobs.mailbox().await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let id = message();
    assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
    let first = live.pushed().await;
    // Neither what comes later, nor what is somebody else's
    live.ack(u64::MAX).await;
    live.settle().await;
    assert_eq!(
        node.put(&bobs_box, &message(), &envelope(4096)).await,
        (201, None)
    );
    let id = message();
    assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
    let second = live.pushed().await;
    live.ack(u64::MAX).await;
    live.settle().await;
    assert!(second.cursor > first.cursor);
    assert_eq!(bobs.pushed().await.mailbox, bobs_box);
    drop(bobs);
    assert_eq!(node.connect(&bob).await.stored().await.len(), 1);
    let id = message();
    assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
    let mut again = node.connect(&alice).await;
    assert_eq!(again.welcome, second.cursor);
    assert_eq!(again.stored().await[0].message, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_is_stored_once() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (mailbox, id, sent) = (live.mailbox().await, message(), envelope(4096));
    assert_eq!(node.put(&mailbox, &id, &sent).await, (201, None));
    assert_eq!(node.put(&mailbox, &id, &sent).await, (200, None));
    assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (200, None));
    assert_eq!(live.pushed().await.envelope, sent);
    live.nothing().await;
    // In another mailbox it is another message.
    let other = live.mailbox().await;
    assert_eq!(node.put(&other, &id, &sent).await, (201, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_come_in_order_through_the_window() {
    let node = TestNode::with(clock(), |settings| settings.live.in_flight_count = 32).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let puts = (0..200).map(|_| async {
        let id = message();
        assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
    });
    futures_util::future::join_all(puts).await;
    let mut live = node.connect(&alice).await;
    let mut cursors = Vec::new();
    while cursors.len() < 200 {
        // The window is 32: no more comes before something is acknowledged.
        let expected = 32.min(200 - cursors.len());
        for _ in 0..expected {
            cursors.push(live.pushed().await.cursor);
        }
        if cursors.len() < 200 {
            live.nothing().await;
        }
        live.ack(*cursors.last().unwrap()).await;
    }
    assert!(cursors.is_sorted() && cursors.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(live.stored().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_that_does_not_fit_into_memory_comes_from_the_database() {
    let node = TestNode::with(clock(), |settings| settings.live.in_flight_count = 8).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    // The letterbox in memory holds 256.
    let puts = (0..600).map(|_| async {
        assert_eq!(
            node.put(&mailbox, &message(), &envelope(4096)).await,
            (201, None)
        );
    });
    futures_util::future::join_all(puts).await;
    let mut cursors = Vec::new();
    while cursors.len() < 600 {
        cursors.push(live.pushed().await.cursor);
        live.ack(*cursors.last().unwrap()).await;
    }
    assert!(cursors.windows(2).all(|pair| pair[0] < pair[1]));
    live.nothing().await;
}

/// Whoever reads nothing, being asleep or hostile, holds what is on its way for so long only.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_closed_and_finds_the_mail_at_the_next_login() {
    let node = TestNode::with(clock(), |settings| {
        settings.live.slow_reader_s = 1;
        settings.live.in_flight_bytes = 1 << 30;
        settings.live.in_flight_count = 100_000;
    })
    .await;
    let bob = node.person(1).await;
    let mut live = node.connect(&bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let closed = || async { node.node().app().hub.devices().is_empty() };
    eventually("the first connection has ended", closed).await;
    // More than the system keeps for a connection.
    let (client, mut sent) = (http(), Vec::new());
    while sent.len() < 200 {
        let id = message();
        let path = node.at(&format!("/v1/mailboxes/{mailbox}/messages/{id}"));
        let put = client.put(path).body(envelope(65_536)).send();
        assert_eq!(put.await.unwrap().status(), 201);
        sent.push(id);
    }
    let (url, narrow) = (node.url(), Socket::open_narrow(&node.url()).await);
    let mut slow = Live::over(narrow, &url, &bob, bob.device, node.clock.now()).await;
    eventually("it is closed", closed).await;
    let mut come = 0;
    let code = loop {
        match slow.socket.frame().await {
            Frame::Binary(_) => come += 1,
            Frame::Closed(code, _) => break code,
            Frame::Text(text) => panic!("expected mail, not {text:?}"),
        }
    };
    assert!(come < sent.len());
    // The last word reaches only those who read again at once.
    assert!([0, 1013].contains(&code), "{code}");
    let stored = node.connect(&bob).await.stored().await;
    let stored: Vec<_> = stored.iter().map(|pushed| pushed.message).collect();
    assert_eq!(stored, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_gets_it_before_it_is_deleted() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let tablet = DeviceId::from_bytes(random::bytes());
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    Live::connect(&node.url(), &alice, tablet, START)
        .await
        .stored()
        .await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let pushed = live.pushed().await;
    live.ack(pushed.cursor).await;
    live.settle().await;
    let mut other = Live::connect(&node.url(), &alice, tablet, START).await;
    assert_eq!(other.stored().await, std::slice::from_ref(&pushed));
    other.ack(pushed.cursor).await;
    other.settle().await;
    // A third device finds nothing: all that were there have it.
    let third = DeviceId::from_bytes(random::bytes());
    assert_eq!(
        Live::connect(&node.url(), &alice, third, START)
            .await
            .stored()
            .await,
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_account_refuses_and_keeps_what_it_has() {
    let node = TestNode::with(clock(), |settings| {
        settings.mail.quota_count = 3;
        settings.mail.quota_bytes = 30_000;
    })
    .await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (first, second) = (live.mailbox().await, live.mailbox().await);
    let full = (507, Some(ProblemCode::MailboxFull));
    let known = message();
    assert_eq!(node.put(&first, &known, &envelope(4096)).await, (201, None));
    assert_eq!(
        node.put(&second, &message(), &envelope(16_384)).await,
        (201, None)
    );
    // By bytes, then by count, over all mailboxes of the account
    assert_eq!(node.put(&first, &message(), &envelope(16_384)).await, full);
    assert_eq!(
        node.put(&first, &message(), &envelope(4096)).await,
        (201, None)
    );
    assert_eq!(node.put(&second, &message(), &envelope(4096)).await, full);
    assert_eq!(node.put(&first, &known, &envelope(4096)).await, (200, None));
    let mut last = 0;
    for _ in 0..3 {
        last = live.pushed().await.cursor;
    }
    live.ack(last).await;
    live.settle().await;
    assert_eq!(
        node.put(&second, &message(), &envelope(16_384)).await,
        (201, None)
    );
    // Somebody else's account is not concerned.
    let bob = node.person(1).await;
    let mut bobs = node.connect(&bob).await;
    bobs.stored().await;
    let mailbox = bobs.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(16_384)).await,
        (201, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_pay_and_contacts_do_not() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let (id, sent) = (message(), first_contact());
    let wanted = (402, Some(ProblemCode::PostageRequired));
    assert_eq!(node.put(&alice.intro(), &id, &sent).await, wanted);
    let invite = Postage::invite(&[7; 16]);
    assert_eq!(
        node.put_paid(&alice.intro(), &id, &sent, Some(&invite))
            .await,
        wanted
    );
    let elsewhere = Postage::work(&mailbox(), &id, &sent, 8, 0);
    if !elsewhere.verify(&alice.intro(), &id, &sent, 8) {
        assert_eq!(
            node.put_paid(&alice.intro(), &id, &sent, Some(&elsewhere))
                .await,
            wanted
        );
    }
    let paid = Postage::work(&alice.intro(), &id, &sent, 8, 0);
    assert_eq!(
        node.put_paid(&alice.intro(), &id, &sent, Some(&paid)).await,
        (201, None)
    );
    assert_eq!(
        node.put_paid(&alice.intro(), &id, &sent, Some(&paid)).await,
        (200, None)
    );
    let mut live = node.connect(&alice).await;
    assert_eq!(live.stored().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_envelope_or_has_no_mailbox_is_refused() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let unknown = (404, Some(ProblemCode::UnknownMailbox));
    assert_eq!(
        node.put(&super::support::mailbox(), &message(), &envelope(4096))
            .await,
        unknown
    );
    let size = (400, Some(ProblemCode::WrongSize));
    for wrong in [0, 1, 4095, 4097, 65_535] {
        assert_eq!(
            node.put(&mailbox, &message(), &vec![1; wrong]).await,
            size,
            "{wrong}"
        );
    }
    let large = (413, Some(ProblemCode::TooLarge));
    assert_eq!(
        node.put(&mailbox, &message(), &vec![1; 65_537]).await,
        large
    );
    let malformed = (400, Some(ProblemCode::Malformed));
    let mut newer = envelope(4096);
    newer[0] = 2;
    assert_eq!(node.put(&mailbox, &message(), &newer).await, malformed);
    live.nothing().await;
}
