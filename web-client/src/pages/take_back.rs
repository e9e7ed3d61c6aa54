//! Taking an identity back that somebody else has a copy of, and what is seen in a copy that was locked out.

use client_core::view::StageView;
use yew::prelude::*;

use super::restore::RestoreForm;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::context::use_app;
use crate::i18n::t;
use crate::route::Route;
use crate::state::restore::Way;

/// The form, in a browser that has an identity.
#[component]
pub fn TakeBack() -> Html {
    let app = use_app();
    let locked = app.view().stage == StageView::LockedOut;
    html! {
        <div class="place">
            <PlaceHeader title={t!("stolen-place")} />
            <div class="place-content">
                if locked { <LockedOut /> }
                <RestoreForm ways={vec![Way::TakeBack]} is_here=true />
            </div>
        </div>
    }
}

/// What happened to this copy.
#[component]
pub fn LockedOut() -> Html {
    html! {
        <section class="card locked-out" aria-labelledby="locked-out" data-testid="locked-out">
            <h3 id="locked-out" class="proof-title"><Icon symbol={Symbol::Lock} />{ t!("locked-title") }</h3>
            <p>{ t!("locked") }</p>
            <p class="muted">{ t!("locked-mine") }</p>
            <p class="muted">{ t!("locked-not-mine") }</p>
        </section>
    }
}

/// Says on every page that this copy is locked out.
#[component]
pub fn LockedBanner() -> Html {
    html! {
        <div class="banner danger" role="status" data-testid="locked-banner">
            <Icon symbol={Symbol::Lock} />
            <p>{ t!("locked-banner") }</p>
            <Link to={Route::TakeBack} class="button small" testid="locked-more">{ t!("locked-more") }</Link>
        </div>
    }
}

/// Says on every page that no node has heard of the new keys yet, and where the new phrase is.
#[component]
pub fn RecoveringBanner() -> Html {
    html! {
        <div class="banner danger" role="status" data-testid="recovering-banner">
            <Icon symbol={Symbol::Alert} />
            <p>{ t!("recovering-banner") }</p>
            <Link to={Route::Recovery} class="button small">{ t!("recovering-more") }</Link>
        </div>
    }
}
