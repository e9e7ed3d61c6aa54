//! The page in other languages than English, which are files of their own.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;

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
            let script = "return caches.match('/i18n/de.ftl').then((kept) => kept !== undefined)
                .then(async (kept) => kept && await caches.match('/') !== undefined)";
            Ok((browser.run(script, vec![]).await? == true).then_some(()))
        })
        .await?;
    node.kill().await?;
    browser.reload().await?;
    is_spoken(&alice, "de", "ltr", "Einstellungen").await?;

    println!("a language that is not there: English");
    node.start_again().await?;
    choose(&alice, "tlh").await?;
    is_spoken(&alice, "en", "ltr", "Settings").await
}

async fn choose(person: &Person, tag: &str) -> Result<()> {
    let browser = person.browser()?;
    let script = "localStorage.setItem('zechat-language', arguments[0]); return true";
    browser.run(script, vec![tag.into()]).await?;
    browser.reload().await
}

async fn is_spoken(person: &Person, tag: &str, direction: &str, word: &str) -> Result<()> {
    let browser = person.browser()?;
    browser
        .until(&format!("the page to speak {tag}"), async || {
            let script = "const root = document.documentElement; return `${root.lang} ${root.dir}`";
            let spoken = browser.run(script, vec![]).await?;
            let is_drawn = browser.find("settings").await?.is_some();
            Ok((is_drawn && spoken == format!("{tag} {direction}")).then_some(()))
        })
        .await?;
    let words = browser.page_words().await?;
    let label = browser
        .element("settings")
        .await?
        .attr("aria-label")
        .await?;
    ensure!(
        words.contains(word) || label.as_deref() == Some(word),
        "{word} is not on the page: {label:?} {words}"
    );
    Ok(())
}
