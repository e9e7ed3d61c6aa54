//! Telling scripts that are written by hand what trunk named the program.
//!
//! They contain `__GLUE__` (address of the generated script), `__WASM__` (address of the program) and, if they
//! like, `__WASM_INTEGRITY__` (its hash, for `fetch(…, { integrity })`), or `__READER_INTEGRITY__` (that of the program
//! that reads codes).

use std::path::Path;

use anyhow::{Result, bail, ensure};

use super::{integrity, own_files, read, read_text, write};

/// The program that is loaded when somebody scans, without its endings. Trunk gives it no hash.
const READER: &str = "qr-reader";

/// The compiled program and the script that starts it, by address.
pub struct Program {
    glue: String,
    wasm: String,
    integrity: String,
}

impl Program {
    /// Finds the one that trunk made.
    pub fn find(dist: &Path) -> Result<Self> {
        let stem = Self::stem(dist)?;
        let wasm = format!("{stem}_bg.wasm");
        let integrity = integrity(read(dist, &wasm)?);
        Ok(Self {
            glue: format!("/{stem}.js"),
            wasm: format!("/{wasm}"),
            integrity,
        })
    }

    /// The name of its files without their endings.
    pub fn stem(dist: &Path) -> Result<String> {
        let files = own_files(dist)?;
        let stems: Vec<&str> = files
            .iter()
            .filter_map(|name| name.strip_suffix("_bg.wasm"))
            .filter(|stem| *stem != READER)
            .collect();
        let [stem] = stems.as_slice() else {
            bail!(
                "expected one program (…_bg.wasm) in the client, found {}",
                stems.len()
            );
        };
        Ok((*stem).to_owned())
    }

    /// A script of trunk's with the program fetched under its hash. The page's preloads have hashes,
    /// but a preload that does not match is only fetched again, without a check.
    pub fn check_fetch(&self, script: &str) -> String {
        let plain = format!("module_or_path: '{}'", self.wasm);
        let checked = format!(
            "module_or_path: fetch('{}', {{ integrity: '{}' }})",
            self.wasm, self.integrity
        );
        script.replace(&plain, &checked)
    }
}

/// Replaces the placeholders in every script.
pub fn fill_in(dist: &Path, program: &Program) -> Result<()> {
    let files = own_files(dist)?;
    let reader = format!("{READER}_bg.wasm");
    let reader = match files.contains(&reader) {
        true => integrity(read(dist, &reader)?),
        false => String::new(),
    };
    for name in files.iter().filter(|name| name.ends_with(".js")) {
        let before = read_text(dist, name)?;
        let after = before
            .replace("__READER_INTEGRITY__", &reader)
            .replace("__WASM_INTEGRITY__", &program.integrity)
            .replace("__GLUE__", &program.glue)
            .replace("__WASM__", &program.wasm);
        if after != before {
            write(dist, name, after)?;
        }
    }
    Ok(())
}

/// Leaves comments and indentation out of the scripts that are written by hand: no browser needs them.
pub fn leave_out_comments(dist: &Path) -> Result<()> {
    let files = own_files(dist)?;
    for name in files.iter().filter(|name| name.ends_with(".js")) {
        let program = name.replace(".js", "_bg.wasm");
        // What is beside a program was generated with it.
        if !files.contains(&program) {
            let script = bare(&read_text(dist, name)?);
            ensure!(!script.contains("/*"), "{name} has a comment inside a line");
            write(dist, name, script)?;
        }
    }
    Ok(())
}

/// Without lines that are comments: `// …`, or of a block that begins with `/**`.
fn bare(script: &str) -> String {
    let (mut lines, mut is_block) = (Vec::new(), false);
    for line in script.lines().map(str::trim) {
        is_block |= line.starts_with("/**");
        if !(is_block || line.is_empty() || line.starts_with("//")) {
            lines.push(line);
        }
        is_block &= !line.ends_with("*/");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        write(dist, "client-1f_bg.wasm", b"\0asm").unwrap();
        write(dist, "client-1f.js", "export default 1").unwrap();
        write(
            dist,
            "worker.js",
            "import a from '__GLUE__'; a('__WASM__', '__WASM_INTEGRITY__')",
        )
        .unwrap();
        let program = Program::find(dist).unwrap();
        fill_in(dist, &program).unwrap();
        let worker = read_text(dist, "worker.js").unwrap();
        let expected = "import a from '/client-1f.js'; a('/client-1f_bg.wasm', 'sha256-";
        assert!(worker.starts_with(expected), "{worker}");
    }

    #[test]
    fn comments_are_for_readers() {
        let script =
            "// One\n/** Two,\n *  three. */\nconst a = 1; // four\n\n  // Five\n  go(a * 2);\n";
        assert_eq!(bare(script), "const a = 1; // four\ngo(a * 2);");
    }

    #[test]
    fn the_reader_of_codes_is_another_program() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        write(dist, "client-1f_bg.wasm", b"\0asm").unwrap();
        write(dist, "qr-reader_bg.wasm", b"\0asm2").unwrap();
        write(dist, "qr-worker.js", "'__READER_INTEGRITY__'").unwrap();
        fill_in(dist, &Program::find(dist).unwrap()).unwrap();
        let script = read_text(dist, "qr-worker.js").unwrap();
        assert_eq!(script, format!("'{}'", integrity(b"\0asm2")));
    }

    #[test]
    fn a_folder_without_a_program_is_refused() {
        assert!(Program::find(tempfile::tempdir().unwrap().path()).is_err());
    }
}
