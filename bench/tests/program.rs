//! The program by itself: what it does not understand it refuses in words.

use std::process::Command;

#[test]
fn what_is_not_understood_is_named() {
    for (arguments, words) in [
        (&["--fast"][..], "there is no option `--fast`"),
        (&["--workload", "W9"], "there is no workload `W9`"),
        (&["--workload"], "an option needs a value"),
        (&["chaos", "--mild"], "there is no option `--mild`"),
        (&["chaos", "--trial", "typo"], "is named `typo`"),
        (
            &[
                "chaos",
                "--trial",
                "a log that was cut",
                "--backend",
                "postgres",
            ],
            "no trial over postgres is named `a log that was cut`",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_zechat-bench"))
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
