//! Reading somebody's QR code, with the camera or from a picture.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlVideoElement};
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::context::use_alive;
use crate::i18n::t;
use crate::platform::scan::{self, Camera, Refused};

/// Time between two looks. A look takes some milliseconds; the page stays quick.
const LOOK_MS: u32 = 250;

/// Properties of [`Scanner`].
#[derive(Properties, PartialEq)]
pub struct ScannerProps {
    /// A code was read.
    pub on_read: Callback<String>,
}

/// The two ways, and what came of them. The camera is off until it is asked for.
#[component]
pub fn Scanner(props: &ScannerProps) -> Html {
    let alive = use_alive();
    let video = use_node_ref();
    let filming = use_state(|| false);
    let problem = use_state(|| None::<String>);
    let on_camera = {
        let (filming, problem) = (filming.clone(), problem.clone());
        Callback::from(move |_: MouseEvent| {
            problem.set(None);
            filming.set(true);
        })
    };
    {
        let (video, filming, problem) = (video.clone(), filming.clone(), problem.clone());
        let on_read = props.on_read.clone();
        use_effect_with(*filming, move |on| {
            let going = Rc::new(Cell::new(*on));
            let wanted = going.clone();
            if let (true, Some(video)) = (*on, video.cast::<HtmlVideoElement>()) {
                spawn_local(async move {
                    let Ok(mut camera) = Camera::start(video).await else {
                        if wanted.get() {
                            problem.set(Some(t!("scan-no-camera")));
                            filming.set(false);
                        }
                        return;
                    };
                    while wanted.get() {
                        match camera.read().await {
                            _ if !wanted.get() => return,
                            Ok(Some(text)) => {
                                // It may be the wrong one: the camera can be asked for again.
                                filming.set(false);
                                on_read.emit(text);
                                return;
                            }
                            Ok(None) => {}
                            Err(_) => {
                                problem.set(Some(t!("scan-no-reader")));
                                filming.set(false);
                                return;
                            }
                        }
                        TimeoutFuture::new(LOOK_MS).await;
                    }
                });
            }
            move || going.set(false)
        });
    }
    let onchange = {
        let (problem, on_read) = (problem.clone(), props.on_read.clone());
        Callback::from(move |event: Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let (problem, on_read, alive) = (problem.clone(), on_read.clone(), alive.clone());
            spawn_local(async move {
                let read = scan::read_file(&field).await;
                // The same one may be chosen again.
                field.set_value("");
                if !alive.is_alive() {
                    return;
                }
                match read {
                    Ok(Some(text)) => on_read.emit(text),
                    Ok(None) => problem.set(Some(t!("scan-none"))),
                    Err(Refused::Browser) => problem.set(Some(t!("scan-unreadable"))),
                    Err(Refused::Reader) => problem.set(Some(t!("scan-no-reader"))),
                }
            });
        })
    };
    html! {
        <div class="scanner">
            if *filming {
                <video ref={video} playsinline=true muted=true aria-label={t!("scan-looking")}></video>
                <p class="hint" role="status">{ t!("scan-looking") }</p>
            }
            <div class="buttons">
                if !*filming {
                    <button type="button" class="button" onclick={on_camera} data-testid="scan-camera">
                        <Icon symbol={Symbol::Camera} />{ t!("scan-camera") }
                    </button>
                }
                <label class="button file-button">
                    <Icon symbol={Symbol::Picture} />{ t!("scan-picture") }
                    <input type="file" accept="image/*" class="visually-hidden" {onchange} data-testid="scan-picture" />
                </label>
            </div>
            <p class="scan-problem" role="alert" data-testid="scan-problem">{ (*problem).clone().unwrap_or_default() }</p>
        </div>
    }
}
