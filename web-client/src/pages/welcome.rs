//! The first page: a name, and nothing else.

use client_core::request::{Failure, Request};
use shared_crypto::link::{ContactLink, NodeInvite};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::opening::mark;
use crate::bridge::CallError;
use crate::components::copy::CopyButton;
use crate::components::field::{setter, typed, use_ever};
use crate::components::icon::{Icon, Symbol};
use crate::components::identities::{Evicted, IdentityList};
use crate::components::link::Link;
use crate::components::note::ErrorNote;
use crate::context::{Context, use_app};
use crate::i18n::t;
use crate::platform::{document, location};
use crate::route::Route;
use crate::state::app::AppAction;
use crate::state::person::{clean_name, node_name};

/// Characters of a name.
const NAME_LIMIT: usize = 64;

/// Asks for a name and has the identity made.
#[component]
pub fn Welcome() -> Html {
    let app = use_app();
    let invited = matches!(app.nav.route, Route::Invite(_));
    let creation = &app.state.creation;
    let name = use_state(|| creation.name.clone());
    let node = use_state(|| creation.node.clone());
    let wrong = use_state(|| None::<Wrong>);
    use_effect_with((), |()| {
        if document::has_fine_pointer() {
            document::focus("name");
        }
    });
    let onsubmit = {
        let (app, name, node, wrong) = (app.clone(), name.clone(), node.clone(), wrong.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if app.state.creation.busy {
                return;
            }
            let home = match invitation(&app.nav.route) {
                Some(link) if node.trim().is_empty() => link,
                _ => (*node).clone(),
            };
            match read(&name, &home) {
                Ok(request) => {
                    wrong.set(None);
                    create(&app, request, (*name).clone(), (*node).clone());
                }
                Err(what) => {
                    document::focus(if what == Wrong::Name { "name" } else { "node" });
                    wrong.set(Some(what));
                }
            }
        })
    };
    let bad_name =
        *wrong == Some(Wrong::Name) || creation.error == Some(CallError::Failed(Failure::BadName));
    let busy = creation.busy;
    html! {
        <main class="welcome">
            <div class="welcome-pitch">
                <p class="wordmark">{ mark("") }<span>{ t!("app-name") }</span></p>
                if invited {
                    <p class="invited" data-testid="invited"><Icon symbol={Symbol::Message} />{ t!("welcome-invited") }</p>
                    <h1>{ t!("welcome-invited-title") }</h1>
                    <p class="lead">{ t!("welcome-invited-lead") }</p>
                } else {
                    <h1>{ t!("welcome-title") }</h1>
                    <p class="lead">{ t!("welcome-lead") }</p>
                }
                <ul class="points">
                    <li><Icon symbol={Symbol::Key} />{ t!("welcome-point-keys") }</li>
                    <li><Icon symbol={Symbol::Server} />{ t!("welcome-point-nodes") }</li>
                    <li><Icon symbol={Symbol::CheckCircle} />{ t!("welcome-point-lost") }</li>
                </ul>
            </div>
            <div class="welcome-side">
                <Evicted />
                <form class="card welcome-form" {onsubmit} novalidate=true>
                    <div class="field">
                        <label for="name">{ t!("welcome-name") }</label>
                        <input id="name" type="text" dir="auto" autocomplete="nickname" maxlength="128" value={(*name).clone()}
                            oninput={setter(&name).reform(typed)} aria-describedby="name-hint" aria-invalid={bad_name.then_some("true")}
                            data-testid="welcome-name" />
                        <p id="name-hint" class="hint">{ t!("welcome-name-hint") }</p>
                        <div role="alert">
                            if *wrong == Some(Wrong::Name) {
                                <p class="field-error" data-testid="error">{ t!("welcome-name-needed") }</p>
                            }
                        </div>
                    </div>
                    <Advanced node={node.clone()} wrong={*wrong == Some(Wrong::Node)} />
                    if creation.error.is_some() { <p class="field-error">{ t!("creating-failed") }</p> }
                    <ErrorNote error={creation.error.clone()} />
                    <button type="submit" class="button primary wide" data-testid="welcome-create" aria-disabled={busy.then_some("true")}>
                        if busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                        { t!("welcome-create") }
                    </button>
                </form>
                <p class="have-one"><Link to={Route::Restore} testid="have-one">{ t!("welcome-have-one") }</Link></p>
                <IdentityList />
                if let Route::Invite(link) = &app.nav.route {
                    <div class="elsewhere">
                        <p><strong>{ t!("welcome-elsewhere") }</strong>{ " " }{ t!("welcome-elsewhere-hint") }</p>
                        <CopyButton text={link.clone()} label={AttrValue::from(t!("welcome-copy-invitation"))} class="small" />
                    </div>
                }
            </div>
        </main>
    }
}

/// Has the identity made. The page may be gone when the answer comes: it goes to the application.
fn create(app: &Context, request: Request, name: String, node: String) {
    let (client, state) = (app.client.clone(), app.state.dispatcher());
    state.dispatch(AppAction::AskedToCreate { name, node });
    spawn_local(async move {
        state.dispatch(AppAction::Created(client.run(request).await));
    });
}

#[derive(Properties, PartialEq)]
struct AdvancedProps {
    node: UseStateHandle<String>,
    wrong: bool,
}

#[component]
fn Advanced(props: &AdvancedProps) -> Html {
    let here = use_memo((), |()| location::origin());
    let open = use_ever(!props.node.is_empty());
    html! {
        <details class="advanced" {open}>
            <summary>{ t!("welcome-advanced") }</summary>
            <div class="field">
                <label for="node">{ t!("welcome-node") }</label>
                <input id="node" type="url" inputmode="url" dir="ltr" autocomplete="url" spellcheck="false"
                    placeholder={t!("welcome-node-placeholder")} value={(*props.node).clone()} oninput={setter(&props.node).reform(typed)}
                    aria-describedby="node-hint" aria-invalid={props.wrong.then_some("true")} data-testid="advanced-node" />
                <p id="node-hint" class="hint">{ t!("welcome-node-hint", node = node_name(&here)) }</p>
                <div role="alert">
                    if props.wrong { <p class="field-error" data-testid="error">{ t!("welcome-node-wrong") }</p> }
                </div>
            </div>
        </details>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Name,
    Node,
}

/// The link that was opened, if a new account may be made with it.
fn invitation(route: &Route) -> Option<String> {
    let Route::Invite(link) = route else {
        return None;
    };
    let opens = NodeInvite::parse(link).is_ok()
        || ContactLink::parse(link).is_ok_and(|link| link.invite.is_some());
    opens.then(|| link.clone())
}

/// Reads what was typed. The engine checks again; this saves a round for what is plainly wrong.
fn read(name: &str, node: &str) -> Result<Request, Wrong> {
    let name = name.trim();
    if clean_name(name).is_none() || name.chars().count() > NAME_LIMIT {
        return Err(Wrong::Name);
    }
    let node = node.trim().trim_end_matches('/');
    let node = match node {
        "" => None,
        url if url.starts_with("https://") || url.starts_with("http://") => Some(url.to_owned()),
        host if host.contains("://") || host.contains(char::is_whitespace) => {
            return Err(Wrong::Node);
        }
        host => Some(format!("https://{host}")),
    };
    Ok(Request::CreateIdentity {
        name: name.to_owned(),
        node,
    })
}

#[cfg(test)]
mod tests {
    use shared_crypto::node_url::NodeUrl;

    use super::*;

    fn made(name: &str, node: Option<&str>) -> Result<Request, Wrong> {
        Ok(Request::CreateIdentity {
            name: name.into(),
            node: node.map(str::to_owned),
        })
    }

    #[test]
    fn a_name_is_enough() {
        assert_eq!(read(" Ada ", ""), made("Ada", None));
        assert_eq!(read(" \u{200B} ", ""), Err(Wrong::Name));
        assert_eq!(read(&"x".repeat(65), ""), Err(Wrong::Name));
    }

    #[test]
    fn a_link_that_invites_names_the_node() {
        let invite = NodeInvite {
            node: NodeUrl::parse("https://a.example").unwrap(),
            node_mark: [1; 10],
            token: [2; 16],
        }
        .to_string();
        let link = invitation(&Route::Invite(invite.clone())).unwrap();
        assert_eq!(read("Ada", &link), made("Ada", Some(&invite)));
        let damaged = invite.replace("a.example", "b.example");
        assert_eq!(invitation(&Route::Invite(damaged)), None);
        assert_eq!(invitation(&Route::Home), None);
    }

    #[test]
    fn a_node_may_be_given_as_people_write_it() {
        assert_eq!(
            read("Ada", "https://a.example/"),
            made("Ada", Some("https://a.example"))
        );
        assert_eq!(
            read("Ada", "a.example"),
            made("Ada", Some("https://a.example"))
        );
        assert_eq!(
            read("Ada", "http://127.0.0.1:8008"),
            made("Ada", Some("http://127.0.0.1:8008"))
        );
        assert_eq!(read("Ada", "ftp://a.example"), Err(Wrong::Node));
        assert_eq!(read("Ada", "not a node"), Err(Wrong::Node));
    }
}
