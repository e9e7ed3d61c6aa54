//! The frame around everything once there is an identity: the list and one place beside it. On a
//! phone one of them at a time.

use yew::prelude::*;

use super::backup::Backup;
use super::conversation::ConversationPlace;
use super::home::Home;
use super::invite::Invite;
use super::locked::LockPlace;
use super::moving::Moving;
use super::new_contact::NewContact;
use super::nodes::Nodes;
use super::recovery::Recovery;
use super::requests::Requests;
use super::settings::Settings;
use super::take_back::TakeBack;
use crate::components::banner::Banners;
use crate::components::header::HEADING;
use crate::components::shortcuts::Shortcuts;
use crate::components::sidebar::{Sidebar, focus_line};
use crate::context::use_app;
use crate::i18n::t;
use crate::platform::document;
use crate::route::Route;

/// The frame.
#[component]
pub fn Shell() -> Html {
    let app = use_app();
    let route = &app.nav.route;
    use_focus_on_arrival(route);
    let pane = if *route == Route::Home {
        "list"
    } else {
        "place"
    };
    html! {
        <div class="shell" data-pane={pane}>
            <header>
                <h1 class="visually-hidden">{ t!("app-name") }</h1>
                <Banners />
            </header>
            <Shortcuts />
            <main class="panes">
                <Sidebar />
                <div class="detail">
                    { match route {
                        Route::Home | Route::Restore => html! { <Home /> },
                        Route::Conversation(number) => html! { <ConversationPlace key={*number} number={*number} /> },
                        Route::NewContact => html! { <NewContact /> },
                        Route::Requests => html! { <Requests /> },
                        Route::Settings => html! { <Settings /> },
                        Route::Nodes => html! { <Nodes /> },
                        Route::Move => html! { <Moving /> },
                        Route::Recovery => html! { <Recovery /> },
                        Route::TakeBack => html! { <TakeBack /> },
                        Route::Backup => html! { <Backup /> },
                        Route::Lock => html! { <LockPlace /> },
                        Route::Invite(link) => html! { <Invite key={link.clone()} link={link.clone()} /> },
                    } }
                </div>
            </main>
        </div>
    }
}

/// The focus goes where the person went: to the heading of the place, or to the list, and there to the conversation that was
/// left. A conversation takes it to its field by itself where there is a keyboard.
#[hook]
fn use_focus_on_arrival(route: &Route) {
    let last = use_mut_ref(|| None::<Route>);
    use_effect_with(route.clone(), move |route| {
        let Some(left) = last.replace(Some(route.clone())) else {
            return;
        };
        match (route, left) {
            (Route::Home, Route::Conversation(number)) if focus_line(number) => {}
            (Route::Home, _) => document::focus("list-title"),
            (Route::Conversation(_), _) if document::has_fine_pointer() => {}
            _ => document::focus(HEADING),
        }
    });
}
