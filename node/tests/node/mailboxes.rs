//! Whose mailboxes are whose.

use shared_crypto::live::MailboxKind;
use shared_crypto::problem::ProblemCode;

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_belong_to_their_account() {
    let node = TestNode::start().await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let (mut alices, mut bobs) = (node.connect(&alice).await, node.connect(&bob).await);
    alices.stored().await;
    bobs.stored().await;
    let mailbox = alices.mailbox().await;
    let not_yours = Err(ProblemCode::Unauthorized);
    for taken in [mailbox, alice.intro()] {
        for kind in [MailboxKind::Contact, MailboxKind::Intro] {
            assert_eq!(bobs.change(&[(taken, kind)], &[]).await, not_yours);
        }
        assert_eq!(bobs.change(&[], &[taken]).await, Ok(()), "nothing to do");
    }
    // All of a change or nothing
    let fresh = super::support::mailbox();
    let add = [
        (fresh, MailboxKind::Contact),
        (mailbox, MailboxKind::Contact),
    ];
    assert_eq!(bobs.change(&add, &[]).await, not_yours);
    let unknown = (404, Some(ProblemCode::UnknownMailbox));
    assert_eq!(node.put(&fresh, &message(), &envelope(4096)).await, unknown);
    // Its owner may repeat both, but not change its kind.
    assert_eq!(
        alices.change(&[(mailbox, MailboxKind::Contact)], &[]).await,
        Ok(())
    );
    assert_eq!(
        alices.change(&[(mailbox, MailboxKind::Intro)], &[]).await,
        not_yours
    );
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let pushed = alices.pushed().await;
    assert_eq!(pushed.mailbox, mailbox, "nobody else removed it");
    bobs.nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_mailbox_takes_no_more_and_keeps_what_came() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let pushed = live.pushed().await;
    assert_eq!(live.change(&[], &[mailbox]).await, Ok(()));
    assert_eq!(live.change(&[], &[mailbox]).await, Ok(()));
    let unknown = (404, Some(ProblemCode::UnknownMailbox));
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        unknown
    );
    let mut again = node.connect(&alice).await;
    assert_eq!(again.stored().await, [pushed]);
    // Nobody else can take its name.
    let bob = node.person(1).await;
    let mut bobs = node.connect(&bob).await;
    bobs.stored().await;
    let taken = bobs.change(&[(mailbox, MailboxKind::Contact)], &[]).await;
    assert_eq!(taken, Err(ProblemCode::Unauthorized));
    assert_eq!(
        again.change(&[(mailbox, MailboxKind::Contact)], &[]).await,
        Ok(())
    );
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_bounded_number_of_mailboxes() {
    let node = TestNode::with(clock(), |settings| settings.mail.mailboxes = 3).await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    live.mailbox().await;
    live.mailbox().await;
    let more = super::support::mailbox();
    let refused = live.change(&[(more, MailboxKind::Contact)], &[]).await;
    assert_eq!(refused, Err(ProblemCode::TooLarge));
}
