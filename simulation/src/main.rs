//! `simulate`: runs sequences from consecutive seeds, and ends with figures, or with the shortest form of the first
//! that fails. Options: `--sequences N`, `--seed S`, `--operations N`, `--threads N`, `--full-size-keys`, for fewer
//! kinds of operations `--settled`, `--moving` or `--rotating`, for more `--losing` or `--all`. With `--keep-going` it
//! names all that fail, as they are.

#![allow(
    clippy::expect_used,
    reason = "it is a test, where a panic is the report"
)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use simulation::figures::Figures;
use simulation::operation::Kinds;
use simulation::run;

/// Names of the kinds of operations.
const KINDS: [(&str, Kinds); 6] = [
    ("--settled", Kinds::Settled),
    ("--moving", Kinds::Moving),
    ("--rotating", Kinds::Rotating),
    ("--hostile", Kinds::Hostile),
    ("--losing", Kinds::Losing),
    ("--all", Kinds::All),
];

struct Options {
    sequences: u64,
    seed: u64,
    operations: usize,
    threads: usize,
    kinds: Kinds,
    full_size_keys: bool,
    keeps_going: bool,
}

impl Options {
    fn parse() -> Option<Self> {
        let mut options = Self {
            sequences: 2_000,
            seed: 1,
            operations: 200,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            kinds: Kinds::Hostile,
            full_size_keys: false,
            keeps_going: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let kinds = KINDS.iter().find(|(known, _)| *known == name);
            if let Some((_, kinds)) = kinds {
                options.kinds = *kinds;
                continue;
            }
            match name.as_str() {
                "--full-size-keys" => {
                    options.full_size_keys = true;
                    continue;
                }
                "--keep-going" => {
                    options.keeps_going = true;
                    continue;
                }
                _ => {}
            }
            let value = arguments.next()?;
            match name.as_str() {
                "--sequences" => options.sequences = value.parse().ok()?,
                "--seed" => options.seed = value.parse().ok()?,
                "--operations" => options.operations = value.parse().ok()?,
                "--threads" => options.threads = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(options)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::parse() else {
        eprintln!(
            "usage: simulate [--sequences N] [--seed S] [--operations N] [--threads N] [--settled | --moving | --rotating | --hostile | --losing | --all] \
             [--full-size-keys] [--keep-going]"
        );
        return ExitCode::from(2);
    };
    if !options.full_size_keys {
        shared_crypto::fixtures::take_small_keys();
    }
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let (figures, failure) = (Mutex::new(Figures::default()), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= options.sequences {
                        return;
                    }
                    let seed = options.seed + number;
                    let operations = run::operations(seed, options.operations, options.kinds);
                    match run::run(seed, &operations) {
                        Ok(more) => figures.lock().expect("no panic").add(&more),
                        Err(violation) => {
                            if options.keeps_going {
                                println!("seed {seed} fails: {}", violation.0);
                            }
                            failed.store(!options.keeps_going, Ordering::Relaxed);
                            failure
                                .lock()
                                .expect("no panic")
                                .get_or_insert((seed, violation));
                        }
                    }
                }
            });
        }
    });
    println!("{}", figures.lock().expect("no panic"));
    let Some((seed, violation)) = failure.lock().expect("no panic").take() else {
        return ExitCode::SUCCESS;
    };
    if options.keeps_going {
        return ExitCode::FAILURE;
    }
    println!("\nseed {seed} fails: {}", violation.0);
    let kinds = KINDS.iter().find(|(_, kinds)| *kinds == options.kinds);
    println!(
        "again: cargo xtask simulate --sequences 1 --seed {seed} --operations {} {}{}",
        options.operations,
        kinds.map_or("", |(name, _)| name),
        if options.full_size_keys {
            " --full-size-keys"
        } else {
            ""
        },
    );
    let operations = run::operations(seed, options.operations, options.kinds);
    let (fewer, violation) = run::shrink(seed, operations);
    println!(
        "\n{} operations are enough for: {}\n{fewer:?}",
        fewer.len(),
        violation.0
    );
    ExitCode::FAILURE
}
