//! What is stored is locked: by a passphrase, by a passkey, in all tabs at once; and several identities live in one browser.

use anyhow::{Context, Result, anyhow, ensure};
use e2e::browser::Browser;
use e2e::inspector::Held;
use e2e::node::Node;
use e2e::person::Person;
use e2e::search::{Needle, files, findings};
use e2e::wait::{LIMIT, until_within};
use serde_json::json;
use shared_crypto::lock::{DataKey, PassphraseSlot};
use shared_crypto::recovery::RecoveryPhrase;
use thirtyfour::By;

pub const PASSPHRASE: &str = "correct horse battery";

/// Sets a lock.
pub async fn set_lock(on: &Browser, passphrase: &str) -> Result<()> {
    on.click("settings").await?;
    on.click("lock").await?;
    on.fill("lock-new", passphrase).await?;
    on.fill("lock-again", passphrase).await?;
    on.click("lock-set").await?;
    on.element("lock-now").await?;
    Ok(())
}

async fn unlock(on: &Browser, passphrase: &str) -> Result<()> {
    on.element("locked").await?;
    on.fill("unlock-passphrase", passphrase).await?;
    on.click("unlock").await
}

async fn must_be_empty(on: &Browser, secret: &str) -> Result<()> {
    on.element("locked").await?;
    let page = on.run(
        "return document.documentElement.outerHTML + document.title",
        vec![],
    );
    let page = page.await?;
    ensure!(
        !page.as_str().unwrap_or_default().contains(secret),
        "the locked page still holds what was said"
    );
    Ok(())
}

#[tokio::test]
async fn a_passphrase_locks_all_tabs_and_opens_them_again() -> Result<()> {
    let node = Node::start("the node").await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&link, "The boat is blue").await?;
    bob.wait_request("The boat is blue").await?;
    bob.accept().await?;

    let on = bob.browser()?;
    on.click("settings").await?;
    on.click("lock").await?;
    on.fill("lock-new", "short").await?;
    on.fill("lock-again", "short").await?;
    on.click("lock-set").await?;
    on.element("error").await?;
    set_lock(on, PASSPHRASE).await?;
    println!("the lock is set; everything goes on");
    bob.open_conversation("Alice").await?;
    bob.wait_text("The boat is blue").await?;
    bob.send("And the sail is red").await?;
    alice.wait_text("And the sail is red").await?;

    println!("two tabs lock together");
    let first = on.driver().window().await?;
    let second = on.new_tab().await?;
    on.open(&node.url()).await?;
    bob.open_conversation("Alice").await?;
    on.click("lock-now-quick").await?;
    must_be_empty(on, "The boat is blue").await?;
    on.go_to_tab(&first).await?;
    must_be_empty(on, "The boat is blue").await?;
    alice.send("It leaves at noon").await?;

    println!("a wrong passphrase opens nothing, and each waits longer than the one before");
    on.run_in_workers(NOTE_WAITS).await?;
    for waited in [&[250][..], &[250, 500], &[250, 500, 1_000]] {
        unlock(on, "incorrect horse").await?;
        on.until("the answer", async || {
            let waits = on.run_in_workers("self.waits").await?;
            let has_waited = waits.iter().any(|waits| *waits == json!(waited));
            ensure!(has_waited, "it waited {waits:?} ms");
            Ok(on.has("error").await?.then_some(()))
        })
        .await?;
        must_be_empty(on, "The boat is blue").await?;
    }
    unlock(on, PASSPHRASE).await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("It leaves at noon").await?;
    on.go_to_tab(&second).await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("It leaves at noon").await?;

    println!("closing one tab does not lock the other");
    on.go_to_tab(&first).await?;
    on.driver().close_window().await?;
    on.go_to_tab(&second).await?;
    bob.send("I will be there").await?;
    alice.wait_text("I will be there").await?;

    println!("with the last tab it is closed, also for who copies the browser's data");
    bob.leave().await?;
    let mut thief = bob.copied_by("Mallory").await?;
    thief.come_back().await?;
    must_be_empty(thief.browser()?, "Alice").await?;
    drop(thief);
    bob.come_back().await?;
    let on = bob.browser()?;
    unlock(on, PASSPHRASE).await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("I will be there").await?;

    println!("another passphrase, and none");
    on.click("settings").await?;
    on.click("lock").await?;
    on.fill("lock-current", "incorrect horse").await?;
    on.fill("lock-new", "another passphrase").await?;
    on.fill("lock-again", "another passphrase").await?;
    on.click("lock-change").await?;
    on.element("error").await?;
    on.fill("lock-current", PASSPHRASE).await?;
    on.click("lock-change").await?;
    on.until("the change", async || {
        let left = on.element("lock-current").await?.value().await?;
        Ok(left.is_none_or(|left| left.is_empty()).then_some(()))
    })
    .await?;
    on.click("lock-now-quick").await?;
    unlock(on, "another passphrase").await?;
    on.click("settings").await?;
    on.click("lock").await?;
    on.fill("lock-remove-current", "another passphrase").await?;
    on.click("lock-remove").await?;
    on.element("lock-set").await?;
    on.reload().await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("I will be there").await?;
    bob.must_have_been_quiet(&[]).await?;
    alice.must_have_been_quiet(&[]).await
}

/// Has a worker note how long it waits.
const NOTE_WAITS: &str = "
    self.waits = [];
    const wait = self.setTimeout;
    self.setTimeout = (then, span, ...more) => {
        self.waits.push(span);
        return wait(then, span, ...more);
    };";

/// What leads to the data key of the browser's only identity, if one has the passphrase.
const SLOT: &str = "
    return new Promise((resolve, reject) => {
        const open = indexedDB.open('zechat');
        open.onerror = reject;
        open.onsuccess = () => {
            const slot = open.result.transaction('keys').objectStore('keys').get('passphrase');
            slot.onerror = reject;
            slot.onsuccess = () => { open.result.close(); resolve([...slot.result]); };
        };
    });";

async fn data_key(on: &Browser) -> Result<DataKey> {
    let slot: Vec<u8> = serde_json::from_value(on.run(SLOT, vec![]).await?)?;
    let slot = PassphraseSlot::parse(&slot)?;
    let key = slot.open(PASSPHRASE);
    key.map_err(|_| anyhow!("the passphrase does not open the slot"))
}

/// What of it is in memory.
fn found(secrets: &[Needle], held: &[Held]) -> Vec<String> {
    let all = held.iter();
    all.flat_map(|held| findings(secrets, &held.memory))
        .collect()
}

#[tokio::test]
async fn a_closed_lock_leaves_nothing_in_memory_and_nothing_readable_on_the_disk() -> Result<()> {
    let node = Node::start("the node").await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let said = "The boat is blue";
    alice.meet(&bob, said).await?;
    let phrase = RecoveryPhrase::parse(&bob.recovery_phrase().await?)?;
    let on = bob.browser()?;
    set_lock(on, PASSPHRASE).await?;
    let secrets = [
        Needle::text("the message", said),
        Needle::bytes("the data key", data_key(on).await?.as_bytes()),
        Needle::bytes("the recovery phrase", phrase.entropy()),
        Needle::text("the passphrase", PASSPHRASE),
    ];
    bob.open_conversation("Alice").await?;
    bob.wait_text(said).await?;

    println!("while it is open, all is there");
    let open = on.memory().await?;
    let before = found(&secrets[..3], &open);
    for (what, place) in [
        ("the message", "the program of a page"),
        ("the data key", "the program of a worker"),
        ("the recovery phrase", "the program of a worker"),
    ] {
        let start = format!("{what} in {place} ");
        let is_found = before.iter().any(|it| it.starts_with(&start));
        ensure!(is_found, "{start}is not found: {before:#?}");
    }

    println!("and when it is closed, nothing is; the worker is another one");
    on.click("lock-now-quick").await?;
    must_be_empty(on, said).await?;
    let workers = |held: &[Held]| -> Vec<String> {
        let workers = held.iter().filter(|it| it.is_worker);
        workers.map(|it| it.id.clone()).collect()
    };
    let old = workers(&open);
    ensure!(!old.is_empty(), "there was no worker");
    // The browser ends a worker in its own time.
    let closed = on
        .until("another worker", async || {
            let closed = on.memory().await?;
            let new = workers(&closed);
            let is_new = !new.is_empty() && !new.iter().any(|id| old.contains(id));
            ensure!(is_new, "{old:?} ran, {new:?} runs");
            Ok(Some(closed))
        })
        .await?;
    let left = found(&secrets, &closed);
    ensure!(left.is_empty(), "there is still {left:#?}");

    println!("a passphrase that is typed would be found");
    on.fill("unlock-passphrase", PASSPHRASE).await?;
    let typed = found(&secrets, &on.memory().await?);
    ensure!(
        typed.iter().any(|it| it.starts_with("the passphrase in")),
        "it is not: {typed:?}"
    );

    println!("nor is anything on the disk, but what may be known of a locked identity");
    bob.must_have_been_quiet(&[]).await?;
    bob.leave().await?;
    let disk = files(bob.profile())?;
    let (_, code) = link.split_once('#').context("the link has no code")?;
    let known = findings(&[Needle::text("the contact link", code)], &disk);
    ensure!(!known.is_empty(), "the search finds nothing");
    let left = findings(&secrets, &disk);
    ensure!(left.is_empty(), "there is still {left:#?}");
    alice.must_have_been_quiet(&[]).await
}

/// The shortest time that can be chosen is a minute, and nobody is there for it.
#[tokio::test]
async fn a_lock_closes_by_itself_when_nobody_is_there() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.meet(&bob, "The boat is blue").await?;
    let on = bob.browser()?;
    set_lock(on, PASSPHRASE).await?;
    on.element("lock-minutes").await?;
    on.driver()
        .find(By::Css("[data-testid=lock-minutes] option[value='1']"))
        .await?
        .click()
        .await?;
    bob.open_conversation("Alice").await?;
    let first = on.driver().window().await?;
    on.new_tab().await?;
    on.open(&node.url()).await?;
    bob.open_conversation("Alice").await?;
    // What arrives does not keep it open.
    alice.send("Is anybody there?").await?;
    bob.wait_text("Is anybody there?").await?;
    until_within(3 * LIMIT, "the lock to close", async || {
        Ok(on.has("locked").await?.then_some(()))
    })
    .await?;
    must_be_empty(on, "The boat is blue").await?;
    on.go_to_tab(&first).await?;
    must_be_empty(on, "The boat is blue").await?;
    alice.send("Then later").await?;
    unlock(on, PASSPHRASE).await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("Then later").await?;
    bob.must_have_been_quiet(&[]).await?;
    alice.must_have_been_quiet(&[]).await
}

/// A device that has a passkey's pseudo-random function, or has none.
async fn authenticator(on: &Browser, has_function: bool) -> Result<()> {
    let tools = on.driver().cdp();
    tools.send_raw("WebAuthn.enable", json!({})).await?;
    let options = json!({
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
        "hasPrf": has_function,
    });
    tools
        .send_raw(
            "WebAuthn.addVirtualAuthenticator",
            json!({"options": options}),
        )
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_passkey_opens_the_lock_and_the_passphrase_stays() -> Result<()> {
    let node = Node::start("the node").await?;
    // A passkey belongs to a name; an address has none.
    let page = node.url().replace("127.0.0.1", "localhost");
    let bob = Person::new("Bob", &page).await?;
    let on = bob.browser()?;
    authenticator(on, true).await?;
    bob.create_identity_on(&node.url()).await?;
    bob.wait_online().await?;
    set_lock(on, PASSPHRASE).await?;
    on.click("passkey-add").await?;
    on.until("the passkey", async || {
        let count = on
            .element("passkey-count")
            .await?
            .attr("data-count")
            .await?;
        Ok((count.as_deref() == Some("1")).then_some(()))
    })
    .await?;
    on.click("lock-now").await?;
    on.click("unlock-passkey").await?;
    bob.wait_online().await?;
    println!("the passkey opened it");
    on.click("lock-now-quick").await?;
    unlock(on, PASSPHRASE).await?;
    bob.wait_online().await?;
    println!("and so does the passphrase");
    on.click("settings").await?;
    on.click("lock").await?;
    on.click("passkey-remove").await?;
    on.until("no passkey", async || {
        let count = on
            .element("passkey-count")
            .await?
            .attr("data-count")
            .await?;
        Ok((count.as_deref() == Some("0")).then_some(()))
    })
    .await?;
    on.click("lock-now").await?;
    on.element("locked").await?;
    ensure!(
        !on.has("unlock-passkey").await?,
        "a passkey is offered that is none"
    );
    unlock(on, PASSPHRASE).await?;
    bob.wait_online().await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_passkey_without_the_function_is_refused_in_words_and_the_passphrase_works() -> Result<()>
{
    let node = Node::start("the node").await?;
    let page = node.url().replace("127.0.0.1", "localhost");
    let bob = Person::new("Bob", &page).await?;
    let on = bob.browser()?;
    authenticator(on, false).await?;
    bob.create_identity_on(&node.url()).await?;
    bob.wait_online().await?;
    set_lock(on, PASSPHRASE).await?;
    on.click("passkey-add").await?;
    ensure!(on.words("passkey-error").await?.contains("PRF"));
    on.click("lock-now").await?;
    on.element("locked").await?;
    ensure!(
        !on.has("unlock-passkey").await?,
        "a passkey is offered that is none"
    );
    unlock(on, PASSPHRASE).await?;
    bob.wait_online().await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn two_identities_of_one_browser_talk_with_each_other_and_lock_apart() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let on = bob.browser()?;
    let home = on.driver().window().await?;

    let work = on.new_tab().await?;
    on.open(&node.url()).await?;
    on.click("settings").await?;
    on.click("identity-new").await?;
    on.fill("welcome-name", "Robert at work").await?;
    on.click("welcome-create").await?;
    on.element("my-link").await?;
    bob.wait_online().await?;
    bob.ask(&link, "A note to myself").await?;

    on.go_to_tab(&home).await?;
    bob.wait_request("A note to myself").await?;
    bob.accept().await?;
    bob.send("Noted").await?;
    on.go_to_tab(&work).await?;
    bob.wait_text("Noted").await?;

    println!("a tab stays with its own, whichever was used last");
    let leads =
        "return document.querySelector('[data-testid=conversation-item]').getAttribute('href')";
    let leads = on.run(leads, vec![]).await?;
    on.go_to_tab(&home).await?;
    on.reload().await?;
    bob.open_conversation("Robert at work").await?;

    println!("but for what the system tells of the other: the same number is somebody else there");
    let told = "navigator.serviceWorker.dispatchEvent(
        new MessageEvent('message', { data: '/?identity=1' + arguments[0].slice(1) }))";
    on.run(told, vec![leads]).await?;
    let both = "document.querySelector('.me-name')?.innerText.includes('at work')
        && document.querySelector('[data-testid=composer]')";
    on.until_true("a conversation of the other", both).await?;
    on.open(&format!("{}/?identity=0", node.url())).await?;
    bob.open_conversation("Robert at work").await?;
    on.go_to_tab(&work).await?;

    println!("one is locked, the other is not");
    set_lock(on, PASSPHRASE).await?;
    on.click("lock-now").await?;
    must_be_empty(on, "Noted").await?;
    on.go_to_tab(&home).await?;
    bob.wait_text("Noted").await?;
    ensure!(
        !on.has("lock-now-quick").await?,
        "the lock of another identity"
    );

    println!("from the locked one to the other, and back");
    on.go_to_tab(&work).await?;
    on.click("identity-other").await?;
    bob.open_conversation("Robert at work").await?;
    on.click("settings").await?;
    let other = "
        const other = [...document.querySelectorAll('[data-testid=identity-other]')].find((it) => it.innerText.includes('work'));
        other?.click();
        return !!other";
    on.until("the other identity", async || {
        let is_pressed = on.run(other, vec![]).await? == true;
        Ok((is_pressed || on.has("locked").await?).then_some(()))
    })
    .await?;
    unlock(on, PASSPHRASE).await?;
    bob.open_conversation("Bob").await?;
    bob.wait_text("Noted").await?;

    println!("one is deleted, the other stays");
    on.click("settings").await?;
    on.click("delete-identity").await?;
    on.click("delete-sure").await?;
    on.click("delete-really").await?;
    bob.open_conversation("Robert at work").await?;
    bob.wait_text("Noted").await?;
    bob.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_browser_that_cleared_its_database_says_so_and_leads_back() -> Result<()> {
    let node = Node::start("the node").await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&link, "Remember this").await?;
    bob.wait_request("Remember this").await?;
    bob.accept().await?;
    let words = bob.recovery_phrase().await?;
    bob.save_vault().await?;

    // What browsers clear first when they run out of space.
    let on = bob.browser()?;
    on.open(&format!("{}/.well-known/zechat/client", node.url()))
        .await?;
    let clear = "return new Promise((done) => {
        const request = indexedDB.deleteDatabase('zechat');
        request.onsuccess = request.onerror = () => done(true);
    })";
    ensure!(on.run(clear, vec![]).await? == true);
    on.open(&node.url()).await?;
    on.element("evicted").await?;
    on.look_around().await?;
    on.click("evicted-restore").await?;
    on.paste("phrase", &words).await?;
    on.click("restore").await?;
    bob.wait_online().await?;
    bob.open_conversation("Alice").await?;
    bob.wait_text("Remember this").await?;
    on.look_around().await?;
    ensure!(!on.has("evicted").await?);
    bob.leave().await.context("leaving")?;
    bob.must_have_been_quiet(&[]).await?;
    alice.must_have_been_quiet(&[]).await
}
