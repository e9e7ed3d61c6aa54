//! Contact links that are made for somebody: who came by which, and who is not heard without one.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
use serde_json::json;

/// Makes a link for somebody, and takes it from the page.
async fn make(person: &Person, label: &str) -> Result<String> {
    let on = person.browser()?;
    on.click("new-contact").await?;
    on.fill("link-label", label).await?;
    on.click("make-link").await?;
    let script = "
        const made = [...document.querySelectorAll('[data-testid=made-link]')]
            .find((it) => it.querySelector('.made-link-name').innerText === arguments[0]);
        return made?.querySelector('[data-testid=made-link-text]')?.innerText ?? null";
    let link = on
        .until(&format!("the link for {label}"), async || {
            let shown = on.run(script, vec![json!(label)]).await?;
            Ok(shown.as_str().map(str::to_owned))
        })
        .await?;
    ensure!(on.has("my-link").await?, "the common link is gone");
    on.look_around().await?;
    Ok(link)
}

/// By which link the only request came that waits.
async fn by_link(person: &Person) -> Result<Option<String>> {
    let on = person.browser()?;
    let script = "
        const found = [...document.querySelectorAll('[data-testid=request-item]')];
        return found.map((it) => it.querySelector('[data-testid=request-by-link]')?.innerText ?? null)";
    let found = on.run(script, Vec::new()).await?;
    let [link] = found.as_array().map(Vec::as_slice).unwrap_or_default() else {
        anyhow::bail!("not one request: {found}");
    };
    Ok(link.as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_link_for_one_person_says_who_came_by_it_and_without_one_nobody_need_be_heard()
-> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let common = bob.link().await?;

    println!("Bob makes a link for Ada, who asks by it");
    let for_ada = make(&bob, "Ada").await?;
    ensure!(for_ada != common && for_ada.len() < 120, "{for_ada}");
    let ada = Person::with_identity("Ada", &node.url()).await?;
    ada.ask(&for_ada, "It is Ada").await?;
    bob.wait_request("It is Ada").await?;
    let said = by_link(&bob).await?.unwrap_or_default();
    ensure!(said.contains("Ada"), "by {said:?}");
    bob.browser()?.pictures("request-by-link").await?;
    bob.accept().await?;
    bob.browser()?.click("new-contact").await?;
    bob.browser()?.gone("made-link").await?;

    println!("Mallory has seen it, and is somebody who asks like any other");
    let mut mallory = Person::with_identity("Mallory", &node.url()).await?;
    mallory.ask(&for_ada, "It is Ada, too").await?;
    bob.wait_request("It is Ada, too").await?;
    ensure!(by_link(&bob).await?.is_none(), "a link counts twice");
    bob.browser()?.click("request-refuse").await?;
    bob.browser()?.gone("request-item").await?;
    mallory.leave().await?;

    println!("Bob takes another link back, and wants one of whoever asks");
    let taken_back = make(&bob, "Everybody at the workshop").await?;
    let on = bob.browser()?;
    on.pictures("made-link").await?;
    on.click("revoke-link").await?;
    on.element("sure").await?;
    on.look_around().await?;
    on.click("sure").await?;
    on.gone("made-link").await?;
    on.click("settings").await?;
    // The label is what people press.
    let choose = "
        const choice = document.querySelector('[data-testid=asking-by-made]');
        choice?.closest('label').click();
        return !!choice";
    on.until("the choice to be there", async || {
        Ok((on.run(choose, Vec::new()).await? == true).then_some(()))
    })
    .await?;
    let chosen = "return document.querySelector('[data-testid=asking-by-made]')?.checked ?? null";
    on.until("the choice to be made", async || {
        Ok((on.run(chosen, Vec::new()).await? == true).then_some(()))
    })
    .await?;
    on.reload().await?;
    on.until("the choice to be kept", async || {
        Ok((on.run(chosen, Vec::new()).await? == true).then_some(()))
    })
    .await?;
    on.look_around().await?;

    println!("strangers by links that do not count are not shown, and see nothing of it");
    for (name, link) in [("Used", &for_ada), ("Revoked", &taken_back)] {
        let mut again = Person::with_identity(name, &node.url()).await?;
        again.ask(link, "Me again").await?;
        again.wait_states(&["on-their-node"]).await?;
        again.must_have_been_quiet(&[]).await?;
        again.leave().await?;
    }
    let carol = Person::with_identity("Carol", &node.url()).await?;
    carol.ask(&common, "It is Carol").await?;
    carol.wait_states(&["on-their-node"]).await?;

    println!("with a link that is for her Carol is heard, and what came before her was not");
    let for_carol = make(&bob, "Carol").await?;
    carol.open_link(&for_carol).await?;
    bob.wait_request("It is Carol").await?;
    let said = by_link(&bob).await?.unwrap_or_default();
    ensure!(said.contains("Carol"), "by {said:?}");
    bob.accept().await?;
    bob.send("Good to hear you").await?;
    carol.wait_text("Good to hear you").await?;
    carol.send("And you").await?;
    bob.wait_text("And you").await?;

    println!("contacts talk as before");
    ada.send("Am I still there?").await?;
    bob.open_conversation("Ada").await?;
    bob.wait_text("Am I still there?").await?;
    for person in [&bob, &ada, &carol] {
        person.must_have_been_quiet(&[]).await?;
    }
    Ok(())
}
