//! The browser composes passphrases as the tables of other programs do.

use client_core::request::Secret;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn passphrases_are_normal_however_they_were_typed() {
    for (typed, normal) in [
        ("Zürich", "Zürich"),
        ("Zu\u{308}rich", "Zürich"),
        ("\u{fb01}sh ½ ①", "fish 1\u{2044}2 1"),
        ("\u{1100}\u{1161}\u{11a8}", "\u{ac01}"),
        ("a\u{302}\u{323}", "\u{1ead}"),
        ("", ""),
    ] {
        assert_eq!(&*Secret(typed.to_owned()).normal(), normal);
    }
}
