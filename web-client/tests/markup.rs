//! What others wrote is text: nothing in the page's sources makes markup or code of a string.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    reason = "a file that cannot be read fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Ways to make markup or code of a string, as they are called in Rust and in JavaScript. `clippy.toml` forbids
/// those that Rust has a name for; a property may also be set by its name.
const WAYS: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "setHTMLUnsafe",
    "createContextualFragment",
    "DOMParser",
    "srcdoc",
    "document.write",
    "new Function",
    "eval(",
    "inner_html",
    "outer_html",
    "insert_adjacent_html",
    "from_html_unchecked",
    "VRaw",
    "create_contextual_fragment",
    "DomParser",
    "Function::new_with_args",
    "Function::new_no_args",
];

fn found(source: &str) -> Vec<&'static str> {
    let ways = WAYS.iter().copied();
    ways.filter(|way| source.contains(way)).collect()
}

fn files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            self::files(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn no_string_becomes_markup_or_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("index.html")];
    for folder in ["src", "static"] {
        files(&root.join(folder), &mut all);
    }
    let mut read = 0;
    for path in all {
        let is_source = path
            .extension()
            .and_then(|it| it.to_str())
            .is_some_and(|it| ["rs", "js", "html", "svg"].contains(&it));
        if is_source {
            let source = fs::read_to_string(&path).unwrap();
            assert_eq!(found(&source), Vec::<&str>::new(), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 50, "{read} files");
}

#[test]
fn each_way_to_make_markup_is_recognised() {
    for source in [
        "element.innerHTML = text",
        "element.set_inner_html(&text);",
        "Reflect::set(&element, &\"outerHTML\".into(), &text)",
        "Html::from_html_unchecked(text.into())",
        "frame.set_attribute(\"srcdoc\", &text)",
        "js_sys::eval(&text)",
    ] {
        assert!(!found(source).is_empty(), "{source}");
    }
    assert_eq!(
        found("element.set_text_content(Some(&text));"),
        Vec::<&str>::new()
    );
}
