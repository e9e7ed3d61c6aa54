//! A contact link was opened: looks up who it belongs to, and shows them. The link stays the address until they were
//! written to, so that loading the page again does not lose whom it leads to.

use client_core::request::Failure;
use client_core::view::{ContactNumber, ContactState};
use shared_crypto::link::NodeInvite;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::conversation::ConversationPlace;
use crate::bridge::CallError;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::note::{ErrorNote, Waiting};
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::route::Route;
use crate::state::app::AppAction;

/// Properties of [`Invite`].
#[derive(Properties, PartialEq)]
pub struct InviteProps {
    /// The link.
    pub link: String,
}

/// Looks the link up at once.
#[component]
pub fn Invite(props: &InviteProps) -> Html {
    let app = use_app();
    let alive = use_alive();
    let error = use_state(|| None::<CallError>);
    let tries = use_state(|| 0u32);
    let found = use_state(|| None::<ContactNumber>);
    {
        let (app, error, found) = (app.clone(), error.clone(), found.clone());
        use_effect_with((props.link.clone(), *tries), move |(link, _)| {
            let link = link.clone();
            // It led to the node, which is where we are now.
            if NodeInvite::parse(&link).is_ok() {
                app.nav.replace.emit(Route::Home);
                return;
            }
            spawn_local(async move {
                let answer = app.client.open_link(link).await;
                if !alive.is_alive() {
                    return;
                }
                match answer {
                    Ok(contact) => {
                        found.set(Some(contact.number));
                        app.state.dispatch(AppAction::LookedUp(contact));
                    }
                    Err(why) => error.set(Some(why)),
                }
            });
        });
    }
    let known = found.and_then(|number| app.state.contact(number));
    let is_new = known.is_none_or(|contact| contact.state == ContactState::Resolved);
    {
        let replace = app.nav.replace.clone();
        use_effect_with((*found, is_new), move |(found, is_new)| {
            if let (Some(number), false) = (found, is_new) {
                // The code leaves the address bar and the history.
                replace.emit(Route::Conversation(*number));
            }
        });
    }
    if let Some(number) = *found {
        return html! { <ConversationPlace {number} /> };
    }
    let retry = {
        let error = error.clone();
        Callback::from(move |()| {
            error.set(None);
            tries.set(tries.wrapping_add(1));
        })
    };
    html! {
        <div class="place">
            <PlaceHeader title={t!("new-contact")} />
            <div class="place-content centred">
                if error.is_some() {
                    <div class="card stack">
                        <h3>{ t!("invite-failed") }</h3>
                        <ErrorNote error={(*error).clone()} retry={error.as_ref().is_some_and(may_pass).then_some(retry)} />
                        <div class="buttons">
                            <Link to={Route::Home} class="button"><Icon symbol={Symbol::Message} />{ t!("home") }</Link>
                        </div>
                    </div>
                } else {
                    <Waiting text={t!("invite-opening")} />
                }
            </div>
        </div>
    }
}

/// Whether the same link may work later.
fn may_pass(error: &CallError) -> bool {
    !matches!(
        error,
        CallError::Failed(
            Failure::BadLink | Failure::OwnLink | Failure::LinkTooNew | Failure::IdentityInvalid
        )
    )
}
