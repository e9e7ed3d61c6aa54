//! What is kept of mail, devices and mailboxes, for whom and how long.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_usage_is_right_after_acknowledgement_and_expiry() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    for _ in 0..10 {
        it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    }
    assert_eq!(
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap(),
        Cursor(0)
    );
    let cursor = it.all(account).await[3].cursor;
    it.store
        .write(Ack {
            account,
            device,
            cursor,
            is_pushed: true,
        })
        .await
        .unwrap();
    assert_eq!(it.usage(account).await, (6 * 4096, 6));
    // Never back
    it.store
        .write(Ack {
            account,
            device,
            cursor: Cursor(1),
            is_pushed: true,
        })
        .await
        .unwrap();
    assert_eq!(
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap(),
        cursor
    );
    it.clock.advance(Duration::from_millis(21 * DAY + 1));
    assert_eq!(
        it.store.write(Expire).await.unwrap(),
        Expired {
            envelopes: 6,
            is_done: true
        }
    );
    assert_eq!(it.usage(account).await, (0, 0));
    let tombstones = it.store.tombstones(account).await.unwrap();
    assert_eq!(
        tombstones
            .iter()
            .map(|tombstone| tombstone.count)
            .sum::<u64>(),
        6
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_goes_in_pages() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let writes = (0..1_200).map(|_| it.store.write(deliver(mailbox)));
    futures_util::future::join_all(writes).await;
    it.clock.advance(Duration::from_millis(22 * DAY));
    let mut deleted = Vec::new();
    loop {
        let expired = it.store.write(Expire).await.unwrap();
        deleted.push(expired.envelopes);
        if expired.is_done {
            break;
        }
    }
    assert_eq!(deleted, [500, 500, 200]);
    assert_eq!(it.usage(account).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_devices_are_not_remembered_for_ever() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let mut cursor = Cursor(0);
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    for number in 0..40 {
        let device = DeviceId::from_bytes([number; 16]);
        it.clock.advance(Duration::from_millis(1));
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap();
        cursor = it.all(account).await[0].cursor;
    }
    // The 16 newest hold it back, the 24 others are forgotten.
    for number in 24..40 {
        assert_eq!(it.usage(account).await.1, 1, "{number}");
        let device = DeviceId::from_bytes([number; 16]);
        it.store
            .write(Ack {
                account,
                device,
                cursor,
                is_pushed: true,
            })
            .await
            .unwrap();
    }
    assert_eq!(it.usage(account).await.1, 0);
}

/// A device's id is its client's choice, and contacts read it in events.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_keeps_a_device_of_another_account_alive() {
    let it = Fixture::new();
    let ((owner, mailbox), (stranger, _)) = (it.account().await, it.account().await);
    let (lost, present) = (DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
    for (account, device) in [(owner, lost), (owner, present), (stranger, lost)] {
        let open = OpenDevice { account, device };
        assert_eq!(it.store.write(open).await.unwrap(), Cursor(0));
    }
    for _ in 0..22 {
        it.clock.advance(Duration::from_millis(DAY));
        let connected = vec![(owner, present), (stranger, lost)];
        it.store.write(TouchDevices(connected)).await.unwrap();
    }
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let ack = Ack {
        account: owner,
        device: present,
        cursor: it.all(owner).await[0].cursor,
        is_pushed: true,
    };
    it.store.write(ack).await.unwrap();
    assert_eq!(it.usage(owner).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_are_not_used_twice() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    it.store
        .write(OpenDevice { account, device })
        .await
        .unwrap();
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let cursor = it.all(account).await[0].cursor;
    it.store
        .write(Ack {
            account,
            device,
            cursor,
            is_pushed: true,
        })
        .await
        .unwrap();
    it.store.close(Duration::from_secs(5)).await;
    let again = open(&it.options, &it.clock, &it.events).unwrap();
    again.write(deliver(mailbox)).await.unwrap().unwrap();
    let next = again
        .envelopes_after(account, Cursor(0), 1, usize::MAX)
        .await
        .unwrap();
    assert!(next[0].cursor > cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_take_the_room_of_contacts() {
    let it = Fixture::with(|limits| limits.quota_count = 32);
    let (account, mailbox) = it.account().await;
    let intro = MailboxId::from_bytes(random::bytes());
    let command = ChangeMailboxes {
        account,
        add: vec![(intro, MailboxKind::Intro)],
        remove: Vec::new(),
    };
    assert_eq!(it.store.write(command).await.unwrap(), Ok(()));
    let paid = || Deliver {
        is_paid: true,
        ..deliver(intro)
    };
    for expected in [
        Ok(Delivered::Stored),
        Ok(Delivered::Stored),
        full("strangers_share"),
    ] {
        assert_eq!(it.store.write(paid()).await.unwrap(), expected);
    }
    for _ in 0..30 {
        let written = it.store.write(deliver(mailbox)).await.unwrap();
        assert_eq!(written, Ok(Delivered::Stored));
    }
    let refused = it.store.write(deliver(mailbox)).await.unwrap();
    assert_eq!(refused, full("quota_count"));
}

/// With the same work the largest envelopes fill four times as much: they get half of the strangers' share.
#[tokio::test(flavor = "multi_thread")]
async fn large_letters_of_strangers_leave_room_for_usual_ones() {
    let it = Fixture::with(|limits| limits.quota_bytes = 16 * 4 * 65_536);
    let (account, _) = it.account().await;
    let intro = MailboxId::from_bytes(random::bytes());
    let command = ChangeMailboxes {
        account,
        add: vec![(intro, MailboxKind::Intro)],
        remove: Vec::new(),
    };
    assert_eq!(it.store.write(command).await.unwrap(), Ok(()));
    let paid = |size| Deliver {
        is_paid: true,
        envelope: vec![1; size].into(),
        ..deliver(intro)
    };
    let (stored, full) = (Ok(Delivered::Stored), full("strangers_share"));
    for expected in [stored, stored, full] {
        assert_eq!(it.store.write(paid(65_536)).await.unwrap(), expected);
    }
    for _ in 0..8 {
        assert_eq!(it.store.write(paid(16_384)).await.unwrap(), stored);
    }
    assert_eq!(it.store.write(paid(16_384)).await.unwrap(), full);
}

/// A device that was still connected when its account was deleted spoils nobody else's writing.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_account_still_sends_is_refused_and_harms_nobody() {
    let it = Fixture::new();
    let registered = registration();
    let identity = registered.identity;
    it.store.write(registered).await.unwrap().unwrap();
    let account = it.store.find_account(identity).await.unwrap().unwrap().id;
    let device = DeviceId::from_bytes(random::bytes());
    it.store
        .write(OpenDevice { account, device })
        .await
        .unwrap();
    it.store.write(DeleteAccount(identity)).await.unwrap();
    let submit = Submit {
        account,
        device,
        submission: SubmissionId::from_bytes(random::bytes()),
        destination: NodeUrl::parse("https://away.example").unwrap(),
        route: Route::Remote(vec![1; 100].into()),
    };
    let refused = it.store.write(submit).await.unwrap();
    assert_eq!(refused, Err(ProblemCode::UnknownIdentity.into()));
    let ack = Ack {
        account,
        device,
        cursor: Cursor::new(1),
        is_pushed: false,
    };
    it.store.write(ack).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_chain_opens_the_intro_mailbox_it_names() {
    let it = Fixture::new();
    let first = registration();
    let later = PutIdentity {
        intro: Some(MailboxId::from_bytes(random::bytes())),
        ..first.clone()
    };
    it.store.write(first).await.unwrap().unwrap();
    let known = it.store.write(later.clone()).await.unwrap();
    assert_eq!(known, Ok(PutIdentityOutcome::Known));
    let paid = Deliver {
        is_paid: true,
        ..deliver(later.intro.unwrap())
    };
    let written = it.store.write(paid).await.unwrap();
    assert_eq!(written, Ok(Delivered::Stored));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_come_is_forgotten_until_it_does() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    let open = OpenDevice { account, device };
    it.store.write(open).await.unwrap();
    it.clock.advance(Duration::from_millis(22 * DAY));
    it.store.write(Expire).await.unwrap();
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let cursor = it.all(account).await[0].cursor;
    let ack = Ack {
        account,
        device,
        cursor,
        is_pushed: true,
    };
    it.store.write(ack).await.unwrap();
    assert_eq!(it.store.write(open).await.unwrap(), cursor);
    assert_eq!(it.usage(account).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_mailbox_is_nobody_elses_for_ever() {
    let it = Fixture::with(|limits| limits.mailboxes = 2);
    let (alice, mailbox) = it.account().await;
    let (bob, _) = it.account().await;
    let change = |account, add: &[MailboxId], remove: &[MailboxId]| ChangeMailboxes {
        account,
        add: add.iter().map(|id| (*id, MailboxKind::Contact)).collect(),
        remove: remove.to_vec(),
    };
    let removed = it.store.write(change(alice, &[], &[mailbox])).await;
    assert_eq!(removed.unwrap(), Ok(()));
    it.clock.advance(Duration::from_millis(100 * DAY));
    it.store.write(Expire).await.unwrap();
    let taken = it.store.write(change(bob, &[mailbox], &[])).await;
    assert_eq!(taken.unwrap(), Err(MailboxRefusal::Taken(vec![mailbox])));
    // Six more may come and go; then there were four times as many as may be open.
    for number in 0..7 {
        let fresh = MailboxId::from_bytes([number; 32]);
        let added = it.store.write(change(alice, &[fresh], &[])).await.unwrap();
        assert_eq!(added.is_ok(), number < 6, "{number}");
        let removed = it.store.write(change(alice, &[], &[fresh])).await;
        assert_eq!(removed.unwrap(), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_came_while_the_clock_was_ahead_expires_all_the_same() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let ahead = Run("UPDATE messages SET arrived_at = arrived_at * 100");
    it.store.write(ahead).await.unwrap();
    // A younger one behind it does not wait for it.
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    it.clock.advance(Duration::from_millis(22 * DAY));
    assert_eq!(it.store.write(Expire).await.unwrap().envelopes, 1);
    assert_eq!(it.usage(account).await.1, 1);
    it.clock.advance(Duration::from_millis(22 * DAY));
    assert_eq!(it.store.write(Expire).await.unwrap().envelopes, 1);
    assert_eq!(it.usage(account).await.1, 0);
}

/// Mail for somebody who never comes leaves a tombstone each time that some of it expires.
#[tokio::test(flavor = "multi_thread")]
async fn tombstones_of_somebody_who_stays_away_grow_together() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    for _ in 0..103 {
        it.store.write(deliver(mailbox)).await.unwrap().unwrap();
        it.clock.advance(Duration::from_millis(22 * DAY));
        while !it.store.write(Expire).await.unwrap().is_done {}
    }
    let tombstones = it.store.tombstones(account).await.unwrap();
    let count: u64 = tombstones.iter().map(|tombstone| tombstone.count).sum();
    assert_eq!((tombstones.len(), count), (100, 103));
    let newest = tombstones.last().unwrap();
    assert_eq!((newest.count, newest.to - newest.from), (4, 3 * 22 * DAY));
    assert_eq!(it.usage(account).await, (0, 0));
}
