//! Settings of this browser: how it looks, which language it speaks, what it tells, what it keeps.

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dialog::Dialog;
use super::icon::{Icon, Symbol};
use super::identities;
use super::shortcuts::KeySheetButton;
use crate::i18n::{self, t};
use crate::notify;
use crate::platform::notification::{self, Permission};
use crate::platform::{location, place, storage};
use crate::state::notices::Level;
use crate::theme::{self, Look};
use crate::words;

/// More contrast, larger text.
#[component]
pub fn LookSettings() -> Html {
    let look = use_state(theme::current_look);
    let set = {
        let look = look.clone();
        Callback::from(move |next: Look| {
            theme::set_look(next);
            look.set(next);
        })
    };
    let on_contrast = {
        let (set, look) = (set.clone(), *look);
        Callback::from(move |_: MouseEvent| {
            set.emit(Look {
                contrast: !look.contrast,
                ..look
            });
        })
    };
    let size = |index: usize, label: String| {
        let (set, now) = (set.clone(), *look);
        let onchange = Callback::from(move |_: Event| set.emit(Look { size: index, ..now }));
        html! {
            <label class="segment">
                <input type="radio" name="text-size" checked={look.size == index} {onchange} data-testid={format!("text-size-{index}")} />
                <span>{ label }</span>
            </label>
        }
    };
    html! {
        <section class="card stack" aria-labelledby="settings-look">
            <h3 id="settings-look">{ t!("settings-look") }</h3>
            <fieldset class="segments">
                <legend>{ t!("text-size") }</legend>
                <div class="segments-row">
                    { size(0, t!("text-size-small")) }
                    { size(1, t!("text-size-normal")) }
                    { size(2, t!("text-size-large")) }
                    { size(3, t!("text-size-largest")) }
                </div>
            </fieldset>
            <div class="switch-row">
                <p id="contrast-label" class="switch-label">{ t!("contrast") }</p>
                <button type="button" class="switch" role="switch" aria-checked={if look.contrast { "true" } else { "false" }}
                    aria-labelledby="contrast-label" onclick={on_contrast} data-testid="contrast">
                    <span class="switch-knob"></span>
                </button>
            </div>
            <div class="buttons"><KeySheetButton /></div>
        </section>
    }
}

/// Which language the page speaks. Choosing one loads the page again, so these are buttons: the arrow keys choose each
/// line of a list box that they pass.
#[component]
pub fn LanguageSettings() -> Html {
    let chosen = i18n::chosen();
    let choice = |tag: Option<&'static str>, name: Html| {
        let onclick = Callback::from(move |_: MouseEvent| {
            i18n::choose(tag);
            location::reload();
        });
        let is_chosen = chosen.as_deref() == tag;
        let symbol = if is_chosen {
            Symbol::Check
        } else {
            Symbol::Message
        };
        html! {
            <li><button type="button" lang={tag} {onclick} aria-current={is_chosen.then_some("true")}
                data-testid={format!("language-{}", tag.unwrap_or("browser"))}>
                <Icon {symbol} />{ name }
            </button></li>
        }
    };
    html! {
        <section class="card" aria-labelledby="settings-language">
            <h3 id="settings-language">{ t!("settings-language") }</h3>
            <ul class="choices">
                { choice(None, html! { t!("language-browser") }) }
                for language in i18n::languages() {
                    { choice(Some(language.tag), html! { <bdi>{ language.name }</bdi> }) }
                }
            </ul>
        </section>
    }
}

/// What the system is told when a message comes.
#[component]
pub fn NotificationSettings() -> Html {
    let level = use_state(notify::level);
    let permission = use_state(notification::permission);
    let choose = {
        let (level, permission) = (level.clone(), permission.clone());
        Callback::from(move |chosen: Level| {
            notify::set_level(chosen);
            level.set(chosen);
            let permission = permission.clone();
            if chosen != Level::Off {
                spawn_local(async move { permission.set(notification::ask().await) });
            }
        })
    };
    let choice = |chosen: Level, label: String| {
        let choose = choose.clone();
        html! {
            <label class="choice">
                <input type="radio" name="notify" checked={*level == chosen} onchange={Callback::from(move |_: Event| choose.emit(chosen))}
                    data-testid={format!("notify-{}", chosen.key())} />
                <span>{ label }</span>
            </label>
        }
    };
    let refused = match (*level, *permission) {
        (Level::Off, _) | (_, Permission::Granted | Permission::Unasked) => None,
        (_, Permission::Denied) => Some(t!("notify-denied")),
        (_, Permission::Missing) => Some(t!("notify-missing")),
    };
    html! {
        <section class="card">
            <fieldset class="choice-list">
                <legend>{ t!("settings-notify") }</legend>
                { choice(Level::Off, t!("notify-off")) }
                { choice(Level::Quiet, t!("notify-quiet")) }
                { choice(Level::Name, t!("notify-name")) }
                { choice(Level::Text, t!("notify-text")) }
            </fieldset>
            <p role="status" class="hint">{ refused.unwrap_or_default() }</p>
            <p class="hint">{ t!("notify-hint") }</p>
        </section>
    }
}

/// How much is stored, and whether the browser may clear it away.
#[component]
pub fn StorageSettings() -> Html {
    let estimate = use_state(|| None::<storage::Estimate>);
    {
        let estimate = estimate.clone();
        use_effect_with((), move |()| {
            spawn_local(async move { estimate.set(storage::estimate().await) });
        });
    }
    let Some(known) = *estimate else {
        return Html::default();
    };
    html! {
        <section class="card" aria-labelledby="settings-storage">
            <h3 id="settings-storage">{ t!("settings-storage") }</h3>
            <dl class="facts">
                <div><dt>{ t!("storage-used") }</dt><dd>{ words::bytes(known.used) }</dd></div>
                <div><dt>{ t!("storage-room") }</dt><dd>{ words::bytes(known.quota.saturating_sub(known.used)) }</dd></div>
            </dl>
            <p class="hint">{ if known.kept { t!("storage-kept") } else { t!("storage-not-kept") } }</p>
        </section>
    }
}

/// What cannot be taken back.
#[component]
pub fn DangerSettings() -> Html {
    let asking = use_state(|| false);
    let sure = use_state(|| false);
    let open = {
        let (asking, sure) = (asking.clone(), sure.clone());
        Callback::from(move |_: MouseEvent| {
            sure.set(false);
            asking.set(true);
        })
    };
    let close = {
        let asking = asking.clone();
        Callback::from(move |()| asking.set(false))
    };
    let onchange = {
        let sure = sure.clone();
        Callback::from(move |event: Event| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                sure.set(field.checked());
            }
        })
    };
    let delete = {
        let sure = *sure;
        Callback::from(move |_: MouseEvent| {
            if sure {
                spawn_local(async {
                    identities::delete(place::current()).await;
                });
            }
        })
    };
    html! {
        <section class="card danger-zone" aria-labelledby="settings-danger">
            <h3 id="settings-danger">{ t!("settings-danger") }</h3>
            <p>{ t!("danger-explained") }</p>
            <div class="buttons">
                <button type="button" class="button danger" onclick={open} data-testid="delete-identity">
                    <Icon symbol={Symbol::Delete} />{ t!("danger-delete") }
                </button>
            </div>
            if *asking {
                <Dialog title={t!("danger-title")} on_close={close.clone()}>
                    <p>{ t!("danger-consequences") }</p>
                    <label class="choice">
                        <input type="checkbox" checked={*sure} {onchange} data-testid="delete-sure" />
                        <span>{ t!("danger-sure") }</span>
                    </label>
                    <div class="buttons end">
                        <button type="button" class="button" onclick={close.reform(|_| ())}>{ t!("cancel") }</button>
                        <button type="button" class="button danger" onclick={delete} aria-disabled={(!*sure).then_some("true")}
                            data-testid="delete-really">{ t!("danger-delete") }</button>
                    </div>
                </Dialog>
            }
        </section>
    }
}
