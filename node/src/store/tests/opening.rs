//! Whose database it is, who may read it, and that both kinds have the same columns.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_in_words() {
    let it = Fixture::new();
    it.store
        .write(Run(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
        ))
        .await
        .unwrap();
    it.store.close(Duration::from_secs(5)).await;
    let refused = open(&it.options, &it.clock, &it.events).err().unwrap();
    assert!(matches!(&refused, StoreError::Newer { version, .. } if version == "99990101000000"));
    assert!(
        refused.to_string().contains("newer zechat-node"),
        "{refused}"
    );
}

#[test]
fn a_database_of_something_else_is_refused() {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let it = Fixture::new();
    let server = TestDatabase::create();
    let database = if let Some(server) = &server {
        let mut other = diesel::PgConnection::establish(server.url()).unwrap();
        other
            .batch_execute("CREATE TABLE recipes (name TEXT)")
            .unwrap();
        Database::parse(server.url(), it.folder.path())
    } else {
        let path = it.folder.path().join("other.db");
        let mut other = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        other
            .batch_execute("CREATE TABLE recipes (name TEXT)")
            .unwrap();
        Database::Sqlite(path)
    };
    let options = StoreOptions {
        database,
        ..it.options.clone()
    };
    let refused = open(&options, &it.clock, &it.events).err().unwrap();
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let it = Fixture::new();
    if !it.is_file() {
        return; // whoever runs the server says who may
    }
    it.account().await;
    let files: Vec<_> = std::fs::read_dir(it.folder.path())
        .unwrap()
        .map(|file| file.unwrap())
        .collect();
    assert!(files.len() >= 2, "the database and its log");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

/// A table's columns with their kinds, as a query gives them.
#[derive(diesel::QueryableByName, Debug, PartialEq, Eq)]
struct ColumnRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    place: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
}

#[test]
fn both_databases_have_the_same_columns() {
    use diesel::prelude::*;
    let server = TestDatabase::create().expect("TEST_DATABASE_URL names a server");
    let folder = tempfile::tempdir().unwrap();
    let columns = |url: &str, query: &str| -> Vec<ColumnRow> {
        let database = Database::parse(url, folder.path());
        let limits = Fixture::limits();
        let options = StoreOptions {
            database,
            readers: 1,
            limits,
            process: ProcessId::make(),
        };
        let (mut connection, _) = super::open::open(&options).unwrap();
        let mut columns: Vec<ColumnRow> =
            on!(&mut connection, |c| diesel::sql_query(query).load(c)).unwrap();
        columns.sort_by(|a, b| a.place.cmp(&b.place));
        columns
    };
    let sqlite = columns(
        "",
        "SELECT t.name || '.' || c.name AS place, \
             CASE c.type WHEN 'BLOB' THEN 'bytea' WHEN 'TEXT' THEN 'text' \
                 WHEN 'INTEGER' THEN CASE c.pk WHEN 0 THEN 'integer' ELSE 'bigint' END \
                 ELSE 'bigint' END \
             || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' or null' END \
             || CASE c.pk WHEN 0 THEN ' ' || COALESCE(c.dflt_value, '') ELSE '' END AS kind \
         FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    );
    let postgres = columns(
        server.url(),
        "SELECT c.table_name || '.' || c.column_name AS place, \
             c.data_type || CASE c.is_nullable WHEN 'NO' THEN '' ELSE ' or null' END \
             || CASE WHEN k.column_name IS NULL \
                 THEN ' ' || COALESCE(replace(c.column_default, '::text', ''), '') ELSE '' END AS kind \
         FROM information_schema.columns c \
         LEFT JOIN information_schema.table_constraints p \
             ON p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' \
         LEFT JOIN information_schema.key_column_usage k \
             ON k.constraint_name = p.constraint_name AND k.column_name = c.column_name \
         WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_%'",
    );
    assert!(sqlite.len() > 40, "{sqlite:?}");
    for (ours, theirs) in sqlite.iter().zip(&postgres) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(sqlite.len(), postgres.len());
}
