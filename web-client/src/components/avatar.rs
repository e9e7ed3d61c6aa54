//! Faces: the same for an identity everywhere, drawn from its id.

use client_core::view::ContactView;
use shared_crypto::id::IdentityId;
use yew::prelude::*;

use crate::state::person::{clean_name, face, initials};

/// Properties of [`Avatar`].
#[derive(Properties, PartialEq)]
pub struct AvatarProps {
    /// Whose face.
    pub identity: IdentityId,
    /// Their name, if it is known.
    #[prop_or_default]
    pub name: AttrValue,
    /// Further classes: `small`, `large`.
    #[prop_or_default]
    pub class: Classes,
}

/// A face. It says nothing that the name beside it does not say.
#[component]
pub fn Avatar(props: &AvatarProps) -> Html {
    let face = face(&props.identity);
    let letters = clean_name(&props.name).as_deref().and_then(initials);
    let ground = format!("oklch(0.55 0.115 {})", face.hue);
    let disc = format!("oklch(0.64 0.125 {})", face.second_hue);
    let bar = format!("oklch(0.46 0.105 {})", face.hue);
    let turn = format!("rotate({} 50 50)", face.turn);
    let (x, y) = face.disc;
    html! {
        <svg class={classes!("avatar", props.class.clone())} viewBox="0 0 100 100" aria-hidden="true">
            <rect width="100" height="100" fill={ground} />
            <circle cx={x.to_string()} cy={y.to_string()} r={face.radius.to_string()} fill={disc} />
            <rect x="-30" y={face.bar.to_string()} width="160" height="22" fill={bar} transform={turn} />
            if let Some(letters) = letters {
                <text x="50" y="51" text-anchor="middle" dominant-baseline="central">{ letters }</text>
            }
        </svg>
    }
}

/// The face of a contact.
pub fn avatar_of(contact: &ContactView, class: &'static str) -> Html {
    html! { <Avatar identity={contact.identity} name={contact.name.clone()} {class} /> }
}
