//! What is unread, whatever happens and in whichever order messages come.

use client_core::driver::Frame;
use client_core::request::{Answer, Request, Talk};
use client_core::view::{BodyView, EntryView};
use proptest::prelude::*;
use shared_crypto::time::{MINUTE, SECOND};

use crate::talk::{say, talk, talking, unread};

/// What somebody may do while messages come in.
#[derive(Debug, Clone)]
enum Step {
    TheySay,
    ISay,
    Read(usize),
    Forget(usize),
    TheyDelete(usize),
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::TheySay),
        1 => Just(Step::ISay),
        2 => (0_usize..20).prop_map(Step::Read),
        1 => (0_usize..20).prop_map(Step::Forget),
        1 => (0_usize..20).prop_map(Step::TheyDelete),
        1 => Just(Step::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]

    /// The number shown is what lies after the read mark, whatever happened and in whichever tab.
    #[test]
    fn unread_is_what_lies_after_the_read_mark(steps in prop::collection::vec(step(), 1..14)) {
        let mut world = talking(12);
        let mut mark = 0;
        for (number, step) in (1_u8..).zip(steps) {
            let entries = world.conversation(1, 0);
            match step {
                Step::TheySay => say(&mut world, 0, number, &format!("text {number}")),
                Step::ISay => say(&mut world, 1, number, &format!("text {number}")),
                Step::Read(index) => {
                    if let Some(entry) = entries.get(index) {
                        mark = mark.max(entry.position);
                        let (contact, position) = (world.contact(1, 0).unwrap(), entry.position);
                        world.ask(1, Request::MarkRead { contact, position });
                    }
                }
                Step::Forget(index) => {
                    if let Some(entry) = entries.get(index) {
                        talk(&mut world, 1, Talk::Forget { of: entry.position });
                    }
                }
                Step::TheyDelete(index) => {
                    let sent: Vec<_> = world.conversation(0, 1).into_iter().filter(|entry| entry.mine).collect();
                    if let Some(entry) = sent.get(index) {
                        talk(&mut world, 0, Talk::Delete { of: entry.position });
                    }
                }
                Step::Crash => world.crash_client_after(0, 1),
            }
            world.run_for(MINUTE);
            let entries = world.conversation(1, 0);
            let after = entries.iter().filter(|entry| {
                !entry.mine && entry.position > mark && matches!(entry.body, BodyView::Text(_))
            });
            let after: Vec<_> = after.map(|entry| entry.position).collect();
            prop_assert_eq!(usize::try_from(unread(&world, 1)).unwrap(), after.len());
            let first = world.people[1].app.conversations[0].first_unread;
            prop_assert_eq!(first, after.first().copied());
        }
    }
}

/// What reaches a reader, and what the reader does, while six messages come in any order.
#[derive(Debug, Clone)]
enum Late {
    Comes(usize),
    Seen(usize, usize),
    Restart,
}

fn late() -> impl Strategy<Value = Vec<Late>> {
    let comes = Just((0..6).map(Late::Comes).collect::<Vec<_>>()).prop_shuffle();
    let else_done = prop_oneof![
        4 => (0_usize..9, 0_usize..4).prop_map(|(first, more)| Late::Seen(first, more)),
        1 => Just(Late::Restart),
    ];
    (comes, prop::collection::vec((0_usize..7, else_done), 0..8)).prop_map(|(mut steps, more)| {
        for (at, step) in more {
            steps.insert(at, step);
        }
        steps
    })
}

/// Six envelopes with texts from the first of [`talking`] to the second.
pub fn six_envelopes(seed: u64) -> Vec<Frame> {
    let mut world = talking(seed);
    let before = world.heard.len();
    for number in 0..6 {
        say(&mut world, 0, number + 1, &format!("text {number}"));
        world.run_for(10 * SECOND);
    }
    let is_mail = |frame: &Frame| matches!(frame, Frame::Binary(bytes) if bytes[0] == 1);
    let to_reader = world.heard.drain(before..).filter(|(who, _)| *who == 1);
    let mail: Vec<Frame> = to_reader.map(|(_, frame)| frame).filter(is_mail).collect();
    assert_eq!(mail.len(), 6);
    mail
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]

    /// A message that takes its place above what was read is unread until it was in view, and then no more.
    #[test]
    fn what_comes_late_is_unread_until_it_was_in_view(steps in late()) {
        static MAIL: std::sync::OnceLock<Vec<Frame>> = std::sync::OnceLock::new();
        let mail = MAIL.get_or_init(|| six_envelopes(13));
        let mut world = talking(13);
        let contact = world.contact(1, 0).unwrap();
        let (mut mark, mut read) = (0, std::collections::BTreeSet::new());
        for step in steps {
            let entries = world.conversation(1, 0);
            match step {
                Late::Comes(number) => world.inject(1, mail[number].clone()),
                Late::Seen(first, more) => {
                    let Some(top) = entries.get(first) else { continue };
                    let bottom = entries.get(first + more).or(entries.last()).unwrap();
                    let (first, last) = (top.position, bottom.position);
                    let is_text = |entry: &&EntryView| matches!(entry.body, BodyView::Text(_));
                    let in_view = entries.iter().filter(is_text).map(|entry| entry.position);
                    read.extend(in_view.filter(|at| *at <= last && *at > mark.min(first - 1)));
                    mark = mark.max(last);
                    let seen = Request::MarkSeen { contact, first, last };
                    prop_assert_eq!(world.ask(1, seen), Answer::Done);
                }
                Late::Restart => {
                    world.switch_off(1);
                    world.switch_on(1);
                }
            }
            let entries = world.conversation(1, 0);
            let unseen = entries.iter().filter(|entry| {
                let is_text = matches!(entry.body, BodyView::Text(_));
                !entry.mine && is_text && !read.contains(&entry.position)
            });
            let unseen: Vec<_> = unseen.map(|entry| entry.position).collect();
            let view = &world.people[1].app.conversations[0];
            prop_assert_eq!(usize::try_from(view.unread).unwrap(), unseen.len());
            prop_assert_eq!(view.first_unread, unseen.first().copied());
        }
        let last = world.conversation(1, 0).last().unwrap().position;
        let all = Request::MarkRead { contact, position: last };
        prop_assert_eq!(world.ask(1, all), Answer::Done);
        prop_assert_eq!(unread(&world, 1), 0);
    }
}
