//! Programs that come with the machine: found, installed where that can be done without asking, and
//! otherwise named together with the command that installs them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::plan::{Outcome, Step, Task};
use crate::process;
use crate::project::Project;

/// A program that is not part of the project.
pub struct Program {
    /// What it is, for people.
    what: &'static str,
    /// The names it goes by.
    names: &'static [&'static str],
    /// A folder with a folder for each version, where it is if it is not on the path.
    versions: Option<&'static str>,
    /// Names the program itself, for those who keep it elsewhere.
    variable: &'static str,
    debian: &'static [&'static str],
    /// How to get it where `apt-get` cannot be used.
    advice: &'static str,
}

/// Compiles SQLite, and links.
pub const C_COMPILER: Program = Program {
    what: "a C compiler",
    names: &["cc", "gcc", "clang", "cl"],
    versions: None,
    variable: "CC",
    debian: &["gcc", "libc6-dev"],
    advice: "sudo apt-get install gcc libc6-dev   (macOS: xcode-select --install)",
};

/// The browser that the tests drive.
pub const CHROMIUM: Program = Program {
    what: "Chromium",
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
    versions: None,
    variable: "ZECHAT_CHROMIUM",
    debian: &["chromium", "chromium-driver"],
    advice: "sudo apt-get install chromium chromium-driver   (macOS: brew install --cask chromium)",
};

/// What the tests drive it with.
pub const CHROMEDRIVER: Program = Program {
    what: "chromedriver",
    names: &["chromedriver"],
    versions: None,
    variable: "ZECHAT_CHROMEDRIVER",
    debian: &["chromium-driver"],
    advice: "sudo apt-get install chromium-driver   (macOS: brew install --cask chromedriver)",
};

/// Compiles the fuzzer's own library.
pub const CPP_COMPILER: Program = Program {
    what: "a C++ compiler",
    names: &["c++", "g++", "clang++"],
    versions: None,
    variable: "CXX",
    debian: &["g++"],
    advice: "sudo apt-get install g++   (macOS: xcode-select --install)",
};

/// A proxy, to see that the documented settings for it work.
pub const NGINX: Program = Program {
    what: "nginx",
    names: &["nginx", "/usr/sbin/nginx"],
    versions: None,
    variable: "ZECHAT_NGINX",
    debian: &["nginx"],
    advice: "sudo apt-get install nginx   (macOS: brew install nginx)",
};

/// Another proxy.
pub const CADDY: Program = Program {
    what: "Caddy",
    names: &["caddy"],
    versions: None,
    variable: "ZECHAT_CADDY",
    debian: &["caddy"],
    advice: "sudo apt-get install caddy   (macOS: brew install caddy)",
};

/// Fetches what a node serves.
pub const CURL: Program = Program {
    what: "curl",
    names: &["curl"],
    versions: None,
    variable: "ZECHAT_CURL",
    debian: &["curl"],
    advice: "sudo apt-get install curl   (macOS has it)",
};

/// Runs the second implementation of the protocol.
pub const PYTHON: Program = Program {
    what: "Python with its venv module",
    names: &["python3"],
    versions: None,
    variable: "ZECHAT_PYTHON",
    debian: &["python3", "python3-venv"],
    advice: "sudo apt-get install python3 python3-venv   (macOS: brew install python)",
};

/// Reads the unit that comes with the node.
pub const SYSTEMD: Program = Program {
    what: "systemd-analyze",
    names: &["systemd-analyze"],
    versions: None,
    variable: "ZECHAT_SYSTEMD_ANALYZE",
    debian: &["systemd"],
    advice: "sudo apt-get install systemd   (other systems have none)",
};

/// The database server for several processes; the tests start their own.
pub const POSTGRES: Program = Program {
    what: "a PostgreSQL server",
    names: &["initdb"],
    versions: Some("/usr/lib/postgresql"),
    variable: "ZECHAT_INITDB",
    debian: &["postgresql"],
    advice: "sudo apt-get install postgresql   (macOS: brew install postgresql)",
};

impl Program {
    /// Where it is.
    pub fn find(&self) -> Result<PathBuf> {
        self.look_for().with_context(|| {
            format!(
                "{} is missing. Install it:\n\n    {}\n\nor name it in {}",
                self.what, self.advice, self.variable
            )
        })
    }

    fn look_for(&self) -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable) {
            return Some(PathBuf::from(named));
        }
        let newest = |name: &&str| newest(Path::new(self.versions?), name);
        self.names
            .iter()
            .find_map(|name| on_path(name).or_else(|| newest(name)))
    }
}

/// A program of the newest version in a folder that has a folder for each.
fn newest(versions: &Path, name: &str) -> Option<PathBuf> {
    let number = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    std::fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin").join(name).is_file())
        .max_by_key(|folder| number(folder))
        .map(|folder| folder.join("bin").join(name))
}

fn missing(programs: &[Program]) -> Vec<&Program> {
    programs
        .iter()
        .filter(|program| program.look_for().is_none())
        .collect()
}

/// The names of those which are missing; nothing if they are all there.
pub fn absent(programs: &[Program]) -> Option<String> {
    let names: Vec<&str> = missing(programs)
        .iter()
        .map(|program| program.what)
        .collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// The step that installs those which are missing; none if they are all there.
pub fn install_missing<'a>(project: &'a Project, programs: &'a [Program]) -> Option<Task<'a>> {
    let missing = missing(programs);
    let label = absent(programs)?;
    Some(Task::new(format!("installing {label}"), move |step| {
        install(project, &missing, step)?;
        Ok(Outcome::Done)
    }))
}

/// Installs programs where that can be done without asking, and says how to where it cannot.
pub fn install(project: &Project, programs: &[&Program], step: &Step) -> Result<()> {
    if on_path("apt-get").is_some() && is_root(project) {
        let log = project.scratch()?.join("apt-get.log");
        // Old lists may still do; whether they did is seen below.
        let _ = process::run_quietly(apt_get(project).args(["update", "-qq"]), step, &log);
        let packages = programs.iter().flat_map(|program| program.debian);
        let mut install = apt_get(project);
        install
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages);
        process::run_quietly(&mut install, step, &log)?;
    }
    for program in programs {
        program.find()?;
    }
    Ok(())
}

fn apt_get(project: &Project) -> std::process::Command {
    let mut command = project.command("apt-get");
    command
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether this is the administrator.
pub fn is_root(project: &Project) -> bool {
    process::text_of(project.command("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| {
            folder
                .join(name)
                .with_extension(std::env::consts::EXE_EXTENSION)
        })
        .find(|file| file.is_file())
}

/// Makes sure that `cargo fmt` and `cargo clippy` are there.
pub fn install_components(project: &Project) -> Option<Task<'_>> {
    let present = ["fmt", "clippy"].iter().all(|component| {
        process::text_of(project.command("cargo").args([component, "--version"])).is_some()
    });
    (!present).then(|| {
        Task::new("installing rustfmt and clippy", |step| {
            let log = project.scratch()?.join("components.log");
            let mut add = project.command("rustup");
            add.args(["component", "add", "rustfmt", "clippy"]);
            if let Err(error) = process::run_quietly(&mut add, step, &log) {
                bail!("{error}\n\nrustfmt and clippy are missing. Install them:\n\n    rustup component add rustfmt clippy");
            }
            Ok(Outcome::Done)
        })
    })
}
