//! The program: reads flags and settings, then runs the node.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use zechat_node::clock::SystemClock;
use zechat_node::settings::{self, Overrides, Settings};
use zechat_node::{Node, StartError};

/// A ZeChat node: a blind, durable mailbox.
#[derive(Parser)]
#[command(name = "zechat-node", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the node.
    Serve(Serve),
    /// Shows settings.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Prints the version.
    Version,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints a settings file with every key, its words and its default.
    Example,
}

#[derive(clap::Args)]
struct Serve {
    /// The settings file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, for example 127.0.0.1:8008. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<std::net::SocketAddr>,
    /// The address under which others reach this node.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The folder with the database and the node's keys.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Permit other nodes on loopback and private networks.
    #[arg(long)]
    allow_private_networks: bool,
    /// Sets any setting, for example mail.quota_count=1000.
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
    /// Serve the client from this folder instead of the built-in one.
    #[arg(long, value_name = "DIR")]
    client_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(flags) => serve(flags),
        Command::Config {
            command: ConfigCommand::Example,
        } => print(&Settings::example()),
        Command::Version => print(&format!("{}\n", zechat_node::SOFTWARE)),
    }
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE, // whoever reads has gone
    }
}

fn serve(flags: Serve) -> ExitCode {
    let overrides = Overrides {
        listen: flags.listen,
        public_url: flags.public_url,
        data: flags.data,
        name: None,
        client_dir: flags.client_dir,
        allow_private_networks: flags.allow_private_networks,
        set: flags.set,
    };
    let read = || settings::load(flags.config.as_deref(), &overrides).map(|loaded| loaded.settings);
    let result = read().map_err(StartError::from).and_then(|settings| {
        zechat_node::log::init(&settings.log)?;
        run(settings, read)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zechat-node: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(
    settings: Settings,
    read: impl Fn() -> Result<Settings, settings::SettingsError>,
) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let node = Node::start(settings, std::sync::Arc::new(SystemClock)).await?;
        print(&format!("listening on {}\n", node.address()));
        Ok(node.run_until_signal(read).await?)
    })
}
