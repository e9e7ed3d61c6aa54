//! Short names for what the program takes from its script. They are `__wbg_appendChild_8204974b7328bf98` and the
//! like, in both files, and hashes cannot be compressed: seven kilobytes of the first download.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use sha2::{Digest, Sha384};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

use super::scripts::Program;
use super::{PAGE, integrity, read, read_text, remove, sha256, write};

/// Renames the imports in the program and its script, and both files after their new contents.
pub fn shorten(dist: &Path) -> Result<()> {
    let stem = Program::stem(dist)?;
    let (script_name, wasm_name) = (format!("{stem}.js"), format!("{stem}_bg.wasm"));
    let (script, wasm) = (read_text(dist, &script_name)?, read(dist, &wasm_name)?);
    let (short_wasm, names) = rename_imports(&wasm)?;
    let short_script = rename_keys(&script, &names)?;

    let hash = sha256([short_script.as_bytes(), &short_wasm].concat());
    let base = stem
        .rsplit_once('-')
        .map_or(stem.as_str(), |(base, _)| base);
    let short_stem = format!("{base}-{}", hash.get(..16).unwrap_or_default());
    let mut page = read_text(dist, PAGE)?;
    for (before, after) in [
        (script.as_bytes(), short_script.as_bytes()),
        (&wasm, &short_wasm),
    ] {
        // A browser refuses what has another hash than its page says: better there is no client.
        let before = trunks_integrity(before);
        ensure!(page.contains(&before), "the page does not name {before}");
        page = page.replace(&before, &integrity(after));
    }
    let page = page.replace(&stem, &short_stem);
    remove(dist, &script_name)?;
    remove(dist, &wasm_name)?;
    write(dist, &format!("{short_stem}.js"), short_script)?;
    write(dist, &format!("{short_stem}_bg.wasm"), short_wasm)?;
    write(dist, PAGE, page)
}

/// The value that trunk gives an `integrity` attribute.
fn trunks_integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", BASE64.encode(&Sha384::digest(bytes)))
}

/// The program with short names of imports and without sections that only tools read, and which name became which.
fn rename_imports(wasm: &[u8]) -> Result<(Vec<u8>, BTreeMap<String, String>)> {
    let (mut module, mut names) = (Module::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("the program is damaged")?;
        match payload {
            Payload::ImportSection(imports) => {
                let mut section = ImportSection::new();
                for import in imports.into_imports() {
                    let import = import?;
                    let next = format!("i{}", names.len());
                    let short = names.entry(import.name.to_owned()).or_insert(next);
                    let kind = RoundtripReencoder
                        .entity_type(import.ty)
                        .context("an import of an unknown kind")?;
                    section.import(import.module, short, kind);
                }
                module.section(&section);
            }
            Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
                    let data = wasm.get(range).context("a section behind the end")?;
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok((module.finish(), names))
}

/// The script with the same names for what it hands over: keys of an object, one a line. Lines lose their
/// indentation, and comments go, which no browser needs.
fn rename_keys(script: &str, names: &BTreeMap<String, String>) -> Result<String> {
    let (mut result, mut renamed) = (String::with_capacity(script.len()), 0);
    let lines = script.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let key = line.split_once(": ");
        match key.and_then(|(key, value)| Some((names.get(key)?, value))) {
            Some((short, value)) => {
                renamed += 1;
                result.push_str(&format!("{short}: {value}"));
            }
            None => result.push_str(line),
        }
        result.push('\n');
    }
    ensure!(
        renamed == names.len(),
        "the script hands over {renamed} of {} things that the program takes",
        names.len()
    );
    Ok(result)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{EntityType, TypeSection};

    use super::*;

    const SCRIPT: &str = "const import0 = {\n    // Two.\n\n    __wbg_two_1f: function(arg0) {\n        return 2;\n    },\n    __wbg_one_2e: () => 1,\n};\n";

    fn program() -> Vec<u8> {
        let (mut module, mut types, mut imports) =
            (Module::new(), TypeSection::new(), ImportSection::new());
        types.ty().function([], []);
        imports.import("./c_bg.js", "__wbg_one_2e", EntityType::Function(0));
        imports.import("./c_bg.js", "__wbg_two_1f", EntityType::Function(0));
        module.section(&types).section(&imports);
        module.finish()
    }

    #[test]
    fn program_and_script_get_the_same_short_names() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        write(dist, "c-0_bg.wasm", program()).unwrap();
        write(dist, "c-0.js", SCRIPT).unwrap();
        let hashes = (
            trunks_integrity(SCRIPT.as_bytes()),
            trunks_integrity(&program()),
        );
        write(
            dist,
            PAGE,
            format!("/c-0.js {} /c-0_bg.wasm {}", hashes.0, hashes.1),
        )
        .unwrap();
        shorten(dist).unwrap();

        let stem = Program::stem(dist).unwrap();
        let script = read_text(dist, &format!("{stem}.js")).unwrap();
        let wasm = read(dist, &format!("{stem}_bg.wasm")).unwrap();
        assert_ne!(stem, "c-0");
        assert_eq!(
            script,
            "const import0 = {\ni1: function(arg0) {\nreturn 2;\n},\ni0: () => 1,\n};\n"
        );
        let (_, names) = rename_imports(&wasm).unwrap();
        assert!(names.keys().eq(["i0", "i1"]));
        let expected = format!(
            "/{stem}.js {} /{stem}_bg.wasm {}",
            integrity(&script),
            integrity(&wasm)
        );
        assert_eq!(read_text(dist, PAGE).unwrap(), expected);
        assert!(!dist.join("c-0.js").exists() && !dist.join("c-0_bg.wasm").exists());
    }

    #[test]
    fn a_script_that_misses_something_is_refused() {
        let (_, names) = rename_imports(&program()).unwrap();
        assert!(rename_keys(&SCRIPT.replace("two", "three"), &names).is_err());
        assert!(rename_imports(b"\0asm").is_err());
    }
}
