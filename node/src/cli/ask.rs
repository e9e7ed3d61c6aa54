//! Requests to the node: to the one that runs, or to its database.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use shared_crypto::id::{IdentityId, NodeFingerprint};
use shared_crypto::link::{ContactLink, NodeInvite, node_mark};
use shared_crypto::node_document::Registration;
use shared_crypto::node_url::NodeUrl;
use zechat_node::admin::{Admin, Request};
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::federation::rules::parse_pattern;
use zechat_node::settings::Settings;
use zechat_node::store::{Database, Store, StoreError};
use zechat_node::{StartError, admin, identity};

use super::owner::ensure_own;
use super::{Context, Failed, print};

const DAY_S: u64 = 86_400;

/// Asks, and prints the answer.
pub(super) fn answer(context: &Context, request: Request) -> Result<(), Failed> {
    let value = ask(&context.settings()?, request)?;
    context.answer(&value)
}

/// Asks the node that runs, or else looks into its database.
fn ask(settings: &Settings, request: Request) -> Result<Value, Failed> {
    let folder = settings.data_folder()?;
    #[cfg(unix)]
    if let Some(answer) = admin::socket::ask(&folder, &request) {
        return answer.map_err(|words| Failed::new(1, words));
    }
    let database = Database::parse(&settings.database.url, &folder);
    if !database.exists() {
        return Err(no_node(&folder));
    }
    let _lock = lock(&database, &folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let options = zechat_node::store_options(settings, database);
        let store = Store::open(&options, Arc::new(SystemClock), Box::new(|_| ()));
        let admin = Admin {
            store: store.map_err(StartError::from)?,
            clock: Arc::new(SystemClock),
            retention: settings.mail.retention_s.saturating_mul(1_000),
            app: None,
        };
        let answer = admin.perform(request).await;
        admin.store.close(std::time::Duration::from_secs(5)).await;
        answer.map_err(|error| match error {
            admin::AdminError::Store(error) => store_failed(error),
            other => Failed::new(1, other),
        })
    })
}

pub(super) fn store_failed(error: StoreError) -> Failed {
    Failed::from(StartError::from(error))
}

/// Held until it is done: the node does not start meanwhile. Where processes share a database that would keep
/// out but one of them, and nothing is left in the folder.
pub(super) fn lock(
    database: &Database,
    folder: &std::path::Path,
) -> Result<Option<std::fs::File>, Failed> {
    (!database.is_shared()).then(|| hold(folder)).transpose()
}

/// The same for a folder, whatever the database is.
pub(super) fn hold(folder: &std::path::Path) -> Result<std::fs::File, Failed> {
    ensure_own(folder)?;
    let failed = |source| StartError::DataFolder {
        path: folder.to_owned(),
        source,
    };
    let lock = std::fs::File::create(folder.join("lock")).map_err(failed)?;
    lock.try_lock()
        .map_err(|_| StartError::InUse(folder.to_owned()))?;
    Ok(lock)
}

/// Makes an invite, and the link that carries its token.
pub(super) fn create_invite(
    context: &Context,
    uses: u64,
    days: u64,
    note: String,
    contact: Option<&str>,
) -> Result<(), Failed> {
    let settings = context.settings()?;
    let inviting = inviting(&settings)?;
    let node = inviting.node;
    let contact = contact
        .map(ContactLink::parse)
        .transpose()
        .map_err(|error| Failed::new(2, error))?;
    if contact.as_ref().is_some_and(|contact| contact.node != node) {
        let words = format!("the contact link is of another node than {node}");
        return Err(Failed::new(2, words));
    }
    let request = Request::InviteCreate {
        note,
        uses,
        lifetime_s: days.saturating_mul(DAY_S),
    };
    let mut invite = ask(&settings, request)?;
    let token = invite
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let token = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap_or_default();
    let token: [u8; 16] = token
        .try_into()
        .map_err(|_| Failed::new(1, "the node answers with another token than expected"))?;
    let link = match contact {
        Some(contact) => ContactLink {
            invite: Some(token),
            ..contact
        }
        .to_string(),
        None => NodeInvite {
            node,
            node_mark: node_mark(&inviting.fingerprint),
            token,
        }
        .to_string(),
    };
    if context.place.json {
        if let Some(invite) = invite.as_object_mut() {
            invite.insert("link".to_owned(), json!(link));
        }
        return context.answer(&invite);
    }
    if !inviting.takes_invites {
        eprintln!(
            "zechat-node: the node is not one that invites count for: set registration.mode = \"invite\" in \
             its settings and start it again"
        );
    }
    print(&format!("{link}\n"))
}

/// What a link says of the node that it leads to.
struct Inviting {
    node: NodeUrl,
    fingerprint: NodeFingerprint,
    takes_invites: bool,
}

/// The node as it runs knows best; one that does not is what its settings and its folder say.
fn inviting(settings: &Settings) -> Result<Inviting, Failed> {
    let described = ask(settings, Request::Describe)?;
    let text = |name| described.get(name).and_then(Value::as_str);
    if let (Some(node), Some(fingerprint)) = (text("node"), text("fingerprint")) {
        let other = |_| Failed::new(1, "the node describes itself otherwise than expected");
        return Ok(Inviting {
            node: node_url(node)?,
            fingerprint: NodeFingerprint::parse(fingerprint).map_err(other)?,
            takes_invites: described.get("takes_invites") == Some(&json!(true)),
        });
    }
    let folder = settings.data_folder()?;
    let keys = identity::load(&folder).map_err(StartError::from)?;
    let keys = keys.ok_or_else(|| no_node(&folder))?;
    Ok(Inviting {
        node: settings.public_url(settings.server.listen)?,
        fingerprint: keys.fingerprint(),
        takes_invites: settings.registration() == Registration::Invite,
    })
}

fn no_node(folder: &std::path::Path) -> Failed {
    let words = format!(
        "there is no node in {}: name its folder with --data",
        folder.display()
    );
    Failed::new(74, words)
}

/// Begins the end in so many days, or calls it off.
pub(super) fn decommission(context: &Context, in_days: Option<u64>) -> Result<(), Failed> {
    let at = in_days.map(|days| {
        let from_now = days.saturating_mul(DAY_S).saturating_mul(1_000);
        SystemClock.now().saturating_add(from_now)
    });
    answer(context, Request::Close { at })
}

/// Asks a person, if there is one.
pub(super) fn confirm(yes: bool, words: &str) -> Result<(), Failed> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failed::new(
            2,
            format!("{words} Say --yes, or try --dry-run first."),
        ));
    }
    eprint!("{words} Go on? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(Failed::new(1, "nothing was done"))
    }
}

pub(super) fn identity(text: &str) -> Result<IdentityId, Failed> {
    IdentityId::parse(text).map_err(|_| Failed::new(2, format!("{text} is not an identity")))
}

pub(super) fn node_url(text: &str) -> Result<NodeUrl, Failed> {
    NodeUrl::parse(text).map_err(|error| Failed::new(2, format!("{text}: {error}")))
}

pub(super) fn pattern(text: &str) -> Result<String, Failed> {
    parse_pattern(text).map_err(|words| Failed::new(2, words))
}
