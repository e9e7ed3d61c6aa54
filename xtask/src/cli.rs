//! What may be typed after `cargo xtask`, and nothing about what it does.

use std::fmt;
use std::path::PathBuf;

use crate::fuzz;

/// Shown by `help`, and after a command that is not understood.
pub const HELP: &str = "\
ZeChat's project commands

Usage: cargo xtask <command> [options]

Commands:
  run     build the client and the node in release, and serve http://127.0.0.1:8008
            --port PORT    the first node's port                     [default: 8008]
            --nodes N      start N nodes, on PORT, PORT+1, …         [default: 1]
            --data DIR     where the nodes keep their databases      [default: data]
  build   the same without serving: target/release/zechat-node has the client inside
  test    run every check and every test; ends with `N passed, N failed, N skipped`
            --quick        leave out what needs a browser, and what needs nginx, Caddy, PostgreSQL
                           or Python where they are missing
  dev     like run, unoptimised; rebuilds and restarts when a source file changes
            takes the options of run
  simulate
          run sequences of everything that can go wrong, over real clients and real nodes
            --sequences N  how many                                  [default: 2000]
            --operations N in each                                   [default: 200]
            --seed S       the first sequence's; each next is one more [default: 1]
            --settled, --moving, --rotating, --hostile, --losing, --all
                           what happens in them, ever more           [default: --hostile]
            --threads N    so many at a time                         [default: a thread a core]
            --keep-going   name all that fail, in the place of the shortest form of the first
            --full-size-keys  keys of 3072 bits, and not the quick ones of 1024
  vectors read the frozen vectors with the second implementation, in Python
  fuzz [TARGET]
          throw hostile bytes at every parser, or at one
            --minutes N    how long for each                         [default: 10]
  screenshots
          take the pictures of every screen and of the gallery alone, into target/screenshots, and those of the guide
  build-client
          build the web client into dist/, and say the name that its page shows
            --twice        and again in another folder, and compare the two byte by byte
  verify-client URL
          build it, and compare it with the one that the node at URL serves
  verify-export FILE
          verify exported conversations (JSON lines) by the signatures in them
  ci      what the CI machine runs: the same as `test`
  bench node
          measure a node, and the bare stack under it in the same run
            --workload W1,…          ingest, live, drain, sockets, start, two nodes, growth
                                                                           [default: all]
            --backend sqlite,postgres                                      [default: both]
            --quick                  a short round of each
            --json                   a line of JSON for each figure
            --table FILE             the figures as a table in Markdown as well
  bench client [OPTIONS]
          measure the first download, and the page in a real browser beside a bare page: opening a conversation of 10,000 messages,
          searching, sending, and the longest task while 1,000 messages arrive; the first time, a history is made, which takes minutes
            --conversations N        of 10,000 messages each               [default: 5]
            --json                   one object for each figure
  chaos   kill nodes and servers, break disks, clocks and other nodes, under load, and look
          whether anything accepted is lost or stored twice; half an hour
            --short                  a little of each, in a minute
            --trial WORDS            only those whose name holds the words
            --backend sqlite,postgres                                      [default: both]
  with-postgres [--synced] PROGRAM ARGUMENTS…
          run a program with TEST_DATABASE_URL naming a PostgreSQL server of its own, as in
            cargo xtask with-postgres cargo test -p zechat-node
  help    show this

Everything that is missing is installed first: tools into target/tools, and on Debian
as root the browser and, where rustup cannot add the target, a compiler for WebAssembly.
WASM_FORCE_FALLBACK=1 uses Debian's compiler without asking rustup.";

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the help.
    Help,
    /// Serve the client from one or more nodes.
    Run(ServeOptions),
    /// Build what `run` serves.
    Build,
    /// The same, rebuilding on change.
    Dev(ServeOptions),
    /// Check and test.
    Test(Scope),
    /// Simulate, with these arguments.
    Simulate(Vec<String>),
    /// Fuzz the parsers.
    Fuzz(fuzz::Options),
    /// Take pictures.
    Screenshots,
    /// Build the client.
    BuildClient,
    /// Build it twice and compare.
    BuildClientTwice,
    /// Build the client and compare it with a running node's.
    VerifyClient(String),
    /// Verify an export of conversations.
    VerifyExport(PathBuf),
    /// Read the vectors with the second implementation.
    Vectors,
    /// Measure a node.
    BenchNode(Vec<String>),
    /// Measure the page.
    BenchClient(ClientBench),
    /// Break nodes and look what is lost.
    Chaos(Vec<String>),
    /// Run a program with a database server.
    WithPostgres(Vec<String>),
}

/// How many nodes to start, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// The first node's port; the others follow it.
    pub port: u16,
    /// How many nodes.
    pub nodes: u16,
    /// The folder that holds one folder for each node; relative to the project.
    pub data: PathBuf,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            port: 8008,
            nodes: 1,
            data: PathBuf::from("data"),
        }
    }
}

/// How to measure the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientBench {
    /// How many conversations of 10,000 messages there are.
    pub conversations: u16,
    /// Whether the figures are for programs: one object a line.
    pub is_json: bool,
}

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Everything,
    /// Those that need no browser.
    Quick,
}

/// A command line that is not understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Misunderstood(String);

impl fmt::Display for Misunderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the arguments that follow `cargo xtask`.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, Misunderstood> {
    let mut rest = arguments.into_iter();
    let name = rest.next().unwrap_or_else(|| "help".to_owned());
    match name.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "run" => parse_serve(rest).map(|options| options.map_or(Command::Help, Command::Run)),
        "build" => nothing_more(rest, Command::Build),
        "dev" => parse_serve(rest).map(|options| options.map_or(Command::Help, Command::Dev)),
        "test" | "ci" => parse_scope(rest),
        "simulate" => Ok(Command::Simulate(rest.collect())),
        "fuzz" => parse_fuzz(rest),
        "screenshots" => nothing_more(rest, Command::Screenshots),
        "build-client" => match rest.next().as_deref() {
            None => Ok(Command::BuildClient),
            Some("--twice") => nothing_more(rest, Command::BuildClientTwice),
            Some("--help" | "-h") => Ok(Command::Help),
            Some(other) => Err(Misunderstood(format!("there is no option `{other}`"))),
        },
        "verify-client" => parse_verify(rest),
        "verify-export" => parse_verify_export(rest),
        "vectors" => nothing_more(rest, Command::Vectors),
        "bench" => match rest.next().as_deref() {
            Some("node") => parse_passed_on(rest, BENCH_OPTIONS, Command::BenchNode),
            Some("client") => parse_client_bench(rest),
            _ => Err(Misunderstood(
                "`bench` measures a `node` or the `client`".to_owned(),
            )),
        },
        "chaos" => parse_passed_on(rest, CHAOS_OPTIONS, Command::Chaos),
        "with-postgres" => parse_with_postgres(rest.collect()),
        other => Err(Misunderstood(format!("there is no command `{other}`"))),
    }
}

/// What the program that measures takes, and whether a value follows.
const BENCH_OPTIONS: &[(&str, bool)] = &[
    ("--workload", true),
    ("--backend", true),
    ("--table", true),
    ("--quick", false),
    ("--json", false),
];

/// What the program that breaks takes.
const CHAOS_OPTIONS: &[(&str, bool)] =
    &[("--trial", true), ("--backend", true), ("--short", false)];

/// Options of a program that has yet to be built: a wrong one is named before that.
fn parse_passed_on(
    rest: impl Iterator<Item = String>,
    known: &[(&str, bool)],
    command: impl FnOnce(Vec<String>) -> Command,
) -> Result<Command, Misunderstood> {
    let options: Vec<String> = rest.collect();
    let mut left = options.iter();
    while let Some(option) = left.next() {
        if option == "--help" || option == "-h" {
            return Ok(Command::Help);
        }
        let Some((_, takes_value)) = known.iter().find(|(name, _)| name == option) else {
            return Err(Misunderstood(format!("there is no option `{option}`")));
        };
        if *takes_value && left.next().is_none() {
            return Err(Misunderstood(format!("`{option}` needs a value")));
        }
    }
    Ok(command(options))
}

fn parse_with_postgres(words: Vec<String>) -> Result<Command, Misunderstood> {
    match words.iter().find(|word| *word != "--synced") {
        Some(word) if word == "--help" || word == "-h" => Ok(Command::Help),
        Some(_) => Ok(Command::WithPostgres(words)),
        None => Err(Misunderstood(
            "`with-postgres` needs a program, as in `with-postgres cargo test -p zechat-node`"
                .to_owned(),
        )),
    }
}

/// `None` when help is asked for.
fn parse_serve(
    mut rest: impl Iterator<Item = String>,
) -> Result<Option<ServeOptions>, Misunderstood> {
    let mut options = ServeOptions::default();
    while let Some(argument) = rest.next() {
        let (name, mut inline) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value = || {
            inline
                .take()
                .or_else(|| rest.next())
                .ok_or_else(|| Misunderstood(format!("`{name}` needs a value")))
        };
        match name.as_str() {
            "--port" => options.port = number(&name, &value()?)?,
            "--nodes" => options.nodes = number(&name, &value()?)?,
            "--data" => options.data = PathBuf::from(value()?),
            "--help" | "-h" => return Ok(None),
            _ => return Err(Misunderstood(format!("there is no option `{name}`"))),
        }
    }
    if options.port.checked_add(options.nodes).is_none() {
        return Err(Misunderstood(
            "the last node's port would be above 65535".to_owned(),
        ));
    }
    Ok(Some(options))
}

fn parse_scope(rest: impl Iterator<Item = String>) -> Result<Command, Misunderstood> {
    let mut scope = Scope::Everything;
    for argument in rest {
        match argument.as_str() {
            "--quick" => scope = Scope::Quick,
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(Misunderstood(format!("there is no option `{other}`"))),
        }
    }
    Ok(Command::Test(scope))
}

fn parse_fuzz(mut rest: impl Iterator<Item = String>) -> Result<Command, Misunderstood> {
    let mut options = fuzz::Options {
        minutes: 10,
        target: None,
    };
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--minutes" => {
                let value = rest.next();
                let value =
                    value.ok_or_else(|| Misunderstood("`--minutes` needs a value".to_owned()))?;
                options.minutes = number("--minutes", &value)?;
            }
            "--help" | "-h" => return Ok(Command::Help),
            option if option.starts_with('-') => {
                return Err(Misunderstood(format!("there is no option `{option}`")));
            }
            target if options.target.is_none() => options.target = Some(target.to_owned()),
            more => {
                return Err(Misunderstood(format!(
                    "one target at a time, not `{more}` too"
                )));
            }
        }
    }
    Ok(Command::Fuzz(options))
}

fn parse_client_bench(mut rest: impl Iterator<Item = String>) -> Result<Command, Misunderstood> {
    let mut options = ClientBench {
        conversations: 5,
        is_json: false,
    };
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--json" => options.is_json = true,
            "--conversations" => {
                let value = rest.next();
                let value = value
                    .ok_or_else(|| Misunderstood("`--conversations` needs a value".to_owned()))?;
                options.conversations = number("--conversations", &value)?;
            }
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(Misunderstood(format!("there is no option `{other}`"))),
        }
    }
    Ok(Command::BenchClient(options))
}

fn parse_verify(mut rest: impl Iterator<Item = String>) -> Result<Command, Misunderstood> {
    let url = rest.next();
    let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let url =
        url.ok_or_else(|| Misunderstood("`verify-client` needs the URL of a node".to_owned()))?;
    nothing_more(rest, Command::VerifyClient(url))
}

fn parse_verify_export(mut rest: impl Iterator<Item = String>) -> Result<Command, Misunderstood> {
    let file = rest.next().map(PathBuf::from);
    let file = file.ok_or_else(|| Misunderstood("`verify-export` needs a file".to_owned()))?;
    nothing_more(rest, Command::VerifyExport(file))
}

fn nothing_more(
    mut rest: impl Iterator<Item = String>,
    command: Command,
) -> Result<Command, Misunderstood> {
    match rest.next() {
        None => Ok(command),
        Some(more) => Err(Misunderstood(format!("there is no option `{more}`"))),
    }
}

fn number(name: &str, text: &str) -> Result<u16, Misunderstood> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Misunderstood(format!(
            "`{name}` takes a number from 1 to 65535, not `{text}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Misunderstood> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_options_the_defaults_hold() {
        assert_eq!(parsed("run"), Ok(Command::Run(ServeOptions::default())));
        assert_eq!(parsed("test"), Ok(Command::Test(Scope::Everything)));
        assert_eq!(parsed("build"), Ok(Command::Build));
        assert_eq!(parsed(""), Ok(Command::Help));
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let expected = ServeOptions {
            port: 9000,
            nodes: 2,
            data: PathBuf::from("/tmp/x"),
        };
        assert_eq!(
            parsed("run --port 9000 --nodes=2 --data /tmp/x"),
            Ok(Command::Run(expected.clone()))
        );
        assert_eq!(
            parsed("dev --data=/tmp/x --nodes 2 --port=9000"),
            Ok(Command::Dev(expected))
        );
        assert_eq!(parsed("test --quick"), Ok(Command::Test(Scope::Quick)));
        let options = fuzz::Options {
            minutes: 3,
            target: Some("texts".to_owned()),
        };
        assert_eq!(parsed("fuzz texts --minutes 3"), Ok(Command::Fuzz(options)));
        let url = "https://node.example".to_owned();
        assert_eq!(
            parsed("verify-client https://node.example"),
            Ok(Command::VerifyClient(url))
        );
        assert_eq!(parsed("build-client"), Ok(Command::BuildClient));
        assert_eq!(
            parsed("build-client --twice"),
            Ok(Command::BuildClientTwice)
        );
        let file = PathBuf::from("chats.jsonl");
        assert_eq!(
            parsed("verify-export chats.jsonl"),
            Ok(Command::VerifyExport(file))
        );
        assert_eq!(parsed("ci"), Ok(Command::Test(Scope::Everything)));
        let options = ClientBench {
            conversations: 1,
            is_json: true,
        };
        assert_eq!(
            parsed("bench client --conversations 1 --json"),
            Ok(Command::BenchClient(options))
        );
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        assert_eq!(
            parsed("chaos --short --trial disk"),
            Ok(Command::Chaos(words("--short --trial disk")))
        );
        assert_eq!(
            parsed("bench node --json --workload W1"),
            Ok(Command::BenchNode(words("--json --workload W1")))
        );
        assert_eq!(
            parsed("with-postgres --synced psql -l"),
            Ok(Command::WithPostgres(words("--synced psql -l")))
        );
        assert_eq!(parsed("chaos --help"), Ok(Command::Help));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for line in [
            "launch",
            "run --prot 1",
            "run --port",
            "run --port 0",
            "run --port 70000",
            "run --nodes -1",
            "run --port 65535 --nodes 2",
            "test --fast",
            "fuzz --minutes",
            "fuzz texts frames",
            "verify-client",
            "verify-export",
            "verify-export a b",
            "verify-client node.example",
            "build-client now",
            "build-client --twice now",
            "build --port 1",
            "bench",
            "bench page",
            "bench client --conversations 0",
            "vectors extra",
            "chaos --mild",
            "chaos --trial",
            "bench node --short",
            "bench everything",
            "with-postgres",
            "with-postgres --synced",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
