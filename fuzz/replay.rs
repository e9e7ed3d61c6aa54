//! The fuzzer's corpora as ordinary tests.

use std::fs;
use std::path::Path;

/// Does with each file of a corpus what the fuzzer does with it. From the folder of a crate beside `fuzz`, as tests run.
pub fn replay(name: &str, target: fn(&[u8])) {
    let files = fs::read_dir(Path::new("../fuzz/corpus").join(name)).unwrap();
    let contents: Vec<_> = files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert!(!contents.is_empty(), "{name} has no corpus");
    contents.iter().for_each(|bytes| target(bytes));
}
