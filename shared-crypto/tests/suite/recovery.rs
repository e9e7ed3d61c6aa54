//! Recovery phrases and safety numbers.

use proptest::prelude::*;
use shared_crypto::recovery::{PhraseError, RecoveryPhrase};
use shared_crypto::safety_number::safety_number;

use crate::support::{alice, bob, carol, rng};

/// From the BIP-39 test vectors.
const KNOWN: [([u8; 16], &str); 4] = [
    (
        [0; 16],
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
         about",
    ),
    (
        [0x7f; 16],
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
    ),
    (
        [0x80; 16],
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    ),
    (
        [0xff; 16],
        "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    ),
];

#[test]
fn phrases_are_those_of_bip_39() {
    for (entropy, words) in KNOWN {
        let phrase = RecoveryPhrase::from_entropy(&entropy);
        assert_eq!(phrase.words().as_str(), words);
        assert_eq!(RecoveryPhrase::parse(words).unwrap().entropy(), &entropy);
        let shouted = words.to_uppercase().replace(' ', " \n ");
        assert_eq!(RecoveryPhrase::parse(&shouted).unwrap(), phrase);
    }
}

proptest! {
    #[test]
    fn any_phrase_is_the_librarys(entropy: [u8; 16], wrong in 0..2048_usize, place in 0..12_usize) {
        let phrase = RecoveryPhrase::from_entropy(&entropy);
        let theirs = bip39::Mnemonic::from_entropy(&entropy).unwrap();
        let words = phrase.words();
        prop_assert_eq!(words.as_str(), theirs.to_string());
        let mut words: Vec<&str> = words.split(' ').collect();
        words[place] = bip39::Language::English.word_list()[wrong];
        let changed = words.join(" ");
        let theirs = bip39::Mnemonic::parse_normalized(&changed).ok();
        let ours = RecoveryPhrase::parse(&changed).ok();
        prop_assert_eq!(
            ours.map(|phrase| phrase.entropy().to_vec()),
            theirs.map(|mnemonic| mnemonic.to_entropy_array().0[..16].to_vec())
        );
    }
}

#[test]
fn wrong_phrases_say_what_is_wrong() {
    let parse = |text: &str| RecoveryPhrase::parse(text).unwrap_err();
    assert_eq!(parse(""), PhraseError::Count(0));
    assert_eq!(parse(&"zoo ".repeat(11)), PhraseError::Count(11));
    assert_eq!(parse(&"zoo ".repeat(13)), PhraseError::Count(13));
    assert_eq!(parse(&"zoo ".repeat(24)), PhraseError::Count(24));
    assert_eq!(parse(&"zoo ".repeat(12)), PhraseError::Checksum);
    assert_eq!(
        parse(&KNOWN[3].1.replacen("zoo", "zoe", 1)),
        PhraseError::UnknownWord(1)
    );
    assert_eq!(
        parse(&KNOWN[3].1.replace("wrong", "wromg")),
        PhraseError::UnknownWord(12)
    );
    assert_eq!(
        parse("\u{0}ü ".repeat(12).as_str()),
        PhraseError::UnknownWord(1)
    );
}

#[test]
fn what_a_phrase_gives_is_distinct_and_not_shown() {
    let rng = &mut rng(1);
    let (one, two) = (RecoveryPhrase::generate(rng), RecoveryPhrase::generate(rng));
    assert_ne!(one, two);
    assert_ne!(one.commitment(), two.commitment());
    assert_ne!(one.vault_half(), two.vault_half());
    assert_ne!(*one.vault_half(), *one.recovery_key().to_seed());
    assert_eq!(format!("{one:?}"), "RecoveryPhrase(…)");
    assert!(!format!("{:?}", one.recovery_key()).contains("seed"));
}

#[test]
fn safety_numbers_are_the_same_from_both_sides() {
    let number = |a: &crate::support::Person, b: &crate::support::Person| {
        let (a, b) = (
            (a.id(), a.chain.signing_key()),
            (b.id(), b.chain.signing_key()),
        );
        safety_number((&a.0, a.1), (&b.0, b.1))
    };
    let digits = number(alice(), bob());
    assert_eq!(digits, number(bob(), alice()));
    assert_ne!(digits, number(alice(), carol()));
    let groups: Vec<&str> = digits.split(' ').collect();
    assert_eq!(groups.len(), 12);
    assert!(
        groups
            .iter()
            .all(|g| g.len() == 5 && g.bytes().all(|b| b.is_ascii_digit()))
    );
    // Another signing key changes the half of its owner only.
    let (a, b) = (alice().id(), bob().id());
    let rotated = safety_number((&a, carol().signing.public()), (&b, bob().signing.public()));
    let halves = |number: &str| (number[..35].to_owned(), number[35..].to_owned());
    let (before, after) = (halves(&digits), halves(&rotated));
    assert!((before.0 == after.0) != (before.1 == after.1));
}
