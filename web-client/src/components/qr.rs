//! QR codes.

use yew::prelude::*;

use crate::state::qr::draw;

/// Properties of [`QrCode`].
#[derive(Properties, PartialEq)]
pub struct QrCodeProps {
    /// What the code says.
    pub text: AttrValue,
    /// What it is, for who cannot see it.
    pub label: AttrValue,
}

/// A QR code: dark on light in both themes, as not every reader knows the inverse.
#[component]
pub fn QrCode(props: &QrCodeProps) -> Html {
    let drawing = use_memo(props.text.clone(), |text| draw(text));
    let Some(drawing) = drawing.as_ref() else {
        return Html::default();
    };
    let side = drawing.side;
    html! {
        <svg class="qr" role="img" aria-label={props.label.clone()} viewBox={format!("0 0 {side} {side}")}
            shape-rendering="crispEdges">
            <path d={drawing.path.clone()} />
        </svg>
    }
}
