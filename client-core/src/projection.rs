//! What the page is shown: a view of everything but the messages.

use crate::contact::Contact;
use crate::ready::Ready;
use crate::rows::TombstoneRow;
use crate::sorted::sort_by_key;
use crate::view::{
    AppView, ContactState, DroppedView, MeView, RecoveryStep, RequestView, StageView, TombstoneView,
};

/// Characters of a stranger's text that the list of requests shows.
const MAX_REQUEST_TEXT: usize = 1_000;

impl Ready {
    /// The projection for the page.
    pub(crate) fn app_view(&self) -> AppView {
        let mut conversations: Vec<_> = self
            .contacts
            .values()
            .filter_map(Contact::conversation_view)
            .collect();
        sort_by_key(&mut conversations, |conversation| {
            core::cmp::Reverse((conversation.marks.pinned, conversation.active_at))
        });
        for conversation in &mut conversations {
            conversation.contact.verification = self.verification(conversation.contact.number);
        }
        let mut requests: Vec<RequestView> = self
            .contacts
            .values()
            .filter(|contact| contact.state() == ContactState::Asking)
            .map(|contact| RequestView {
                contact: contact.view(),
                text: clip(contact.row.request.as_deref().unwrap_or_default()),
                arrived_at: contact.row.since,
                by_link: contact.row.by_link.clone(),
            })
            .collect();
        sort_by_key(&mut requests, |request| {
            core::cmp::Reverse(request.arrived_at)
        });
        let tombstone = |row: &TombstoneRow| TombstoneView {
            count: row.count,
            from: row.from,
            to: row.to,
        };
        AppView {
            stage: match &self.recovery {
                Some(recovery) => StageView::Recovering(recovery.step()),
                None if self.recovery_call.is_some() => {
                    StageView::Recovering(RecoveryStep::Registering)
                }
                None if self.is_locked_out() => StageView::LockedOut,
                None => StageView::Ready,
            },
            me: Some(MeView {
                identity: self.own.identity(),
                name: self.own.row.name.clone(),
                link: self.own.link().to_string(),
                node: self.own.home().node.to_string(),
                receipts: self.own.row.receipts,
                nodes: self.homes.views(&self.own.chain),
                typing: self.own.row.typing.unwrap_or_default(),
                recovering: self.is_recovering(),
                links: self.passes.views(&self.own.link()),
                only_by_pass: self.own.row.only_by_pass.unwrap_or_default(),
            }),
            connection: self.homes.connection(&self.own.chain),
            conversations,
            requests,
            tombstones: self.tombstones.values().rev().map(tombstone).collect(),
            vault: self.vault.view(self.phrase().is_some()),
            dropped: DroppedView {
                unreadable: self.own.row.unreadable.unwrap_or_default(),
                too_many: self.own.row.too_many.unwrap_or_default(),
            },
        }
    }
}

/// The beginning of a stranger's text, for the list of requests.
fn clip(text: &str) -> String {
    text.chars().take(MAX_REQUEST_TEXT).collect()
}
