//! Search for people by name, and in the texts of all conversations, in this browser.

use client_core::view::{BodyView, ContactNumber, FoundView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::field::{composes, typed};
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::sidebar_item::SidebarItem;
use crate::bridge::CallError;
use crate::context::{use_alive, use_app};
use crate::hub::ThreadEvent;
use crate::i18n::t;
use crate::platform::document;
use crate::route::Route;
use crate::words;

/// Id of the field.
pub const FIELD: &str = "search";

/// Properties of [`Search`].
#[derive(Properties, PartialEq)]
pub struct SearchProps {
    /// Whether something is being looked for: the list of conversations makes room.
    pub on_active: Callback<bool>,
}

type Found = Result<(Vec<FoundView>, bool), CallError>;

/// The field, and what was found.
#[component]
pub fn Search(props: &SearchProps) -> Html {
    let app = use_app();
    let alive = use_alive();
    let text = use_state(String::new);
    let found = use_state(|| None::<Found>);
    let latest = use_mut_ref(String::new);
    let busy = use_mut_ref(|| false);
    let oninput = {
        let (text, found, latest) = (text.clone(), found.clone(), latest.clone());
        let (client, on_active) = (app.client.clone(), props.on_active.clone());
        Callback::from(move |event: InputEvent| {
            let typed = typed(event);
            text.set(typed.clone());
            latest.replace(typed.clone());
            on_active.emit(!typed.trim().is_empty());
            if typed.trim().is_empty() {
                found.set(None);
                return;
            }
            // One search at a time: what is typed meanwhile is looked for next, as it stands then.
            if busy.replace(true) {
                return;
            }
            let (client, found, latest) = (client.clone(), found.clone(), latest.clone());
            let (alive, busy) = (alive.clone(), busy.clone());
            spawn_local(async move {
                let mut searched = String::new();
                while alive.is_alive() && *latest.borrow() != searched {
                    searched = latest.borrow().clone();
                    if searched.trim().is_empty() {
                        continue;
                    }
                    let result = client.search(None, searched.clone()).await;
                    // Only the answer to what stands in the field is shown.
                    if alive.is_alive() && *latest.borrow() == searched {
                        found.set(Some(result));
                    }
                }
                busy.replace(false);
            });
        })
    };
    let clear = {
        let (text, found, latest) = (text.clone(), found.clone(), latest);
        let on_active = props.on_active.clone();
        Callback::from(move |()| {
            text.set(String::new());
            found.set(None);
            latest.replace(String::new());
            on_active.emit(false);
        })
    };
    {
        // Hits show what stood there.
        let (hub, shown) = (app.hub.clone(), found.clone());
        use_effect_with(found.clone(), move |_| {
            let subscription = hub.subscribe(Callback::from(move |event| {
                if let ThreadEvent::Cleared(contact) = event
                    && let Some(Ok((hits, more))) = &*shown
                {
                    let stay = |hit: &&FoundView| hit.contact != contact;
                    let hits = hits.iter().filter(stay).cloned().collect();
                    shown.set(Some(Ok((hits, *more))));
                }
            }));
            move || drop(subscription)
        });
    }
    let onkeydown = {
        let clear = clear.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !composes(&event) {
                clear.emit(());
            }
        })
    };
    let typed = text.trim().to_lowercase();
    let view = app.view().clone();
    let people: Vec<_> = view
        .conversations
        .iter()
        .filter(|it| !typed.is_empty() && words::name(&it.contact).to_lowercase().contains(&typed))
        .collect();
    html! {
        <search class="search">
            <div class="search-field">
                <Icon symbol={Symbol::Search} />
                <label for={FIELD} class="visually-hidden">{ t!("search-label") }</label>
                <input id={FIELD} type="search" dir="auto" autocomplete="off" enterkeyhint="search" placeholder={t!("search-label")}
                    value={(*text).clone()} {oninput} {onkeydown} data-testid="search" />
                if !text.is_empty() {
                    <button type="button" class="icon-button" onclick={clear.reform(|_| document::focus(FIELD))} aria-label={t!("search-clear")}
                        title={t!("search-clear")}>
                        <Icon symbol={Symbol::Close} />
                    </button>
                }
            </div>
            <p class="visually-hidden" role="status">{ found.as_ref().filter(|found| people.is_empty() || !is_empty(found)).map(summary).unwrap_or_default() }</p>
            if !people.is_empty() {
                <ul class="conversations" data-testid="search-people">
                    for conversation in &people {
                        <li key={conversation.contact.number}><SidebarItem conversation={(*conversation).clone()} current=false /></li>
                    }
                </ul>
            }
            { match &*found {
                None => Html::default(),
                Some(Err(why)) => html! { <ErrorNote error={why.clone()} /> },
                Some(Ok((found, _))) if found.is_empty() && !people.is_empty() => Html::default(),
                Some(Ok((found, _))) if found.is_empty() => html! {
                    <p class="search-none">{ t!("search-none") }<br />{ t!("search-where") }</p>
                },
                Some(Ok((found, more))) => html! {
                    <>
                        <ul class="conversations" data-testid="search-results">
                            { found.iter().map(|found| html! {
                                <li key={format!("{}-{}", found.contact, found.entry.position)}><Hit found={found.clone()} /></li>
                            }).collect::<Html>() }
                        </ul>
                        if *more { <p class="hint search-none">{ t!("search-more") }</p> }
                        <p class="hint search-none">{ t!("search-where") }</p>
                    </>
                },
            } }
        </search>
    }
}

fn is_empty(found: &Found) -> bool {
    matches!(found, Ok((found, _)) if found.is_empty())
}

fn summary(found: &Found) -> String {
    match found {
        Ok((found, _)) => t!("search-count", count = found.len()),
        Err(why) => words::error(why),
    }
}

#[derive(Properties, PartialEq)]
struct HitProps {
    found: FoundView,
}

#[component]
fn Hit(props: &HitProps) -> Html {
    let app = use_app();
    let FoundView { contact, entry } = &props.found;
    let name = name_of(&app, *contact);
    let onclick = {
        let (contact, position) = (*contact, entry.position);
        let (hub, go) = (app.hub.clone(), app.nav.go.clone());
        Callback::from(move |_: MouseEvent| {
            go.emit(Route::Conversation(contact));
            hub.seek(contact, position);
        })
    };
    let text = match &entry.body {
        BodyView::Text(text) => words::one_line(text),
        other => words::preview(other),
    };
    html! {
        <button type="button" class="conversation hit" {onclick} data-testid="search-hit">
            <span class="conversation-name"><bdi>{ name }</bdi></span>
            <time class="conversation-time">{ words::short_time(entry.sent_at) }</time>
            <span class="conversation-preview">
                if entry.mine { { t!("preview-mine") }{ " " } }
                <bdi>{ text }</bdi>
            </span>
        </button>
    }
}

fn name_of(app: &crate::context::Context, contact: ContactNumber) -> String {
    app.state
        .contact(contact)
        .map(words::name)
        .unwrap_or_default()
}
