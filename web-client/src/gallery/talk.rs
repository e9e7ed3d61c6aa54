//! What people do in a conversation, on canned data.

use client_core::request::{Answer, Failure, Talk};
use client_core::view::{
    AppView, BodyView, ContactNumber, ConversationView, DeliveryView, EntryView, FoundView,
    MessageInfo, Position, QuoteView, ReactionView, VerificationView,
};

use super::people::{HOUR, remark, said, sent};
use crate::platform::time::now;

/// The conversation in which all of it is shown.
pub const TALK: ContactNumber = 30;

/// A conversation in which everything was done.
pub fn done() -> Vec<EntryView> {
    let mut asked = said(
        1,
        false,
        5 * HOUR,
        "Which day suits you? *Friday* or **Saturday**?\n\n1. Friday: the small boat\n2. Saturday: the big one\n\n> whoever comes first takes the oars",
    );
    asked.marks.reactions = vec![sign(true, "👍"), sign(false, "❤️")];
    let mut answer = said(
        2,
        true,
        4 * HOUR,
        "Saturday. Run `boat --big` before you leave:",
    );
    answer.delivery = Some(DeliveryView::Read);
    answer.marks.reply = Some(QuoteView {
        id: asked.id,
        position: Some(1),
        mine: false,
        text: Some("Which day suits you? *Friday* or **Saturday**?".into()),
    });
    answer.marks.edited_at = Some(now() - 3 * HOUR);
    let code = sent(
        3,
        4 * HOUR - 9_000,
        "```\nboat --big --oars 4\nboat --check\n```",
        DeliveryView::Delivered,
    );
    let mut gone = remark(4, 3 * HOUR, BodyView::Deleted);
    gone.mine = true;
    gone.delivery = Some(DeliveryView::Delivered);
    let theirs = remark(5, 3 * HOUR, BodyView::Deleted);
    let timer = remark(6, 2 * HOUR, BodyView::Timer { seconds: 86_400 });
    let expired = remark(7, 2 * HOUR, BodyView::Expired);
    let mut brief = said(8, false, HOUR, "The code for the shed is 4711");
    brief.marks.expires_at = Some(now() + 23 * HOUR);
    let mut lost = said(9, false, HOUR / 2, "…as I said");
    lost.marks.reply = Some(QuoteView {
        id: gone.id,
        position: None,
        mine: true,
        text: None,
    });
    vec![
        asked, answer, code, gone, theirs, timer, expired, brief, lost,
    ]
}

/// What was set for that conversation.
pub fn mark(conversation: &mut ConversationView) {
    conversation.contact.verification = VerificationView::Verified;
    conversation.marks.pinned = true;
    conversation.marks.timer = Some(86_400);
    conversation.marks.muted_until = Some(u64::MAX);
}

fn sign(mine: bool, sign: &str) -> ReactionView {
    ReactionView {
        mine,
        sign: sign.into(),
    }
}

/// Does something to an entry; gives it as it is then.
pub fn change(entries: &[EntryView], what: &Talk) -> Option<EntryView> {
    let find = |position: Position| entries.iter().find(|it| it.position == position).cloned();
    match what {
        Talk::React { to, sign: text } => {
            let mut entry = find(*to)?;
            entry.marks.reactions.retain(|it| !it.mine);
            if !text.is_empty() {
                entry.marks.reactions.push(sign(true, text));
            }
            Some(entry)
        }
        Talk::Edit { of, text } => {
            let mut entry = find(*of)?;
            entry.body = BodyView::Text(text.clone());
            entry.marks.edited_at = Some(now());
            Some(entry)
        }
        Talk::Delete { of } => {
            let mut entry = find(*of)?;
            entry.body = BodyView::Deleted;
            entry.delivery = Some(DeliveryView::Sent);
            Some(entry)
        }
        Talk::Forget { of } => {
            let mut entry = find(*of)?;
            entry.body = BodyView::Gap { missing: 0 };
            Some(entry)
        }
        _ => None,
    }
}

/// Sets something for a conversation.
pub fn set(view: &mut AppView, number: ContactNumber, what: &Talk) -> Result<(), Failure> {
    let mut all = view.conversations.iter_mut();
    let conversation = all.find(|it| it.contact.number == number);
    let Some(conversation) = conversation else {
        return Err(Failure::NotFound);
    };
    match what {
        Talk::SetTimer { seconds } => {
            conversation.marks.timer = Some(*seconds).filter(|it| *it > 0);
        }
        Talk::Pin(on) => conversation.marks.pinned = *on,
        Talk::Archive(on) => conversation.marks.archived = *on,
        Talk::Mute { until } => conversation.marks.muted_until = *until,
        Talk::Tell(on) => conversation.marks.tells = Some(*on),
        Talk::Verify { number } if !number.starts_with("30562") => {
            return Err(Failure::NumberDiffers);
        }
        Talk::Verify { .. } => conversation.contact.verification = VerificationView::Verified,
        Talk::Rename(name) => {
            let contact = &mut conversation.contact;
            let own = contact.own_name.take().unwrap_or(contact.name.clone());
            contact.name.clone_from(&own);
            if !name.trim().is_empty() {
                contact.name = name.trim().to_owned();
                contact.own_name = Some(own);
            }
        }
        Talk::Clear { .. } => conversation.last = None,
        Talk::Unverify => conversation.contact.verification = VerificationView::Unverified,
        _ => {}
    }
    Ok(())
}

/// What is known of an entry.
pub fn info(entry: &EntryView) -> Answer {
    let states = [
        DeliveryView::Waiting,
        DeliveryView::Sent,
        DeliveryView::OnTheirNode,
        DeliveryView::Delivered,
    ];
    let reached = (0..).step_by(1_500).zip(states);
    Answer::Info(MessageInfo {
        sent_at: entry.sent_at,
        stored_at: entry.stored_at,
        reached: reached
            .filter(|_| entry.mine)
            .map(|(after, state)| (state, entry.sent_at + after))
            .collect(),
        versions: if entry.marks.edited_at.is_some() {
            vec![("Saturday!".into(), entry.sent_at)]
        } else {
            Vec::new()
        },
        expires_at: entry.marks.expires_at,
    })
}

/// Entries with a text in them.
pub fn search<'a>(all: impl Iterator<Item = (ContactNumber, &'a EntryView)>, text: &str) -> Answer {
    let text = text.to_lowercase();
    let fits = |entry: &EntryView| matches!(&entry.body, BodyView::Text(it) if it.to_lowercase().contains(&text));
    let found = all
        .filter(|(_, entry)| fits(entry))
        .map(|(contact, entry)| FoundView {
            contact,
            entry: entry.clone(),
        })
        .take(30)
        .collect();
    Answer::Found { found, more: false }
}
