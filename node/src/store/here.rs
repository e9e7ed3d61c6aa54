//! A store that writes and reads on its caller's thread: one connection, no pool, no queue. Everything
//! else is as with threads, commits and their order included.
//!
//! It is for one process that holds several nodes and wants to know in which order things happen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;
use super::outbox::Seen;
use super::outstanding::Outstanding;
use super::writer::{self, Apply, Reply, Writer, WriterLimits};
use super::{Access, Database, Observer, Store, StoreError, open};
use crate::clock::Clock;

/// A database in memory. It outlives the store that uses it, as a disk outlives a process.
pub struct Disk(Connection);

impl Disk {
    /// An empty one.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite fails.
    pub fn new() -> Result<Self, StoreError> {
        let mut connection = open::in_memory()?;
        open::migrate(&mut connection, &Database::Sqlite(":memory:".into()))?;
        Ok(Self(connection))
    }
}

/// What is in place of the threads; nothing, once the disk was taken out.
#[derive(Clone)]
pub(super) struct Here(Arc<Mutex<Option<Writer>>>);

impl Here {
    fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write<C: Apply>(
        &self,
        command: C,
        reply: Reply<C::Output>,
    ) -> Result<(), StoreError> {
        let mut writer = self.lock();
        let writer = writer.as_mut().ok_or(StoreError::Stopped)?;
        writer.commit(&mut vec![writer::job(command, reply)]);
        Ok(())
    }

    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.lock();
        read(&mut writer.as_mut().ok_or(StoreError::Stopped)?.connection)
    }

    pub(super) fn is_running(&self) -> bool {
        self.lock().is_some()
    }

    pub(super) fn take(&self) -> Option<Disk> {
        self.lock().take().map(|writer| Disk(writer.connection))
    }
}

impl Store {
    /// A store on this disk.
    pub fn on_disk(
        disk: Disk,
        limits: WriterLimits,
        clock: Arc<dyn Clock>,
        observer: Observer,
    ) -> Self {
        let writer = Writer {
            process: super::ProcessId::make(),
            connection: disk.0,
            reopen: Box::new(|| Err(StoreError::Stopped)),
            clock,
            limits,
            observer,
            outstanding: Outstanding::default(),
            seen: Seen::default(),
        };
        Self(Access::Here(Here(Arc::new(Mutex::new(Some(writer))))))
    }

    /// Takes the disk out, as a crash does: nothing is written or read here any more.
    pub fn take_disk(&self) -> Option<Disk> {
        match &self.0 {
            Access::Here(here) => here.take(),
            Access::Threads(_) => None,
        }
    }
}
