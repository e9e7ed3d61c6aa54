//! The sheet of all parts in all states, and the way to the scenes.

use std::rc::Rc;

use client_core::request::Failure;
use yew::prelude::*;

use super::identity;
use super::people;
use super::scenes::SCENES;
use crate::bridge::CallError;
use crate::components::avatar::Avatar;
use crate::components::entry::Entry;
use crate::components::icon::{Icon, Symbol};
use crate::components::note::{Empty, ErrorNote, Waiting};
use crate::components::qr::QrCode;

/// The sheet.
#[component]
pub fn Sheet() -> Html {
    html! {
        <main class="place-content">
            <h1>{ "Gallery" }</h1>
            { scenes() }
            { buttons() }
            { faces() }
            { fields() }
            { notes() }
            { entries() }
            <section class="card"><h2>{ "Code" }</h2><QrCode text={people::me().link} label="code" /></section>
        </main>
    }
}

fn scenes() -> Html {
    html! {
        <section class="card">
            <h2>{ "Scenes" }</h2>
            <ul class="stack">
                for (name, place) in SCENES.iter().chain(identity::SCENES) {
                    <li><a href={format!("/?scene={name}{place}")}>{ format!("{name} {place}") }</a></li>
                }
                <li><a href="/i?scene=welcome#AQIDBAUGBwgJ">{ "invited" }</a></li>
                <li><a href="/i?scene=talk#AQIDBAUGBwgJ">{ "invited, with an identity" }</a></li>
                <li><a href="/i?scene=talk#unknown">{ "invited by nobody" }</a></li>
            </ul>
            <div class="buttons"><button class="button" id="break" onclick={Callback::from(break_it)}>{ "Break the page" }</button></div>
        </section>
    }
}

#[expect(
    clippy::panic,
    reason = "this is what the button is for: what is seen when the program breaks"
)]
fn break_it(_: MouseEvent) {
    panic!("somebody pressed the button that breaks the page");
}

fn buttons() -> Html {
    html! {
        <section class="card">
            <h2>{ "Buttons" }</h2>
            <div class="buttons">
                <button class="button primary"><Icon symbol={Symbol::Send} />{ "Primary" }</button>
                <button class="button">{ "Plain" }</button>
                <button class="button danger">{ "Danger" }</button>
                <button class="button danger quiet">{ "Quiet danger" }</button>
                <button class="button small">{ "Small" }</button>
                <button class="button primary" aria-disabled="true"><Icon symbol={Symbol::Busy} class="spin" />{ "Busy" }</button>
                <button class="icon-button" aria-label="settings"><Icon symbol={Symbol::Settings} /></button>
                <button class="icon-button primary" aria-label="add"><Icon symbol={Symbol::AddContact} /></button>
                <span class="badge">{ "7" }</span>
                <span class="badge">{ "99+" }</span>
            </div>
        </section>
    }
}

fn faces() -> Html {
    let names = [
        "Ada",
        "Jonas Weber",
        "ليلى حدّاد",
        "",
        "🚀",
        "Øyvind Å",
        "李 小龙",
        "",
        "x y",
    ];
    html! {
        <section class="card">
            <h2>{ "Faces" }</h2>
            <div class="buttons">
                for number in 0..36u32 {
                    <Avatar identity={people::identity(number)}
                        name={usize::try_from(number).ok().and_then(|n| names.get(n % names.len())).copied().unwrap_or_default()} />
                }
                <Avatar identity={people::identity(40)} class="large" />
            </div>
        </section>
    }
}

fn fields() -> Html {
    html! {
        <section class="card">
            <h2>{ "Fields" }</h2>
            <div class="field">
                <label for="sheet-one">{ "A field" }</label>
                <input id="sheet-one" type="text" placeholder="Placeholder" />
                <p class="hint">{ "A hint" }</p>
            </div>
            <div class="field">
                <label for="sheet-two">{ "A wrong field" }</label>
                <input id="sheet-two" type="text" value="Value" aria-invalid="true" />
                <p class="field-error">{ "What is wrong" }</p>
            </div>
        </section>
    }
}

fn notes() -> Html {
    let failures = [
        Failure::BadLink,
        Failure::TheirNodeUnreachable,
        Failure::NodeRefused {
            code: "registration_closed".into(),
        },
        Failure::TextTooLong { limit: 16_384 },
        Failure::Storage {
            detail: "QuotaExceededError".into(),
        },
    ];
    html! {
        <section class="card">
            <h2>{ "Notes" }</h2>
            for failure in failures { <ErrorNote error={CallError::Failed(failure)} retry={Callback::noop()} /> }
            <Waiting text="Looking…" />
            <Empty symbol={Symbol::Inbox} title="Nothing here" text="And what to do about it." />
        </section>
    }
}

fn entries() -> Html {
    html! {
        <section class="card">
            <h2>{ "Entries" }</h2>
            <ol class="entry-list">
                for entry in people::states() {
                    <Entry entry={Rc::new(entry)} begins=true ends=true name="Ada" on_act={Callback::noop()} can_write=true />
                }
            </ol>
        </section>
    }
}
