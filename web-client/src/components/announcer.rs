//! Reads new messages out, each once. What is drawn is not read out by itself: history that loads
//! and ticks that change would be read out as well.

use std::rc::Rc;

use client_core::view::{BodyView, EntryView};
use yew::prelude::*;

use crate::i18n::{plain, t};
use crate::words;

/// Properties of [`Announcer`].
#[derive(Properties, PartialEq)]
pub struct AnnouncerProps {
    /// What the other person is called.
    pub name: AttrValue,
    /// What came while the conversation was open.
    pub news: Rc<Vec<EntryView>>,
}

/// The region that is read out.
#[component]
pub fn Announcer(props: &AnnouncerProps) -> Html {
    let line = |entry: &EntryView| match &entry.body {
        BodyView::Text(text) => {
            let time = words::clock(entry.sent_at);
            plain(&t!(
                "message-from",
                name = props.name.as_str(),
                time = time,
                text = text.as_str()
            ))
        }
        _ => String::new(),
    };
    html! {
        <div role="log" aria-live="polite" aria-relevant="additions" class="visually-hidden"
            aria-label={t!("messages-with", name = props.name.as_str())}>
            for entry in props.news.iter() {
                <p key={entry.position}>{ line(entry) }</p>
            }
        </div>
    }
}
