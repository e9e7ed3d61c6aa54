//! What the page does with what others wrote, with addresses, and with what comes over its channel: it must not
//! panic, lose words, or make a link of what is none.

use web_client::bridge::{FromEngine, ToEngine};
use web_client::reading::{
    Piece, Rich, Route, clean_name, clean_sign, inside, is_contact_link, is_invisible, pieces, read,
};

/// Deeper than a text can be made to nest: blocks, each a list with points, and what stands in a line.
const DEEPEST: usize = 64;

/// Words of others: a message, a name, a sign, or an address of the page.
pub fn words(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut again = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => again.push_str(words),
            Piece::Link(link) => {
                let lower = link.to_ascii_lowercase();
                assert!(lower.starts_with("https://") || lower.starts_with("http://"));
                assert!(!link.chars().any(is_invisible));
                again.push_str(link);
            }
        }
    }
    assert_eq!(again, text);
    let _ = is_contact_link(text);
    if let Some(parts) = read(text) {
        assert!(depth(&parts) <= DEEPEST);
    }
    if let Some(name) = clean_name(text) {
        assert!(!name.chars().any(is_invisible));
        assert!(name.chars().count() <= 64);
    }
    assert!(clean_sign(text).chars().count() <= 8);
    let route = Route::parse(&inside(text));
    assert_eq!(Route::parse(&inside(&route.address())), route);
}

/// What another page of this origin posts on the channel between pages and workers, after the name of the build.
pub fn bridge(data: &[u8]) {
    let mut bytes = FromEngine::Ready.encode().unwrap();
    bytes.pop();
    bytes.extend_from_slice(data);
    if let Ok(asked) = ToEngine::decode(&bytes) {
        assert_eq!(ToEngine::decode(&asked.encode().unwrap()), Ok(asked));
    }
    if let Ok(told) = FromEngine::decode(&bytes) {
        assert_eq!(FromEngine::decode(&told.encode().unwrap()), Ok(told));
    }
}

fn depth(parts: &[Rich]) -> usize {
    let below = parts.iter().map(|part| match part {
        Rich::Of(_, parts) => 1 + depth(parts),
        _ => 1,
    });
    below.max().unwrap_or(0)
}
