//! A picture of the sheet with all parts and of every scene at every width: in English in both themes, and mirrored in
//! Arabic; and that everybody can use each of them. No node is asked anything: it only serves a client that has the gallery.

use anyhow::{Context, Result, ensure};
use e2e::browser::Browser;
use e2e::node::Node;
use e2e::person::Person;
use e2e::{programs, pseudo};
use serde_json::json;

const SHEET: &str = "/?scene=sheet";

#[tokio::test]
async fn every_part_and_every_state_can_be_shown_to_a_friend() -> Result<()> {
    show_all("en", &["light", "dark"]).await
}

#[tokio::test]
async fn every_part_and_every_state_is_mirrored_where_people_write_from_right_to_left() -> Result<()>
{
    show_all("ar", &["light", "dark"]).await
}

/// What is nobody's to translate: what people and nodes said, their names, and days and times, which browsers know.
const SAID: &str = "bdi, time, .day, code, blockquote, .entry-text, [dir=ltr]:not(html, .entry-foot), [dir=auto]:not(.bubble)";

#[tokio::test]
async fn nothing_is_forgotten_by_a_translation_and_long_words_fit_a_telephone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    pseudo::client(&programs::gallery()?, folder.path())?;
    let node = Node::serving("the node", folder.path().to_owned()).await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let on = person.browser()?;
    let scenes = begin(on, &node.url(), pseudo::TAG).await?;
    on.take_size(Some((320, 640))).await?;
    let mut wrong = Vec::new();
    for (number, scene) in scenes.iter().enumerate() {
        show(on, &node.url(), scene).await?;
        on.must_fit(scene, 320).await?;
        on.picture(&format!("gallery-pseudo-{}", name(number, scene)))
            .await?;
        // The sheet has words of its own, for those who work on it.
        if scene != SHEET {
            let translated = on.must_be_translated(scene, SAID).await;
            wrong.extend(translated.err().map(|error| error.to_string()));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    on.must_be_quiet(&["this scene is broken"]).await
}

async fn show_all(language: &str, themes: &[&str]) -> Result<()> {
    let node = Node::serving("the node", programs::gallery()?).await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let on = person.browser()?;
    let scenes = begin(on, &node.url(), language).await?;
    for (number, scene) in scenes.iter().enumerate() {
        show(on, &node.url(), scene).await?;
        let name = format!("gallery-{language}-{}", name(number, scene));
        on.pictures_in(&name, themes).await?;
        on.run(
            "document.documentElement.dataset.textSize = 'largest'",
            Vec::new(),
        )
        .await?;
        on.take_size(Some((320, 640))).await?;
        on.picture(&format!("{name}-largest")).await?;
        on.must_fit(&format!("{name} with the largest text"), 320)
            .await?;
        on.take_size(None).await?;
    }
    // Broken on purpose, in one of the scenes.
    on.must_be_quiet(&["this scene is broken"]).await
}

/// A name for a picture.
fn name(number: usize, scene: &str) -> String {
    let words = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let words: String = scene.chars().skip(8).map(words).collect();
    format!("{number:02}-{words}")
}

/// Has the page speak a language; the sheet, and the scenes that it leads to.
async fn begin(on: &Browser, node: &str, language: &str) -> Result<Vec<String>> {
    show(on, node, SHEET).await?;
    let speak = "localStorage.setItem('zechat-language', arguments[0])";
    on.run(speak, vec![json!(language)]).await?;
    let links =
        "return [...document.querySelectorAll('main a')].map((it) => it.getAttribute('href'))";
    let mut scenes: Vec<String> = serde_json::from_value(on.run(links, Vec::new()).await?)?;
    ensure!(scenes.len() > 30, "there are only {scenes:?}");
    scenes.insert(0, SHEET.to_owned());
    Ok(scenes)
}

async fn show(on: &Browser, node: &str, scene: &str) -> Result<()> {
    // What a scene keeps is not for the next one.
    let clear = "try {
            const language = localStorage.getItem('zechat-language');
            localStorage.clear();
            if (language) localStorage.setItem('zechat-language', language);
        } catch { /* the first page has none */ }";
    on.run(clear, Vec::new()).await?;
    // Another place of the same page would not load it anew.
    on.open("about:blank").await?;
    on.open(&format!("{node}{scene}")).await?;
    on.until("the scene", async || {
        let is_there = "return !document.getElementById('boot-failed')";
        Ok((on.run(is_there, Vec::new()).await? == true).then_some(()))
    })
    .await
    .with_context(|| scene.to_owned())?;
    // Answers come, and nothing changes any more; where something always does, it is looked at soon.
    let quiet = "return new Promise((done) => {
            let quiet;
            const wait = () => { clearTimeout(quiet); quiet = setTimeout(done, 250); };
            new MutationObserver(wait).observe(document, { childList: true, subtree: true, characterData: true });
            wait();
            setTimeout(done, 2000);
        }).then(() => true)";
    on.run(quiet, Vec::new()).await.map(drop)
}
