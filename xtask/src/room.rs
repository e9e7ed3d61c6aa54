//! Room on the disk, looked at before the work begins: a build that runs out of it ends in the middle, in the words
//! of a linker.

use std::path::Path;
use std::process::Command;

use crate::cli::Scope;
use crate::process;
use crate::project::Project;

/// Megabytes that a run of all tests leaves in a fresh checkout.
const WHOLE_RUN: u64 = 8_000;

/// The same without browsers.
const QUICK_RUN: u64 = 5_000;

/// Megabytes for what is there for a while only: tools while they are compiled, databases, profiles of browsers.
const PASSING: u64 = 1_500;

/// Says on the error output what a run of the tests takes, if less is free. Where nobody tells, it is silent.
pub fn warn_before_tests(project: &Project, scope: Scope) {
    let whole = match scope {
        Scope::Everything => WHOLE_RUN,
        Scope::Quick => QUICK_RUN,
    };
    let temporary = std::env::temp_dir();
    let lasting = whole.saturating_sub(used(project.target()).unwrap_or(0));
    let mut ask = Command::new("df");
    ask.arg("-Pk").args([project.target(), &temporary]);
    let table = process::text_of(&mut ask).unwrap_or_default();
    for words in warnings(&table, [project.target(), &temporary], [lasting, PASSING]) {
        eprintln!("{words}");
    }
}

/// What is too small of two folders that need so many megabytes each, by what `df` says of them. They may be on one disk.
fn warnings(table: &str, folders: [&Path; 2], needed: [u64; 2]) -> Vec<String> {
    let disks: Vec<&str> = table.lines().skip(1).collect();
    let [target, temporary] = folders;
    let [lasting, passing] = needed;
    let wants = match disks.as_slice() {
        [one, other] if one == other => vec![(*one, target, lasting.saturating_add(passing))],
        [one, other] => vec![(*one, target, lasting), (*other, temporary, passing)],
        _ => Vec::new(),
    };
    let too_small = wants.into_iter().filter_map(|(disk, folder, needed)| {
        let free = free(disk)?;
        (free < needed).then(|| {
            format!(
                "warning: this needs about {} of room at {}, and {} are free; it may end with \"No space left on device\"",
                gigabytes(needed),
                folder.display(),
                gigabytes(free)
            )
        })
    });
    too_small.collect()
}

fn gigabytes(megabytes: u64) -> String {
    let tenths = megabytes.div_euclid(100);
    format!("{}.{} GB", tenths.div_euclid(10), tenths.rem_euclid(10))
}

/// Megabytes that are free, by a line of `df -Pk`: what stands before the share in use. A disk's name may have spaces.
fn free(disk: &str) -> Option<u64> {
    let cells: Vec<&str> = disk.split_whitespace().collect();
    let share = cells.iter().position(|cell| cell.ends_with('%'))?;
    megabytes(cells.get(share.checked_sub(1)?)?)
}

/// Megabytes that a folder holds.
fn used(folder: &Path) -> Option<u64> {
    let text = process::text_of(Command::new("du").arg("-sk").arg(folder))?;
    megabytes(text.split_whitespace().next()?)
}

fn megabytes(kibibytes: &str) -> Option<u64> {
    let kibibytes: u64 = kibibytes.parse().ok()?;
    Some(kibibytes.saturating_mul(1_024).div_euclid(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";
    const LARGE: &str = "/dev/vda 264212084 18339328 76946560 20% /\n";
    const SMALL: &str = "my disk 10485760 8000000 2485760 77% /tmp of mine\n";

    fn of(disks: [&str; 2]) -> Vec<String> {
        let table = format!("{HEAD}{}{}", disks[0], disks[1]);
        let folders = [Path::new("/target"), Path::new("/tmp")];
        warnings(&table, folders, [2_000, 1_500])
    }

    #[test]
    fn too_little_room_is_said_with_figures() {
        assert!(of([LARGE, LARGE]).is_empty());
        assert!(of([LARGE, SMALL]).is_empty());
        assert!(of([SMALL, LARGE]).is_empty());
        let both = of([SMALL, SMALL]);
        assert_eq!(both.len(), 1);
        assert!(
            both[0].contains("about 3.5 GB of room at /target, and 2.5 GB are free"),
            "{both:?}"
        );
    }

    #[test]
    fn where_nobody_tells_nothing_is_said() {
        let folders = [Path::new("/target"), Path::new("/tmp")];
        for table in ["", HEAD, "no table at all\nx\ny\n"] {
            assert!(warnings(table, folders, [9_000, 9_000]).is_empty());
        }
    }
}
