//! A database of its own for each test, on the server that `TEST_DATABASE_URL` names.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;

/// Names the server; without it the tests use SQLite files.
const SERVER: &str = "TEST_DATABASE_URL";

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A PostgreSQL database; dropped with this.
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// A new one, or nothing when the tests are to use files.
    pub fn create() -> Option<Self> {
        let server = std::env::var(SERVER).ok()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("zechat_test_{}_{number}", std::process::id());
        let mut connection = PgConnection::establish(&server).unwrap();
        for command in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            connection
                .batch_execute(&format!("{command} {name}"))
                .unwrap();
        }
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let (place, _) = base.rsplit_once('/').expect("postgresql://HOST/NAME");
        let url = format!("{place}/{name}?{options}");
        Some(Self { server, name, url })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // What is left of a test that failed is the server's business.
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            let _ = connection.batch_execute(&drop);
        }
    }
}
