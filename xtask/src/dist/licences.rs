//! What the client is made of and under which licences: a file beside it, to which the settings lead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::write;

/// The file's name in the client's folder.
pub const NAME: &str = "licences.txt";

/// The packages that become the client.
const PROGRAMS: [&str; 2] = ["web-client", "qr-reader"];

/// How files with licences begin, in capitals.
const TEXTS: [&str; 5] = ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

const HEAD: &str = "ZeChat's client contains these libraries, and parts of the Rust standard library (Apache-2.0 OR MIT).\n\n";

/// What cargo says of the workspace; only what is needed here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// None: it is one of ours.
    source: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// None: it is built in.
    kind: Option<String>,
}

/// Writes the file; `metadata` is what `cargo metadata` says for the browser's target, `icons` the licence of the icons.
pub fn list(dist: &Path, metadata: &str, icons: &str) -> Result<()> {
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let mut text = HEAD.to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata.built_in() {
        let title = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref();
        let licence = licence.with_context(|| format!("{title} names no licence"))?;
        writeln!(text, "{title}: {licence}")?;
        for found in package.texts()? {
            texts.entry(found).or_default().push(title.clone());
        }
    }
    for (found, titles) in texts {
        write!(text, "\n\n==== {} ====\n\n{found}\n", titles.join(", "))?;
    }
    write!(text, "\n\n==== icons ====\n\n{icons}")?;
    write(dist, NAME, text)
}

impl Metadata {
    /// The libraries of others that become part of the client, by name. What only helps to build it is none of them.
    fn built_in(&self) -> Vec<&Package> {
        let find = |id: &str| self.packages.iter().find(|package| package.id == id);
        let node = |id: &str| self.resolve.nodes.iter().find(|node| node.id == id);
        let programs = self.packages.iter();
        let programs = programs.filter(|it| PROGRAMS.contains(&it.name.as_str()));
        let mut open: Vec<&str> = programs.map(|package| package.id.as_str()).collect();
        let mut known = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !known.insert(id) {
                continue;
            }
            let dependencies = node(id).into_iter().flat_map(|node| &node.deps);
            let built_in =
                dependencies.filter(|it| it.dep_kinds.iter().any(|it| it.kind.is_none()));
            let programs = built_in.filter(|it| find(&it.pkg).is_some_and(|it| !it.is_macro()));
            open.extend(programs.map(|dependency| dependency.pkg.as_str()));
        }
        let packages = known.into_iter().filter_map(find);
        let mut others: Vec<&Package> = packages.filter(|it| it.source.is_some()).collect();
        others.sort_by_key(|package| (&package.name, &package.version));
        others
    }
}

impl Package {
    fn is_macro(&self) -> bool {
        let mut kinds = self.targets.iter().flat_map(|target| &target.kind);
        kinds.any(|kind| kind == "proc-macro")
    }

    /// The licences that come with it, in the order of their files.
    fn texts(&self) -> Result<Vec<String>> {
        let folder = self.manifest_path.parent();
        let folder = folder.with_context(|| format!("{} lies nowhere", self.name))?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().to_uppercase();
            if entry.file_type()?.is_file() && TEXTS.iter().any(|it| name.starts_with(it)) {
                files.push(entry.path());
            }
        }
        files.sort();
        let read = |file: PathBuf| {
            let text = std::fs::read(&file)?;
            let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
            ensure!(!text.trim().is_empty(), "{} is empty", file.display());
            Ok(text.trim_end().to_owned())
        };
        files.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read_text;
    use super::*;

    #[test]
    fn what_is_built_in_is_listed_with_its_licence_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("a", "Do it.\r\n"),
            ("b", "Do it."),
            ("m", "A macro's."),
            ("t", "A tool's."),
        ] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join("LICENSE-MIT"), text).unwrap();
        }
        let package = |name: &str, kind: &str| {
            let source = (name != "web-client").then_some("registry");
            json!({"id": name, "name": name, "version": "1.2.3", "license": "MIT", "source": source,
                "manifest_path": at(name).join("Cargo.toml"), "targets": [{"kind": [kind]}]})
        };
        let on =
            |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("web-client", "bin"), package("b", "lib"), package("a", "lib"),
                package("m", "proc-macro"), package("t", "lib")],
            "resolve": {"nodes": [
                {"id": "web-client", "deps": [on("b", None), on("m", None), on("t", Some("build"))]},
                {"id": "b", "deps": [on("a", None), on("t", Some("dev"))]},
                {"id": "a", "deps": [on("b", None)]},
            ]},
        });
        list(folder.path(), &metadata.to_string(), "Draw.").unwrap();
        let text = read_text(folder.path(), NAME).unwrap();
        let expected = "a 1.2.3: MIT\nb 1.2.3: MIT\n\n\n==== a 1.2.3, b 1.2.3 ====\n\nDo it.\n\n\n==== icons ====\n\nDraw.";
        assert_eq!(text, format!("{HEAD}{expected}"));
    }
}
