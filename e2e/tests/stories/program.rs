//! The program that a browser keeps, when the node serves another one.

use anyhow::{Context, Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;

const MARK: &str = "another-build";

/// A file of another program.
const OTHER_STYLE: &str = "/style-0123456789abcdef.css";

#[tokio::test]
async fn another_program_is_used_when_the_person_says_so_and_in_all_tabs() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    let first_program = alice.kept_program().await?;

    println!("the node serves another program, which nobody asked for");
    let folder = tempfile::tempdir()?;
    programs::copy(&programs::client()?, folder.path())?;
    let page = std::fs::read_to_string(folder.path().join("index.html"))?;
    let page = page.replacen("<body>", &format!("<body id=\"{MARK}\">"), 1);
    ensure!(page.contains(MARK), "the page has no body");
    programs::replace(folder.path(), "index.html", &page)?;
    node.serve_client(folder.path().to_owned());
    node.terminate().await?;
    node.start_again().await?;
    browser.reload().await?;
    alice.wait_online().await?;
    browser.element("other-program").await?;
    ensure!(!is_other(&alice).await?, "it was switched without a word");
    browser.reload().await?;
    alice.wait_online().await?;
    ensure!(!is_other(&alice).await?, "it was switched by loading again");

    println!("she agrees");
    let first = browser.driver().window().await?;
    let second = browser.new_tab().await?;
    browser.open(&node.url()).await?;
    alice.wait_online().await?;
    browser.click("switch-program").await?;
    for tab in [second, first] {
        browser.go_to_tab(&tab).await?;
        browser
            .until("the other program in each tab", async || {
                Ok(is_other(&alice).await?.then_some(()))
            })
            .await?;
        alice.wait_online().await?;
    }
    ensure!(!browser.has("other-program").await?, "it asks again");
    alice.must_have_looked().await?;
    let second_program = alice.kept_program().await?;
    ensure!(
        second_program != first_program,
        "the program of before is used"
    );
    let programs = programs_kept(&alice).await?;
    ensure!(
        programs == [second_program.as_str()],
        "the program of before is still there: {programs:?}"
    );

    println!("and it is there without a network");
    node.kill().await?;
    browser.reload().await?;
    alice.wait_connection("offline").await?;
    ensure!(is_other(&alice).await?, "the program of before is back");
    Ok(())
}

/// Whatever happens on the way to another program, the one that is kept is used, whole, or the other one is.
#[tokio::test]
async fn a_program_that_does_not_come_whole_is_neither_offered_nor_used() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    let used = alice.kept_program().await?;
    let client = programs::client()?;
    let page = std::fs::read_to_string(client.join("index.html"))?;
    let page = page.replacen("<body>", &format!("<body id=\"{MARK}\">"), 1);
    let mut names = page.split('"').filter(|it| it.starts_with('/'));
    let style = names.find(|it| it.ends_with(".css"));
    let style = style.context("the page names no style")?.to_owned();
    let is_style = std::fs::read_to_string(client.join(style.trim_start_matches('/')))?;
    // What has another name was not kept before.
    let page = page.replace(&style, OTHER_STYLE);
    for (what, file, text) in [
        (
            "a file that is not its own",
            OTHER_STYLE,
            Some("a page of a proxy"),
        ),
        ("a file that is missing", OTHER_STYLE, None),
        (
            "the worker of another program",
            "/worker.js",
            Some("import '/web-client-0123456789abcdef.js'"),
        ),
    ] {
        println!("the node serves another program, with {what}");
        let folder = tempfile::tempdir()?;
        programs::copy(&client, folder.path())?;
        programs::replace(folder.path(), "index.html", &page)?;
        programs::replace(
            folder.path(),
            OTHER_STYLE.trim_start_matches('/'),
            &is_style,
        )?;
        let name = file.trim_start_matches('/');
        match text {
            Some(text) => programs::replace(folder.path(), name, text)?,
            None => std::fs::remove_file(folder.path().join(name))?,
        }
        node.serve_client(folder.path().to_owned());
        node.terminate().await?;
        node.start_again().await?;
        browser.reload().await?;
        alice.wait_online().await?;
        alice.must_have_looked().await?;
        ensure!(!browser.has("other-program").await?, "it is offered");
        ensure!(alice.kept_program().await? == used, "it is used");
        browser.run(SWITCH, vec![]).await?;
        browser
            .until("the page to be loaded anew", async || {
                let is_new = "return window.before === undefined";
                Ok((browser.run(is_new, vec![]).await? == true).then_some(()))
            })
            .await?;
        alice.wait_online().await?;
        ensure!(!is_other(&alice).await?, "it is used");
    }

    println!("and then it is whole");
    let folder = tempfile::tempdir()?;
    programs::copy(&client, folder.path())?;
    programs::replace(folder.path(), "index.html", &page)?;
    programs::replace(
        folder.path(),
        OTHER_STYLE.trim_start_matches('/'),
        &is_style,
    )?;
    node.serve_client(folder.path().to_owned());
    node.terminate().await?;
    node.start_again().await?;
    browser.reload().await?;
    alice.wait_online().await?;
    browser.click("switch-program").await?;
    browser
        .until("the other program", async || {
            Ok(is_other(&alice).await?.then_some(()))
        })
        .await
}

/// Has the service worker change, as the page does when somebody agrees.
const SWITCH: &str =
    "window.before = true; navigator.serviceWorker.controller.postMessage('switch'); return true";

/// The names of all programs of which something is kept.
async fn programs_kept(person: &Person) -> Result<Vec<String>> {
    let script = "return caches.open('zechat-shell').then((cache) => cache.keys()).then((keys) => {
        const names = keys.map((it) => new URL(it.url).pathname.split('/')[1]);
        return [...new Set(names)].filter((it) => !['~used', '~next'].includes(it)).map((it) => it.replace('~', ''));
    })";
    let names = person.browser()?.run(script, vec![]).await?;
    Ok(serde_json::from_value(names)?)
}

async fn is_other(person: &Person) -> Result<bool> {
    let found = "return document.body !== null && document.body.id === arguments[0]";
    Ok(person.browser()?.run(found, vec![MARK.into()]).await? == true)
}
