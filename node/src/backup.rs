//! Backups: one file with the database, the node's keys and a list of both with their hashes.
//!
//! A tar archive, so that it can be looked into with usual tools. A SQLite database is copied as it is at
//! one moment, while the node runs. A PostgreSQL database is dumped with `pg_dump`, which reads one
//! snapshot as well, and restored with `pg_restore`.

mod work;

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clock::Millis;
use crate::identity::{self, KEY_FILE};
use crate::store::{Database, PostgresUrl, StoreError};
use work::WorkFolder;

const MANIFEST: &str = "manifest.json";
const SQLITE: &str = "zechat.db";
const POSTGRES: &str = "zechat.pgdump";
const FORMAT: u32 = 1;

/// A manifest is short; what is longer is not one.
const MAX_MANIFEST: u64 = 64 * 1024;

/// So are the node's keys.
const MAX_KEY: u64 = 4 * 1024;

/// What `pg_restore` says of a dump that a later `pg_dump` wrote, in the language that is asked for.
const TOO_NEW: &str = "unsupported version";

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The kind of this archive.
    pub format: u32,
    /// What made it.
    pub software: String,
    /// When.
    pub created_at: Millis,
    /// Its files.
    pub files: Vec<Entry>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the archive.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Why a backup cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not a backup, or not a whole one.
    #[error("{path} is not a whole backup: {words}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        words: String,
    },
    /// There is a node already.
    #[error(
        "there already: {}. A backup is restored into a data folder without these",
        shown(.0)
    )]
    NotEmpty(Vec<PathBuf>),
    /// The dump in it is of a later PostgreSQL than the tool: what it is worth cannot be said here.
    #[error(
        "{path} cannot be read here, and may well be whole: {words}. It wants the pg_restore of the PostgreSQL that it \
         was made on, or of a later one"
    )]
    TooNew {
        /// Which.
        path: PathBuf,
        /// What the tool says.
        words: String,
    },
    /// A tool of PostgreSQL failed or is missing.
    #[error("{0}")]
    Tool(String),
}

fn shown(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> BackupError + '_ {
    |source| BackupError::File {
        path: path.to_owned(),
        source,
    }
}

/// Writes a backup of a node, whether it runs or not.
///
/// # Errors
/// [`BackupError`].
pub fn create(
    folder: &Path,
    database: &Database,
    to: &Path,
    now: Millis,
) -> Result<Manifest, BackupError> {
    let beside = beside(to);
    let work = WorkFolder::make(beside).map_err(at(beside))?;
    let key_file = folder.join(KEY_FILE);
    let key = Zeroizing::new(std::fs::read(&key_file).map_err(at(&key_file))?);
    let data = match database {
        Database::Sqlite(_) => {
            let copy = work.path().join(SQLITE);
            database.copy_to(&copy)?;
            copy
        }
        Database::Postgres(url) => {
            let dump = work.path().join(POSTGRES);
            let mut tool = postgres_tool("pg_dump", url);
            tool.args(["--format=custom", "--no-owner", "--file"])
                .arg(&dump);
            run(tool)?.map_err(BackupError::Tool)?;
            dump
        }
    };
    let kept_key = entry(KEY_FILE, key.as_slice()).map_err(at(&key_file))?;
    let manifest = Manifest {
        format: FORMAT,
        software: crate::SOFTWARE.to_owned(),
        created_at: now,
        files: vec![kept_key, file_entry(&data)?],
    };
    let archive = work.path().join("archive");
    write_archive(&archive, &manifest, &key, &data).map_err(at(to))?;
    std::fs::rename(&archive, to).map_err(at(to))?;
    File::open(beside)
        .and_then(|parent| parent.sync_all())
        .map_err(at(beside))?;
    Ok(manifest)
}

/// Reads the whole backup, compares every hash, and reads the database in it to its end. That is unpacked beside
/// the backup: where that lies there is room for it, and it is in the same hands. The keys are not.
///
/// # Errors
/// [`BackupError`].
pub fn verify(backup: &Path) -> Result<Manifest, BackupError> {
    let unpacked = unpack(backup, beside(backup))?;
    let dump = unpacked.folder.path().join(POSTGRES);
    if dump.exists() {
        let mut tool = Command::new("pg_restore");
        tool.arg("--file=-").arg(&dump).stdout(Stdio::null());
        run(tool)?.map_err(|words| {
            too_new(backup, &words).unwrap_or(BackupError::Damaged {
                path: backup.to_owned(),
                words,
            })
        })?;
    }
    Ok(unpacked.manifest)
}

/// Nothing when the tool failed for another reason.
fn too_new(backup: &Path, words: &str) -> Option<BackupError> {
    words.contains(TOO_NEW).then(|| BackupError::TooNew {
        path: backup.to_owned(),
        words: words.to_owned(),
    })
}

/// The folder that a file lies in.
fn beside(file: &Path) -> &Path {
    let parent = file.parent();
    parent
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Puts a node back from a backup, into a data folder without one.
///
/// # Errors
/// [`BackupError`].
pub fn restore(backup: &Path, folder: &Path, database: &Database) -> Result<Manifest, BackupError> {
    let key = folder.join(KEY_FILE);
    let mut taken = sqlite_files(database);
    taken.insert(0, key.clone());
    taken.retain(|path| path.symlink_metadata().is_ok());
    if !taken.is_empty() {
        return Err(BackupError::NotEmpty(taken));
    }
    let unpacked = unpack(backup, folder)?;
    let (manifest, work) = (unpacked.manifest, unpacked.folder.path());
    let has = |name: &str| manifest.files.iter().any(|file| file.name == name);
    match database {
        Database::Sqlite(path) if has(SQLITE) => {
            put(&work.join(SQLITE), path)?;
            database.check_integrity()?; // as it lies there, with whatever lies beside it
        }
        Database::Postgres(url) if has(POSTGRES) => {
            let mut tool = postgres_tool("pg_restore", url);
            tool.args(["--exit-on-error", "--single-transaction", "--no-owner"])
                .arg(work.join(POSTGRES));
            run(tool)?
                .map_err(|words| too_new(backup, &words).unwrap_or(BackupError::Tool(words)))?;
        }
        _ => {
            return Err(BackupError::Damaged {
                path: backup.to_owned(),
                words: "it is of the other kind of database than the settings name".to_owned(),
            });
        }
    }
    // The key last: a folder with one is a node.
    identity::write(folder, &key, &unpacked.key).map_err(at(&key))?;
    Ok(manifest)
}

/// A database file, and those beside it that SQLite takes for parts of it: with the log of another
/// database a restored one is changed or damaged when it is opened.
fn sqlite_files(database: &Database) -> Vec<PathBuf> {
    let Database::Sqlite(path) = database else {
        return Vec::new();
    };
    ["", "-wal", "-shm", "-journal"]
        .iter()
        .map(|ending| {
            let mut name = path.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        })
        .collect()
}

fn put(from: &Path, to: &Path) -> Result<(), BackupError> {
    File::open(from)
        .and_then(|file| file.sync_all())
        .map_err(at(from))?;
    std::fs::rename(from, to)
        .or_else(|_| std::fs::copy(from, to).map(drop))
        .map_err(at(to))?;
    match to.parent() {
        Some(parent) => File::open(parent)
            .and_then(|parent| parent.sync_all())
            .map_err(at(parent)),
        None => Ok(()),
    }
}

fn file_entry(file: &Path) -> Result<Entry, BackupError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    File::open(file)
        .and_then(|content| entry(&name, content))
        .map_err(at(file))
}

fn entry(name: &str, content: impl Read) -> std::io::Result<Entry> {
    let (bytes, sha256) = hash(content)?;
    Ok(Entry {
        name: name.to_owned(),
        bytes,
        sha256,
    })
}

fn hash(mut from: impl Read) -> std::io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0_u64;
    loop {
        let count = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
            break;
        };
        hasher.update(part);
        total = total.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
    let digest = hasher.finalize();
    Ok((total, data_encoding::HEXLOWER.encode(&digest)))
}

fn write_archive(path: &Path, manifest: &Manifest, key: &[u8], data: &Path) -> std::io::Result<()> {
    let mut archive = tar::Builder::new(private(path)?);
    let text = serde_json::to_vec_pretty(manifest)?;
    for (name, content) in [(MANIFEST, text.as_slice()), (KEY_FILE, key)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
        header.set_mode(0o600);
        archive.append_data(&mut header, name, content)?;
    }
    let name = data.file_name().unwrap_or_default();
    archive.append_file(name, &mut File::open(data)?)?;
    let mut file = archive.into_inner()?;
    file.flush()?;
    file.sync_all()
}

/// The keys are in it: for the owner's eyes only.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A backup whose hashes are right. The keys are in memory alone: whoever only looks leaves none on a disk.
struct Unpacked {
    manifest: Manifest,
    key: Zeroizing<Vec<u8>>,
    folder: WorkFolder,
}

/// Unpacks the database into a folder of its own, and checks everything.
fn unpack(backup: &Path, place: &Path) -> Result<Unpacked, BackupError> {
    let damaged = |words: String| BackupError::Damaged {
        path: backup.to_owned(),
        words,
    };
    let broken = |error: std::io::Error| damaged(error.to_string());
    let folder = WorkFolder::make(place).map_err(at(place))?;
    let mut archive = tar::Archive::new(File::open(backup).map_err(at(backup))?);
    let mut manifest: Option<Manifest> = None;
    let mut missing: Vec<Entry> = Vec::new();
    let mut key: Option<Zeroizing<Vec<u8>>> = None;
    for member in archive.entries().map_err(broken)? {
        let mut member = member.map_err(broken)?;
        let name = member
            .path()
            .map_err(broken)?
            .to_string_lossy()
            .into_owned();
        if manifest.is_none() {
            if name != MANIFEST {
                return Err(damaged("it does not begin with a manifest".to_owned()));
            }
            let mut text = Vec::new();
            member
                .by_ref()
                .take(MAX_MANIFEST)
                .read_to_end(&mut text)
                .map_err(broken)?;
            let read: Manifest =
                serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
            if read.format != FORMAT {
                return Err(damaged(format!(
                    "it is of the later format {}",
                    read.format
                )));
            }
            missing.clone_from(&read.files);
            manifest = Some(read);
            continue;
        }
        // Only names that this program writes: none leads out of the folder.
        let expected = missing
            .iter()
            .position(|entry| entry.name == name)
            .filter(|_| [KEY_FILE, SQLITE, POSTGRES].contains(&name.as_str()))
            .map(|place| missing.swap_remove(place))
            .ok_or_else(|| damaged(format!("{name} is not in its manifest")))?;
        let unpacked = if name == KEY_FILE {
            let mut bytes = Zeroizing::new(Vec::new());
            let mut few = member.by_ref().take(MAX_KEY);
            few.read_to_end(&mut bytes).map_err(broken)?;
            let unpacked = entry(&name, bytes.as_slice()).map_err(broken)?;
            key = Some(bytes);
            unpacked
        } else {
            let path = folder.path().join(&name);
            let mut file = private(&path).map_err(at(&path))?;
            std::io::copy(&mut member, &mut file).map_err(broken)?;
            file_entry(&path)?
        };
        if unpacked != expected {
            return Err(damaged(format!("{name} was changed")));
        }
    }
    let manifest = manifest.ok_or_else(|| damaged("it is empty".to_owned()))?;
    if let Some(entry) = missing.first() {
        return Err(damaged(format!("{} is missing", entry.name)));
    }
    let key = key.ok_or_else(|| damaged(format!("{KEY_FILE} is missing")))?;
    let copy = folder.path().join(SQLITE);
    if copy.exists() {
        Database::Sqlite(copy).check_integrity()?;
    }
    Ok(Unpacked {
        manifest,
        key,
        folder,
    })
}

/// The password goes through the environment, where other users of the machine do not see it.
fn postgres_tool(name: &str, url: &PostgresUrl) -> Command {
    let (address, password) = url.without_password();
    let mut tool = Command::new(name);
    tool.arg("--dbname").arg(address);
    if let Some(password) = password {
        tool.env("PGPASSWORD", password);
    }
    tool
}

/// Runs it to its end; says in words why it failed.
fn run(mut tool: Command) -> Result<Result<(), String>, BackupError> {
    let name = tool.get_program().to_string_lossy().into_owned();
    let output = tool.env("LC_ALL", "C").output().map_err(|error| {
        BackupError::Tool(format!(
            "{name} cannot be started ({error}): it comes with the package postgresql-client"
        ))
    })?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Ok(Err(format!("{name} failed: {}", words.trim())))
}
