//! The identities of this browser: which there are, going to another one, making one more.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::link::Link;
use crate::bridge::Place;
use crate::i18n::t;
use crate::platform::{location, place, storage};
use crate::route::Route;
use crate::state::identities::{Identities, Known};
use crate::state::person::{clean_name, node_name};

/// The identities that this browser knows.
pub fn known() -> Identities {
    Identities::parse(&place::known())
}

/// Takes over from the address which identity the tab is about, if it says so: a notification does.
pub fn arrive() {
    let address = location::current();
    // A contact link is never to be lost.
    let wanted = Place::of_address(&address.href).filter(|_| address.path == "/");
    let Some(wanted) = wanted else { return };
    if known().at(wanted).is_some() {
        place::remember(wanted);
        location::replace(&format!("/#{}", address.fragment));
    } else {
        location::replace("/");
    }
}

/// What an identity is called.
pub fn name(known: &Known) -> String {
    clean_name(&known.name).unwrap_or_else(|| t!("me"))
}

/// Deletes an identity from this browser and goes to another one, or to the start. With the last one goes
/// everything that this site keeps.
pub async fn delete(gone: Place) {
    storage::delete(gone).await;
    let left = known().without(gone);
    place::set_known(&left.to_text());
    match left.all().first() {
        Some(next) => place::go_to(next.place),
        None => {
            storage::delete_rest().await;
            location::to_start();
        }
    }
}

/// Properties of [`IdentityList`].
#[derive(Properties, PartialEq)]
pub struct IdentityListProps {
    /// Whether the one of this tab is listed too.
    #[prop_or_default]
    pub with_current: bool,
    /// Whether one more may be made.
    #[prop_or_default]
    pub with_new: bool,
}

/// The list. It is not there where there is nothing to choose.
#[component]
pub fn IdentityList(props: &IdentityListProps) -> Html {
    let identities = use_memo((), |()| known());
    let here = place::current();
    let listed: Vec<&Known> = identities
        .all()
        .iter()
        .filter(|known| props.with_current || known.place != here)
        .collect();
    let new = identities.free().filter(|_| props.with_new);
    if listed.is_empty() && new.is_none() {
        return Html::default();
    }
    html! {
        <ul class="identities" aria-label={t!("identities")} data-testid="identities">
            for known in listed {
                <li key={known.place.number()}>{ one(known, known.place == here) }</li>
            }
            if let Some(new) = new {
                <li>
                    <button type="button" class="button" onclick={to(new)} data-testid="identity-new">
                        <Icon symbol={Symbol::AddContact} />{ t!("identity-new") }
                    </button>
                </li>
            }
        </ul>
    }
}

fn one(known: &Known, is_here: bool) -> Html {
    let node = known.link.split("/i#").next().unwrap_or_default();
    html! {
        <button type="button" class="identity" onclick={to(known.place)} aria-current={is_here.then_some("true")} data-testid="identity-other">
            <span class="identity-name"><bdi>{ name(known) }</bdi></span>
            <span class="muted" dir="ltr">{ node_name(node).to_owned() }</span>
            if is_here { <span class="identity-here"><Icon symbol={Symbol::Check} />{ t!("identity-here") }</span> }
        </button>
    }
}

fn to(place: Place) -> Callback<MouseEvent> {
    Callback::from(move |_| {
        if place != place::current() {
            place::go_to(place);
        }
    })
}

/// Which identities there are, in the settings.
#[component]
pub fn IdentitySettings() -> Html {
    html! {
        <section class="card stack" aria-labelledby="settings-identities">
            <h3 id="settings-identities">{ t!("identities") }</h3>
            <p class="hint">{ t!("identities-hint") }</p>
            <IdentityList with_current=true with_new=true />
        </section>
    }
}

/// The browser has cleared away an identity that was here: what happened, and the way back.
#[component]
pub fn Evicted() -> Html {
    let here = place::current();
    let lost = use_memo((), |()| known().at(here).cloned());
    let forgotten = use_state(|| false);
    let Some(lost) = (*lost).clone().filter(|_| !*forgotten) else {
        return Html::default();
    };
    let forget = Callback::from(move |_: MouseEvent| {
        place::set_known(&known().without(here).to_text());
        forgotten.set(true);
    });
    html! {
        <section class="card stack evicted" role="alert" data-testid="evicted">
            <h2 class="with-icon"><Icon symbol={Symbol::Warning} />{ t!("evicted-title", name = name(&lost)) }</h2>
            <p>{ t!("evicted-what") }</p>
            <p>{ t!("evicted-way") }</p>
            <div class="buttons">
                <Link to={Route::Restore} class="button primary" testid="evicted-restore">
                    <Icon symbol={Symbol::LifeBuoy} />{ t!("evicted-restore") }
                </Link>
                <button type="button" class="button" onclick={forget} data-testid="evicted-forget">{ t!("evicted-forget") }</button>
            </div>
            <p class="hint">{ t!("evicted-install") }</p>
        </section>
    }
}
