//! A picture of the sheet with all parts and of every scene, in English, and mirrored in Arabic; and that everybody can use
//! each of them. No node is asked anything: it only serves a client that has the gallery.

use anyhow::{Context, Result, ensure};
use e2e::browser::Browser;
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use serde_json::json;

/// Every scene, in every language that is written another way.
#[tokio::test]
async fn every_part_and_every_state_can_be_shown_to_a_friend() -> Result<()> {
    let node = Node::serving("the node", programs::gallery()?).await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let on = person.browser()?;
    show(on, &node.url(), "/?scene=sheet").await?;
    let links =
        "return [...document.querySelectorAll('main a')].map((it) => it.getAttribute('href'))";
    let mut scenes: Vec<String> = serde_json::from_value(on.run(links, Vec::new()).await?)?;
    scenes.insert(0, "/?scene=sheet".to_owned());
    ensure!(scenes.len() > 30, "there are only {scenes:?}");
    for language in ["en", "ar"] {
        let speak = "localStorage.setItem('zechat-language', arguments[0])";
        on.run(speak, vec![json!(language)]).await?;
        for (number, scene) in scenes.iter().enumerate() {
            show(on, &node.url(), scene).await?;
            let words = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            let name: String = scene.chars().skip(8).map(words).collect();
            let name = format!("gallery-{language}-{number:02}-{name}");
            on.pictures(&name).await?;
        }
    }
    // Broken on purpose, in one of the scenes.
    on.must_be_quiet(&["this scene is broken"]).await
}

async fn show(on: &Browser, node: &str, scene: &str) -> Result<()> {
    // Another place of the same page would not load it anew.
    on.open("about:blank").await?;
    on.open(&format!("{node}{scene}")).await?;
    on.until("the scene", async || {
        let is_there = "return !!document.querySelector('#app *')";
        Ok((on.run(is_there, Vec::new()).await? == true).then_some(()))
    })
    .await
    .with_context(|| scene.to_owned())
}
