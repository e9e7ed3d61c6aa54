//! The ways from the settings to what concerns the identity itself.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::link::Link;
use crate::i18n::t;
use crate::route::Route;

/// The ways.
#[component]
pub fn IdentityLinks() -> Html {
    let way = |to: Route, symbol: Symbol, label: String, testid: &'static str| {
        html! { <li><Link {to} {testid}><Icon {symbol} />{ label }</Link></li> }
    };
    html! {
        <nav class="card" aria-label={t!("settings-identity")}>
            <ul class="identity-links">
                { way(Route::Nodes, Symbol::Server, t!("nodes-open"), "nodes") }
                { way(Route::Recovery, Symbol::LifeBuoy, t!("recovery-open"), "recovery") }
                { way(Route::Lock, Symbol::Lock, t!("lock-open"), "lock") }
                { way(Route::Backup, Symbol::Download, t!("backup-open"), "backup") }
            </ul>
        </nav>
    }
}
