//! The own contact link.

use yew::prelude::*;

use super::copy::{CopyButton, ShareButton};
use super::qr::QrCode;
use crate::i18n::t;

/// Properties of [`MyLink`].
#[derive(Properties, PartialEq)]
pub struct MyLinkProps {
    /// The link.
    pub link: AttrValue,
}

/// The link as text and as a code, with the ways to give it away.
#[component]
pub fn MyLink(props: &MyLinkProps) -> Html {
    html! {
        <section class="card my-link" aria-labelledby="my-link-title">
            <div class="my-link-words">
                <h3 id="my-link-title">{ t!("link-title") }</h3>
                <p class="muted">{ t!("link-lead") }</p>
                <p class="link-text" dir="ltr" tabindex="0" data-testid="my-link">{ props.link.clone() }</p>
                <div class="buttons">
                    <CopyButton text={props.link.clone()} class="primary" testid="copy-link" />
                    <ShareButton url={props.link.clone()} />
                </div>
            </div>
            <QrCode text={props.link.clone()} label={t!("link-qr")} />
        </section>
    }
}
