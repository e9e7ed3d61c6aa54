//! What waits for other nodes, and what became of it.

use super::*;

fn too_much(rule: &'static str) -> Result<Submitted, Refused> {
    Err(Refused::by(ProblemCode::RateLimited, rule))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_holds_so_many_bytes() {
    let it = Fixture::with(|limits| limits.outbox_bytes = 7);
    let (account, _) = it.account().await;
    let one = |number| submit(account, number, "https://a.example");
    for number in 0..2 {
        assert!(it.store.write(one(number)).await.unwrap().is_ok());
    }
    let refused = it.store.write(one(2)).await.unwrap();
    assert_eq!(refused, too_much("outbox_bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_taken_once_however_often_the_store_is_opened() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let one = submit(account, 1, "https://a.example");
    let settled = Ok(Submitted::Settled(None));
    assert_eq!(
        it.store.write(one.clone()).await.unwrap(),
        Ok(Submitted::Accepted)
    );
    let waiting = async |store: &Store| {
        let node = NodeUrl::parse("https://a.example").unwrap();
        store
            .outbox_batch(node, it.clock.now(), 10, 1 << 20)
            .await
            .unwrap()
    };
    let [item] = waiting(&it.store).await.try_into().unwrap();
    it.store.close(Duration::from_secs(10)).await;
    let store = open(&it.options, &it.clock, &it.events).unwrap();
    assert_eq!(
        store.write(one.clone()).await.unwrap(),
        Ok(Submitted::Accepted)
    );
    assert_eq!(waiting(&store).await.len(), 1);
    store.write(Outcomes(vec![(item.id, None)])).await.unwrap();
    assert_eq!(store.write(one.clone()).await.unwrap(), settled);
    store.close(Duration::from_secs(10)).await;
    let store = open(&it.options, &it.clock, &it.events).unwrap();
    assert_eq!(store.write(one.clone()).await.unwrap(), settled);
    let seen = OutcomesSeen {
        account,
        device: one.device,
        submissions: vec![one.submission],
    };
    store.write(seen).await.unwrap();
    assert_eq!(store.write(one).await.unwrap(), Ok(Submitted::Accepted));
    let [again] = waiting(&store).await.try_into().unwrap();
    assert_ne!(
        again.id, item.id,
        "somebody may still be forwarding the first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_of_a_batch_that_failed_is_not_known() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let one = submit(account, 1, "https://a.example");
    let batch = Both(one.clone(), Run("SELECT no_such_column"));
    assert!(it.store.write(batch).await.is_err());
    assert_eq!(it.store.write(one).await.unwrap(), Ok(Submitted::Accepted));
    let node = NodeUrl::parse("https://a.example").unwrap();
    let waiting = it
        .store
        .outbox_batch(node, it.clock.now(), 10, 1 << 20)
        .await;
    assert_eq!(waiting.unwrap().len(), 1, "it is in the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_count_until_they_are_seen() {
    let it = Fixture::with(|limits| limits.outbox_count = 3);
    let (account, _) = it.account().await;
    let local = |number| Submit {
        route: Route::Local(Err(ProblemCode::CannotOpen)),
        ..submit(account, number, "https://a.example")
    };
    for number in 0..3 {
        assert!(it.store.write(local(number)).await.unwrap().is_ok());
    }
    let refused = it.store.write(local(3)).await.unwrap();
    assert_eq!(refused, too_much("outbox_count"));
    let seen = OutcomesSeen {
        account,
        device: DeviceId::from_bytes([1; 16]),
        submissions: vec![local(0).submission, local(0).submission],
    };
    it.store.write(seen).await.unwrap();
    assert!(it.store.write(local(3)).await.unwrap().is_ok());
    assert!(it.store.write(local(4)).await.unwrap().is_err());
    // In pages, each once
    let mut after = None;
    for number in [1, 2, 3] {
        let device = DeviceId::from_bytes([1; 16]);
        let page = it.store.outcomes(account, device, after, 1).await.unwrap();
        assert_eq!(page[0].1.submission, local(number).submission);
        after = Some(page[0].0);
    }
    it.clock.advance(Duration::from_millis(22 * DAY));
    it.store.write(Expire).await.unwrap();
    for number in 10..13 {
        assert!(it.store.write(local(number)).await.unwrap().is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_of_an_account_waits_for_so_many_nodes_only() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let to = |number: u16| submit(account, number, &format!("https://n{number}.example"));
    for number in 0..256 {
        assert!(it.store.write(to(number)).await.unwrap().is_ok());
    }
    let refused = it.store.write(to(256)).await.unwrap();
    assert_eq!(refused, too_much("outbox_nodes"));
    let known = submit(account, 1_000, "https://n7.example");
    assert!(it.store.write(known).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_is_served_by_one_process_at_a_time() {
    const WHILE: Millis = 60_000;
    let it = Fixture::new();
    let start = it.clock.now();
    let (one, other) = (ProcessId::make(), ProcessId::make());
    let node = |host: &str| NodeUrl::parse(&format!("https://{host}.example")).unwrap();
    let lease = async |host: &str, holder| {
        let until = it.clock.now() + WHILE;
        let peer = node(host);
        let lease = Lease {
            peer,
            holder,
            until,
        };
        it.store.write(lease).await.unwrap()
    };
    let release = async |host: &str, holder| {
        let peer = node(host);
        it.store.write(Release { peer, holder }).await.unwrap();
    };
    assert_eq!(lease("a", one).await, Ok(()));
    assert_eq!(lease("a", other).await, Err(start + WHILE));
    assert_eq!(lease("b", other).await, Ok(()), "another is free");
    // Who has it may keep it longer, and nobody else gives it back.
    it.clock.advance(Duration::from_millis(WHILE / 2));
    assert_eq!(lease("a", one).await, Ok(()));
    release("a", other).await;
    assert_eq!(lease("a", other).await, Err(start + WHILE / 2 + WHILE));
    release("a", one).await;
    assert_eq!(lease("a", other).await, Ok(()));
    // A process that died has it to the end of that time.
    it.clock.advance(Duration::from_millis(WHILE - 1));
    assert!(lease("a", one).await.is_err());
    it.clock.advance(Duration::from_millis(1));
    assert_eq!(lease("a", one).await, Ok(()));
    // A clock that was set back makes nobody wait for a day.
    it.clock.set(start - DAY);
    assert_eq!(lease("a", other).await, Ok(()));
}
