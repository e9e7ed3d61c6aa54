//! `guide-pictures FOLDER`: takes the pictures of the guide and the README, of scenes of the gallery. Run by
//! `cargo xtask screenshots`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use e2e::node::Node;
use e2e::person::Person;
use e2e::programs;
use serde_json::json;

/// A picture of a document.
struct Picture {
    name: &'static str,
    /// The scene, as the gallery calls it.
    scene: &'static str,
    /// What is pressed first, if anything.
    press: Option<&'static str>,
    /// What is waited for.
    shows: &'static str,
    is_narrow: bool,
    theme: &'static str,
}

const fn narrow(name: &'static str, scene: &'static str, shows: &'static str) -> Picture {
    Picture {
        name,
        scene,
        press: None,
        shows,
        is_narrow: true,
        theme: "light",
    }
}

const PICTURES: [Picture; 6] = [
    narrow("welcome", "welcome", "welcome-name"),
    narrow("new-contact", "talk#/new", "my-link"),
    narrow("conversation-narrow", "talk#/c/1", "composer"),
    Picture {
        name: "conversation",
        is_narrow: false,
        theme: "dark",
        ..narrow("", "talk#/c/1", "composer")
    },
    Picture {
        press: Some("verify"),
        theme: "dark",
        ..narrow("safety-number", "talk#/c/1", "safety-number")
    },
    narrow("recovery", "talk#/recovery", "phrase-show"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("which folder?")?;
    let folder = PathBuf::from(folder);
    let node = Node::serving("the node", programs::gallery()?).await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let on = person.browser()?;
    let tools = on.driver().cdp();
    let hidden = json!({"hidden": true});
    tools
        .send_raw("Emulation.setScrollbarsHidden", hidden)
        .await?;
    for picture in PICTURES {
        // Another place of the same page would not load it anew.
        on.open("about:blank").await?;
        // Phones show two dots and more for each of the page.
        let (size, scale) = if picture.is_narrow {
            ((320, 640), 2)
        } else {
            ((1280, 800), 1)
        };
        on.take_size(Some(size)).await?;
        on.take_theme(Some(picture.theme)).await?;
        on.open(&format!("{}/?scene={}", node.url(), picture.scene))
            .await?;
        on.element(picture.press.unwrap_or(picture.shows)).await?;
        // Beside what the picture is about.
        if on.has("reminder-later").await? {
            on.click("reminder-later").await?;
        }
        if let Some(button) = picture.press {
            on.click(button).await?;
            on.element(picture.shows).await?;
        }
        on.settle().await?;
        let file = folder.join(format!("{}.webp", picture.name));
        std::fs::write(&file, on.webp(scale).await?)?;
        println!("{}", file.display());
    }
    Ok(())
}
