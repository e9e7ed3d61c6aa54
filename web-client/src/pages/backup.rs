//! Files to keep: an encrypted backup of everything, and conversations to read.

use client_core::request::{ExportFormat, ExportWords, Request};
use yew::prelude::*;

use crate::bridge::answers;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::note::ErrorNote;
use crate::context::{use_app, use_question};
use crate::i18n::{language, plain, t};
use crate::platform::file;
use crate::state::person::clean_name;

/// Both kinds of file.
#[component]
pub fn Backup() -> Html {
    let app = use_app();
    let name = app.view().me.as_ref().and_then(|me| clean_name(&me.name));
    let name = name.unwrap_or_else(|| t!("me"));
    let words = ExportWords {
        language: language().to_owned(),
        title: plain(&t!("export-name", name = name)),
        me: t!("me"),
        missing: t!("export-missing"),
        unreadable: t!("export-unreadable"),
    };
    html! {
        <div class="place">
            <PlaceHeader title={t!("backup")} />
            <div class="place-content">
                <section class="card" aria-labelledby="backup-file">
                    <h3 id="backup-file">{ t!("backup-file-title") }</h3>
                    <p class="muted">{ t!("backup-file-lead") }</p>
                    <FileButton request={Request::ExportBackup} label={t!("backup-file-do")} testid="save-backup" primary=true />
                </section>
                <section class="card" aria-labelledby="backup-export">
                    <h3 id="backup-export">{ t!("export-title") }</h3>
                    <p class="note warning"><Icon symbol={Symbol::Warning} /><span>{ t!("export-lead") }</span></p>
                    <FileButton request={Request::Export(ExportFormat::Html(words))} label={t!("export-html")} testid="export-html" />
                    <FileButton request={Request::Export(ExportFormat::JsonLines)} label={t!("export-json")} testid="export-json" />
                </section>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FileButtonProps {
    request: Request,
    label: AttrValue,
    testid: AttrValue,
    #[prop_or_default]
    primary: bool,
}

/// Asks for a file, and hands it to the browser.
#[component]
fn FileButton(props: &FileButtonProps) -> Html {
    let question = use_question(answers::file);
    let saved = use_state(|| None::<Result<String, file::Refused>>);
    {
        let saved = saved.clone();
        let file = question.outcome.as_ref().and_then(|it| it.as_ref().ok());
        use_effect_with(file.cloned(), move |file| {
            saved.set(file.as_ref().map(|file| {
                file::save(&file.name, &file.media_type, &file.bytes).map(|()| file.name.clone())
            }));
        });
    }
    let onclick = {
        let (ask, forget, request, busy) = (
            question.ask.clone(),
            question.forget.clone(),
            props.request.clone(),
            question.busy,
        );
        Callback::from(move |_: MouseEvent| {
            if !busy {
                // The same file again is saved again.
                forget.emit(());
                ask.emit(request.clone());
            }
        })
    };
    let error = question.outcome.as_ref().and_then(|it| it.as_ref().err());
    html! {
        <div class="stack">
            <div class="buttons">
                <button type="button" class={classes!("button", props.primary.then_some("primary"))} {onclick}
                    aria-disabled={question.busy.then_some("true")} data-testid={props.testid.clone()}>
                    if question.busy { <Icon symbol={Symbol::Busy} class="spin" /> } else { <Icon symbol={Symbol::Download} /> }
                    { props.label.clone() }
                </button>
            </div>
            <p role="status" class="hint">
                if question.busy {
                    { t!("file-saving") }
                } else if let Some(Ok(name)) = &*saved {
                    <span data-testid="file-saved">{ t!("file-saved", name = name.as_str()) }</span>
                }
            </p>
            if let Some(Err(file::Refused)) = &*saved { <p class="field-error" role="alert">{ t!("file-failed") }</p> }
            <ErrorNote error={error.cloned()} />
        </div>
    }
}
