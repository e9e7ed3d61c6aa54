//! The node's data as a whole: migrations, backups.

use std::path::Path;

use serde_json::json;
use zechat_node::StartError;
use zechat_node::backup::{self, BackupError, Manifest};
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::store::Database;

use super::ask::{hold, lock, store_failed};
use super::owner::ensure_own;
use super::{Context, Failed};

impl From<BackupError> for Failed {
    fn from(error: BackupError) -> Self {
        let code = match &error {
            BackupError::File { .. } => 74,
            BackupError::Damaged { .. } => 65,
            BackupError::NotEmpty(_) => 73,
            BackupError::Tool(_) | BackupError::TooNew { .. } => 69,
            BackupError::Store(_) => 65,
        };
        Self::new(code, error)
    }
}

fn database(context: &Context) -> Result<(std::path::PathBuf, Database), Failed> {
    let settings = context.settings()?;
    let folder = settings.data_folder()?;
    let database = Database::parse(&settings.database.url, &folder);
    Ok((folder, database))
}

fn existing(context: &Context) -> Result<(std::path::PathBuf, Database), Failed> {
    let (folder, database) = database(context)?;
    if database.exists() {
        ensure_openable(&database, &folder)?;
        return Ok((folder, database));
    }
    let words = format!(
        "there is no node in {}: name its folder with --data",
        folder.display()
    );
    Err(Failed::new(74, words))
}

/// Whoever opens a file while no node has it open leaves files beside it: they must be the node's.
pub(super) fn ensure_openable(database: &Database, folder: &Path) -> Result<(), Failed> {
    if database.is_shared() || is_running(folder) {
        return Ok(());
    }
    ensure_own(folder)
}

/// Whether a node answers for this folder.
fn is_running(folder: &Path) -> bool {
    #[cfg(unix)]
    return zechat_node::admin::socket::is_served(folder);
    #[cfg(not(unix))]
    return false;
}

pub(super) fn migration_status(context: &Context) -> Result<(), Failed> {
    let (_, database) = existing(context)?;
    let states = database.migrations().map_err(store_failed)?;
    context.answer(&serde_json::to_value(states).unwrap_or_default())
}

pub(super) fn migrate(context: &Context) -> Result<(), Failed> {
    let (folder, database) = existing(context)?;
    let _lock = lock(&database, &folder)?;
    database.migrate().map_err(store_failed)?;
    migration_status(context)
}

pub(super) fn backup(context: &Context, file: &Path) -> Result<(), Failed> {
    let (folder, database) = existing(context)?;
    let manifest = backup::create(&folder, &database, file, SystemClock.now())?;
    report(context, file, &manifest)
}

pub(super) fn verify(context: &Context, file: &Path) -> Result<(), Failed> {
    let manifest = backup::verify(file)?;
    report(context, file, &manifest)
}

pub(super) fn restore(context: &Context, file: &Path) -> Result<(), Failed> {
    let (folder, database) = database(context)?;
    zechat_node::create_folder(&folder).map_err(|source| StartError::DataFolder {
        path: folder.clone(),
        source,
    })?;
    let _lock = hold(&folder)?;
    let manifest = backup::restore(file, &folder, &database)?;
    report(context, file, &manifest)
}

fn report(context: &Context, file: &Path, manifest: &Manifest) -> Result<(), Failed> {
    let mut value = json!({ "backup": file.display().to_string() });
    if let (Some(value), Ok(serde_json::Value::Object(manifest))) =
        (value.as_object_mut(), serde_json::to_value(manifest))
    {
        value.extend(manifest);
    }
    context.answer(&value)
}
