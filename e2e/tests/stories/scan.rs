//! Codes are read from pictures: somebody's link, and the safety number. What reads them comes when it is needed, and
//! belongs to the program.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use e2e::texts::english;
use fast_qr::{ECL, QRBuilder};
use thirtyfour::By;

/// What a browser says when a node is away, and of a script that is not that of the program.
const EXPECTED: [&str; 3] = ["WebSocket connection to", "net::ERR_", "integrity"];

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
    alice.must_have_been_quiet(&EXPECTED).await?;
    bob.must_have_been_quiet(&EXPECTED).await
}

#[tokio::test]
async fn a_link_is_read_through_the_camera_and_who_has_none_is_told() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let folder = tempfile::tempdir()?;
    let film = folder.path().join("code.y4m");
    std::fs::write(&film, film_of(&link)?)?;
    let alice = Person::with_camera("Alice", &node.url(), &film).await?;
    alice.create_identity().await?;
    alice.wait_online().await?;
    let on = alice.browser()?;
    on.click("new-contact").await?;
    on.click("scan-camera").await?;
    on.fill("first-message", "Seen by my camera").await?;
    on.click("send-first").await?;
    on.element("composer").await?;
    bob.wait_request("Seen by my camera").await?;
    bob.accept().await?;

    println!(
        "Carol holds another code before hers, is told that it is no link, and can hold the next"
    );
    let other = folder.path().join("other.y4m");
    std::fs::write(&other, film_of("https://example.org/menu")?)?;
    let carol = Person::with_camera("Carol", &node.url(), &other).await?;
    carol.create_identity().await?;
    let on = carol.browser()?;
    on.click("new-contact").await?;
    on.click("scan-camera").await?;
    on.element("error").await?;
    on.element("scan-camera").await?;
    carol.must_have_been_quiet(&[]).await?;

    println!("Bob has no camera");
    let on = bob.browser()?;
    on.click("new-contact").await?;
    on.click("scan-camera").await?;
    wait_problem(&bob, &english("scan-no-camera")?).await?;
    on.look("no camera").await?;
    alice.must_have_been_quiet(&[]).await?;
    bob.must_have_been_quiet(&[]).await
}

/// A film of one picture: a code, as a camera sees one that is held before it.
fn film_of(text: &str) -> Result<Vec<u8>> {
    const SIZE: (usize, usize) = (640, 480);
    const DOTS: usize = 8;
    let code = QRBuilder::new(text).ecl(ECL::L).build();
    let code = code.ok().context("it does not fit into a code")?;
    let corner = [SIZE.0, SIZE.1].map(|side| side.saturating_sub(code.size * DOTS) / 2);
    let is_dark = |x: usize, y: usize| {
        let place =
            |at: usize, corner| Some(at.checked_sub(corner)? / DOTS).filter(|at| *at < code.size);
        let place = place(x, corner[0]).zip(place(y, corner[1]));
        let module = place.and_then(|(x, y)| code.data.get(y * code.size + x));
        module.is_some_and(|it| it.value())
    };
    let mut film = format!(
        "YUV4MPEG2 W{} H{} F10:1 Ip A1:1 C420jpeg\nFRAME\n",
        SIZE.0, SIZE.1
    )
    .into_bytes();
    for y in 0..SIZE.1 {
        film.extend((0..SIZE.0).map(|x| if is_dark(x, y) { 16 } else { 235 }));
    }
    // No colours.
    film.resize(film.len() + SIZE.0 * SIZE.1 / 2, 128);
    Ok(film)
}

/// Has the node serve this folder from now on.
async fn serve(node: &mut Node, folder: &Path) -> Result<()> {
    node.serve_client(folder.to_owned());
    node.terminate().await?;
    node.start_again().await
}

/// Takes a picture of a part of the page.
async fn picture(person: &Person, part: &str, file: &Path) -> Result<PathBuf> {
    let on = person.browser()?;
    on.until(&format!("a picture of {part}"), async || {
        // A dialog that rises would be taken half-way.
        on.settle().await?;
        let part = on.driver().find(By::Css(part)).await?;
        part.scroll_into_view().await?;
        part.screenshot(file).await?;
        Ok(Some(()))
    })
    .await?;
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
