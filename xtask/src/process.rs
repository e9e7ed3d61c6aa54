//! Running other programs: silently with a log, or in view with their test results counted.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::plan::Step;
use crate::tally::{Listener, Tally};

/// How much of a log is shown when its program fails.
const LINES_SHOWN: usize = 60;

/// Runs a program whose output matters only if it fails; until then it goes to the file `log`.
pub fn run_quietly(command: &mut Command, step: &Step, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = spawn(
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file),
    )?;
    let status = wait(&mut child, || step.tick())?;
    if status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&std::fs::read(log)?).into_owned();
    let lines: Vec<&str> = output.lines().collect();
    let tail = lines
        .get(lines.len().saturating_sub(LINES_SHOWN)..)
        .unwrap_or_default()
        .join("\n");
    bail!(
        "{} failed ({status}); the end of what it said (all of it: {}):\n{tail}",
        name_of(command),
        log.display()
    )
}

/// Runs a program in view, and adds up the test results that it prints.
pub fn run_in_view(command: &mut Command, step: &Step) -> Result<(ExitStatus, Tally)> {
    step.make_room();
    let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut listener = Listener::default();
    if let Some(output) = child.stdout.take() {
        let mut screen = std::io::stdout();
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            screen.write_all(&line)?;
            screen.flush()?;
            listener.hear(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    Ok((child.wait()?, listener.end()))
}

/// What a program prints, or `None` if it is not there or fails.
pub fn text_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts a program, and says which one if that fails.
pub fn spawn(command: &mut Command) -> Result<Child> {
    command
        .spawn()
        .with_context(|| format!("cannot start {}", name_of(command)))
}

/// Asks a program to end, and ends it if it does not within a few seconds.
pub fn stop(child: &mut Child) {
    // The shell's own `kill` is everywhere, and asking lets the program finish what it is writing.
    let asked = Command::new("sh")
        .args(["-c", &format!("kill -TERM {}", child.id())])
        .stderr(Stdio::null())
        .status();
    if asked.is_ok_and(|status| status.success()) {
        for _ in 0..50 {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(100));
        }
    }
    // It may have ended by itself in the meantime.
    let _ = child.kill();
    let _ = child.wait();
}

fn wait(child: &mut Child, mut meanwhile: impl FnMut()) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        sleep(Duration::from_millis(50));
        meanwhile();
    }
}

fn name_of(command: &Command) -> String {
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(command.get_program().to_string_lossy())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
