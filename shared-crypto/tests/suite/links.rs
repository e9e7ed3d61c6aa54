//! Contact links: every slip is noticed.

use shared_crypto::base64url;
use shared_crypto::hash::hash_parts;
use shared_crypto::id::{IdentityId, Pass};
use shared_crypto::link::NodeInvite;
use shared_crypto::link::{ContactLink, LinkError};
use shared_crypto::node_url::NodeUrl;

fn link(invite: Option<[u8; 16]>) -> ContactLink {
    with_pass(None, invite)
}

/// One for somebody whom its owner means.
fn with_pass(pass: Option<[u8; 8]>, invite: Option<[u8; 16]>) -> ContactLink {
    ContactLink {
        node: NodeUrl::parse("https://chat.example.org:8443").unwrap(),
        node_mark: [0x3c; 10],
        identity: IdentityId::from_bytes([0x5a; 32]),
        pass: pass.map(Pass::from_bytes),
        invite,
    }
}

/// Each of the four that a length can tell apart.
fn all() -> [ContactLink; 4] {
    let (pass, invite) = (Some([5; 8]), Some([7; 16]));
    [
        with_pass(None, None),
        with_pass(pass, None),
        with_pass(None, invite),
        with_pass(pass, invite),
    ]
}

#[test]
fn the_length_of_a_link_tells_what_is_in_it() {
    let code = |link: &ContactLink| {
        let text = link.to_string();
        let (_, code) = text.split_once('#').unwrap();
        base64url::decode(code).unwrap()
    };
    assert_eq!(all().map(|link| code(&link).len()), [47, 55, 63, 71]);
    // A right checksum over anything else is none of them.
    let (bare, node) = (code(&link(None)), link(None).node);
    let body = &bare[..43];
    for length in 0..40 {
        let body = [body, &vec![5; length]].concat();
        let sum = hash_parts("zechat/link/v1", &[node.as_str().as_bytes(), &body]);
        let bytes = [&body[..], &sum.as_bytes()[..4]].concat();
        let text = format!("{node}/i#{}", base64url::encode(&bytes));
        let is_one = [0, 8, 16, 24].contains(&length);
        assert_eq!(ContactLink::parse(&text).is_ok(), is_one, "{length}");
    }
}

#[test]
fn links_come_back() {
    for link in all() {
        let text = link.to_string();
        let usual = link.pass.is_none() || link.invite.is_none();
        assert!(!usual || text.len() < 120, "{}", text.len());
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
    for link in all() {
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
