//! Links in what people write, and contact links.

use linkify::{LinkFinder, LinkKind};

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain words.
    Words(&'a str),
    /// The address of a page: `http` or `https` and nothing else, whatever it looks like.
    Link(&'a str),
}

/// Splits a text at its links.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let spans = finder.spans(text).map(|span| match span.kind() {
        Some(LinkKind::Url) if is_web(span.as_str()) => Piece::Link(span.as_str()),
        _ => Piece::Words(span.as_str()),
    });
    spans.collect()
}

fn is_web(address: &str) -> bool {
    let starts = |scheme: &str| {
        address
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    // Somebody else's name before an @ is only ever there to deceive.
    (starts("https://") || starts("http://"))
        && !authority(address).contains('@')
        && !hides(address)
}

fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Characters that change how the rest is drawn.
fn hides(address: &str) -> bool {
    address.chars().any(super::person::is_invisible)
}

/// Whether an address of a page looks like a contact link: `https://node/i#code`. The engine checks
/// it in full; this only decides what is offered.
pub fn is_contact_link(address: &str) -> bool {
    let Some((page, code)) = address.trim().split_once('#') else {
        return false;
    };
    is_web(page) && page.ends_with("/i") && !code.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(text: &str) -> String {
        let piece = |piece| match piece {
            Piece::Words(words) => words.to_owned(),
            Piece::Link(link) => format!("[{link}]"),
        };
        pieces(text).into_iter().map(piece).collect()
    }

    #[test]
    fn web_addresses_become_links_without_the_full_stop() {
        assert_eq!(
            sketch("see https://a.example/b. Or?"),
            "see [https://a.example/b]. Or?"
        );
        assert_eq!(sketch("(HTTP://a.example)"), "([HTTP://a.example])");
        assert_eq!(sketch("two\nlines"), "two\nlines");
    }

    #[test]
    fn nothing_else_becomes_a_link() {
        for text in [
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            "data:text/html,x",
            "ftp://a.example",
            "someone@a.example",
            "https://bank.example@evil.example/",
            "https://a.example/\u{202e}gpj.exe",
            "<img src=x onerror=alert(1)>",
        ] {
            assert!(!sketch(text).contains('['), "{text}");
        }
    }

    #[test]
    fn every_character_of_the_text_is_kept() {
        let text = "a https://b.example/ü?x=1#y, c https://d@e f";
        assert_eq!(sketch(text).replace(['[', ']'], ""), text);
    }

    #[test]
    fn contact_links_are_recognised_by_their_shape() {
        assert!(is_contact_link("https://node.example/i#AQID"));
        assert!(is_contact_link(" http://127.0.0.1:8008/i#AQID\n"));
        assert!(!is_contact_link("https://node.example/i"));
        assert!(!is_contact_link("https://node.example/i#"));
        assert!(!is_contact_link("https://node.example/#/c/3"));
        assert!(!is_contact_link("ftp://node.example/i#AQID"));
    }
}
