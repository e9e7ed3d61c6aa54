//! A person: a profile folder that lasts, a browser that comes and goes, and what they do with the
//! page.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{BrowserLogEntry, By, Key};
use tokio::process::Command;

use crate::browser::{Browser, Machine, complaints};
use crate::clock::{Clock, DAY, pass};

/// A person.
pub struct Person {
    /// Their name, as contacts are told it.
    pub name: String,
    // Before the folder it works in: fields are dropped in order.
    browser: Option<Browser>,
    profile: TempDir,
    page: String,
    machine: Machine,
    log: Vec<BrowserLogEntry>,
}

/// An entry as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its place.
    pub position: u64,
    /// Whether the person sent it.
    pub mine: bool,
    /// How far it got.
    pub state: String,
    /// Its words; empty for remarks.
    pub text: String,
}

impl Person {
    /// A person with a new profile and an open browser, on the page of the node at `page`.
    ///
    /// # Errors
    /// When the browser or the page does not come up.
    pub async fn new(name: &str, page: &str) -> Result<Self> {
        Self::on_machine(name, page, Machine::default()).await
    }

    /// The same with a clock of their own, which may be ahead and moves as the story wants.
    ///
    /// # Errors
    /// When the browser or the page does not come up.
    pub async fn with_clock(name: &str, page: &str, clock: &Clock) -> Result<Self> {
        let clock = Some(clock.clone());
        let film = None;
        Self::on_machine(name, page, Machine { clock, film }).await
    }

    /// The same with a camera that sees a film.
    ///
    /// # Errors
    /// When the browser or the page does not come up.
    pub async fn with_camera(name: &str, page: &str, film: &Path) -> Result<Self> {
        let film = Some(film.to_owned());
        let clock = None;
        Self::on_machine(name, page, Machine { clock, film }).await
    }

    async fn on_machine(name: &str, page: &str, machine: Machine) -> Result<Self> {
        let mut person = Self {
            name: name.to_owned(),
            profile: new_profile()?,
            browser: None,
            page: page.to_owned(),
            machine,
            log: Vec::new(),
        };
        person.come_back().await?;
        Ok(person)
    }

    /// A person who has an identity on the node that serves their page.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn with_identity(name: &str, page: &str) -> Result<Self> {
        let person = Self::new(name, page).await?;
        person.create_identity().await?;
        person.wait_online().await?;
        println!("{name} has an identity");
        Ok(person)
    }

    /// The open browser.
    ///
    /// # Errors
    /// When it is closed.
    pub fn browser(&self) -> Result<&Browser> {
        self.browser
            .as_ref()
            .with_context(|| format!("the browser of {} is closed", self.name))
    }

    /// Closes the browser; the profile stays.
    ///
    /// # Errors
    /// When it is closed already, or does not end.
    pub async fn leave(&mut self) -> Result<()> {
        println!("{} closes the browser", self.name);
        let browser = self
            .browser
            .take()
            .context("the browser is closed already")?;
        self.log.extend(browser.close().await?);
        Ok(())
    }

    /// Where the browser keeps its data.
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Opens the browser again on the same profile and page.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn come_back(&mut self) -> Result<()> {
        ensure!(self.browser.is_none(), "the browser is open already");
        let browser = Browser::start(self.profile.path(), &self.machine).await?;
        browser.open(&self.page).await?;
        self.browser = Some(browser);
        Ok(())
    }

    /// Lets days pass: from the next time the browser is opened on, it is so much later.
    ///
    /// # Errors
    /// When the clock cannot be moved.
    pub fn let_days_pass(&mut self, days: u32) -> Result<()> {
        pass(&mut self.machine.clock, days * DAY)
    }

    /// Loses the browser's data, closed before, and opens an empty browser on another page.
    ///
    /// # Errors
    /// When the folder cannot be deleted, or the browser does not come up.
    pub async fn lose_everything(&mut self, page: &str) -> Result<()> {
        println!("{} loses the browser's data", self.name);
        ensure!(self.browser.is_none(), "the browser is open");
        let lost = std::mem::replace(&mut self.profile, new_profile()?);
        lost.close()?;
        page.clone_into(&mut self.page);
        self.come_back().await
    }

    /// Somebody who has a copy of everything that the browser kept. It is closed before, so that
    /// the copy is whole.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn copied_by(&self, thief: &str) -> Result<Self> {
        println!("{thief} copies the browser's data of {}", self.name);
        ensure!(self.browser.is_none(), "the browser is open");
        let profile = new_profile()?;
        let copied = Command::new("cp")
            .arg("-a")
            .arg(format!("{}/.", self.profile.path().display()))
            .arg(profile.path())
            .status()
            .await?;
        ensure!(copied.success(), "it cannot be copied");
        Ok(Self {
            name: thief.to_owned(),
            profile,
            browser: None,
            page: self.page.clone(),
            machine: self.machine.clone(),
            log: Vec::new(),
        })
    }

    /// Fails if the page complained about anything but what is expected, in any of its lives.
    ///
    /// # Errors
    /// With the complaints.
    pub async fn must_have_been_quiet(&self, expected: &[&str]) -> Result<()> {
        let result = match &self.browser {
            Some(browser) => {
                browser.look_around().await?;
                browser.must_be_quiet(expected).await
            }
            None => Ok(()),
        };
        complaints(&self.log, expected)
            .and(result)
            .with_context(|| self.name.clone())
    }

    /// Gives a name and has an identity made; waits until it is.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn create_identity(&self) -> Result<()> {
        let browser = self.browser()?;
        browser.fill("welcome-name", &self.name).await?;
        browser.click("welcome-create").await?;
        browser.element("my-link").await?;
        browser.look_around().await
    }

    /// Waits for the connection to the home node.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn wait_online(&self) -> Result<()> {
        self.wait_connection("online").await
    }

    /// Has the page try at once to reach the home node, as when the network comes back: after many tries in vain the next one
    /// is a minute away.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn reconnect(&self) -> Result<()> {
        let back = "dispatchEvent(new Event('online'))";
        self.browser()?.run(back, Vec::new()).await.map(drop)
    }

    /// Waits for a state of the connection.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn wait_connection(&self, state: &str) -> Result<()> {
        self.wait_connection_of(&[state]).await
    }

    /// Waits for one of some states of the connection.
    ///
    /// # Errors
    /// When none comes.
    pub async fn wait_connection_of(&self, states: &[&str]) -> Result<()> {
        let browser = self.browser()?;
        let what = format!("{} to be {}", self.name, states.join(" or "));
        browser.until(&what, async || {
            let found = browser
                .run("return document.querySelector('[data-testid=connection]')?.dataset.state ?? null", Vec::new())
                .await?;
            Ok(found.as_str().filter(|it| states.contains(it)).map(drop))
        })
        .await
    }

    /// The own contact link.
    ///
    /// # Errors
    /// When the page does not show it.
    pub async fn link(&self) -> Result<String> {
        let browser = self.browser()?;
        if !browser.has("my-link").await? {
            browser.click("new-contact").await?;
        }
        browser.words("my-link").await
    }

    /// The bytes of the own identity id, from the contact link.
    ///
    /// # Errors
    /// When the link is not one.
    pub async fn identity(&self) -> Result<Vec<u8>> {
        let link = self.link().await?;
        let (_, code) = link.split_once('#').context("the link has no code")?;
        let code = BASE64URL_NOPAD
            .decode(code.as_bytes())
            .map_err(|error| anyhow!("{error}"))?;
        Ok(code.get(1..33).context("the link is too short")?.to_vec())
    }

    /// Chooses a picture in which a code is looked for.
    ///
    /// # Errors
    /// When there is no field for one.
    pub async fn choose_picture(&self, file: &Path) -> Result<()> {
        let field = self.browser()?.element("scan-picture").await?;
        let file = file.to_str().context("the file's name is not text")?;
        Ok(field.send_keys(file).await?)
    }

    /// Pastes a link and opens it.
    ///
    /// # Errors
    /// When there is no place to paste it.
    pub async fn open_link(&self, link: &str) -> Result<()> {
        let browser = self.browser()?;
        if !browser.has("paste-link").await? {
            browser.click("new-contact").await?;
        }
        browser.fill("paste-link", link).await?;
        browser.click("open-link").await
    }

    /// Opens a link, and sends the first message.
    ///
    /// # Errors
    /// When nobody is found or it is not sent.
    pub async fn ask(&self, link: &str, text: &str) -> Result<()> {
        println!("{} asks: {text}", self.name);
        self.open_link(link).await?;
        let browser = self.browser()?;
        browser.fill("first-message", text).await?;
        browser.look_around().await?;
        browser.click("send-first").await?;
        browser.element("composer").await?;
        browser.look_around().await
    }

    /// Waits for a request with these words, and opens the request box.
    ///
    /// # Errors
    /// When none comes.
    pub async fn wait_request(&self, text: &str) -> Result<()> {
        let browser = self.browser()?;
        browser
            .until(&format!("a request to {}", self.name), async || {
                let found = browser.driver().find_all(By::Testid("request-item"));
                let found = found.await?;
                for item in &found {
                    if item.text().await?.contains(text) {
                        return Ok(Some(()));
                    }
                }
                if found.is_empty()
                    && let Some(requests) = browser.find("requests").await?
                {
                    requests.click().await?;
                }
                Ok(None)
            })
            .await?;
        browser.look_around().await
    }

    /// Accepts the first request.
    ///
    /// # Errors
    /// When there is none.
    pub async fn accept(&self) -> Result<()> {
        println!("{} accepts", self.name);
        self.browser()?.click("request-accept").await?;
        self.browser()?.element("composer").await?;
        Ok(())
    }

    /// Asks somebody who accepts: from then on the two talk.
    ///
    /// # Errors
    /// When the request does not come, or is not accepted.
    pub async fn meet(&self, other: &Self, text: &str) -> Result<()> {
        self.ask(&other.link().await?, text).await?;
        other.wait_request(text).await?;
        other.accept().await
    }

    /// Waits for a request of this person, with the request box open.
    ///
    /// # Errors
    /// When none comes.
    pub async fn wait_request_from(&self, name: &str) -> Result<()> {
        self.press_in_request(name, None).await
    }

    /// Accepts the request of this person, with the request box open.
    ///
    /// # Errors
    /// When there is none.
    pub async fn accept_from(&self, name: &str) -> Result<()> {
        println!("{} accepts {name}", self.name);
        self.press_in_request(name, Some("request-accept")).await?;
        self.browser()?.element("composer").await?;
        Ok(())
    }

    async fn press_in_request(&self, name: &str, button: Option<&str>) -> Result<()> {
        let browser = self.browser()?;
        let what = format!("the request of {name} to {}", self.name);
        browser
            .until(&what, async || {
                browser.settle().await?;
                for item in browser
                    .driver()
                    .find_all(By::Testid("request-item"))
                    .await?
                {
                    if item.text().await?.contains(name) {
                        let Some(button) = button else {
                            return Ok(Some(()));
                        };
                        let button = item.find(By::Testid(button)).await?;
                        return browser.click_on(&button).await;
                    }
                }
                Ok(None)
            })
            .await
    }

    /// Opens the conversation with somebody.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open_conversation(&self, with: &str) -> Result<()> {
        let browser = self.browser()?;
        let what = format!("the conversation of {} with {with}", self.name);
        browser
            .until(&what, async || {
                let is_open = browser.run(OPEN, vec![json!(with)]).await?;
                Ok((is_open == true).then_some(()))
            })
            .await?;
        browser.element("composer").await?;
        browser.settle().await?;
        browser.look_around().await
    }

    /// Sends a message in the open conversation; returns when the engine has it.
    ///
    /// # Errors
    /// When the field does not take it.
    pub async fn send(&self, text: &str) -> Result<()> {
        let browser = self.browser()?;
        let field = browser.focus("composer").await?;
        browser.run(TO_LAST_WORD, vec![field.to_json()?]).await?;
        if text.contains('\n') {
            browser.paste("composer", text).await?;
        } else {
            field.send_keys(text).await?;
        }
        field.send_keys(Key::Enter).await?;
        browser
            .until(&format!("{} to have sent {text}", self.name), async || {
                Ok(field
                    .value()
                    .await?
                    .is_none_or(|value| value.is_empty())
                    .then_some(()))
            })
            .await
    }

    /// The entries that are on the page now.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn entries(&self) -> Result<Vec<Seen>> {
        let found = self
            .browser()?
            .run(
                "return [...document.querySelectorAll('[data-testid=entry]')].map((entry) => [
                     Number(entry.dataset.position), entry.dataset.mine === 'true', entry.dataset.state ?? '',
                     entry.querySelector('[data-testid=entry-text]')?.innerText ?? ''])",
                Vec::new(),
            )
            .await?;
        found
            .as_array()
            .context("no list of entries")?
            .iter()
            .map(seen)
            .collect()
    }

    /// All entries of the open conversation, as a reader sees them who goes to its end and then to its beginning. As long as
    /// there are no more of them than the page keeps at once.
    ///
    /// # Errors
    /// When an end does not come.
    pub async fn all_entries(&self) -> Result<Vec<Seen>> {
        self.scroll_until("the end of the conversation", TO_END)
            .await?;
        self.scroll_until("the beginning of the conversation", TO_BEGINNING)
            .await?;
        self.entries().await
    }

    /// Scrolls the open conversation again and again, until the script says that there is no more to load.
    async fn scroll_until(&self, what: &str, script: &str) -> Result<()> {
        let browser = self.browser()?;
        browser
            .until(what, async || {
                let is_there = browser.run(script, Vec::new()).await?;
                Ok((is_there == Value::Bool(true)).then_some(()))
            })
            .await
    }

    /// Waits until the newest of the received texts is this one.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn wait_text(&self, text: &str) -> Result<()> {
        self.browser()?
            .until(&format!("{} to see {text:?}", self.name), async || {
                let entries = self.entries().await?;
                Ok(entries.iter().any(|entry| entry.text == text).then_some(()))
            })
            .await
    }

    /// Waits until the page says in an error what went wrong, with these words in it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_error(&self, words: &str) -> Result<()> {
        let on = self.browser()?;
        on.until(&format!("the error {words:?}"), async || {
            let Some(error) = on.find("error").await? else {
                return Ok(None);
            };
            Ok(error.text().await?.contains(words).then_some(()))
        })
        .await
    }

    /// Waits until all texts that the person sent, and there are some, are at least this far.
    ///
    /// # Errors
    /// When they are not in time.
    pub async fn wait_states(&self, states: &[&str]) -> Result<()> {
        self.browser()?
            .until(
                &format!("everything of {} to be {states:?}", self.name),
                async || {
                    let entries = self.entries().await?;
                    let own = |entry: &&Seen| entry.mine && !entry.text.is_empty();
                    let mut mine = entries.iter().filter(own).peekable();
                    // The page may not have drawn them yet.
                    ensure!(mine.peek().is_some(), "nothing of theirs is there");
                    match mine.find(|entry| !states.contains(&entry.state.as_str())) {
                        None => Ok(Some(())),
                        Some(entry) => bail!("{:?} is {}", entry.text, entry.state),
                    }
                },
            )
            .await
    }
}

/// Opens a conversation from the list; true when it is the one that is shown.
const OPEN: &str = "
    const items = [...document.querySelectorAll('[data-testid=conversation-item]')]
        .filter((item) => item.innerText.includes(arguments[0]));
    const isShown = document.querySelector('.conversation-head h2')?.innerText.includes(arguments[0]);
    if (isShown && items.some((item) => item.ariaCurrent === 'page')) return true;
    items[0]?.click();
    return false";

/// What is typed goes on from what stands in the field.
const TO_LAST_WORD: &str =
    "arguments[0].setSelectionRange(arguments[0].value.length, arguments[0].value.length)";

/// Goes to the last entry that is on the page; true when there are no newer ones.
const TO_END: &str = "
    const list = document.querySelector('[data-testid=entry]')?.closest('.entries');
    list?.scrollTo(0, list.scrollHeight);
    return list?.dataset.newer === 'false'";

/// Goes to the first entry that is on the page; true when it is the first of all.
const TO_BEGINNING: &str = "
    const first = document.querySelector('[data-testid=entry]');
    first?.closest('.entries').scrollTo(0, 0);
    return first?.dataset.position === '1'";

fn new_profile() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("zechat-profile-").tempdir()
}

/// The texts in order, of one side.
pub fn texts(entries: &[Seen], mine: bool) -> Vec<&str> {
    let side = entries
        .iter()
        .filter(|entry| entry.mine == mine && !entry.text.is_empty());
    side.map(|entry| entry.text.as_str()).collect()
}

fn seen(entry: &Value) -> Result<Seen> {
    let [position, mine, state, text] = entry
        .as_array()
        .map(Vec::as_slice)
        .context("an entry is no list")?
    else {
        bail!("an entry has another form: {entry}");
    };
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Seen {
        position: position.as_u64().unwrap_or_default(),
        mine: mine.as_bool().unwrap_or_default(),
        state: words(state),
        text: words(text),
    })
}
