//! The own links to give away, and a field for somebody else's.

use yew::prelude::*;

use crate::components::header::PlaceHeader;
use crate::components::made_links::MadeLinks;
use crate::components::my_link::MyLink;
use crate::components::paste_link::PasteLink;
use crate::context::use_app;
use crate::i18n::t;

/// All on one page.
#[component]
pub fn NewContact() -> Html {
    let app = use_app();
    let link = app.view().me.as_ref().map(|me| me.link.clone());
    html! {
        <div class="place">
            <PlaceHeader title={t!("new-contact")} />
            <div class="place-content">
                <PasteLink />
                if let Some(link) = link { <MyLink {link} /> }
                <MadeLinks />
            </div>
        </div>
    }
}
