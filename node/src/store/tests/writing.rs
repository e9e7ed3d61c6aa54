//! Commits: together, alone, refused, late and at the end.

use super::*;

/// Keeps the writer busy, so that what follows waits for it together.
struct Wait;

impl Apply for Wait {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_together_is_committed_together() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    let writes = (0..100).map(|_| it.store.write(deliver(mailbox)));
    for written in futures_util::future::join_all(writes).await {
        assert_eq!(written.unwrap(), Ok(Delivered::Stored));
    }
    let commits: Vec<usize> = it
        .events
        .lock()
        .unwrap()
        .iter()
        .map(Vec::len)
        .filter(|len| *len != 0)
        .collect();
    assert_eq!(commits.iter().sum::<usize>(), 100);
    assert!(commits.len() <= 3, "{commits:?}");
    assert_eq!(it.usage(account).await, (100 * 4096, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_command_fails_alone() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    let before = (0..10).map(|_| it.store.write(deliver(mailbox)));
    let bad = it.store.write(Run("INSERT INTO nowhere VALUES (1)"));
    let after = (0..10).map(|_| it.store.write(deliver(mailbox)));
    let (before, bad, after) = futures_util::future::join3(
        futures_util::future::join_all(before),
        bad,
        futures_util::future::join_all(after),
    )
    .await;
    assert!(matches!(bad, Err(StoreError::Unavailable(_))));
    for written in before.into_iter().chain(after) {
        assert_eq!(written.unwrap(), Ok(Delivered::Stored));
    }
    assert_eq!(it.usage(account).await.1, 20);
    let stored = it.all(account).await;
    assert!(
        stored
            .windows(2)
            .all(|pair| pair[0].cursor < pair[1].cursor)
    );
    let told: Vec<Cursor> = it
        .events
        .lock()
        .unwrap()
        .iter()
        .flatten()
        .map(|event| match event {
            Event::Stored { cursor, .. } => *cursor,
            other => panic!("{other:?}"),
        })
        .collect();
    let expected: Vec<Cursor> = stored.iter().map(|envelope| envelope.cursor).collect();
    assert_eq!(told, expected, "told once, in the order of their cursors");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_recovers() {
    let it = Fixture::new();
    if !it.is_file() {
        return; // a pragma of SQLite plays the full disk
    }
    let (account, mailbox) = it.account().await;
    assert_eq!(
        it.store.write(deliver(mailbox)).await.unwrap(),
        Ok(Delivered::Stored)
    );
    // SQLite behaves as on a full disk, and undoes the transaction by itself.
    it.store
        .write(Run("PRAGMA max_page_count = 60"))
        .await
        .unwrap();
    let mut stored = 1;
    let failed = loop {
        match it.store.write(deliver(mailbox)).await {
            Ok(Ok(Delivered::Stored)) => stored += 1,
            other => break other,
        }
        assert!(stored < 100, "the disk is never full");
    };
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert_eq!(it.all(account).await.len(), stored);
    for _ in 0..3 {
        assert!(it.store.write(deliver(mailbox)).await.is_err());
    }
    it.store
        .write(Run("PRAGMA max_page_count = 100000"))
        .await
        .unwrap();
    assert_eq!(
        it.store.write(deliver(mailbox)).await.unwrap(),
        Ok(Delivered::Stored)
    );
    assert_eq!(
        it.usage(account).await.1,
        u64::try_from(stored).unwrap() + 1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_somebody_ends_does_not_stop_the_writer() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    assert!(it.store.write(Run("ROLLBACK")).await.is_err());
    for _ in 0..3 {
        assert_eq!(
            it.store.write(deliver(mailbox)).await.unwrap(),
            Ok(Delivered::Stored)
        );
    }
    assert_eq!(it.usage(account).await.1, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writer_finishes_what_it_was_given() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    for _ in 0..50 {
        it.store.write_then(deliver(mailbox), drop).await.unwrap();
    }
    it.store.close(Duration::from_secs(5)).await;
    assert!(matches!(
        it.store.write(deliver(mailbox)).await,
        Err(StoreError::Stopped)
    ));
    let again = open(&it.options, &it.clock, &it.events).unwrap();
    let stored = again
        .envelopes_after(account, Cursor(0), 100, usize::MAX)
        .await
        .unwrap();
    assert_eq!(stored.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_see_a_difference_finds_acknowledgements_done() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    let open = OpenDevice { account, device };
    it.store.write(open).await.unwrap();
    let stored = it.store.write(deliver(mailbox)).await.unwrap();
    assert_eq!(stored, Ok(Delivered::Stored));
    let ack = Ack {
        account,
        device,
        cursor: Cursor(1),
        is_pushed: true,
    };
    it.store.write_then(ack, drop).await.unwrap();
    assert_eq!(it.store.write(open).await.unwrap(), Cursor(1));
    assert_eq!(it.usage(account).await, (0, 0));
}

/// A mistake in a command.
struct Break;

impl Apply for Break {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        panic!("as the test wants it")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_breaks_is_noticed() {
    let it = Fixture::new();
    it.store.check().await.unwrap();
    assert!(it.store.write(Break).await.is_err());
    it.store.ended().await;
    assert!(it.store.check().await.is_err());
}

/// Waits until it may end.
struct Hang(std::sync::mpsc::Receiver<()>);

impl Apply for Hang {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        let _ = self.0.recv();
        Ok(())
    }
}

/// A disk or a server that does not answer looked like a node that is well.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_hangs_is_noticed() {
    let it = Fixture::new();
    let (end, ended) = std::sync::mpsc::channel();
    let mut written = std::pin::pin!(it.store.write(Hang(ended)));
    let until = async |hangs: bool| {
        while it.store.hangs(Duration::ZERO) != hangs {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = &mut written => panic!("it ended"),
        () = until(true) => {}
    }
    assert!(!it.store.hangs(Duration::from_secs(600)));
    end.send(()).unwrap();
    written.await.unwrap();
    until(false).await;
}
