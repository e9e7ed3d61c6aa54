//! Counting what passed.

use std::fmt;
use std::ops::AddAssign;

/// How many tests and checks passed, failed and were left out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Succeeded.
    pub passed: usize,
    /// Did not.
    pub failed: usize,
    /// Were not run.
    pub skipped: usize,
    /// What those said that failed, to be read again at the end of a long log.
    pub failures: Vec<String>,
}

impl Tally {
    /// One check that succeeded.
    pub const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
        failures: Vec::new(),
    };
    /// One check that failed.
    pub const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
        failures: Vec::new(),
    };
    /// One check that was left out.
    pub const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
        failures: Vec::new(),
    };

    /// Reads the closing line of a test program: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub fn of_line(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once("test result: ")?;
        let (_, rest) = rest.split_once(". ")?;
        let mut tally = Self::default();
        for part in rest.split(';') {
            let Some((count, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(count) = count.parse() else { continue };
            match word {
                "passed" => tally.passed = count,
                "failed" => tally.failed = count,
                "ignored" => tally.skipped = count,
                _ => {}
            }
        }
        Some(tally)
    }

    /// One check that failed for this reason.
    pub fn failed(why: String) -> Self {
        Self {
            failures: vec![why],
            ..Self::FAILED
        }
    }

    /// Whether something ran and nothing failed.
    pub fn is_success(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
    }
}

/// Reads what test programs print.
#[derive(Debug, Default)]
pub struct Listener {
    tally: Tally,
    /// What the tests that failed said, while it is read.
    said: Option<String>,
}

impl Listener {
    /// One line, with its end.
    pub fn hear(&mut self, line: &str) {
        if let Some(result) = Tally::of_line(line) {
            self.tally += result;
            self.tally.failures.extend(self.said.take());
        } else if let Some(said) = &mut self.said {
            said.push_str(line);
        } else if line.trim_end() == "failures:" {
            self.said = Some(String::new());
        }
    }

    /// All that was read, also when a program ended in the middle of it.
    pub fn end(mut self) -> Tally {
        self.tally.failures.extend(self.said);
        self.tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read_plain_and_coloured() {
        let expected = Some(Tally {
            passed: 12,
            failed: 3,
            skipped: 4,
            failures: vec![],
        });
        for line in [
            "test result: FAILED. 12 passed; 3 failed; 4 ignored; 0 measured; 7 filtered out; finished in 0.52s",
            "test result: \u{1b}[31mFAILED\u{1b}[m. 12 passed; 3 failed; 4 ignored; 0 filtered out",
        ] {
            assert_eq!(Tally::of_line(line), expected);
        }
    }

    #[test]
    fn other_lines_are_not() {
        for line in [
            "",
            "running 3 tests",
            "test result: odd",
            "12 passed; 3 failed",
        ] {
            assert_eq!(Tally::of_line(line), None, "{line}");
        }
    }

    #[test]
    fn what_failed_is_kept_with_what_it_said() {
        let mut listener = Listener::default();
        let output = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nwhy\n\nfailures:\n    a\n\n\
                      test result: FAILED. 1 passed; 1 failed; 0 ignored\nrunning 1 test\n\
                      test result: ok. 1 passed; 0 failed; 0 ignored\nfailures:\nand then it fell over\n";
        for line in output.split_inclusive('\n') {
            listener.hear(line);
        }
        let tally = listener.end();
        assert_eq!(tally.to_string(), "2 passed, 1 failed, 0 skipped");
        assert_eq!(tally.failures.len(), 2);
        assert!(tally.failures[0].contains("---- a stdout ----\nwhy\n"));
        assert!(!tally.failures[0].contains("running"));
        assert_eq!(tally.failures[1], "and then it fell over\n");
    }

    #[test]
    fn nothing_run_is_no_success() {
        assert!(!Tally::default().is_success());
        assert!(Tally::PASSED.is_success());
        assert!(!Tally::FAILED.is_success());
    }
}
