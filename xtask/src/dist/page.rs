//! The page: its inline scripts become files, as the content security policy allows no inline script, and it says what
//! hash each file has that is loaded by name (`__INTEGRITY_worker.js__`).

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::scripts::Program;
use super::{PAGE, integrity, own_files, read, read_text, sha256, write};

const BEGIN: &str = "<script";
const END: &str = "</script>";

/// Moves each inline script of the page into a file named after its contents.
pub fn extract_scripts(dist: &Path, program: &Program) -> Result<()> {
    let page = read_text(dist, PAGE)?;
    if page.contains("<style") {
        bail!(
            "the page has an inline style, which the content security policy forbids: use a file"
        );
    }
    let mut result = String::with_capacity(page.len());
    let mut rest = page.as_str();
    while let Some((before, from_tag)) = rest.split_once(BEGIN) {
        result.push_str(before);
        let (attributes, body) = from_tag
            .split_once('>')
            .context("a script tag without an end")?;
        let (script, after) = body.split_once(END).context("a script without an end")?;
        if attributes.contains("src=") {
            result.push_str(&format!("{BEGIN}{attributes}>{script}{END}"));
        } else {
            let script = program.check_fetch(script.trim());
            let name = format!("start-{}.js", sha256(&script).get(..16).unwrap_or_default());
            let integrity = integrity(&script);
            result.push_str(&format!(
                "{BEGIN}{attributes} src=\"/{name}\" integrity=\"{integrity}\" crossorigin=\"anonymous\">{END}"
            ));
            write(dist, &name, script)?;
        }
        rest = after;
    }
    result.push_str(rest);
    write(dist, PAGE, result)
}

/// Says what hashes the files have that are loaded by name.
pub fn name_hashes(dist: &Path) -> Result<()> {
    let mut page = read_text(dist, PAGE)?;
    for name in own_files(dist)? {
        let placeholder = format!("__INTEGRITY_{name}__");
        if page.contains(&placeholder) {
            page = page.replace(&placeholder, &integrity(read(dist, &name)?));
        }
    }
    if let Some((_, missing)) = page.split_once("__INTEGRITY_") {
        let name = missing.split("__").next().unwrap_or_default();
        bail!("the page names {name}, which is not there");
    }
    write(dist, PAGE, page)
}

/// Links to what a browser asks for no hash of.
const WITHOUT_HASH: [&str; 3] = ["icon", "apple-touch-icon", "manifest"];

/// Sees to it that the page names each script, sheet and preload with a hash, and that each file has that hash: a browser
/// refuses another one without a word.
///
/// # Errors
/// With the first one that has none or another one.
pub fn check_hashes(dist: &Path) -> Result<()> {
    let page = read_text(dist, PAGE)?;
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or((tag, ""));
        let value = |name: &str| {
            let (_, from) = tag.split_once(&format!(" {name}=\""))?;
            from.split_once('"').map(|(value, _)| value)
        };
        if let Some(expected) = value("integrity") {
            let address = value("src").or(value("href")).unwrap_or_default();
            let name = address.trim_start_matches('/');
            ensure!(
                integrity(read(dist, name)?) == expected,
                "the page has another hash for {name}"
            );
            continue;
        }
        let kind = tag.split_ascii_whitespace().next().unwrap_or_default();
        let needs_hash = match kind.to_ascii_lowercase().as_str() {
            "script" => true,
            "link" => !value("rel").is_some_and(|rel| WITHOUT_HASH.contains(&rel)),
            _ => false,
        };
        ensure!(!needs_hash, "the page names no hash: <{tag}>");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(html: &str) -> (tempfile::TempDir, Result<String>) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "c_bg.wasm", b"\0asm").unwrap();
        write(folder.path(), PAGE, html).unwrap();
        let program = Program::find(folder.path()).unwrap();
        let result =
            extract_scripts(folder.path(), &program).and_then(|()| read_text(folder.path(), PAGE));
        (folder, result)
    }

    #[test]
    fn a_page_with_the_hash_of_another_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.js", "a()").unwrap();
        let page = |of: &str| {
            let hash = integrity(of);
            format!("<p><link rel=\"modulepreload\" href=\"/a.js\" integrity=\"{hash}\"><p>")
        };
        write(folder.path(), PAGE, page("a()")).unwrap();
        check_hashes(folder.path()).unwrap();
        write(folder.path(), PAGE, page("b()")).unwrap();
        let error = check_hashes(folder.path()).unwrap_err();
        assert!(error.to_string().contains("a.js"), "{error}");
    }

    #[test]
    fn a_page_that_loads_something_without_a_hash_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.js", "a()").unwrap();
        let check = |tag: &str| {
            write(folder.path(), PAGE, format!("<head>{tag}</head>")).unwrap();
            check_hashes(folder.path())
        };
        for tag in [
            "<script src=\"/a.js\"></script>",
            "<script>a()</script>",
            "<SCRIPT src=/a.js></SCRIPT>",
            "<script src=\"/a.js\"></script><p integrity=\"\">",
            "<link rel=\"stylesheet\" href=\"/a.css\">",
            "<link rel=stylesheet href=/a.css>",
            "<link rel=\"modulepreload\" href=\"/a.js\">",
            "<link rel=\"preload\" href=\"/a_bg.wasm\" as=\"fetch\">",
        ] {
            let error = check(tag).unwrap_err().to_string();
            assert!(error.contains("no hash"), "{tag}: {error}");
        }
        let icon = "<link rel=\"icon\" href=\"/a.svg\"><link rel=\"manifest\" href=\"/a\">";
        check(icon).unwrap();
        let hash = integrity("a()");
        check(&format!(
            "<script src=\"/a.js\" integrity=\"{hash}\"></script>"
        ))
        .unwrap();
    }

    #[test]
    fn an_inline_script_becomes_a_file_with_its_hash() {
        let (folder, page) = page_of(
            "<head><script type=\"module\">\nawait init({ module_or_path: '/c_bg.wasm' });\n</script></head>",
        );
        let page = page.unwrap();
        assert!(
            page.starts_with("<head><script type=\"module\" src=\"/start-"),
            "{page}"
        );
        assert!(
            page.contains("integrity=\"sha256-") && page.ends_with("></script></head>"),
            "{page}"
        );
        let name = page
            .split(['"'])
            .find(|part| part.starts_with("/start-"))
            .unwrap();
        let script = read_text(folder.path(), name.trim_start_matches('/')).unwrap();
        assert!(
            script.starts_with(
                "await init({ module_or_path: fetch('/c_bg.wasm', { integrity: 'sha256-"
            )
        );
    }

    #[test]
    fn what_is_loaded_by_name_has_its_hash_and_none_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        std::fs::create_dir(dist.join("i18n")).unwrap();
        write(dist, "i18n/de.ftl", "a = A").unwrap();
        write(dist, "qr-worker.js", "1").unwrap();
        let page = "<p data-texts-de=\"__INTEGRITY_i18n/de.ftl__\" data-script-qr-worker=\"__INTEGRITY_qr-worker.js__\">";
        write(dist, PAGE, page).unwrap();
        name_hashes(dist).unwrap();
        let (texts, script) = (integrity("a = A"), integrity("1"));
        assert_eq!(
            read_text(dist, PAGE).unwrap(),
            format!("<p data-texts-de=\"{texts}\" data-script-qr-worker=\"{script}\">")
        );
        write(
            dist,
            PAGE,
            "<p data-texts-es=\"__INTEGRITY_i18n/es.ftl__\">",
        )
        .unwrap();
        let missing = name_hashes(dist).unwrap_err();
        assert!(missing.to_string().contains("i18n/es.ftl"), "{missing}");
    }

    #[test]
    fn other_scripts_stay() {
        let html = "<p><script src=\"/a.js\"></script></p>";
        assert_eq!(page_of(html).1.unwrap(), html);
    }

    #[test]
    fn what_the_policy_would_block_is_refused() {
        assert!(page_of("<style>p{}</style>").1.is_err());
        assert!(page_of("<script>never ends").1.is_err());
    }
}
