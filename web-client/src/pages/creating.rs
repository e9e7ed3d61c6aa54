//! The identity is being made.

use client_core::view::CreationStep;
use yew::prelude::*;

use super::opening::mark;
use crate::components::icon::{Icon, Symbol};
use crate::components::note::ErrorNote;
use crate::context::use_app;
use crate::i18n::t;
use crate::platform::location;
use crate::words;

const STEPS: [CreationStep; 5] = [
    CreationStep::MeetingNode,
    CreationStep::SigningKey,
    CreationStep::SealingKey,
    CreationStep::Record,
    CreationStep::Registering,
];

/// Properties of [`Creating`].
#[derive(Properties, PartialEq)]
pub struct CreatingProps {
    /// The step under way.
    pub step: CreationStep,
}

/// The steps, as they really go.
#[component]
pub fn Creating(props: &CreatingProps) -> Html {
    // Only the time limit: any other failure leads back to the welcome page.
    let error = use_app().state.creation.error.clone();
    html! {
        <main class="boot creating">
            { mark("boot-mark working") }
            <div class="boot-words">
                <h1>{ t!("creating-title") }</h1>
                <p class="muted">{ t!("creating-lead") }</p>
            </div>
            <ol class="steps">
                for step in STEPS { { line(step, props.step) } }
            </ol>
            <p class="visually-hidden" role="status">{ words::step(props.step) }</p>
            <ErrorNote error={error} retry={Callback::from(|()| location::reload())} />
        </main>
    }
}

fn line(step: CreationStep, now: CreationStep) -> Html {
    let (class, symbol, state) = match step.cmp(&now) {
        core::cmp::Ordering::Less => ("done", Symbol::CheckCircle, t!("creating-step-done")),
        core::cmp::Ordering::Equal => ("now", Symbol::Busy, t!("creating-step-now")),
        core::cmp::Ordering::Greater => ("later", Symbol::Clock, t!("creating-step-later")),
    };
    let testid = (step == now).then_some("creating-step");
    html! {
        <li class={classes!("step", class)} data-testid={testid}>
            if class == "later" {
                <span class="step-dot" aria-hidden="true"></span>
            } else {
                <Icon {symbol} class={classes!((class == "now").then_some("spin"))} />
            }
            <span>{ words::step(step) }</span>
            <span class="visually-hidden">{ "(" }{ state }{ ")" }</span>
        </li>
    }
}
