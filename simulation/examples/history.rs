//! `history FOLDER CONVERSATIONS MESSAGES`: writes a backup file of somebody who has talked for long, the phrase that opens
//! it, the time of the last message, and how many there are.

#![allow(
    clippy::expect_used,
    reason = "it prepares a measurement, and a panic is the report"
)]

use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let mut number = || arguments.next().and_then(|text| text.parse().ok());
    let conversations: usize = number().expect("how many conversations");
    let messages = number().expect("how many messages");
    let made = simulation::history::make(conversations, messages);
    let history = made.expect("clients that talk");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("a folder that can be written");
    };
    write("backup", &history.backup);
    write("phrase", history.phrase.as_bytes());
    write("until", history.until.to_string().as_bytes());
    // Last: where it is, all is there.
    write(
        "messages",
        (conversations * messages).to_string().as_bytes(),
    );
}
