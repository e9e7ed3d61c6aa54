//! Contact links: every slip is noticed.

use shared_crypto::id::IdentityId;
use shared_crypto::link::NodeInvite;
use shared_crypto::link::{ContactLink, LinkError};
use shared_crypto::node_url::NodeUrl;

fn link(invite: Option<[u8; 16]>) -> ContactLink {
    ContactLink {
        node: NodeUrl::parse("https://chat.example.org:8443").unwrap(),
        node_mark: [0x3c; 10],
        identity: IdentityId::from_bytes([0x5a; 32]),
        invite,
    }
}

#[test]
fn links_come_back() {
    for link in [link(None), link(Some([7; 16]))] {
        let text = link.to_string();
        assert!(text.len() < 120, "{}", text.len());
        assert_eq!(ContactLink::parse(&text), Ok(link.clone()));
        assert_eq!(
            ContactLink::parse(&format!(" \n{text}\t ")),
            Ok(link.clone())
        );
        assert_eq!(ContactLink::parse(&text.replace("/i#", "/i/#")), Ok(link));
    }
}

#[test]
fn each_changed_character_is_refused() {
    let characters: Vec<char> = (' '..='~').chain(['é', '—', '\u{200b}']).collect();
    for link in [link(None), link(Some([7; 16]))] {
        let text = link.to_string();
        for index in 0..text.len() {
            for character in &characters {
                let mut changed = text.clone();
                changed.replace_range(index..=index, &character.to_string());
                if changed != text {
                    assert!(ContactLink::parse(&changed).is_err(), "{changed}");
                }
            }
        }
    }
}

#[test]
fn each_missing_doubled_or_swapped_character_is_refused() {
    let text = link(Some([7; 16])).to_string();
    for index in 0..text.len() {
        let mut missing = text.clone();
        missing.remove(index);
        assert!(ContactLink::parse(&missing).is_err(), "{missing}");
        let mut doubled = text.clone();
        doubled.insert(index, char::from(text.as_bytes()[index]));
        assert!(ContactLink::parse(&doubled).is_err(), "{doubled}");
        assert!(ContactLink::parse(&text[..index]).is_err());
        let mut swapped = text.clone().into_bytes();
        if index > 0 {
            swapped.swap(index - 1, index);
        }
        let swapped = String::from_utf8(swapped).unwrap();
        assert!(
            swapped == text || ContactLink::parse(&swapped).is_err(),
            "{swapped}"
        );
    }
}

#[test]
fn the_reason_is_said() {
    let text = link(None).to_string();
    let parse = |text: &str| ContactLink::parse(text).unwrap_err();
    assert_eq!(parse(""), LinkError::NotALink);
    assert_eq!(parse("hello"), LinkError::NotALink);
    assert_eq!(parse("https://example.org/#x"), LinkError::NotALink);
    assert_eq!(parse("https://example.org/j#x"), LinkError::NotALink);
    assert_eq!(parse(&text.replace("https", "ftp")), LinkError::BadNode);
    assert_eq!(parse(&text.replace("8443", "443")), LinkError::BadNode);
    assert_eq!(parse(&text.replace("https", "http")), LinkError::BadNode);
    assert_eq!(parse(&text.replace("chat", "chap")), LinkError::Typo);
    assert_eq!(parse("https://example.org/i#"), LinkError::Typo);
    assert_eq!(parse("https://example.org/i#AAAA"), LinkError::Typo);
}

#[test]
fn an_invite_to_a_node_is_no_contact_link() {
    let invite = NodeInvite {
        node: shared_crypto::node_url::NodeUrl::parse("https://chat.example").unwrap(),
        node_mark: [7; 10],
        token: [8; 16],
    };
    let text = invite.to_string();
    assert!(text.len() < 120, "{text}");
    assert_eq!(NodeInvite::parse(&text), Ok(invite));
    assert_eq!(ContactLink::parse(&text), Err(LinkError::Typo));
    let mut damaged = text.into_bytes();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = String::from_utf8(damaged).unwrap();
    assert_eq!(NodeInvite::parse(&damaged), Err(LinkError::Typo));
}
