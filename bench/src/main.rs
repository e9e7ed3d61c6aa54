//! Measures a node over real sockets and real files, and in the same run the bare stack under it: the
//! same actix and the same database with an empty application (`bare`). The machine is often busy with
//! other things, so only ratios within one run count; both take turns in short rounds, and the
//! median of the rounds is what is said.
//!
//! It also breaks nodes, and looks whether anything was lost (`chaos`).
//!
//! `cargo xtask bench node` builds and starts it; the workloads are in `work`.

mod bare;
mod chaos;
mod client;
mod compiler;
mod people;
mod report;
mod server;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

/// What is to be measured.
struct Options {
    node: PathBuf,
    workloads: Vec<String>,
    backends: Vec<server::Backend>,
    is_json: bool,
    is_quick: bool,
    /// Where the table goes in Markdown.
    table: Option<PathBuf>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = if std::env::args().nth(1).as_deref() == Some("bare") {
        bare::main(&arguments.nth(1).unwrap_or_default())
    } else if std::env::args().nth(1).as_deref() == Some("chaos") {
        chaos::main(arguments.skip(1))
    } else {
        parse(arguments).and_then(|options| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(run(&options))
        })
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options {
        node: PathBuf::new(),
        workloads: work::ALL.iter().map(|name| (*name).to_owned()).collect(),
        backends: vec![server::Backend::Sqlite, server::Backend::Postgres],
        is_json: false,
        is_quick: false,
        table: None,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().context("an option needs a value");
        match argument.as_str() {
            "--json" => options.is_json = true,
            "--quick" => options.is_quick = true,
            "--table" => options.table = Some(PathBuf::from(value()?)),
            "--node" => options.node = PathBuf::from(value()?),
            "--workload" => {
                options.workloads = value()?.split(',').map(str::to_owned).collect();
            }
            "--backend" => {
                options.backends = value()?
                    .split(',')
                    .map(server::Backend::parse)
                    .collect::<Result<_>>()?;
            }
            other => bail!("there is no option `{other}`"),
        }
    }
    if let Some(unknown) = options
        .workloads
        .iter()
        .find(|name| !work::ALL.contains(&name.as_str()))
    {
        bail!("there is no workload `{unknown}`: {}", work::ALL.join(", "));
    }
    Ok(options)
}

async fn run(options: &Options) -> Result<()> {
    let mut report = report::Report::new(options.is_json, options.table.as_deref())?;
    for backend in &options.backends {
        work::measure(options, *backend, &mut report).await?;
    }
    report.end();
    Ok(())
}
