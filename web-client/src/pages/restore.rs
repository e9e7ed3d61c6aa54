//! Bringing an identity into a browser that has none: from the vault, from a file, or taken back with new keys.

use client_core::request::{Failure, Secret};
use client_core::view::{RecoveryStep, RestoreStep};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::opening::mark;
use crate::bridge::CallError;
use crate::components::field::{typed, use_ever};
use crate::components::icon::{Icon, Symbol};
use crate::components::identities;
use crate::components::link::Link;
use crate::components::note::ErrorNote;
use crate::components::secret_field::{PhraseField, SecretField};
use crate::components::steps::{Standing, StepLine};
use crate::context::{Context, use_alive, use_app};
use crate::i18n::t;
use crate::platform::{document, file, location, place};
use crate::route::Route;
use crate::state::app::AppAction;
use crate::state::restore::{Chosen, Form, Way, Wrong};
use crate::words;

/// Bytes of the largest backup file that is read.
const FILE_LIMIT: u32 = 512 * 1024 * 1024;

/// The page of a browser without an identity.
#[component]
pub fn Restore() -> Html {
    use_effect_with((), |()| document::focus("restore-title"));
    html! {
        <main class="boot restore">
            <div class="restore-head">
                { mark("") }
                <h1 id="restore-title" tabindex="-1">{ t!("restore-title") }</h1>
                <p class="muted">{ t!("restore-lead") }</p>
            </div>
            <RestoreForm ways={Way::ALL.to_vec()} />
            <p><Link to={Route::Home} testid="restore-back">{ t!("restore-back") }</Link></p>
        </main>
    }
}

/// What was typed, or else the link of an identity that this browser had and cleared away, or else the node of this page.
fn origin(typed: &str) -> String {
    if typed.is_empty() {
        let known = identities::known();
        let lost = known.at(place::current()).map(|known| known.link.clone());
        lost.unwrap_or_else(location::origin)
    } else {
        typed.to_owned()
    }
}

/// Properties of [`RestoreForm`].
#[derive(Properties, PartialEq)]
pub struct RestoreFormProps {
    /// The ways that are offered.
    pub ways: Vec<Way>,
    /// Whether the identity is here already: then link and name are known, and what is here stays.
    #[prop_or_default]
    pub is_here: bool,
}

/// The form. What is typed belongs to the application: this is gone while the engine works.
#[component]
pub fn RestoreForm(props: &RestoreFormProps) -> Html {
    let app = use_app();
    let attempt = &app.state.restore;
    let form = use_state(|| Form {
        way: first(&props.ways, attempt.form.way),
        is_here: props.is_here,
        from: origin(&attempt.form.from),
        ..attempt.form.clone()
    });
    // What is missing for one way is not missing for another.
    let wrong = use_state(|| None::<(Way, Wrong)>);
    let sure = use_state(|| false);
    let unsure = use_state(|| false);
    let busy = attempt.busy;
    let way = form.way;
    let onsubmit = {
        let (app, form, wrong) = (app.clone(), form.clone(), wrong.clone());
        let (sure, unsure) = (*sure, unsure.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if busy {
                return;
            }
            match form.request() {
                Err(what) => {
                    document::focus(what.field());
                    wrong.set(Some((form.way, what)));
                }
                Ok(_) if form.way == Way::TakeBack && !sure => {
                    wrong.set(None);
                    document::focus("take-back-sure");
                    unsure.set(true);
                }
                Ok(request) => {
                    wrong.set(None);
                    start(&app, request, (*form).clone());
                }
            }
        })
    };
    let typed = |change: fn(&mut Form, String)| {
        let form = form.clone();
        Callback::from(move |text: String| {
            let mut next = (*form).clone();
            change(&mut next, text);
            form.set(next);
        })
    };
    let is_wrong =
        |what: Wrong| (*wrong == Some((way, what))).then(|| words::recovery::wrong(what));
    let on_sure = {
        let (sure, unsure) = (sure.clone(), unsure.clone());
        Callback::from(move |event: Event| {
            let field = event.target_dyn_into::<HtmlInputElement>();
            sure.set(field.is_some_and(|field| field.checked()));
            unsure.set(false);
        })
    };
    let on_without = {
        let form = form.clone();
        Callback::from(move |event: Event| {
            let field = event.target_dyn_into::<HtmlInputElement>();
            let mut next = (*form).clone();
            next.without_vault = field.is_some_and(|field| field.checked());
            form.set(next);
        })
    };
    let on_file = {
        let form = form.clone();
        Callback::from(move |file| {
            let mut next = (*form).clone();
            next.file = file;
            form.set(next);
        })
    };
    let has_passphrase = props.is_here && app.view().vault.has_passphrase;
    let opens_passphrase = use_ever(
        needs_passphrase(attempt.error.as_ref()) || has_passphrase || !form.passphrase.0.is_empty(),
    );
    let passphrase_hint = match way {
        Way::TakeBack => t!("stolen-passphrase-hint"),
        Way::Vault | Way::File => t!("passphrase-field-hint"),
    };
    html! {
        <form class="card restore-form" {onsubmit} novalidate=true>
            if props.ways.len() > 1 { <Ways ways={props.ways.clone()} form={form.clone()} /> }
            <p class="muted">
                if props.is_here { { t!("stolen-here-lead") } } else { { words::recovery::way_explained(way) } }
            </p>
            if way == Way::TakeBack { { consequences() } }
            if way == Way::File {
                <FileField file={form.file.clone()} wrong={is_wrong(Wrong::File)} {on_file} />
            }
            if way != Way::File && !props.is_here {
                <TextField id={Wrong::From.field()} label={t!("restore-from")}
                    hint={t!("restore-from-hint")} value={form.from.clone()} wrong={is_wrong(Wrong::From)}
                    on_input={typed(|form, text| form.from = text)} direction="ltr" autocomplete="url" />
            }
            <PhraseField value={form.phrase.0.clone()} wrong={is_wrong(Wrong::Phrase).map(AttrValue::from)}
                on_input={typed(Form::type_phrase)} />
            if way == Way::TakeBack && !props.is_here {
                <TextField id={Wrong::Name.field()} label={t!("welcome-name")} hint={t!("welcome-name-hint")} value={form.name.clone()}
                    wrong={is_wrong(Wrong::Name)} on_input={typed(|form, text| form.name = text)} direction="auto" autocomplete="nickname" />
            }
            if way == Way::TakeBack {
                <div class="field">
                    <label class="check" for="take-back-sure">
                        <input id="take-back-sure" type="checkbox" checked={*sure} onchange={on_sure} data-testid="take-back-sure"
                            aria-invalid={unsure.then_some("true")} aria-describedby="sure-wrong" />
                        <span>{ t!("stolen-sure") }</span>
                    </label>
                    <div role="alert" id="sure-wrong">
                        if *unsure { <p class="field-error" data-testid="error">{ t!("stolen-sure-needed") }</p> }
                    </div>
                </div>
            }
            if way == Way::TakeBack && !props.is_here && attempt.error.is_some() {
                <label class="check" for="without-vault">
                    <input id="without-vault" type="checkbox" checked={form.without_vault} onchange={on_without} data-testid="without-vault" />
                    <span>{ t!("stolen-without") }</span>
                </label>
            }
            if !props.is_here || has_passphrase {
                <details class="advanced" open={opens_passphrase}>
                    <summary>{ t!("passphrase-field") }</summary>
                    <SecretField id="restore-passphrase" label={t!("passphrase-field")} hint={AttrValue::from(passphrase_hint)}
                        value={form.passphrase.0.clone()} on_input={typed(|form, text| form.passphrase = Secret(text))} testid="passphrase" />
                </details>
            }
            <ErrorNote error={attempt.error.clone()} />
            <button type="submit" class={classes!("button", "wide", if way == Way::TakeBack { "danger" } else { "primary" })}
                aria-disabled={busy.then_some("true")} data-testid="restore">
                if busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                if way == Way::TakeBack { { t!("stolen-do") } } else { { t!("restore-do") } }
            </button>
        </form>
    }
}

/// The wanted way where it is offered, else the first.
fn first(ways: &[Way], wanted: Way) -> Way {
    let offered = ways.iter().find(|way| **way == wanted).or(ways.first());
    offered.copied().unwrap_or_default()
}

fn needs_passphrase(error: Option<&CallError>) -> bool {
    error == Some(&CallError::Failed(Failure::WrongPassphrase))
}

/// Has it done. The page may be gone when the answer comes: it goes to the application.
fn start(app: &Context, request: client_core::request::Request, form: Form) {
    let (client, state) = (app.client.clone(), app.state.dispatcher());
    let replace = app.nav.replace.clone();
    // The phrase is used up with it: there is a new one to be kept.
    let next = match form.way {
        Way::TakeBack => Route::Recovery,
        Way::Vault | Way::File => Route::Home,
    };
    state.dispatch(AppAction::AskedToRestore(form));
    spawn_local(async move {
        let result = client.run(request).await;
        match &result {
            Ok(_) => replace.emit(next),
            Err(_) if next == Route::Recovery => {
                let view = client.app().await.ok();
                match view.and_then(|view| view.me) {
                    // There are new keys and a new phrase, of which no node has heard yet.
                    Some(me) if me.recovering => replace.emit(next),
                    // The copy was brought here, but the keys are still the old ones: it goes on from here.
                    Some(_) => replace.emit(Route::TakeBack),
                    None => {}
                }
            }
            Err(_) => {}
        }
        state.dispatch(AppAction::Restored(result));
    });
}

fn consequences() -> Html {
    html! {
        <div class="note warning consequences">
            <p><strong>{ t!("stolen-what") }</strong></p>
            <ul>
                <li>{ t!("stolen-1") }</li>
                <li>{ t!("stolen-2") }</li>
                <li>{ t!("stolen-3") }</li>
                <li>{ t!("stolen-4") }</li>
                <li>{ t!("stolen-5") }</li>
            </ul>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct WaysProps {
    ways: Vec<Way>,
    form: UseStateHandle<Form>,
}

#[component]
fn Ways(props: &WaysProps) -> Html {
    let option = |way: Way| {
        let form = props.form.clone();
        let onchange = Callback::from(move |_: Event| {
            form.set(Form {
                way,
                ..(*form).clone()
            })
        });
        html! {
            <label class="segment" data-testid={format!("way-{}", way.key())}>
                <input type="radio" name="restore-way" checked={props.form.way == way} {onchange} />
                <span>{ words::recovery::way(way) }</span>
            </label>
        }
    };
    html! {
        <fieldset class="segments">
            <legend>{ t!("restore-how") }</legend>
            <div class="segments-row">for way in &props.ways { { option(*way) } }</div>
        </fieldset>
    }
}

#[derive(Properties, PartialEq)]
struct TextFieldProps {
    id: AttrValue,
    label: AttrValue,
    hint: AttrValue,
    value: AttrValue,
    wrong: Option<String>,
    on_input: Callback<String>,
    direction: AttrValue,
    autocomplete: AttrValue,
}

#[component]
fn TextField(props: &TextFieldProps) -> Html {
    let oninput = props.on_input.reform(typed);
    let (hint, wrong) = (format!("{}-hint", props.id), format!("{}-wrong", props.id));
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            <input id={props.id.clone()} type="text" dir={props.direction.clone()} autocomplete={props.autocomplete.clone()}
                autocapitalize="none" spellcheck="false" value={props.value.clone()} {oninput}
                aria-describedby={format!("{hint} {wrong}")} aria-invalid={props.wrong.is_some().then_some("true")}
                data-testid={props.id.clone()} />
            <p id={hint} class="hint">{ props.hint.clone() }</p>
            <div role="alert" id={wrong}>
                if let Some(wrong) = &props.wrong { <p class="field-error" data-testid="error">{ wrong.clone() }</p> }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FileFieldProps {
    file: Option<Chosen>,
    wrong: Option<String>,
    on_file: Callback<Option<Chosen>>,
}

#[component]
fn FileField(props: &FileFieldProps) -> Html {
    let alive = use_alive();
    let bad = use_state(|| false);
    let onchange = {
        let (on_file, bad) = (props.on_file.clone(), bad.clone());
        Callback::from(move |event: Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let (on_file, bad, alive) = (on_file.clone(), bad.clone(), alive.clone());
            spawn_local(async move {
                let read = file::read(field, FILE_LIMIT).await;
                if alive.is_alive() {
                    bad.set(read.is_none());
                    on_file.emit(read.map(|(name, bytes)| Chosen { name, bytes }));
                }
            });
        })
    };
    let wrong = if *bad {
        Some(t!("restore-file-bad"))
    } else {
        props.wrong.clone()
    };
    html! {
        <div class="field">
            <label for={Wrong::File.field()}>{ t!("restore-file") }</label>
            <input id={Wrong::File.field()} type="file" {onchange} aria-invalid={wrong.is_some().then_some("true")}
                aria-describedby="file-hint file-wrong" data-testid={Wrong::File.field()} />
            <p id="file-hint" class="hint" role="status">
                if let Some(file) = &props.file {
                    { t!("restore-file-chosen", name = file.name.as_str(), size = words::nodes::size(length(file))) }
                }
            </p>
            <div role="alert" id="file-wrong">
                if let Some(wrong) = wrong { <p class="field-error" data-testid="error">{ wrong }</p> }
            </div>
        </div>
    }
}

fn length(file: &Chosen) -> u64 {
    u64::try_from(file.bytes.len()).unwrap_or(u64::MAX)
}

/// Properties of [`Restoring`].
#[derive(Properties, PartialEq)]
pub struct RestoringProps {
    /// How far it is.
    pub step: RestoreStep,
}

/// What is seen while an identity is restored.
#[component]
pub fn Restoring(props: &RestoringProps) -> Html {
    let (number, of) = match props.step {
        RestoreStep::AskingNodes => (0, None),
        RestoreStep::Downloading { done, of } => (1, Some((done, of))),
    };
    let asking = words::recovery::restore_step(RestoreStep::AskingNodes);
    let (done, all) = of.unwrap_or_default();
    let downloading = words::recovery::restore_step(RestoreStep::Downloading { done, of: all });
    html! {
        <main class="boot creating">
            { mark("boot-mark working") }
            <div class="boot-words">
                <h1>{ t!("restoring-title") }</h1>
                <p class="muted">{ t!("restoring-lead") }</p>
            </div>
            <ol class="steps" data-testid="restoring">
                <StepLine standing={Standing::of(&0, &number)} text={asking} />
                <StepLine standing={Standing::of(&1, &number)} text={downloading} />
            </ol>
            if let Some((done, of)) = of {
                <progress value={done.to_string()} max={of.to_string()} aria-label={t!("restoring-title")}></progress>
            }
            <p class="visually-hidden" role="status">{ words::recovery::restore_step(if number == 0 { RestoreStep::AskingNodes }
                else { props.step }) }</p>
        </main>
    }
}

/// Properties of [`Recovering`].
#[derive(Properties, PartialEq)]
pub struct RecoveringProps {
    /// How far it is.
    pub step: RecoveryStep,
}

/// What is seen while an identity is taken back.
#[component]
pub fn Recovering(props: &RecoveringProps) -> Html {
    const STEPS: [RecoveryStep; 3] = [
        RecoveryStep::Fetching,
        RecoveryStep::Keys,
        RecoveryStep::Registering,
    ];
    html! {
        <main class="boot creating">
            { mark("boot-mark working") }
            <div class="boot-words"><h1>{ t!("recovering-title") }</h1></div>
            <ol class="steps" data-testid="recovering">
                for step in STEPS {
                    <StepLine standing={Standing::of(&step, &props.step)} text={words::recovery::recovery_step(step)} />
                }
            </ol>
            <p class="visually-hidden" role="status">{ words::recovery::recovery_step(props.step) }</p>
        </main>
    }
}
