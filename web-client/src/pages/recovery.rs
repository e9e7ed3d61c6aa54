//! Recovery: the phrase, the proof that it works, the copy on the nodes and its passphrase.

use client_core::request::{Request, Secret};
use client_core::view::{VaultActivity, VaultView};
use yew::prelude::*;

use crate::bridge::answers;
use crate::components::copy::CopyButton;
use crate::components::field::setter;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::note::{ErrorNote, Waiting};
use crate::components::rotate::RotateKeys;
use crate::components::secret_field::{PhraseField, SecretField};
use crate::components::vault_proof::{Devices, VaultNodes, VaultProof};
use crate::context::{use_action, use_app, use_question};
use crate::i18n::t;
use crate::route::Route;
use crate::state::phrase;
use crate::words;

/// All of it on one page.
#[component]
pub fn Recovery() -> Html {
    let app = use_app();
    let vault = &app.view().vault;
    let me = app.view().me.as_ref();
    let node = me.map(|me| me.node.clone()).unwrap_or_default();
    html! {
        <div class="place">
            <PlaceHeader title={t!("recovery")} />
            <div class="place-content">
                <p class="lead">{ t!("recovery-lead") }</p>
                <Phrase kept={vault.phrase_kept} confirmed={vault.phrase_confirmed} {node} />
                <Prove confirmed={vault.phrase_confirmed} has_passphrase={vault.has_passphrase} />
                <Copy vault={vault.clone()} />
                <Passphrase is_set={vault.has_passphrase} />
                <section class="card" aria-labelledby="stolen">
                    <h3 id="stolen">{ t!("stolen-title") }</h3>
                    <p class="muted">{ t!("stolen-lead") }</p>
                    <div class="buttons">
                        <Link to={Route::TakeBack} class="button small" testid="take-back">{ t!("stolen-open") }</Link>
                    </div>
                </section>
                <RotateKeys />
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PhraseProps {
    kept: bool,
    confirmed: bool,
    /// The address of the node where the identity is.
    node: AttrValue,
}

/// The words, shown when the person asks for them.
#[component]
fn Phrase(props: &PhraseProps) -> Html {
    let question = use_question(answers::phrase);
    let show = question.ask.reform(|_: MouseEvent| Request::RecoveryPhrase);
    let hide = question.forget.reform(|_: MouseEvent| ());
    let (symbol, class, state) = if props.confirmed {
        (Symbol::CheckCircle, "good", t!("phrase-confirmed"))
    } else {
        (Symbol::Alert, "bad", t!("phrase-unconfirmed"))
    };
    let error = question.outcome.as_ref().and_then(|it| it.as_ref().err());
    html! {
        <section class="card" aria-labelledby="phrase-title">
            <h3 id="phrase-title">{ t!("phrase-title") }</h3>
            <p class={classes!("with-icon", "standing-line", class)} data-testid="phrase-state"
                data-state={if props.confirmed { "confirmed" } else { "unconfirmed" }}>
                <Icon {symbol} />{ state }
            </p>
            if props.kept {
                <p class="muted">{ t!("phrase-lead") }</p>
                { match &question.outcome {
                    Some(Ok(words)) => shown(words, &props.node, &hide),
                    _ => html! {
                        <div class="buttons">
                            <button type="button" class="button primary" onclick={show} aria-disabled={question.busy.then_some("true")}
                                data-testid="phrase-show"><Icon symbol={Symbol::Eye} />{ t!("phrase-show") }</button>
                        </div>
                    },
                } }
                <ErrorNote error={error.cloned()} />
            } else {
                <p class="muted">{ t!("phrase-kept-not") }</p>
            }
        </section>
    }
}

fn shown(words: &[String], node: &str, hide: &Callback<MouseEvent>) -> Html {
    html! {
        <>
            <ol class="phrase-words" dir="ltr" lang="en" translate="no" aria-label={t!("phrase-words")} data-testid="phrase-words">
                for word in words { <li>{ word.clone() }</li> }
            </ol>
            <dl class="facts">
                <div><dt>{ t!("phrase-where") }</dt><dd dir="ltr" data-testid="phrase-node">{ node.to_owned() }</dd></div>
            </dl>
            <div class="buttons">
                <CopyButton text={phrase::with_address(words, node)} label={AttrValue::from(t!("phrase-copy"))} testid="phrase-copy" />
                <button type="button" class="button" onclick={hide.clone()} data-testid="phrase-written">{ t!("phrase-written") }</button>
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ProveProps {
    confirmed: bool,
    has_passphrase: bool,
}

/// Proves that the words work, by restoring from them. What was found stays until the person goes on.
#[component]
fn Prove(props: &ProveProps) -> Html {
    let typed = use_state(String::new);
    let passphrase = use_state(String::new);
    let question = use_question(answers::proof);
    let onsubmit = {
        let (typed, passphrase, ask, busy) = (
            typed.clone(),
            passphrase.clone(),
            question.ask.clone(),
            question.busy,
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                ask.emit(Request::ConfirmPhrase {
                    phrase: Secret(phrase::normal(&typed)),
                    passphrase: Secret((*passphrase).clone()),
                });
            }
        })
    };
    let error = question.outcome.as_ref().and_then(|it| it.as_ref().err());
    if let Some(Ok(found)) = &question.outcome {
        return html! {
            <section class="card" aria-label={t!("phrase-prove-title")} role="status">
                <VaultProof proof={found.clone()} />
            </section>
        };
    }
    if props.confirmed {
        return Html::default();
    }
    html! {
        <section class="card" aria-labelledby="prove-title">
            <h3 id="prove-title">{ t!("phrase-prove-title") }</h3>
            <p class="muted">{ t!("phrase-prove-lead") }</p>
            <form class="stack" {onsubmit} novalidate=true>
                <PhraseField value={(*typed).clone()} on_input={setter(&typed)} />
                if props.has_passphrase {
                    <SecretField id="prove-passphrase" label={t!("passphrase-field")} value={(*passphrase).clone()}
                        on_input={setter(&passphrase)} testid="passphrase" />
                }
                <ErrorNote error={error.cloned()} />
                if question.busy { <Waiting text={t!("prove-working")} /> }
                <div class="buttons">
                    <button type="submit" class="button primary" aria-disabled={question.busy.then_some("true")} data-testid="prove">
                        { t!("phrase-prove") }
                    </button>
                </div>
            </form>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct CopyProps {
    vault: VaultView,
}

/// The copy on the nodes, and the proof that it opens.
#[component]
fn Copy(props: &CopyProps) -> Html {
    let vault = &props.vault;
    let saving = use_action(Callback::noop());
    let proof = use_question(answers::proof);
    let busy = saving.busy || vault.activity == VaultActivity::Saving;
    let save = {
        let run = saving.run.clone();
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::SaveVault);
            }
        })
    };
    let prove = {
        let (ask, busy) = (proof.ask.clone(), proof.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                ask.emit(Request::ProveVault);
            }
        })
    };
    let error = proof.outcome.as_ref().and_then(|it| it.as_ref().err());
    let found = proof.outcome.as_ref().and_then(|it| it.as_ref().ok());
    html! {
        <section class="card" aria-labelledby="vault-title">
            <h3 id="vault-title">{ t!("vault-title") }</h3>
            <p class="muted">{ t!("vault-lead") }</p>
            <p role="status" data-testid="vault-state" data-state={words::recovery::vault_key(vault)}>{ words::recovery::vault(vault) }</p>
            <VaultNodes nodes={vault.nodes.clone()} />
            <ErrorNote error={saving.error.clone()} />
            <div class="buttons">
                <button type="button" class="button small" onclick={save} aria-disabled={busy.then_some("true")} data-testid="vault-save">
                    if busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                    { t!("vault-save") }
                </button>
            </div>
            if vault.saved_at.is_some() { <Devices devices={vault.devices.clone()} /> }
            <h4>{ t!("prove-again-title") }</h4>
            <p class="muted">{ t!("prove-again-lead") }</p>
            <div role="status" class="stack">
                if proof.busy { <p class="with-icon muted"><Icon symbol={Symbol::Busy} class="spin" />{ t!("prove-working") }</p> }
                if let Some(found) = found { <VaultProof proof={found.clone()} /> }
            </div>
            <ErrorNote error={error.cloned()} />
            <div class="buttons">
                <button type="button" class="button small" onclick={prove} aria-disabled={proof.busy.then_some("true")}
                    data-testid="prove-vault">{ t!("phrase-prove") }</button>
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct PassphraseProps {
    is_set: bool,
}

/// A second secret beside the words.
#[component]
fn Passphrase(props: &PassphraseProps) -> Html {
    let typed = use_state(String::new);
    let done = use_state(|| false);
    let action = {
        let (typed, done) = (typed.clone(), done.clone());
        use_action(Callback::from(move |()| {
            typed.set(String::new());
            done.set(true);
        }))
    };
    let set = {
        let (run, busy, done) = (action.run.clone(), action.busy, done.clone());
        move |passphrase: String| {
            if !busy {
                done.set(false);
                run.emit(Request::SetPassphrase(Secret(passphrase)));
            }
        }
    };
    let onsubmit = {
        let (typed, set) = (typed.clone(), set.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !typed.is_empty() {
                set((*typed).clone());
            }
        })
    };
    let remove = Callback::from(move |_: MouseEvent| set(String::new()));
    html! {
        <section class="card" aria-labelledby="passphrase-title">
            <h3 id="passphrase-title">{ t!("passphrase-title") }</h3>
            <p class="muted">{ t!("passphrase-lead") }</p>
            <p data-testid="passphrase-state" data-state={if props.is_set { "set" } else { "none" }}>
                if props.is_set { { t!("passphrase-is-set") } } else { { t!("passphrase-is-not-set") } }
            </p>
            <form class="stack" {onsubmit} novalidate=true>
                <SecretField id="new-passphrase" label={t!("passphrase-new")} value={(*typed).clone()} on_input={setter(&typed)}
                    autocomplete="new-password" testid="new-passphrase" />
                <ErrorNote error={action.error.clone()} />
                <p role="status" class="hint">if *done { { t!("passphrase-done") } }</p>
                <div class="buttons">
                    <button type="submit" class="button small" aria-disabled={action.busy.then_some("true")} data-testid="passphrase-set">
                        if action.busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                        if props.is_set { { t!("passphrase-change") } } else { { t!("passphrase-set") } }
                    </button>
                    if props.is_set {
                        <button type="button" class="button small danger quiet" onclick={remove} data-testid="passphrase-remove">
                            { t!("passphrase-remove") }
                        </button>
                    }
                </div>
            </form>
        </section>
    }
}
