//! `cargo xtask test`: every check and every test, and one line about all of them.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cli::Scope;
use crate::compiler::{self, TARGET};
use crate::plan::{Outcome, Step, Task};
use crate::postgres::{self, Durability, Server};
use crate::process::{self, run_in_view};
use crate::project::Project;
use crate::tally::Tally;
use crate::tools::Tool;
use crate::{axe, bench, client, contract, node, python, room, system};

const PROXIES: &[system::Program] = &[system::NGINX, system::CADDY];
const SERVER: &[system::Program] = &[system::POSTGRES];
const SYSTEMD: &[system::Program] = &[system::SYSTEMD];
const BROWSER: &[system::Program] = &[system::CHROMIUM, system::CHROMEDRIVER];

/// Runs every check and every test.
pub fn test(project: &Project, scope: Scope) -> Result<ExitCode> {
    room::warn_before_tests(project, scope);
    perform(tasks(project, scope)?)
}

/// Runs the simulation, with what was typed after its name.
pub fn simulate(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let status = simulation(project).args(arguments).status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn simulation(project: &Project) -> Command {
    let arguments = [
        "run",
        "--quiet",
        "--profile",
        "sim",
        "--package",
        "simulation",
        "--",
    ];
    cargo(project, &arguments)
}

/// Runs the second implementation over the vectors.
pub fn vectors(project: &Project) -> Result<ExitCode> {
    perform(vector_tasks(project)?)
}

/// Takes pictures of every screen and of the gallery, and looks at each as the stories do; and those of the guide.
pub fn screenshots(project: &Project) -> Result<ExitCode> {
    let mut tasks = Vec::new();
    tasks.push(compiler::prepare(project));
    tasks.extend(system::install_missing(project, BROWSER));
    tasks.extend(python::install_missing(project, &python::BASE)?);
    tasks.extend(axe::install_missing(project)?);
    tasks.extend(client::build_tools(project)?);
    tasks.push(client::build(project));
    tasks.push(node::build_release(project));
    tasks.push(client::build_gallery(project));
    tasks.push(Task::new("pictures", |step| {
        let mut test = in_browsers(project)?;
        test.args(["--test", "stories", "--", "gallery::", "screens::"]);
        count_tests(&mut test, step)
    }));
    tasks.push(Task::new("pictures of the guide", |step| {
        let arguments = ["run", "--package", "e2e", "--bin", "guide-pictures", "--"];
        let mut take = with_browsers(project, cargo(project, &arguments))?;
        take.arg(project.path("docs/screenshots"));
        let (status, _) = run_in_view(&mut take, step)?;
        anyhow::ensure!(status.success(), "{status}");
        Ok(Outcome::Done)
    }));
    perform(tasks)
}

/// Runs all steps, whatever becomes of the earlier ones. A step without tests of its own counts as one.
fn perform(tasks: Vec<Task<'_>>) -> Result<ExitCode> {
    let since = crate::clock::Stopwatch::start();
    let total = tasks.len();
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for (number, task) in (1..).zip(tasks) {
        let label = task.label().to_owned();
        let result = match task.perform(number, total) {
            Ok(Outcome::Done | Outcome::Unchanged) => Tally::PASSED,
            Ok(Outcome::Skipped(_)) => Tally::SKIPPED,
            Ok(Outcome::Tested(results)) => results,
            Err(error) => {
                eprintln!("error: {error:#}");
                Tally::failed(format!("{error:#}\n"))
            }
        };
        if result.failed > 0 {
            wrong.push((label, result.failures.concat()));
        }
        tally += result;
    }
    println!("\nall steps: {since}");
    for (label, failures) in wrong {
        println!("failed: {label}\n{failures}");
    }
    println!("{tally}");
    Ok(if tally.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tasks(project: &Project, scope: Scope) -> Result<Vec<Task<'_>>> {
    let mut tasks = Vec::new();
    tasks.extend(system::install_components(project));
    tasks.extend(system::install_missing(project, &[system::C_COMPILER]));
    tasks.push(check("fetching dependencies as locked", || {
        cargo(project, &["fetch", "--locked"])
    }));
    tasks.push(check("formatting", || {
        cargo(project, &["fmt", "--all", "--check"])
    }));
    tasks.push(check("lints", || {
        cargo(
            project,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        )
    }));
    tasks.push(check("lints of the gallery", || {
        let mut clippy = cargo(project, &["clippy", "--package", "web-client"]);
        clippy.args(["--features", "gallery", "--", "-D", "warnings"]);
        clippy
    }));
    tasks.extend(Tool::cargo_deny().install_missing(project));
    tasks.push(check("licences, sources and bans of dependencies", || {
        cargo(project, &["deny", "check", "bans", "licenses", "sources"])
    }));
    tasks.push(advisories(project));
    tasks.push(check("documentation", || {
        let mut doc = cargo(
            project,
            &["doc", "--workspace", "--no-deps", "--keep-going"],
        );
        doc.env("RUSTDOCFLAGS", "-D warnings");
        doc
    }));
    let mut absent = Absent {
        proxies: !provide(project, scope, PROXIES, "proxies", &mut tasks),
        systemd: false,
        root: !is_root(project),
        server: std::env::var_os(postgres::VARIABLE).is_none(),
    };
    if let Some(missing) = system::absent(SYSTEMD) {
        // It is a part of a system, or it is not: none is put onto somebody's machine for a test.
        tasks.push(left_out("systemd", missing));
        absent.systemd = true;
    }
    if absent.root {
        let right = "the right to give files to others, which root has,".to_owned();
        tasks.push(left_out("two users", right));
    }
    tasks.push(suite("native tests", move || {
        let mut test = cargo(project, &["test", "--no-fail-fast"]);
        test.args(NATIVE).arg("--").args(absent.skipped());
        test
    }));
    tasks.push(check("simulating 2,000 sequences", || simulation(project)));
    match python::absent(project, &python::BASE)? {
        Some(absent) if scope == Scope::Quick => {
            tasks.push(left_out("the second implementation", absent.clone()));
            tasks.push(left_out("the contract of the HTTP API", absent));
        }
        _ => {
            tasks.extend(vector_tasks(project)?);
            tasks.extend(python::install_missing(project, &python::CONTRACT)?);
            tasks.push(contract::test(project));
        }
    }
    let has_server = provide(project, scope, SERVER, "PostgreSQL", &mut tasks);
    if has_server {
        absent.server = false;
        tasks.push(Task::new("the node on PostgreSQL", move |step| {
            let server = Server::start(project, Durability::Unsynced)?;
            let mut all = Tally::default();
            for program in built_tests(project, "node")? {
                let mut test = project.command(program);
                test.current_dir(project.path("node"))
                    .args(absent.skipped())
                    .env(postgres::VARIABLE, server.url());
                all += counted(&mut test, step)?;
            }
            anyhow::ensure!(all != Tally::default(), "the node has no tests");
            Ok(Outcome::Tested(all))
        }));
    }
    tasks.push(bench::short_chaos(project, has_server));
    tasks.push(compiler::prepare(project));
    match scope {
        // Not in the other case, which builds it.
        Scope::Quick => tasks.push(check("the client compiles for the browser", || {
            let mut check = compiler::with_browser_target(project, "cargo");
            check.args(["check", "--package", "web-client", "--target", TARGET]);
            check
        })),
        Scope::Everything => tasks.extend(browser_tasks(project)?),
    }
    Ok(tasks)
}

/// What some tests of the node want, and is not there: those are left out, and not counted as passed.
#[derive(Debug, Clone, Copy)]
struct Absent {
    proxies: bool,
    systemd: bool,
    /// The right to give files to another user, and to be one.
    root: bool,
    /// A PostgreSQL server: several processes share a database, and a file is for one.
    server: bool,
}

impl Absent {
    /// The arguments of a program with tests.
    fn skipped(self) -> impl Iterator<Item = &'static str> {
        let left_out = self.left_out();
        left_out.into_iter().flat_map(|words| ["--skip", words])
    }

    /// Words in the names of the tests that cannot be run.
    fn left_out(self) -> Vec<&'static str> {
        let mut words = Vec::new();
        if self.proxies {
            words.extend(["nginx", "caddy"]);
        }
        if self.systemd {
            words.push("systemd_understands_the_unit");
        }
        if self.root {
            words.push("of_another_user");
        }
        if self.server {
            words.extend([
                "several_processes::",
                "both_databases_have_the_same_columns",
            ]);
        }
        words
    }
}

/// What the native tests are of. Chosen otherwise, the same crates would be built anew with other features.
const NATIVE: [&str; 3] = ["--workspace", "--exclude", "e2e"];

/// The programs with the native tests of the crate in a folder.
fn built_tests(project: &Project, folder: &str) -> Result<Vec<PathBuf>> {
    let mut build = cargo(project, &["test", "--no-run", "--message-format", "json"]);
    build.args(NATIVE).stderr(Stdio::inherit());
    let said = process::text_of(&mut build).context("the tests cannot be built")?;
    let manifest = project.path(folder).join("Cargo.toml");
    let programs = said.lines().filter_map(|line| test_of(&manifest, line));
    Ok(programs.collect())
}

/// The program that a line of cargo is about, if it holds tests of the crate with this manifest.
fn test_of(manifest: &Path, line: &str) -> Option<PathBuf> {
    let about: Value = serde_json::from_str(line).ok()?;
    let is_test = about.pointer("/profile/test")?.as_bool()?;
    let is_of_it = Path::new(about.get("manifest_path")?.as_str()?) == manifest;
    let program = about.get("executable")?.as_str()?;
    (is_test && is_of_it).then(|| PathBuf::from(program))
}

/// Whether the tests may give files to others.
fn is_root(project: &Project) -> bool {
    let user = process::text_of(project.command("id").arg("-u"));
    user.is_some_and(|user| user.trim() == "0")
}

/// Where known holes in dependencies are listed.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// The step that compares the dependencies with that list, where it can be reached.
fn advisories(project: &Project) -> Task<'_> {
    Task::new("known holes in dependencies", |step| {
        let mut ask = project.command("git");
        ask.args(["ls-remote", "--quiet", "--exit-code", ADVISORIES, "HEAD"])
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_HTTP_LOW_SPEED_LIMIT", "1")
            .env("GIT_HTTP_LOW_SPEED_TIME", "20");
        if process::text_of(&mut ask).is_none() {
            return Ok(Outcome::Skipped(format!("{ADVISORIES} cannot be reached")));
        }
        let (status, _) = run_in_view(&mut cargo(project, &["deny", "check", "advisories"]), step)?;
        anyhow::ensure!(status.success(), "{status}");
        Ok(Outcome::Done)
    })
}

/// Sees to it that programs are there: installs them, or leaves out what needs them when it is to be quick.
/// Says whether they will be there.
fn provide<'a>(
    project: &'a Project,
    scope: Scope,
    programs: &'static [system::Program],
    what: &str,
    tasks: &mut Vec<Task<'a>>,
) -> bool {
    match system::absent(programs) {
        Some(absent) if scope == Scope::Quick => {
            tasks.push(left_out(what, absent));
            false
        }
        _ => {
            tasks.extend(system::install_missing(project, programs));
            true
        }
    }
}

/// A step that says what is missing, and does nothing.
fn left_out<'a>(what: &str, absent: String) -> Task<'a> {
    Task::new(format!("testing with {what}"), move |_| {
        Ok(Outcome::Skipped(format!("{absent} is missing")))
    })
}

fn vector_tasks(project: &Project) -> Result<Vec<Task<'_>>> {
    let mut tasks = Vec::new();
    tasks.extend(python::install_missing(project, &python::BASE)?);
    tasks.push(suite("vectors read by the second implementation", || {
        python::check_vectors(project)
    }));
    Ok(tasks)
}

fn browser_tasks(project: &Project) -> Result<Vec<Task<'_>>> {
    let mut tasks = Vec::new();
    tasks.extend(system::install_missing(project, BROWSER));
    tasks.extend(axe::install_missing(project)?);
    tasks.extend(client::build_tools(project)?);
    tasks.push(unit_tests_in_browser(project));
    tasks.push(client::build(project));
    tasks.push(node::build_release(project));
    tasks.push(client::build_gallery(project));
    tasks.push(stories(project));
    Ok(tasks)
}

fn unit_tests_in_browser(project: &Project) -> Task<'_> {
    Task::new("unit tests in the browser", |step| {
        if !project.path("web-client/tests/web.rs").exists() {
            return Ok(Outcome::Skipped(
                "there is no web-client/tests/web.rs".to_owned(),
            ));
        }
        let mut test = compiler::with_browser_target(project, "cargo");
        test.args([
            "test",
            "--package",
            "web-client",
            "--target",
            TARGET,
            "--test",
            "web",
        ])
        .env("CHROMEDRIVER", system::CHROMEDRIVER.find()?)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        );
        if std::env::var_os("WASM_BINDGEN_TEST_TIMEOUT").is_none() {
            test.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        }
        count_tests(&mut test, step)
    })
}

fn stories(project: &Project) -> Task<'_> {
    Task::new("browser stories", |step| {
        count_tests(&mut in_browsers(project)?, step)
    })
}

/// The tests in browsers, with what they need named in the environment.
fn in_browsers(project: &Project) -> Result<Command> {
    let stories = cargo(project, &["test", "--package", "e2e", "--no-fail-fast"]);
    with_browsers(project, stories)
}

/// Names for a program what it needs to start nodes and browsers.
fn with_browsers(project: &Project, mut program: Command) -> Result<Command> {
    let screenshots = project.target().join("screenshots");
    std::fs::create_dir_all(&screenshots)?;
    program
        .env("ZECHAT_NODE_BIN", node::release(project))
        .env("ZECHAT_CLIENT", project.dist())
        // Not the one that runs: the native tests have built it anew in its place.
        .env("ZECHAT_XTASK", project.built("debug", "xtask"))
        .env("ZECHAT_GALLERY", client::gallery(project))
        .env("ZECHAT_CHROMIUM", system::CHROMIUM.find()?)
        .env("ZECHAT_CHROMEDRIVER", system::CHROMEDRIVER.find()?)
        .env("ZECHAT_AXE", axe::script(project))
        .env("ZECHAT_SCREENSHOTS", screenshots);
    Ok(program)
}

fn cargo(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("cargo");
    command.args(arguments);
    command
}

/// A step that passes or fails as a whole.
fn check<'a>(label: &str, command: impl FnOnce() -> Command + 'a) -> Task<'a> {
    Task::new(label, move |step| {
        let (status, _) = run_in_view(&mut command(), step)?;
        anyhow::ensure!(status.success(), "{status}");
        Ok(Outcome::Done)
    })
}

/// A step that says itself how many tests passed.
fn suite<'a>(label: &str, command: impl FnOnce() -> Command + 'a) -> Task<'a> {
    Task::new(label, move |step| count_tests(&mut command(), step))
}

fn count_tests(command: &mut Command, step: &Step) -> Result<Outcome> {
    Ok(Outcome::Tested(counted(command, step)?))
}

fn counted(command: &mut Command, step: &Step) -> Result<Tally> {
    let (status, mut tally) = run_in_view(command, step)?;
    if !status.success() && tally.failed == 0 {
        // It did not come as far as testing, or fell over while at it.
        tally += Tally::FAILED;
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_run_is_left_out_on_both_databases() {
        let all = Absent {
            proxies: true,
            systemd: true,
            root: true,
            server: true,
        };
        let with_server = Absent {
            server: false,
            ..all
        };
        let words = [
            "nginx",
            "caddy",
            "systemd_understands_the_unit",
            "of_another_user",
        ];
        assert_eq!(with_server.left_out(), words);
        assert_eq!(
            all.left_out(),
            [
                &words[..],
                &[
                    "several_processes::",
                    "both_databases_have_the_same_columns"
                ]
            ]
            .concat()
        );
        let arguments: Vec<_> = with_server.skipped().collect();
        let expected = "--skip nginx --skip caddy --skip systemd_understands_the_unit \
                        --skip of_another_user";
        assert_eq!(arguments.join(" "), expected);
    }

    #[test]
    fn programs_with_tests_are_found_in_what_cargo_says() {
        let about = |manifest: &str, is_test: bool, program: Value| {
            serde_json::json!({
                "reason": "compiler-artifact",
                "manifest_path": manifest,
                "profile": { "test": is_test },
                "executable": program,
            })
            .to_string()
        };
        let manifest = Path::new("/zechat/node/Cargo.toml");
        let of = |line: &str| test_of(manifest, line);
        let program = PathBuf::from("/target/debug/deps/node-1");
        let ours = "/zechat/node/Cargo.toml";
        assert_eq!(
            of(&about(ours, true, "/target/debug/deps/node-1".into())),
            Some(program)
        );
        for other in [
            about(ours, false, "/target/debug/zechat-node".into()),
            about(ours, true, Value::Null),
            about(
                "/zechat/xtask/Cargo.toml",
                true,
                "/target/debug/deps/xtask-1".into(),
            ),
            "{\"reason\":\"build-finished\",\"success\":true}".to_owned(),
            "no JSON".to_owned(),
        ] {
            assert_eq!(of(&other), None, "{other}");
        }
    }
}
