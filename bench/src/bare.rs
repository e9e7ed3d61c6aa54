//! The bare stack: the same actix and the same database under an empty application. It takes bytes,
//! commits what waits together, answers, and pushes. What it does in a given time on a given
//! machine is the limit for the node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::Message;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary};
use diesel::sqlite::SqliteConnection;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{mpsc, oneshot};

diesel::table! {
    mail (id) {
        id -> BigInt,
        body -> Binary,
    }
}

/// Commands in one commit at most, as in the node.
const MAX_BATCH: usize = 256;

enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    fn open(place: &str) -> Result<Self> {
        if place.starts_with("postgres") {
            let mut connection = PgConnection::establish(place)?;
            connection.batch_execute(
                "CREATE TABLE IF NOT EXISTS mail (id BIGSERIAL PRIMARY KEY, body BYTEA NOT NULL);
                 ALTER TABLE mail ALTER COLUMN body SET STORAGE EXTERNAL;
                 ALTER TABLE mail SET (toast_tuple_target = 8160)",
            )?;
            return Ok(Self::Postgres(connection));
        }
        let mut connection = SqliteConnection::establish(place)?;
        connection.batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY NOT NULL, body BLOB NOT NULL)",
        )?;
        Ok(Self::Sqlite(connection))
    }

    fn commit(&mut self, bodies: &[&[u8]]) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.immediate_transaction(|connection| {
                for body in bodies {
                    diesel::insert_into(mail::table)
                        .values(mail::body.eq(*body))
                        .execute(connection)?;
                }
                Ok(())
            }),
            Self::Postgres(connection) => connection.transaction(|connection| {
                diesel::sql_query("INSERT INTO mail (body) SELECT * FROM unnest($1)")
                    .bind::<Array<Binary>, _>(bodies)
                    .execute(connection)?;
                Ok(())
            }),
        }
    }

    fn page(&mut self, after: i64, count: i64) -> Result<Vec<(i64, Vec<u8>)>> {
        let query = mail::table
            .filter(mail::id.gt(after))
            .order(mail::id)
            .limit(count);
        Ok(match self {
            Self::Sqlite(connection) => query.load(connection)?,
            Self::Postgres(connection) => query.load(connection)?,
        })
    }
}

enum Reply {
    Put(oneshot::Sender<()>),
    Socket(usize, Bytes),
}

type Sockets = Arc<Mutex<HashMap<usize, mpsc::UnboundedSender<(bool, Bytes)>>>>;

struct Shared {
    queue: mpsc::Sender<(Bytes, Reply)>,
    sockets: Sockets,
    place: String,
}

/// Serves until it is ended.
pub fn main(place: &str) -> Result<()> {
    let mut database = Database::open(place)?;
    let (queue, mut waiting) = mpsc::channel::<(Bytes, Reply)>(1024);
    let sockets = Sockets::default();
    let shared = web::Data::new(Shared {
        queue,
        sockets: Arc::clone(&sockets),
        place: place.to_owned(),
    });
    std::thread::spawn(move || {
        let mut jobs = Vec::with_capacity(MAX_BATCH);
        while waiting.blocking_recv_many(&mut jobs, MAX_BATCH) > 0 {
            let bodies: Vec<&[u8]> = jobs.iter().map(|(body, _)| body.as_ref()).collect();
            if let Err(error) = database.commit(&bodies) {
                eprintln!("bare: {error}");
                return;
            }
            answer(&sockets, jobs.drain(..));
        }
    });
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/mail", web::put().to(put))
                .route("/live", web::get().to(live))
                .route("/drain", web::get().to(drain))
        })
        .workers(std::thread::available_parallelism()?.get())
        .tcp_nodelay(true)
        .disable_signals()
        .bind("127.0.0.1:0")?;
        let address = server.addrs().first().copied().context("an address")?;
        println!("listening on {address}");
        Ok(server.run().await?)
    })
}

fn answer(sockets: &Sockets, jobs: impl Iterator<Item = (Bytes, Reply)>) {
    let sockets = sockets.lock().unwrap_or_else(|poison| poison.into_inner());
    // Whoever asked or listened may have gone.
    for (body, reply) in jobs {
        match reply {
            Reply::Put(sender) => {
                // The first byte says to whom it goes.
                let to = body.first().copied().map_or(0, usize::from);
                if let Some(socket) = sockets.get(&to) {
                    let _ = socket.send((true, body));
                }
                let _ = sender.send(());
            }
            Reply::Socket(from, id) => {
                if let Some(socket) = sockets.get(&from) {
                    let _ = socket.send((false, id));
                }
            }
        }
    }
}

async fn put(shared: web::Data<Shared>, body: Bytes) -> HttpResponse {
    let (sender, receiver) = oneshot::channel();
    let queued = shared.queue.send((body, Reply::Put(sender))).await;
    match (queued, receiver.await) {
        (Ok(()), Ok(())) => HttpResponse::Created().finish(),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// The number of a socket is in its query.
fn number(request: &HttpRequest) -> usize {
    request.query_string().parse().unwrap_or(0)
}

async fn live(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let (response, mut session, mut stream) =
        actix_ws::handle_with_protocols(&request, payload, &["zechat.v1"])?;
    let number = number(&request);
    let (sender, mut answers) = mpsc::unbounded_channel();
    shared
        .sockets
        .lock()
        .unwrap_or_else(|poison| poison.into_inner())
        .insert(number, sender);
    actix_web::rt::spawn(async move {
        let mut ready = Vec::new();
        loop {
            tokio::select! {
                count = answers.recv_many(&mut ready, MAX_BATCH) => {
                    if count == 0 { return; }
                    let mut accepted = Vec::new();
                    for (is_mail, bytes) in ready.drain(..) {
                        if is_mail {
                            if session.binary(bytes).await.is_err() { return; }
                        } else {
                            accepted.extend_from_slice(&bytes);
                        }
                    }
                    if !accepted.is_empty() && session.binary(accepted).await.is_err() { return; }
                }
                message = stream.next() => {
                    let mut message = message;
                    for _ in 0..64 {
                        let Some(Ok(Message::Binary(bytes))) = message else { return };
                        let id = bytes.slice(..bytes.len().min(16));
                        if shared.queue.send((bytes, Reply::Socket(number, id))).await.is_err() { return; }
                        let Some(next) = stream.next().now_or_never() else { break };
                        message = next;
                    }
                }
            }
        }
    });
    Ok(response)
}

async fn drain(
    shared: web::Data<Shared>,
    request: HttpRequest,
    payload: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let (response, mut session, _stream) =
        actix_ws::handle_with_protocols(&request, payload, &["zechat.v1"])?;
    actix_web::rt::spawn(async move {
        let place = shared.place.clone();
        let Ok(mut database) = Database::open(&place) else {
            return;
        };
        let mut after = 0;
        loop {
            let read = web::block(move || {
                let page = database.page(after, 64);
                (database, page)
            });
            let Ok((again, Ok(page))) = read.await else {
                return;
            };
            database = again;
            if page.is_empty() {
                // The end is said, so that the other side need not count.
                let _ = session.text("end").await;
                return;
            }
            for (id, body) in page {
                after = id;
                if session.binary(body).await.is_err() {
                    return;
                }
            }
        }
    });
    Ok(response)
}
