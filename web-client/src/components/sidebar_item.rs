//! One line of the list of conversations.

use client_core::view::{
    ContactState, ConversationView, DeliveryView, EntryView, VerificationView,
};
use yew::prelude::*;

use super::avatar::avatar_of;
use super::entry::delivery_symbol;
use super::icon::{Icon, Symbol};
use super::link::Link;
use crate::i18n::t;
use crate::platform::time::now;
use crate::route::Route;
use crate::state::app::is_muted;
use crate::words;

/// Properties of [`SidebarItem`].
#[derive(Properties, PartialEq)]
pub struct SidebarItemProps {
    /// The conversation.
    pub conversation: ConversationView,
    /// Whether it is the open one.
    pub current: bool,
    /// Whether the Tab key passes it by.
    #[prop_or_default]
    pub passed: bool,
}

/// The line: read out in the order name, unread, time, preview.
#[component]
pub fn SidebarItem(props: &SidebarItemProps) -> Html {
    let conversation = &props.conversation;
    let contact = &conversation.contact;
    let unread = if contact.state == ContactState::Blocked {
        0
    } else {
        conversation.unread
    };
    html! {
        <Link to={Route::Conversation(contact.number)} current={props.current} testid="conversation-item"
            contact={contact.number} passed={props.passed} class={classes!("conversation", (unread > 0).then_some("unread"),
                (contact.state == ContactState::Blocked).then_some("blocked"))}>
            { avatar_of(contact, "") }
            <span class="conversation-name"><bdi>{ words::name(contact) }</bdi>{ marks(conversation) }</span>
            if unread > 0 { { badge(unread) } }
            <time class="conversation-time">{ words::short_time(conversation.active_at) }</time>
            <span class="conversation-preview">{ preview(conversation) }</span>
        </Link>
    }
}

/// What was set for it, in shapes.
fn marks(conversation: &ConversationView) -> Html {
    let marks = &conversation.marks;
    let mark = |symbol: Symbol, label: String| {
        html! { <span class="conversation-mark" title={label.clone()}><Icon {symbol} /><span class="visually-hidden">{ label }</span></span> }
    };
    html! {
        <>
            if conversation.contact.verification == VerificationView::Verified { { mark(Symbol::Verified, t!("verified")) } }
            if marks.pinned { { mark(Symbol::Pin, t!("pinned")) } }
            if is_muted(marks.muted_until, now()) { { mark(Symbol::Muted, t!("muted")) } }
        </>
    }
}

fn badge(unread: u32) -> Html {
    let shown = if unread > 99 {
        t!("unread-many")
    } else {
        unread.to_string()
    };
    html! {
        <span class="badge conversation-badge">
            <span aria-hidden="true" data-testid="unread-badge">{ shown }</span>
            <span class="visually-hidden">{ t!("unread", count = unread) }</span>
        </span>
    }
}

fn preview(conversation: &ConversationView) -> Html {
    if conversation.marks.typing {
        return html! { <em class="typing">{ t!("is-typing") }</em> };
    }
    let blocked = conversation.contact.state == ContactState::Blocked;
    if blocked {
        return html! { t!("preview-blocked") };
    }
    if !conversation.draft.trim().is_empty() {
        return html! {
            <><em class="draft">{ t!("preview-draft") }</em>{ " " }<bdi>{ words::one_line(&conversation.draft) }</bdi></>
        };
    }
    match &conversation.last {
        Some(last) => last_entry(last),
        None => html! { t!("preview-nothing") },
    }
}

fn last_entry(last: &EntryView) -> Html {
    let state = last.delivery.as_ref().filter(|_| last.mine);
    html! {
        <>
            if let Some(state) = state {
                <span class={classes!("tick", words::delivery_key(Some(state)))}>
                    <Icon symbol={delivery_symbol(state)} />
                    <span class="visually-hidden">{ short(state) }</span>
                </span>
            }
            if last.mine && state.is_some() {
                <span class="visually-hidden">{ t!("preview-mine") }{ " " }</span>
            }
            <bdi>{ words::preview(&last.body) }</bdi>
        </>
    }
}

fn short(state: &DeliveryView) -> String {
    match state {
        DeliveryView::Failed { .. } => t!("delivery-failed"),
        other => words::delivery(other),
    }
}
