//! Names the folder with the client that is built into the program: `ZECHAT_CLIENT_DIST`, or a page
//! that says how to build one.
//!
//! What is large and there with gzip as well goes in with that only: the program unpacks it for the few who
//! take no gzip (`http::assets`).

use std::path::{Path, PathBuf};

/// Bytes from which a file goes in packed only.
const LARGE: u64 = 256 * 1024;

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>ZeChat</title>
<h1>This node runs, but no client is built in</h1>
<p>Start it with <code>cargo xtask run</code>: that builds the client and puts it into the node.</p>
</html>
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=ZECHAT_CLIENT_DIST");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../migrations");
    let folder = match std::env::var_os("ZECHAT_CLIENT_DIST").filter(|dist| !dist.is_empty()) {
        Some(dist) => {
            let dist = PathBuf::from(dist).canonicalize()?;
            if !dist.join("index.html").is_file() {
                return Err(format!(
                    "ZECHAT_CLIENT_DIST is {}, which has no index.html",
                    dist.display()
                )
                .into());
            }
            println!("cargo::rerun-if-changed={}", dist.display());
            let folder = out_dir()?.join("packed");
            if folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            copy(&dist, &folder)?;
            folder
        }
        None => {
            let folder = out_dir()?.join("client");
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join("index.html"), PLACEHOLDER)?;
            folder
        }
    };
    println!("cargo::rustc-env=ZECHAT_CLIENT_EMBED={}", folder.display());
    Ok(())
}

fn out_dir() -> Result<PathBuf, Box<dyn std::error::Error>> {
    Ok(PathBuf::from(
        std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?,
    ))
}

/// Copies a folder without what is large and packed beside it.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (path, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        let about = std::fs::metadata(&path)?;
        let mut packed = path.clone().into_os_string();
        packed.push(".gz");
        if about.is_dir() {
            copy(&path, &target)?;
        } else if about.len() < LARGE || !PathBuf::from(packed).is_file() {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
