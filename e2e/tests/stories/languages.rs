//! The page in other languages than English, which are files of their own.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use serde_json::json;
use thirtyfour::Key;

/// What a browser says when a node is away, and of texts that are not those of the program.
const EXPECTED: [&str; 3] = ["WebSocket connection to", "net::ERR_", "integrity"];

#[tokio::test]
async fn a_language_is_there_at_the_next_start_and_without_a_network() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    for (tag, direction, word) in [
        ("de", "ltr", "Einstellungen"),
        ("es", "ltr", "Ajustes"),
        ("ar", "rtl", "الإعدادات"),
    ] {
        choose(&alice, tag).await?;
        is_spoken(&alice, tag, direction, word).await?;
    }
    choose(&alice, "de").await?;
    alice.wait_online().await?;
    println!("no network: the program and its language were kept");
    browser
        .until("the service worker to keep the language", async || {
            let script = "return caches.open('zechat-shell').then((cache) => cache.keys())
                .then((keys) => keys.some((it) => it.url.endsWith('/i18n/de.ftl')))";
            Ok((browser.run(script, vec![]).await? == true).then_some(()))
        })
        .await?;
    node.kill().await?;
    browser.reload().await?;
    is_spoken(&alice, "de", "ltr", "Einstellungen").await?;

    println!("a node that is there and does not answer");
    node.start_again().await?;
    alice.wait_online().await?;
    node.pause().await?;
    browser.reload().await?;
    is_spoken(&alice, "de", "ltr", "Einstellungen").await?;
    node.resume().await?;

    println!("a node that has other words for the same program");
    let folder = tempfile::tempdir()?;
    programs::copy(&programs::client()?, folder.path())?;
    for (tag, word) in [("de", "Einstellungen"), ("es", "Ajustes")] {
        let name = format!("i18n/{tag}.ftl");
        let texts = std::fs::read_to_string(folder.path().join(&name))?;
        programs::replace(folder.path(), &name, &texts.replace(word, "Unsinn"))?;
    }
    node.serve_client(folder.path().to_owned());
    node.terminate().await?;
    node.start_again().await?;
    browser.reload().await?;
    is_spoken(&alice, "de", "ltr", "Einstellungen").await?;
    // Spanish was spoken before, and is kept as well.
    choose(&alice, "es").await?;
    is_spoken(&alice, "es", "ltr", "Ajustes").await?;
    println!("which nobody believes who has none yet");
    let bob = Person::with_identity("Bob", &node.url()).await?;
    choose(&bob, "de").await?;
    is_spoken(&bob, "en", "ltr", "Settings").await?;

    println!("a language that is not there: English");
    let script = "localStorage.setItem('zechat-language', arguments[0])";
    browser.run(script, vec!["tlh".into()]).await?;
    browser.reload().await?;
    is_spoken(&alice, "en", "ltr", "Settings").await?;
    alice.must_have_been_quiet(&EXPECTED).await?;
    bob.must_have_been_quiet(&EXPECTED).await
}

#[tokio::test]
async fn a_program_that_does_not_come_is_explained_in_the_readers_language() -> Result<()> {
    let node = Node::start("the node").await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let on = person.browser()?;
    on.element("welcome-name").await?;
    let tools = on.driver().cdp();
    for (what, setting) in [
        ("enable", json!({})),
        ("setBypassServiceWorker", json!({"bypass": true})),
        ("setCacheDisabled", json!({"cacheDisabled": true})),
        ("setBlockedURLs", json!({"urls": ["*.wasm"]})),
    ] {
        let command = format!("Network.{what}");
        tools.send_raw(&command, setting).await?;
    }
    for (tag, direction, title, way) in [
        ("ar", "rtl", "تعذّر بدء ZeChat", "أعد التحميل"),
        ("de", "ltr", "ZeChat konnte nicht starten", "Neu laden"),
        (
            "es",
            "ltr",
            "ZeChat no ha podido arrancar",
            "Cargar de nuevo",
        ),
        ("tlh", "", "ZeChat could not start", "Load again"),
    ] {
        let speak = "localStorage.setItem('zechat-language', arguments[0])";
        on.run(speak, vec![tag.into()]).await?;
        on.reload().await?;
        on.until(&format!("what has happened in {tag}"), async || {
            let says = "const notice = document.getElementById('boot-failed');
                return notice?.checkVisibility() ? [notice.dir, notice.innerText] : ['', '']";
            let says = on.run(says, Vec::new()).await?;
            let (said_in, words): (String, String) = serde_json::from_value(says)?;
            let all = words.contains(title) && words.contains(way) && said_in == direction;
            Ok(all.then_some(()))
        })
        .await?;
        on.pictures(&format!("not-started-{tag}")).await?;
    }
    tools
        .send_raw("Network.setBlockedURLs", json!({"urls": []}))
        .await?;
    on.click_first("[data-reload]").await?;
    on.element("welcome-name").await?;
    on.must_be_quiet(&["net::ERR_", "Failed to fetch"]).await
}

/// Chooses a language in the settings, which loads the page again.
/// Chooses a language with the keyboard, and waits until the page is loaded again. What lies on the way is not chosen.
async fn choose(person: &Person, tag: &str) -> Result<()> {
    let browser = person.browser()?;
    browser.click("settings").await?;
    let testid = format!("language-{tag}");
    browser.element(&testid).await?;
    browser.run("window.before = true", vec![]).await?;
    browser.tab_to(&testid).await?;
    browser.press(Key::Enter).await?;
    browser
        .until_true("the page to be loaded again", "window.before === undefined")
        .await
}

async fn is_spoken(person: &Person, tag: &str, direction: &str, word: &str) -> Result<()> {
    let browser = person.browser()?;
    browser
        .until(&format!("the page to speak {tag}"), async || {
            let script = "const root = document.documentElement; return `${root.lang} ${root.dir}`";
            let spoken = browser.run(script, vec![]).await?;
            let Some(settings) = browser.find("settings").await? else {
                return Ok(None);
            };
            ensure!(spoken == format!("{tag} {direction}"), "it speaks {spoken}");
            let words = browser.page_words().await?;
            let label = settings.attr("aria-label").await?;
            ensure!(
                words.contains(word) || label.as_deref() == Some(word),
                "{word} is not on the page: {label:?}"
            );
            Ok(Some(()))
        })
        .await
}
