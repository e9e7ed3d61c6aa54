//! The program that a browser keeps, when the node serves another one.

use std::path::Path;

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;

const MARK: &str = "another-build";

#[tokio::test]
async fn another_program_is_used_when_the_person_says_so_and_in_all_tabs() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    browser
        .until("the program to be kept", async || {
            let script = "return caches.match('/', {cacheName: 'zechat-shell'}).then((kept) => kept !== undefined)";
            Ok((browser.run(script, vec![]).await? == true).then_some(()))
        })
        .await?;

    println!("the node serves another program, which nobody asked for");
    let folder = tempfile::tempdir()?;
    copy(&programs::client()?, folder.path())?;
    let page = std::fs::read_to_string(folder.path().join("index.html"))?;
    let page = page.replacen("<body>", &format!("<body id=\"{MARK}\">"), 1);
    ensure!(page.contains(MARK), "the page has no body");
    std::fs::write(folder.path().join("index.html"), page)?;
    for variant in ["index.html.br", "index.html.gz"] {
        std::fs::remove_file(folder.path().join(variant))?;
    }
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

    println!("and it is there without a network");
    node.kill().await?;
    browser.reload().await?;
    alice.wait_connection("offline").await?;
    ensure!(is_other(&alice).await?, "the program of before is back");
    Ok(())
}

async fn is_other(person: &Person) -> Result<bool> {
    let found = "return document.body !== null && document.body.id === arguments[0]";
    Ok(person.browser()?.run(found, vec![MARK.into()]).await? == true)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
