//! What travels on the socket, against the description of it that the node serves. Every text frame that any of
//! these tests sends or gets is checked (`support::Socket`); this one sees all there are.

use std::collections::BTreeSet;
use std::time::Duration;

use shared_crypto::live::{ClientFrame, MailboxKind, NodeFrame};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use zechat_node::admin::{Admin, Request};
use zechat_node::clock::Clock as _;

use super::support::*;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_that_is_sent_is_of_the_schema() {
    let node = TestNode::with(clock(), |settings| {
        settings.federation.deny = vec!["denied.example".into()];
    })
    .await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let mut live = node.connect(&alice).await;
    live.stored().await;
    // A mailbox of somebody else, and one of one's own.
    let mut bobs = node.connect(&bob).await;
    bobs.stored().await;
    let taken = bobs.mailbox().await;
    let refused = live.change(&[(taken, MailboxKind::Contact)], &[]).await;
    assert_eq!(refused, Err(ProblemCode::Unauthorized));
    let mailbox = live.mailbox().await;
    let removed = live.mailbox().await;
    live.change(&[], &[removed]).await.unwrap();
    // Submitted with and without success, and not at all.
    for to in [&mailbox, &super::support::mailbox()] {
        let boxed = boxed(&node.document().await, to, &message());
        live.submit(submission(), &node.url(), &boxed).await;
        // In any order: an envelope to oneself may come before the word that it was taken.
        let (mut submissions, mut is_told, mut is_pushed) = (vec![], false, *to != mailbox);
        while submissions.is_empty() || !is_told || !is_pushed {
            match live.socket.frame().await {
                Frame::Text(NodeFrame::Accepted { submissions: some }) => submissions = some,
                Frame::Text(NodeFrame::Outcomes { .. }) => is_told = true,
                Frame::Binary(_) => is_pushed = true,
                other => panic!("neither mail nor word of it: {other:?}"),
            }
        }
        let seen = ClientFrame::OutcomesSeen { submissions };
        live.socket.send(&seen).await;
    }
    let denied = NodeUrl::parse("https://denied.example").unwrap();
    let boxed = boxed(&node.document().await, &mailbox, &message());
    live.submit(submission(), &denied, &boxed).await;
    assert_eq!(live.refused().await, ProblemCode::PeerRefused);
    // Expired for a device that did not say that it has it.
    node.clock.advance(22 * DAY);
    let NodeFrame::Tombstones { items } = live.socket.text().await else {
        panic!("no tombstone")
    };
    let ids = items.iter().map(|tombstone| tombstone.id).collect();
    live.socket.send(&ClientFrame::TombstonesSeen { ids }).await;
    live.ack(1).await;
    live.settle().await;
    // A node that closes says when.
    let at = node.clock.now() + 1_000;
    let admin = Admin::of(node.node().app());
    admin
        .perform(Request::Close { at: Some(at) })
        .await
        .unwrap();
    let again = node.connect(&alice).await;

    let seen: BTreeSet<String> = [live.socket, bobs.socket, again.socket]
        .into_iter()
        .flat_map(|socket| socket.seen)
        .collect();
    let all = ["ClientFrame", "NodeFrame"]
        .into_iter()
        .flat_map(|kind| frame_names(kind).into_iter().map(str::to_owned))
        .collect();
    assert_eq!(seen, all);
}
