//! What a person does with their identity: nodes, recovery phrase, restoring.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::person::Person;

impl Person {
    /// Goes to a place of the application by its address, as a bookmark does.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn go_to(&self, place: &str) -> Result<()> {
        let go = "location.hash = arguments[0]";
        self.browser()?
            .run(go, vec![json!(format!("/{place}"))])
            .await?;
        Ok(())
    }

    /// Has an identity made on another node than the one that served the page.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn create_identity_on(&self, node: &str) -> Result<()> {
        let browser = self.browser()?;
        browser.element("welcome-name").await?;
        browser.click_first("details.advanced > summary").await?;
        browser.fill("advanced-node", node).await?;
        self.create_identity().await
    }

    /// Has the identity moved to another node, and returns when contacts are told of it.
    ///
    /// # Errors
    /// When it does not come so far.
    pub async fn move_to(&self, node: &str) -> Result<()> {
        println!("{} moves to {node}", self.name);
        self.go_to("move").await?;
        let browser = self.browser()?;
        browser.fill("node-address", node).await?;
        browser.click("node-look").await?;
        browser.element("node-facts").await?;
        browser.click("move-start").await?;
        browser.element("move-under-way").await?;
        self.wait_node(node, "active").await
    }

    /// Waits until a node of the identity is this far.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn wait_node(&self, node: &str, step: &str) -> Result<()> {
        self.go_to("nodes").await?;
        let browser = self.browser()?;
        let what = format!("{node} to be {step} for {}", self.name);
        browser
            .until(&what, async || {
                let found = browser
                    .run(
                        "return document.querySelector(`[data-testid=node-card][data-node='${arguments[0]}']`)?.dataset.step ?? null",
                        vec![json!(node)],
                    )
                    .await?;
                Ok((found == step).then_some(()))
            })
            .await
    }

    /// The words of the recovery phrase, as the page shows them.
    ///
    /// # Errors
    /// When it does not.
    pub async fn recovery_phrase(&self) -> Result<String> {
        self.go_to("recovery").await?;
        let browser = self.browser()?;
        browser.click("phrase-show").await?;
        let shown = browser.words("phrase-words").await?;
        let words: Vec<&str> = shown
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .collect();
        ensure!(words.len() == 12, "the phrase has {} words", words.len());
        Ok(words.join(" "))
    }

    /// Saves the copy on the nodes, and returns when everything is in it.
    ///
    /// # Errors
    /// When it is not saved.
    pub async fn save_vault(&self) -> Result<()> {
        self.go_to("recovery").await?;
        let browser = self.browser()?;
        browser.click("vault-save").await?;
        browser
            .until("the copy to be saved", async || {
                let state = browser
                    .run(
                        "return document.querySelector('[data-testid=vault-state]')?.dataset.state ?? null",
                        Vec::new(),
                    )
                    .await?;
                ensure!(state == "saved", "it is {state}");
                Ok(Some(()))
            })
            .await
    }

    /// Restores an identity from its phrase and something that leads to it.
    ///
    /// # Errors
    /// When it is not restored.
    pub async fn restore(&self, phrase: &str, from: &str) -> Result<()> {
        println!("{} restores", self.name);
        let browser = self.browser()?;
        browser.click("have-one").await?;
        browser.fill("restore-from", from).await?;
        browser.paste("phrase", phrase).await?;
        browser.click("restore").await?;
        self.wait_online().await
    }

    /// Restores an identity from its phrase and a backup file.
    ///
    /// # Errors
    /// When it is not restored.
    pub async fn restore_from_file(&self, phrase: &str, file: &Path) -> Result<()> {
        println!("{} restores from a file", self.name);
        let browser = self.browser()?;
        browser.click("have-one").await?;
        browser.click("way-file").await?;
        let path = file.to_str().context("the file's name is not text")?;
        let field = browser.element("restore-file").await?;
        field.send_keys(path).await?;
        browser.paste("phrase", phrase).await?;
        browser.click("restore").await?;
        self.wait_online().await
    }

    /// Presses a button that saves a file, and waits for the file.
    ///
    /// # Errors
    /// When none is saved.
    pub async fn download(&self, testid: &str, folder: &Path) -> Result<PathBuf> {
        let browser = self.browser()?;
        let path = folder.to_str().context("the folder's name is not text")?;
        browser
            .driver()
            .cdp()
            .send_raw(
                "Page.setDownloadBehavior",
                json!({"behavior": "allow", "downloadPath": path}),
            )
            .await?;
        let before = files(folder)?;
        browser.click(testid).await?;
        browser
            .until(&format!("the file of {testid}"), async || {
                let mut new = files(folder)?.into_iter();
                Ok(new.find(|file| !before.contains(file) && is_whole(file)))
            })
            .await
    }

    /// Takes the identity back with new keys, in the browser where it is; returns when it is done.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn take_back(&self, phrase: &str) -> Result<()> {
        println!("{} takes the identity back", self.name);
        self.go_to("recovery").await?;
        let browser = self.browser()?;
        browser.click("take-back").await?;
        browser.paste("phrase", phrase).await?;
        browser.click("take-back-sure").await?;
        browser.click("restore").await?;
        browser.element("phrase-show").await?;
        self.wait_online().await
    }

    /// The safety number with the person whose conversation is open.
    ///
    /// # Errors
    /// When it is not shown.
    pub async fn safety_number(&self) -> Result<String> {
        let browser = self.browser()?;
        browser.click("verify").await?;
        let number = browser.words("safety-number").await?;
        browser.press(thirtyfour::Key::Escape).await?;
        browser.gone("safety-number").await?;
        Ok(number.split_whitespace().collect())
    }

    /// Opens the conversation with somebody to read it, and waits for a text.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn wait_text_in(&self, with: &str, text: &str) -> Result<()> {
        let browser = self.browser()?;
        browser
            .until(&format!("the conversation with {with}"), async || {
                let open =
                    "const item = [...document.querySelectorAll('[data-testid=conversation-item]')]
                        .find((item) => item.innerText.includes(arguments[0]));
                    item?.click();
                    return !!item;";
                let clicked = browser.run(open, vec![json!(with)]).await?;
                Ok((clicked == true).then_some(()))
            })
            .await?;
        self.wait_text(text).await
    }

    /// Waits until everything in the conversation with somebody counts as read.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn wait_read(&self, with: &str) -> Result<()> {
        let what = format!("{} to have read what {with} said", self.name);
        self.browser()?
            .until(&what, async || {
                let unread = self.unread(with).await?;
                ensure!(unread.is_empty(), "{unread} are unread");
                Ok(Some(()))
            })
            .await
    }

    /// How many remarks of a kind stand in the open conversation.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn remarks(&self, kind: &str) -> Result<u64> {
        let count = "return document.querySelectorAll(`.remark.${arguments[0]}`).length";
        let count = self.browser()?.run(count, vec![json!(kind)]).await?;
        count.as_u64().context("no number")
    }

    /// Waits for a remark of a kind in the open conversation.
    ///
    /// # Errors
    /// When none comes.
    pub async fn wait_remark(&self, kind: &str) -> Result<()> {
        let what = format!("{} to see the remark {kind}", self.name);
        self.browser()?
            .until(&what, async || {
                Ok((self.remarks(kind).await? > 0).then_some(()))
            })
            .await
    }

    /// The number of unread messages of a conversation, as the list shows it.
    ///
    /// # Errors
    /// When there is no such conversation.
    pub async fn unread(&self, with: &str) -> Result<String> {
        let browser = self.browser()?;
        browser
            .until(&format!("the conversation with {with}"), async || {
                let found = browser
                    .run(
                        "const item = [...document.querySelectorAll('[data-testid=conversation-item]')]
                             .find((item) => item.innerText.includes(arguments[0]));
                         return item && (item.querySelector('[data-testid=unread-badge]')?.innerText ?? '');",
                        vec![json!(with)],
                    )
                    .await?;
                Ok(found.as_str().map(str::to_owned))
            })
            .await
    }
}

/// Whether a file has the name of one that the browser has saved to its end: before that it has another one, at first a hidden one.
fn is_whole(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !name.ends_with(".crdownload")
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    Ok(files)
}
