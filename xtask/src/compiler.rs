//! The compiler for the browser. Finding or making it is the work of `scripts/wasm.sh`, which is of use
//! by hand too: `scripts/wasm.sh cargo check -p web-client --target wasm32-unknown-unknown`.

use std::process::Command;

use crate::plan::{Outcome, Task};
use crate::process;
use crate::project::Project;

/// What the browser runs.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A command that sees a compiler which can build for the browser.
pub fn with_browser_target(project: &Project, program: &str) -> Command {
    let mut command = project.command("bash");
    command.arg(project.path("scripts/wasm.sh")).arg(program);
    command
}

/// Which compiler and which library build for the browser; `None` where they have yet to be installed.
pub fn version(project: &Project) -> Option<String> {
    process::text_of(&mut with_browser_target(project, "--compiler"))
}

/// The step that makes sure of that compiler.
pub fn prepare(project: &Project) -> Task<'_> {
    Task::new("compiler for the browser", |step| {
        let log = project.scratch()?.join("compiler.log");
        process::run_quietly(&mut with_browser_target(project, "true"), step, &log)?;
        Ok(Outcome::Done)
    })
}
