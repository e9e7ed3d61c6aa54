//! Who asks too much.

use std::time::Duration;

use shared_crypto::forward::seal_forward;
use shared_crypto::id::DeviceId;
use shared_crypto::live::{ClientBinary, ClientFrame, MailboxKind, NodeFrame};
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use zechat_node::random;
use zechat_node::settings::Settings;

use super::support::*;

const GREEDY: &str = "203.0.113.1";
const MODEST: &str = "203.0.113.2";

async fn problem(response: reqwest::Response) -> serde_json::Value {
    let retry_after = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .to_owned();
    let bytes = response.bytes().await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(problem["retry_after_s"].to_string(), retry_after);
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_much_is_refused_and_others_are_not() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.address_per_second = 1;
        settings.limits.address_burst = 3;
    })
    .await;
    for _ in 0..3 {
        assert_eq!(node.get_from(GREEDY, "/v1/node").await.status(), 200);
    }
    let refused = node.get_from(GREEDY, "/v1/node").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
    let problem = problem(refused).await;
    assert_eq!(problem["code"], "rate_limited");
    assert_eq!(problem["rule"], "address_rate");
    assert_eq!(node.get_from(MODEST, "/v1/node").await.status(), 200);
    // The page itself, and the machine's own requests, are not counted.
    assert_ne!(node.get_from(GREEDY, "/").await.status(), 429);
    assert_eq!(
        http()
            .get(node.at("/v1/node"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_cannot_be_made_up_without_a_trusted_proxy() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.address_per_second = 1;
        settings.limits.address_burst = 1;
        settings.server.trusted_proxies = Vec::new();
    })
    .await;
    // Whoever they say they are, they come from this machine.
    for _ in 0..5 {
        assert_eq!(node.get_from(GREEDY, "/v1/node").await.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_make_many_accounts() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.registrations_per_hour = 1;
    })
    .await;
    let delivery = node.delivery().await;
    let mut answers = Vec::new();
    for number in 0..2 {
        let person = Person::new(number, std::slice::from_ref(&delivery), START);
        let path = node.at(&format!("/v1/identities/{}", person.identity()));
        let request = http().put(path).header("x-forwarded-for", GREEDY);
        answers.push(request.body(person.bundle()).send().await.unwrap());
    }
    let refused = answers.pop().unwrap();
    assert_eq!(answers.pop().unwrap().status(), 201);
    assert_eq!(refused.status(), 429);
    let problem = problem(refused).await;
    assert_eq!(problem["rule"], "registration_rate");
    assert!(problem["retry_after_s"].as_u64().unwrap() > 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded_and_places_become_free() {
    let node = TestNode::with(clock(), |settings| settings.limits.connections = 2).await;
    let first = node.socket().await;
    let _second = node.socket().await;
    let upgrade = || {
        http()
            .get(node.at("/v1/live"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "zechat.v1")
            .send()
    };
    let refused = upgrade().await.unwrap();
    assert_eq!(refused.status(), 429);
    let problem = problem(refused).await;
    assert_eq!(problem["code"], "too_many_connections");
    assert_eq!(problem["rule"], "connections");
    drop(first);
    eventually("a place becomes free", || async {
        upgrade().await.unwrap().status() == 101
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_connections() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.connections_per_account = 1;
    })
    .await;
    let alice = node.person(0).await;
    let _first = node.connect(&alice).await;
    let mut second = node.socket().await;
    let (nonce, url, fingerprint) = second.challenge().await;
    let login = shared_crypto::login::Login {
        node: url,
        fingerprint,
        nonce,
        identity: alice.identity(),
        device: DeviceId::from_bytes(random::bytes()),
        at: START,
    };
    second.log_in(login, &alice.signing).await;
    let refused = (4001, "too_many_connections".to_owned());
    assert_eq!(second.closed().await, refused);
    // The same device takes its own place.
    node.connect(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_sends_too_much_is_refused() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.account_per_second = 1;
        settings.limits.account_burst = 2;
    })
    .await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let mut live = node.connect(&alice).await;
    let document = node.document().await;
    let mut refused = Vec::new();
    for _ in 0..4 {
        let boxed = boxed(&document, &bob.intro(), &message());
        let submit = ClientBinary::Submit {
            submission: submission(),
            node: node.url(),
            forward_box: &boxed,
        };
        live.socket.send_binary(&submit).await;
    }
    while refused.len() < 2 {
        if let NodeFrame::Refused { code, .. } = live.socket.text().await {
            refused.push(code);
        }
    }
    assert_eq!(refused, [ProblemCode::RateLimited; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn postage_rises_while_many_strangers_write() {
    let node = TestNode::with(clock(), |settings| settings.limits.strangers_per_minute = 3).await;
    let alice = node.person(0).await;
    let (node, alice) = (&node, &alice);
    let bits = || async { node.document().await.postage_bits };
    assert_eq!(bits().await, 8);
    let stranger = |bits: u32| {
        let (message, envelope) = (message(), first_contact());
        let start = u64::from_be_bytes(random::bytes());
        let postage = Postage::work(&alice.intro(), &message, &envelope, bits, start);
        async move {
            node.put_paid(&alice.intro(), &message, &envelope, Some(&postage))
                .await
                .0
        }
    };
    for _ in 0..4 {
        assert_eq!(stranger(8).await, 201);
    }
    node.clock.advance(Duration::from_secs(60));
    eventually("postage rises", || async { bits().await == 9 }).await;
    // Whoever holds the older document has worked in good faith.
    assert_eq!(stranger(8).await, 201);
    node.clock.advance(Duration::from_secs(60));
    eventually("postage falls", || async { bits().await == 8 }).await;
}

/// Work that was done once and is shown again and again, or with mail that is not for strangers, says
/// nothing about how many strangers write.
#[tokio::test(flavor = "multi_thread")]
async fn one_proof_of_work_shown_again_and_again_raises_no_postage() {
    let node = TestNode::with(clock(), |settings| settings.limits.strangers_per_minute = 3).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let private = live.mailbox().await;
    for mailbox in [alice.intro(), private, mailbox()] {
        let (message, envelope) = (message(), first_contact());
        let postage = Postage::work(&mailbox, &message, &envelope, 8, 0);
        for _ in 0..8 {
            node.put_paid(&mailbox, &message, &envelope, Some(&postage))
                .await;
        }
    }
    node.clock.advance(Duration::from_secs(60));
    tokio::time::sleep(QUIET).await;
    assert_eq!(node.document().await.postage_bits, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_for_a_letter_that_was_read_raises_no_postage_again() {
    let node = TestNode::with(clock(), |settings| settings.limits.strangers_per_minute = 3).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (mailbox, message, envelope) = (alice.intro(), message(), first_contact());
    let postage = Postage::work(&mailbox, &message, &envelope, 8, 0);
    let mut read = 0;
    while read < 8 {
        let put = node.put_paid(&mailbox, &message, &envelope, Some(&postage));
        // While what was read is not deleted yet the letter is known, and nothing is pushed.
        if put.await.0 == 201 {
            let cursor = live.pushed().await.cursor;
            live.ack(cursor).await;
            read += 1;
        }
    }
    node.clock.advance(Duration::from_secs(60));
    tokio::time::sleep(QUIET).await;
    assert_eq!(node.document().await.postage_bits, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_when_the_disk_has_no_room() {
    let full = |settings: &mut Settings| settings.database.free_bytes = u64::MAX;
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    node.stop().await;
    full(&mut node.settings);
    node.start_again().await;
    let refused = (507, Some(ProblemCode::NodeFull));
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        refused
    );
    let bob = Person::new(1, &[node.delivery().await], START);
    assert_eq!(node.put_identity(&bob).await, refused);
    // A balancer goes on sending people here: they come to fetch, which makes room.
    let ready = http().get(node.at("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 204);
    // What is there can be fetched, and the owner may say that it has it.
    node.connect(&alice).await;
    node.settings.database.free_bytes = 0;
    node.stop().await;
    node.start_again().await;
    assert_eq!(node.put(&mailbox, &message(), &envelope(4096)).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_large_enough_takes_no_more() {
    let mut node = TestNode::start().await;
    let empty = node.node().app().store.used_bytes().await.unwrap();
    node.stop().await;
    node.settings.database.max_bytes = empty + 400_000;
    node.start_again().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let put = || async {
        node.clock.advance(Duration::from_secs(6));
        node.put(&mailbox, &message(), &envelope(65_536)).await
    };
    eventually("the node is full", || async {
        put().await == (507, Some(ProblemCode::NodeFull))
    })
    .await;
    let used = node.node().app().store.used_bytes().await.unwrap();
    assert!(
        (empty + 400_000..empty + 2_000_000).contains(&used),
        "{empty} {used}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_are_denied_are_refused_in_both_directions() {
    let home = TestNode::start().await;
    let theirs = TestNode::with(clock(), |settings| {
        settings.federation.deny = vec!["127.0.0.1".into()];
    })
    .await;
    let (alice, bob) = (home.person(0).await, theirs.person(1).await);
    for (from, to, sender, receiver) in [
        (&home, &theirs, &alice, &bob),
        (&theirs, &home, &bob, &alice),
    ] {
        let mut live = from.connect(sender).await;
        let document = to.document().await;
        let paid = Postage::none();
        let rng = &mut random::system();
        let (message, envelope) = (message(), envelope(4096));
        let boxed = seal_forward(
            &document,
            &receiver.intro(),
            &message,
            &paid,
            &envelope,
            rng,
        )
        .unwrap();
        let submit = ClientBinary::Submit {
            submission: submission(),
            node: to.url(),
            forward_box: &boxed,
        };
        live.socket.send_binary(&submit).await;
        let refused = loop {
            match live.socket.text().await {
                NodeFrame::Refused { code, .. } => break Some(code),
                NodeFrame::Outcomes { items } => break items[0].code,
                _ => {}
            }
        };
        assert_eq!(refused, Some(ProblemCode::PeerRefused));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_change_while_the_node_runs() {
    let home = TestNode::start().await;
    let theirs = TestNode::start().await;
    let rules = || home.node().app().peers.check_url(&theirs.url());
    assert!(rules().is_ok());
    let mut settings = home.settings.clone();
    settings.federation.allow = Vec::new();
    home.node().reload(&settings).await;
    assert!(rules().is_err());
    home.node().reload(&home.settings).await;
    assert!(rules().is_ok());
}

/// One frame of 512 entries was as cheap as a message, and more work for the thread that writes for everybody.
#[tokio::test(flavor = "multi_thread")]
async fn lists_on_a_socket_cost_by_their_entries() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.account_per_second = 1;
        settings.limits.account_burst = 300;
    })
    .await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let mut greedy = node.connect(&alice).await;
    greedy.stored().await;
    for _ in 0..4 {
        let submissions = (0..512).map(|_| submission()).collect();
        let seen = ClientFrame::OutcomesSeen { submissions };
        greedy.socket.send(&seen).await;
    }
    let add = Vec::new();
    let remove = (0..200).map(|_| mailbox()).collect();
    let change = ClientFrame::Mailboxes {
        request: 7,
        add,
        remove,
    };
    greedy.socket.send(&change).await;
    match greedy.socket.text().await {
        NodeFrame::Failed { request, code, .. } => {
            assert_eq!((request, code), (7, ProblemCode::RateLimited));
        }
        other => panic!("{other:?}"),
    }
    let mut modest = node.connect(&bob).await;
    modest.stored().await;
    modest.mailbox().await;
}

/// Whether there is room for another one takes a look at all that the account has, also where there is none.
#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_one_by_one_cost_more_than_one_each() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.account_per_second = 1;
        settings.limits.account_burst = 300;
    })
    .await;
    let alice = node.person(0).await;
    let mut greedy = node.connect(&alice).await;
    greedy.stored().await;
    let mut refused = None;
    for number in 0..100 {
        let made = greedy
            .change(&[(mailbox(), MailboxKind::Contact)], &[])
            .await;
        if made == Err(ProblemCode::RateLimited) {
            refused = Some(number);
            break;
        }
        assert_eq!(made, Ok(()));
    }
    assert!(refused.is_some(), "a hundred were made");
}
