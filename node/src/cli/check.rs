//! `check`: what is wrong with this node, in words.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::HttpDate;
use serde_json::json;
use shared_crypto::id::NodeFingerprint;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::time::{CLOCK_SKEW, DAY, HOUR, SECOND};
use zechat_node::clock::{Clock as _, Millis, SystemClock};
use zechat_node::limits::disk;
use zechat_node::settings::Settings;
use zechat_node::store::Database;
use zechat_node::tls::{self, Certificate};
use zechat_node::{StartError, identity};

use super::{Context, Failed, ask, print, probe, whole};

/// The clock of a machine that shows an earlier time was never set.
const PAST: u64 = 1_767_225_600_000; // 2026-01-01

/// A certificate with less than this left was to be renewed long ago, also one that is for six days only.
const SOON: Millis = 2 * DAY;

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
    look_at_certificate(&mut report, settings);
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

fn look_at_certificate(report: &mut Report, settings: &Settings) {
    match Certificate::load(settings) {
        Ok(None) => report.skip("certificate", "the node has none: a proxy speaks TLS"),
        Ok(Some(certificate)) => report.note(
            "certificate",
            certificate
                .expires_at()
                .ok_or_else(|| "when it runs out cannot be read".to_owned())
                .and_then(|end| lasts(end, SystemClock.now())),
        ),
        Err(error) => report.note("certificate", Err(error.to_string())),
    }
}

/// How long a certificate is good for.
fn lasts(end: Millis, now: Millis) -> Result<String, String> {
    match end.checked_sub(now) {
        None => Err("it has run out: renew it and send the node SIGHUP".to_owned()),
        Some(left) if left < SOON => Err(format!(
            "it runs out in {} hours: renew it and send the node SIGHUP",
            left.div_euclid(HOUR)
        )),
        Some(left) => Ok(format!("good for {} days", left.div_euclid(DAY))),
    }
}

/// Compared with another node's clock, where one was asked.
fn clock(now: Millis, theirs: Option<(&NodeUrl, Millis)>) -> Result<String, String> {
    if now < PAST {
        return Err("the clock of this machine shows a time long past".to_owned());
    }
    let Some((node, theirs)) = theirs else {
        return Ok(
            "plausible; logins want it right within five minutes. --peer compares it with another node's"
                .to_owned(),
        );
    };
    if now.abs_diff(theirs) <= CLOCK_SKEW {
        return Ok(format!("within five minutes of that of {node}"));
    }
    let seconds = now.abs_diff(theirs).div_euclid(SECOND);
    let side = if now > theirs { "ahead of" } else { "behind" };
    Err(format!(
        "{seconds} seconds {side} that of {node}: one of both is wrong, and logins want five minutes at most"
    ))
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
            match ask_document(&client, url)
                .await
                .and_then(|answer| answer.document(url))
            {
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
    let mut date = None;
    match peer {
        None => report.skip("federation", "name a node with --peer"),
        Some(peer) => {
            let answer = ask_document(&client, peer).await;
            // Before the document is looked at: that does not hold for whose clock is wrong.
            date = answer.as_ref().ok().and_then(|answer| answer.date);
            let found = answer.and_then(|answer| answer.document(peer));
            report.note(
                "federation",
                found.map(|document| format!("{peer} answers: {}", document.software)),
            );
        }
    }
    report.note("clock", clock(SystemClock.now(), peer.zip(date)));
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

/// What a node answers that is asked who it is.
struct Answer {
    bytes: Vec<u8>,
    /// Its clock.
    date: Option<Millis>,
}

impl Answer {
    fn document(&self, url: &NodeUrl) -> Result<NodeDocument, String> {
        NodeDocument::verify(&self.bytes, url, None, SystemClock.now())
            .map(shared_crypto::signed::Verified::into_inner)
            .map_err(|error| format!("{url} does not describe itself as this address: {error}"))
    }
}

async fn ask_document(client: &reqwest::Client, url: &NodeUrl) -> Result<Answer, String> {
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
    let date = response.headers().get("date").and_then(|date| {
        let date: HttpDate = date.to_str().ok()?.parse().ok()?;
        let since = SystemTime::from(date).duration_since(UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok()
    });
    let bytes = response.bytes().await.map_err(failed)?.to_vec();
    Ok(Answer { bytes, date })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_wrong_some_days_before_it_runs_out() {
        let now = PAST;
        assert_eq!(lasts(now + 30 * DAY, now).unwrap(), "good for 30 days");
        assert!(lasts(now + SOON, now).is_ok());
        let words = lasts(now + SOON - 1, now).unwrap_err();
        assert!(words.contains("47 hours"), "{words}");
        let words = lasts(now - 1, now).unwrap_err();
        assert!(words.contains("has run out"), "{words}");
    }

    #[test]
    fn a_clock_is_compared_with_another_nodes() {
        let (node, now) = (NodeUrl::parse("https://chat.example").unwrap(), PAST);
        assert!(clock(now - 1, None).is_err());
        assert!(clock(now, None).is_ok());
        for theirs in [now - CLOCK_SKEW, now, now + CLOCK_SKEW] {
            assert!(clock(now, Some((&node, theirs))).is_ok());
        }
        for (theirs, words) in [
            (now - HOUR, "3600 seconds ahead of"),
            (now + HOUR, "3600 seconds behind"),
        ] {
            let said = clock(now, Some((&node, theirs))).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
    }
}
