//! The command line: what can be said, and who does it.

mod ask;
mod check;
#[cfg(unix)]
mod owner;
mod probe;
mod show;
mod whole;

/// Elsewhere files have no such owners.
#[cfg(not(unix))]
mod owner {
    pub(super) fn ensure_own(_: &std::path::Path) -> Result<(), super::Failed> {
        Ok(())
    }
}

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, Parser, Subcommand};
use serde_json::json;
use zechat_node::admin::Request;
use zechat_node::clock::SystemClock;
use zechat_node::settings::{self, Loaded, Overrides, Settings, SettingsError};
use zechat_node::{Node, Signals, StartError};

const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   failed, or a check found something
  2   the command line is wrong
  65  data is damaged, or of a newer or foreign program
  69  a service or tool is missing, or too old
  73  a file or folder cannot be made, or is there already
  74  reading or writing failed
  75  not now: the address or the data folder is in use
  77  the data folder belongs to another user, who must run this
  78  the settings are wrong; starting again does not help

Settings come from --config, or settings.toml in $CONFIGURATION_DIRECTORY, ~/.config/zechat-node or
/etc/zechat-node; from systemd credentials; from ZECHAT__SECTION__KEY; and from flags.";

/// A ZeChat node: a blind, durable mailbox.
#[derive(Parser)]
#[command(name = "zechat-node", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which node, with which settings.
#[derive(clap::Args)]
struct Place {
    /// The settings file.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The folder with the database and the node's keys.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Sets any setting, for example mail.quota_count=1000.
    #[arg(long, value_name = "SECTION.KEY=VALUE", global = true)]
    set: Vec<String>,
    /// Answers in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Where to listen, for example 127.0.0.1:8008. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", global = true)]
    listen: Option<SocketAddr>,
    /// The address under which others reach this node.
    #[arg(long, value_name = "URL", global = true)]
    public_url: Option<String>,
    /// The node's name for people.
    #[arg(long, value_name = "TEXT", global = true)]
    name: Option<String>,
    /// Permit other nodes on loopback and private networks.
    #[arg(long, global = true)]
    allow_private_networks: bool,
    /// Serve the client from this folder instead of the built-in one.
    #[arg(long, value_name = "DIR", global = true)]
    client_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the node.
    Serve,
    /// Looks for what is wrong: settings, data, disk, clock, name, certificate, WebSocket, other nodes.
    Check {
        /// A node to reach, for example https://chat.example.org.
        #[arg(long, value_name = "URL")]
        peer: Option<String>,
    },
    /// The tables of the database.
    Migrate {
        #[command(subcommand)]
        command: Migrate,
    },
    /// Writes database and keys into one file; the node may run.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Reads a backup and says whether it is whole.
    Verify {
        /// The file.
        file: PathBuf,
    },
    /// Puts a node back from a backup, into a data folder without one.
    Restore {
        /// The file.
        file: PathBuf,
    },
    /// Deletes mail that is older than the retention; the node does that by itself every minute.
    Retention {
        /// Tells only what would go.
        #[arg(long)]
        dry_run: bool,
    },
    /// Invites to an account.
    Invite {
        #[command(subcommand)]
        command: Invite,
    },
    /// What the node holds.
    Stats,
    /// Accounts.
    Account {
        #[command(subcommand)]
        command: Account,
    },
    /// Other nodes.
    Peer {
        #[command(subcommand)]
        command: Peer,
    },
    /// Closes the node down decently: it takes no new mail, tells its people to move, and goes on serving
    /// their records and their stored mail.
    Decommission {
        /// The end, in so many days from now.
        #[arg(
            long,
            value_name = "DAYS",
            default_value_t = 30,
            conflicts_with = "purge"
        )]
        in_days: u64,
        /// Goes on as before.
        #[arg(long, conflicts_with_all = ["in_days", "purge"])]
        cancel: bool,
        /// Deletes all mail that is left, when the end has come.
        #[arg(long)]
        purge: bool,
        /// With --purge: before the end.
        #[arg(long, requires = "purge")]
        force: bool,
        /// With --purge: tells only what would go.
        #[arg(long, requires = "purge")]
        dry_run: bool,
        /// With --purge: does not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Settings.
    Config {
        #[command(subcommand)]
        command: Config,
    },
    /// Prints completions for a shell.
    Completions {
        /// Which.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page, or writes those of all commands.
    Man {
        /// A folder that is there; a page of each command goes into it.
        folder: Option<PathBuf>,
    },
    /// Prints the version, and with --json those of protocol and database.
    Version,
}

#[derive(Subcommand)]
enum Migrate {
    /// Which migrations there are, and which the database has.
    Status,
    /// Applies what is missing; `serve` does that as well.
    Run,
}

#[derive(Subcommand)]
enum Invite {
    /// Makes an invite and prints its link.
    Create {
        /// For how many accounts.
        #[arg(long, default_value_t = 1)]
        uses: u64,
        /// For how many days.
        #[arg(long, default_value_t = 7)]
        days: u64,
        /// A note for yourself.
        #[arg(long, default_value = "")]
        note: String,
        /// Somebody's contact link of this node: who uses the invite meets them first.
        #[arg(long, value_name = "LINK")]
        contact: Option<String>,
    },
    /// Lists invites.
    List,
    /// Makes an invite void.
    Revoke {
        /// Its number.
        id: u64,
    },
}

#[derive(Subcommand)]
enum Account {
    /// Lists accounts.
    List,
    /// Lets an account in no more; its mail stays.
    Block {
        /// Its identity, which may begin with a hyphen.
        #[arg(allow_hyphen_values = true)]
        identity: String,
    },
    /// Lets it in again.
    Unblock {
        /// Its identity, which may begin with a hyphen.
        #[arg(allow_hyphen_values = true)]
        identity: String,
    },
    /// Deletes an account with its mail, mailboxes and records.
    Delete {
        /// Its identity, which may begin with a hyphen.
        #[arg(allow_hyphen_values = true)]
        identity: String,
        /// Tells only what would go.
        #[arg(long)]
        dry_run: bool,
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
enum Peer {
    /// Lists nodes that failed, are blocked or that mail waits for.
    List,
    /// Talks no more with a node: a host name, "*.example.org", or a fingerprint.
    Block {
        /// Which.
        node: String,
    },
    /// Talks with it again.
    Unblock {
        /// Which.
        node: String,
    },
    /// Tries a node again now.
    Retry {
        /// Its address, for example https://chat.example.org.
        node: String,
    },
}

#[derive(Subcommand)]
enum Config {
    /// Prints every setting as it is in force; secrets are hidden.
    Print {
        /// Hides secrets. That is so without it as well; it says so, and keeps `--secrets` out.
        #[arg(long)]
        redacted: bool,
        /// Shows secrets.
        #[arg(long, conflicts_with = "redacted")]
        secrets: bool,
        /// Says where each value comes from.
        #[arg(long)]
        origin: bool,
    },
    /// Prints a settings file with every key, its words and its default.
    Example,
}

/// Why a command did not do what it should.
struct Failed {
    code: u8,
    words: String,
}

impl Failed {
    fn new(code: u8, words: impl ToString) -> Self {
        Self {
            code,
            words: words.to_string(),
        }
    }
}

impl From<SettingsError> for Failed {
    fn from(error: SettingsError) -> Self {
        Self::new(78, error)
    }
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        Self::new(error.exit_code(), error)
    }
}

/// Where a command finds its node, and how it answers.
struct Context {
    place: Place,
}

impl Context {
    fn load(&self) -> Result<Loaded, SettingsError> {
        let place = &self.place;
        let overrides = Overrides {
            listen: place.listen,
            public_url: place.public_url.clone(),
            data: place.data.clone(),
            name: place.name.clone(),
            client_dir: place.client_dir.clone(),
            allow_private_networks: place.allow_private_networks,
            set: place.set.clone(),
        };
        settings::load(place.config.as_deref(), &overrides)
    }

    fn settings(&self) -> Result<Settings, SettingsError> {
        self.load().map(|loaded| loaded.settings)
    }

    /// Prints an answer: for programs as it is, for people as a table.
    fn answer(&self, value: &serde_json::Value) -> Result<(), Failed> {
        if self.place.json {
            print(&format!("{value}\n"))
        } else {
            print(&show::text(value))
        }
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context { place: cli.place };
    match run(&context, cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            if !failed.words.is_empty() {
                eprintln!("zechat-node: {}", failed.words);
            }
            ExitCode::from(failed.code)
        }
    }
}

fn run(context: &Context, command: Command) -> Result<(), Failed> {
    match command {
        Command::Serve => serve(context),
        Command::Check { peer } => check::run(context, peer.as_deref()),
        Command::Migrate { command } => match command {
            Migrate::Status => whole::migration_status(context),
            Migrate::Run => whole::migrate(context),
        },
        Command::Backup { file } => whole::backup(context, &file),
        Command::Verify { file } => whole::verify(context, &file),
        Command::Restore { file } => whole::restore(context, &file),
        Command::Retention { dry_run } => ask::answer(context, Request::Retention { dry_run }),
        Command::Invite { command } => invite(context, command),
        Command::Stats => ask::answer(context, Request::Stats),
        Command::Account { command } => account(context, command),
        Command::Peer { command } => peer(context, command),
        Command::Decommission {
            in_days,
            cancel,
            purge,
            force,
            dry_run,
            yes,
        } => {
            if purge {
                if !dry_run {
                    ask::confirm(yes, "This deletes all mail that is left on this node.")?;
                }
                let purge = Request::Purge {
                    dry_run,
                    early: force,
                };
                return ask::answer(context, purge);
            }
            ask::decommission(context, (!cancel).then_some(in_days))
        }
        Command::Config { command } => config(context, command),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "zechat-node", &mut out);
            print_bytes(&out)
        }
        Command::Man { folder: None } => {
            let mut out = Vec::new();
            let page = clap_mangen::Man::new(Cli::command()).render(&mut out);
            page.map_err(|error| Failed::new(74, error))?;
            print_bytes(&out)
        }
        Command::Man {
            folder: Some(folder),
        } => {
            clap_mangen::generate_to(Cli::command(), folder).map_err(|error| Failed::new(74, error))
        }
        Command::Version if context.place.json => print(&format!("{}\n", version())),
        Command::Version => print(&format!("{}\n", zechat_node::SOFTWARE)),
    }
}

fn version() -> serde_json::Value {
    json!({
        "software": zechat_node::SOFTWARE,
        "version": env!("CARGO_PKG_VERSION"),
        "protocol": 1,
        "database": zechat_node::store::newest_migration(),
    })
}

fn invite(context: &Context, command: Invite) -> Result<(), Failed> {
    match command {
        Invite::Create {
            uses,
            days,
            note,
            contact,
        } => ask::create_invite(context, uses, days, note, contact.as_deref()),
        Invite::List => ask::answer(context, Request::InviteList),
        Invite::Revoke { id } => ask::answer(context, Request::InviteRevoke { id }),
    }
}

fn account(context: &Context, command: Account) -> Result<(), Failed> {
    let request = match command {
        Account::List => Request::AccountList,
        Account::Block { identity } => Request::AccountBlock {
            identity: ask::identity(&identity)?,
            is_blocked: true,
        },
        Account::Unblock { identity } => Request::AccountBlock {
            identity: ask::identity(&identity)?,
            is_blocked: false,
        },
        Account::Delete {
            identity,
            dry_run,
            yes,
        } => {
            if !dry_run {
                ask::confirm(yes, "This deletes the account and all of its mail.")?;
            }
            Request::AccountDelete {
                identity: ask::identity(&identity)?,
                dry_run,
            }
        }
    };
    ask::answer(context, request)
}

fn peer(context: &Context, command: Peer) -> Result<(), Failed> {
    let request = match command {
        Peer::List => Request::PeerList,
        Peer::Block { node } => Request::PeerBlock {
            pattern: ask::pattern(&node)?,
            is_blocked: true,
        },
        Peer::Unblock { node } => Request::PeerBlock {
            pattern: ask::pattern(&node)?,
            is_blocked: false,
        },
        Peer::Retry { node } => Request::PeerRetry {
            node: ask::node_url(&node)?,
        },
    };
    ask::answer(context, request)
}

fn config(context: &Context, command: Config) -> Result<(), Failed> {
    let (secrets, origin) = match command {
        Config::Example => return print(&Settings::example()),
        Config::Print {
            secrets, origin, ..
        } => (secrets, origin),
    };
    let entries = context.load()?.entries(secrets);
    if context.place.json {
        let value = serde_json::to_value(&entries).unwrap_or_default();
        return print(&format!("{value}\n"));
    }
    let mut text = String::new();
    for entry in entries {
        text.push_str(&format!("{} = {}", entry.key, entry.value));
        if origin {
            text.push_str(&format!("  # {}", entry.origin));
        }
        text.push('\n');
    }
    print(&text)
}

fn print(text: &str) -> Result<(), Failed> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), Failed> {
    std::io::stdout()
        .write_all(bytes)
        .map_err(|_| Failed::new(1, "")) // whoever reads has gone
}

fn serve(context: &Context) -> Result<(), Failed> {
    let settings = context.settings()?;
    zechat_node::log::init(&settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let node = Node::start(settings, Arc::new(SystemClock)).await?;
        let signals = Signals::hear()?;
        print(&format!("listening on {}\n", node.address()))?;
        let settings = || context.settings();
        Ok(node.run_until_signal(signals, settings).await?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_may_begin_with_a_hyphen() {
        let identity = "-AiMdtQCUGW10V-gRJRXf7l4s03CMfm1pNsduqbLLn8";
        for line in [
            vec!["account", "block", identity],
            vec!["account", "unblock", identity],
            vec!["account", "delete", identity, "--dry-run"],
            vec!["account", "delete", "--dry-run", identity],
        ] {
            let read = Cli::try_parse_from(std::iter::once("zechat-node").chain(line.clone()));
            assert!(read.is_ok(), "{line:?}");
        }
    }
}
