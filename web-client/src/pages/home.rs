//! The place beside the list when no conversation is open.

use yew::prelude::*;

use crate::components::icon::Symbol;
use crate::components::my_link::MyLink;
use crate::components::note::Empty;
use crate::components::paste_link::PasteLink;
use crate::context::use_app;
use crate::i18n::t;

/// Says what could be here, and shows the own link.
#[component]
pub fn Home() -> Html {
    let app = use_app();
    let view = app.view();
    let link = view.me.as_ref().map(|me| me.link.clone());
    html! {
        <div class="place">
            <div class="place-content centred">
                if view.conversations.is_empty() {
                    <Empty symbol={Symbol::Message} title={t!("detail-first-title")} text={t!("detail-first")} />
                } else {
                    <Empty symbol={Symbol::Message} title={t!("detail-empty-title")} text={t!("detail-empty")} />
                }
                if let Some(link) = link { <MyLink {link} /> }
                if view.conversations.is_empty() { <PasteLink /> }
            </div>
        </div>
    }
}
