//! Names and faces of people. What others call themselves is not trusted: it is cleaned before it
//! is shown, so that it cannot pretend to be something else or break the line it stands in.

use shared_crypto::id::IdentityId;

/// Characters of a name that are shown.
const NAME_LIMIT: usize = 64;

/// A name that is fit to be shown, or nothing if nothing is left of it.
pub fn clean_name(name: &str) -> Option<String> {
    let visible = name
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c });
    let visible: String = visible.filter(|c| !is_invisible(*c)).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let joined = words.join(" ");
    let clipped: String = joined.chars().take(NAME_LIMIT).collect();
    (!clipped.is_empty()).then_some(clipped)
}

/// A sign under a message, fit to be shown: it is somebody else's text of up to 64 bytes.
pub fn clean_sign(sign: &str) -> String {
    let visible = sign.chars().filter(|c| !is_invisible(*c));
    let shown: String = visible.take(8).collect();
    if shown.trim().is_empty() {
        "?".to_owned()
    } else {
        shown
    }
}

/// Controls, marks that turn the direction of what follows, and characters without a width.
/// The joiners stay: scripts and emoji need them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One or two letters for a face; nothing if the name has none.
pub fn initials(name: &str) -> Option<String> {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next()?;
    let letters = core::iter::once(first).chain(words.next_back());
    Some(letters.flat_map(char::to_uppercase).take(3).collect())
}

/// A node's URL without its scheme: what people call it.
pub fn node_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// The first bytes of an identity id, in groups that can be read aloud.
pub fn fingerprint(identity: &IdentityId) -> String {
    let shown = identity.as_bytes().iter().take(8);
    let mut text = String::new();
    for (index, byte) in shown.enumerate() {
        if index > 0 && index % 2 == 0 {
            text.push(' ');
        }
        text.push_str(&format!("{byte:02X}"));
    }
    text
}

/// Hues far enough apart to tell people from one another in a list, without the muddy ones.
const HUES: [u16; 12] = [5, 25, 42, 145, 165, 185, 205, 230, 255, 280, 310, 340];

/// What a face looks like; the same for an identity everywhere and for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Degrees on the colour circle.
    pub hue: u16,
    /// Degrees of the second colour.
    pub second_hue: u16,
    /// Where the large disc lies, in hundredths of the face.
    pub disc: (u8, u8),
    /// Its radius.
    pub radius: u8,
    /// Degrees by which the bar is turned.
    pub turn: u16,
    /// Where the bar lies.
    pub bar: u8,
}

/// Derives a face from an identity id.
pub fn face(identity: &IdentityId) -> Face {
    let mut bytes = identity.as_bytes().iter().copied();
    let mut next = |bound: u16| u16::from(bytes.next().unwrap_or_default()) % bound;
    let mut small = |bound: u16| u8::try_from(next(bound)).unwrap_or_default();
    let hue = HUES
        .get(usize::from(small(12)))
        .copied()
        .unwrap_or_default();
    let away = 30 + u16::from(small(4)) * 15;
    Face {
        hue,
        second_hue: (hue + away) % 360,
        disc: (small(100), small(100)),
        radius: 34 + small(24),
        turn: u16::from(small(180)),
        bar: 8 + small(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_turn_the_line_or_hide() {
        assert_eq!(
            clean_name(" Ada \u{202E}ecalevoL\n"),
            Some("Ada ecalevoL".into())
        );
        assert_eq!(
            clean_name("a\u{200B}b\u{FEFF}c\u{0007}"),
            Some("abc".into())
        );
        assert_eq!(clean_name("\u{2066}\u{2069}\u{200F} \t"), None);
        assert_eq!(
            clean_name(&"é".repeat(500)).map(|name| name.chars().count()),
            Some(NAME_LIMIT)
        );
        assert_eq!(clean_name("ليلى"), Some("ليلى".into()));
        assert_eq!(
            clean_name("👩\u{200D}🚀"),
            Some("👩\u{200D}🚀".into()),
            "joiners stay"
        );
    }

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada"), Some("A".into()));
        assert_eq!(initials("ada king lovelace"), Some("AL".into()));
        assert_eq!(initials("(straße) ß"), Some("SSS".into()));
        assert_eq!(initials("🚀 !"), None);
    }

    #[test]
    fn a_node_is_called_by_its_host() {
        assert_eq!(node_name("https://node.example/"), "node.example");
        assert_eq!(node_name("http://127.0.0.1:8008"), "127.0.0.1:8008");
    }

    #[test]
    fn faces_differ_and_stay() {
        let first = face(&IdentityId::from_bytes([1; 32]));
        assert_eq!(first, face(&IdentityId::from_bytes([1; 32])));
        assert_ne!(first, face(&IdentityId::from_bytes([2; 32])));
        assert!(face(&IdentityId::from_bytes([255; 32])).hue < 360);
    }

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(
            fingerprint(&IdentityId::from_bytes([0xA3; 32])),
            "A3A3 A3A3 A3A3 A3A3"
        );
    }
}
