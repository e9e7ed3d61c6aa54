//! Names the folder with the client that is built into the program: `ZECHAT_CLIENT_DIST`, or a page
//! that says how to build one.

use std::path::PathBuf;

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
            dist
        }
        None => {
            let folder =
                PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("client");
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join("index.html"), PLACEHOLDER)?;
            folder
        }
    };
    println!("cargo::rustc-env=ZECHAT_CLIENT_EMBED={}", folder.display());
    Ok(())
}
