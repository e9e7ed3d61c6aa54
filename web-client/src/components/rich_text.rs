//! The text of a message, with its links and the marks that people type.

use yew::prelude::*;

use crate::state::links::{Piece, pieces};
use crate::state::rich::{Kind, Rich, read};

/// A text as it is shown in a bubble; never as markup.
pub fn message_text(text: &str) -> Html {
    match read(text) {
        None => html! { <p class="entry-text" data-testid="entry-text">{ linked(text) }</p> },
        Some(parts) => {
            html! { <div class="entry-text rich" data-testid="entry-text">{ all(&parts) }</div> }
        }
    }
}

fn all(parts: &[Rich]) -> Html {
    parts.iter().map(one).collect()
}

fn one(part: &Rich) -> Html {
    match part {
        Rich::Words(words) => linked(words),
        Rich::Break => html! { <br /> },
        Rich::Code(code) => html! { <code>{ code.clone() }</code> },
        Rich::CodeBlock(code) => html! { <pre dir="ltr"><code>{ code.clone() }</code></pre> },
        Rich::Of(kind, parts) => {
            let parts = all(parts);
            match kind {
                Kind::Paragraph => html! { <p>{ parts }</p> },
                Kind::Strong => html! { <strong>{ parts }</strong> },
                Kind::Emphasis => html! { <em>{ parts }</em> },
                Kind::Strike => html! { <s>{ parts }</s> },
                Kind::Quote => html! { <blockquote>{ parts }</blockquote> },
                Kind::List(None) => html! { <ul>{ parts }</ul> },
                Kind::List(Some(first)) => html! { <ol start={first.to_string()}>{ parts }</ol> },
                Kind::Item => html! { <li>{ parts }</li> },
            }
        }
    }
}

/// Words with their links.
fn linked(text: &str) -> Html {
    let piece = |piece| match piece {
        Piece::Words(words) => html! { words.to_owned() },
        Piece::Link(address) => html! {
            <a href={address.to_owned()} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">{ address.to_owned() }</a>
        },
    };
    pieces(text).into_iter().map(piece).collect()
}
