//! `check`: what is wrong with this node, in words.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use shared_crypto::id::NodeFingerprint;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::limits::disk;
use zechat_node::settings::Settings;
use zechat_node::store::Database;
use zechat_node::{StartError, identity, tls};

use super::{Context, Failed, ask, print, probe, whole};

/// The clock of a machine that shows an earlier time was never set.
const PAST: u64 = 1_767_225_600_000; // 2026-01-01

const PATIENCE: Duration = Duration::from_secs(15);

struct Report {
    lines: Vec<(&'static str, &'static str, String)>,
}

impl Report {
    fn note(&mut self, name: &'static str, found: Result<String, String>) {
        self.lines.push(match found {
            Ok(words) => (name, "ok", words),
            Err(words) => (name, "wrong", words),
        });
    }

    fn skip(&mut self, name: &'static str, words: &str) {
        self.lines.push((name, "skipped", words.to_owned()));
    }
}

/// Looks at everything, and fails if something is wrong.
pub(super) fn run(context: &Context, peer: Option<&str>) -> Result<(), Failed> {
    let loaded = context.load()?;
    let settings = &loaded.settings;
    let peer = peer.map(ask::node_url).transpose()?;
    let mut report = Report { lines: Vec::new() };
    let file = loaded.file.as_ref().map_or_else(
        || "no file; defaults, environment and flags".to_owned(),
        |file| file.display().to_string(),
    );
    report.note("settings", Ok(file));
    for warning in settings.warnings() {
        report.note("settings", Err(warning));
    }
    let folder = settings.data_folder()?;
    look_at_data(&mut report, settings, &folder);
    report.note("clock", clock());
    let keys = identity::load(&folder).ok().flatten();
    let fingerprint = keys.map(|keys| keys.fingerprint());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(look_outside(
        &mut report,
        settings,
        fingerprint,
        peer.as_ref(),
    ))?;
    show(context, &report)
}

fn show(context: &Context, report: &Report) -> Result<(), Failed> {
    let is_sound = report
        .lines
        .iter()
        .all(|(_, verdict, _)| *verdict != "wrong");
    if context.place.json {
        let checks: Vec<_> = report
            .lines
            .iter()
            .map(|(name, verdict, words)| json!({ "check": name, "verdict": verdict, "words": words }))
            .collect();
        context.answer(&json!({ "ok": is_sound, "checks": checks }))?;
    } else {
        for (name, verdict, words) in &report.lines {
            print(&format!("{verdict:8} {name:11} {words}\n"))?;
        }
    }
    if is_sound {
        Ok(())
    } else {
        Err(Failed::new(1, ""))
    }
}

fn look_at_data(report: &mut Report, settings: &Settings, folder: &Path) {
    let shown = folder.display();
    report.note(
        "data",
        match std::fs::metadata(folder) {
            Ok(found) if found.is_dir() => match tempfile::tempfile_in(folder) {
                Ok(_) => Ok(shown.to_string()),
                Err(error) => Err(format!("{shown} cannot be written: {error}")),
            },
            Ok(_) => Err(format!("{shown} is not a folder")),
            Err(_) => Err(format!("{shown} is not there; `serve` makes it")),
        },
    );
    report.note("keys", keys(folder));
    report.note(
        "disk",
        match disk::free_bytes(folder) {
            Ok(free) if free < settings.database.free_bytes => Err(format!(
                "{free} bytes are free, less than database.free_bytes: the node takes no new mail"
            )),
            Ok(free) => Ok(format!("{} MiB are free", free.div_euclid(1024 * 1024))),
            Err(error) => Err(format!("{shown}: {error}")),
        },
    );
    let database = Database::parse(&settings.database.url, folder);
    if !database.exists() {
        report.skip("database", "there is none yet; `serve` makes it");
        return;
    }
    if let Err(failed) = whole::ensure_openable(&database, folder) {
        report.skip("database", &failed.words);
        return;
    }
    report.note(
        "database",
        match database.migrations() {
            Ok(states) => match states.iter().filter(|state| !state.is_applied).count() {
                0 => Ok(format!("{database}, {} migrations", states.len())),
                missing => Ok(format!(
                    "{database}; `serve` will apply {missing} migrations"
                )),
            },
            Err(error) => Err(error.to_string()),
        },
    );
}

fn keys(folder: &Path) -> Result<String, String> {
    let keys = identity::load(folder).map_err(|error| error.to_string())?;
    let Some(keys) = keys else {
        return Ok("none yet; `serve` makes them".to_owned());
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = folder.join(identity::KEY_FILE);
        let mode = std::fs::metadata(&file).map_err(|error| error.to_string())?;
        if mode.permissions().mode() & 0o077 != 0 {
            return Err(format!(
                "{} can be read by others: chmod 600",
                file.display()
            ));
        }
    }
    Ok(format!("fingerprint {}", keys.fingerprint()))
}

fn clock() -> Result<String, String> {
    if SystemClock.now() < PAST {
        return Err("the clock of this machine shows a time long past".to_owned());
    }
    Ok("plausible; logins want it right within five minutes".to_owned())
}

async fn look_outside(
    report: &mut Report,
    settings: &Settings,
    fingerprint: Option<NodeFingerprint>,
    peer: Option<&NodeUrl>,
) -> Result<(), Failed> {
    let client = client(settings)?;
    match &settings.server.public_url {
        None => report.skip(
            "name",
            "no server.public_url: the node is for this machine only",
        ),
        Some(url) => {
            report.note("name", resolve(url).await);
            match document(&client, url).await {
                Ok(document) => {
                    report.note("https", ours(url, &document, fingerprint));
                    report.note(
                        "websocket",
                        probe::websocket(&client, url, document.fingerprint()).await,
                    );
                }
                Err(words) => {
                    report.note("https", Err(words));
                    report.skip(
                        "websocket",
                        "the node does not answer at its public address",
                    );
                }
            }
        }
    }
    match peer {
        None => report.skip("federation", "name a node with --peer"),
        Some(peer) => {
            let found = document(&client, peer).await;
            report.note(
                "federation",
                found.map(|document| format!("{peer} answers: {}", document.software)),
            );
        }
    }
    Ok(())
}

fn ours(
    url: &NodeUrl,
    document: &NodeDocument,
    fingerprint: Option<NodeFingerprint>,
) -> Result<String, String> {
    match fingerprint {
        Some(own) if own != document.fingerprint() => Err(format!(
            "{url} is another node, with the fingerprint {}",
            document.fingerprint()
        )),
        _ => Ok(format!("{url} answers: {}", document.software)),
    }
}

fn client(settings: &Settings) -> Result<reqwest::Client, Failed> {
    let roots = tls::extra_roots(settings).map_err(StartError::Tls)?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .timeout(PATIENCE)
        .tls_certs_merge(roots)
        .build();
    Ok(client.map_err(StartError::from)?)
}

async fn resolve(url: &NodeUrl) -> Result<String, String> {
    let found = tokio::net::lookup_host((url.host().trim_matches(['[', ']']), url.port())).await;
    let found = found.map_err(|error| format!("{} leads nowhere: {error}", url.host()))?;
    let addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
    Ok(format!("{} is {}", url.host(), addresses.join(", ")))
}

async fn document(client: &reqwest::Client, url: &NodeUrl) -> Result<NodeDocument, String> {
    let failed = |error: reqwest::Error| {
        let mut words = format!("{url} cannot be reached");
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        words
    };
    let response = client
        .get(format!("{url}/v1/node"))
        .send()
        .await
        .map_err(failed)?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!(
            "{url}/v1/node answers {status}: is the proxy set up for this node?"
        ));
    }
    let bytes = response.bytes().await.map_err(failed)?;
    NodeDocument::verify(&bytes, url, None, SystemClock.now())
        .map(shared_crypto::signed::Verified::into_inner)
        .map_err(|error| format!("{url} does not describe itself as this address: {error}"))
}
