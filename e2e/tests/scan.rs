//! Codes are read from pictures: somebody's link, and the safety number. What reads them comes when it is needed, and
//! belongs to the program.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use thirtyfour::By;

#[tokio::test]
async fn a_link_and_a_safety_number_are_read_from_pictures() -> Result<()> {
    let (mut home, away) = (Node::start("A").await?, Node::start("B").await?);
    let alice = Person::with_identity("Alice", &home.url()).await?;
    let bob = Person::with_identity("Bob", &away.url()).await?;
    let folder = tempfile::tempdir()?;
    let on = alice.browser()?;
    alice.kept_program().await?;

    println!("Bob shows his code, and Alice's node serves another reader than that of the program");
    bob.link().await?;
    let link = picture(&bob, ".my-link svg.qr", &folder.path().join("link.png")).await?;
    let other = tempfile::tempdir()?;
    programs::copy(&programs::client()?, other.path())?;
    programs::replace(other.path(), "qr-worker.js", "postMessage(null)")?;
    serve(&mut home, other.path()).await?;
    alice.wait_online().await?;
    on.click("new-contact").await?;
    alice.choose_picture(&link).await?;
    wait_problem(&alice, "could not be loaded").await?;

    println!("it serves that of the program again");
    serve(&mut home, &programs::client()?).await?;
    alice.wait_online().await?;
    let blank = folder.path().join("blank.png");
    picture(&bob, ".my-link h3", &blank).await?;
    alice.choose_picture(&blank).await?;
    wait_problem(&alice, "no code in this picture").await?;
    on.pictures("scan-none").await?;
    alice.choose_picture(&link).await?;
    on.fill("first-message", "Read from your code").await?;
    on.click("send-first").await?;
    on.element("composer").await?;
    bob.wait_request("Read from your code").await?;
    bob.accept().await?;
    bob.send("So it works").await?;
    alice.wait_text("So it works").await?;

    println!("and without a network Alice reads Bob's safety number");
    bob.browser()?.click("verify").await?;
    bob.browser()?.element("safety-number").await?;
    let number = folder.path().join("number.png");
    let number = picture(&bob, "dialog svg.qr", &number).await?;
    home.kill().await?;
    alice.wait_connection("offline").await?;
    on.reload().await?;
    alice.open_conversation("Bob").await?;
    on.click("verify").await?;
    on.click("scan").await?;
    alice.choose_picture(&link).await?;
    on.element("error").await?;
    ensure!(!on.has("verified").await?, "a link is no safety number");
    on.click("scan").await?;
    alice.choose_picture(&number).await?;
    on.element("verified").await?;
    Ok(())
}

/// Has the node serve this folder from now on.
async fn serve(node: &mut Node, folder: &Path) -> Result<()> {
    node.serve_client(folder.to_owned());
    node.terminate().await?;
    node.start_again().await
}

/// Takes a picture of a part of the page.
async fn picture(person: &Person, part: &str, file: &Path) -> Result<PathBuf> {
    let driver = person.browser()?.driver();
    let part = driver.find(By::Css(part)).await?;
    part.scroll_into_view().await?;
    part.screenshot(file).await?;
    Ok(file.to_owned())
}

/// Waits until the page says why nothing was read.
async fn wait_problem(person: &Person, words: &str) -> Result<()> {
    let on = person.browser()?;
    on.until(words, async || {
        let said = on.words("scan-problem").await?;
        Ok(said.contains(words).then_some(()))
    })
    .await
}
