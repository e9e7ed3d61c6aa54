//! A browser: its own driver process, its own profile folder.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, ChromiumLikeCapabilities, LoggingPrefsLogLevel, TypingData};
use tokio::process::{Child, Command};

use crate::clock::Clock;
use crate::programs::{self, Output};
use crate::wait;

const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// What a browser says when a node is away.
pub const NODE_AWAY: [&str; 2] = ["WebSocket connection to", "net::ERR_"];

/// A machine without a screen has no mouse either, and is taken for a telephone: Enter would not send.
const MOUSE: &str = "--blink-settings=primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,\
    availableHoverTypes=2";

/// Has an element note whether a click comes to it: what moves just then lets the click meet something else, of which nobody is told.
const AWAIT_CLICK: &str = "
    window.wasClicked = false;
    arguments[0].addEventListener('click', () => { window.wasClicked = true; }, { capture: true, once: true });";

/// Gives a field the focus, and says whether it has taken it. Behind an open dialog none does.
const TAKE_FOCUS: &str = "arguments[0].focus(); return document.activeElement === arguments[0]";

/// Widths in CSS pixels for which there is a layout, and a height that goes with each.
const SIZES: [(u32, u32); 3] = [(320, 640), (768, 1024), (1280, 800)];

/// The width at which a screen is looked at in a theme: each layout and each theme once, and the other way round where the
/// page is mirrored.
fn looked_at(theme: &str, is_mirrored: bool) -> u32 {
    if (theme == "light") == is_mirrored {
        1280
    } else {
        320
    }
}

/// What a browser finds on its machine, where that is not the real one.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// A clock that is ahead.
    pub clock: Option<Clock>,
    /// A film (YUV4MPEG2) that the camera sees, which people allow the page to use; without one there is no camera.
    pub film: Option<PathBuf>,
}

/// A running browser; ended when dropped.
pub struct Browser {
    driver: WebDriver,
    process: Child,
    profile: PathBuf,
    log: RefCell<Vec<BrowserLogEntry>>,
    /// What keeps people from using the screens that were looked at. No story may end with it.
    wrong: RefCell<Vec<String>>,
}

impl Browser {
    /// Starts a browser on a profile folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(profile: &Path, machine: &Machine) -> Result<Self> {
        let (process, port) = start_driver(machine.clock.as_ref()).await?;
        let mut wanted = DesiredCapabilities::chrome();
        let binary = programs::chromium()?;
        wanted.set_binary(binary.to_str().context("the browser's path is not text")?)?;
        for argument in ARGUMENTS {
            wanted.add_arg(argument)?;
        }
        wanted.add_arg("--window-size=1280,900")?;
        wanted.add_arg(MOUSE)?;
        wanted.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        if let Some(film) = &machine.film {
            wanted.add_arg("--use-fake-ui-for-media-stream")?;
            wanted.add_arg("--use-fake-device-for-media-stream")?;
            let film = format!("--use-file-for-fake-video-capture={}", film.display());
            wanted.add_arg(&film)?;
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await?;
        // The driver itself would wait for half as long.
        driver.set_script_timeout(wait::LIMIT).await?;
        Ok(Self {
            driver,
            process,
            profile: profile.to_owned(),
            log: RefCell::default(),
            wrong: RefCell::default(),
        })
    }

    /// Closes all windows as a person would, and waits for the browser to end.
    ///
    /// # Errors
    /// When the driver does not answer, or something on the screens kept people from using them.
    pub async fn close(mut self) -> Result<Vec<BrowserLogEntry>> {
        self.must_hinder_nobody()?;
        self.read_log().await?;
        let log = self.log.take();
        self.driver.clone().quit().await?;
        let _ = self.process.kill().await;
        wait::until("the browser to end", async || {
            Ok(processes_on(&self.profile).is_empty().then_some(()))
        })
        .await?;
        Ok(log)
    }

    /// Waits until an expression of the page's scripts is true.
    ///
    /// # Errors
    /// When it is not in time, or is none.
    pub async fn until_true(&self, what: &str, expression: &str) -> Result<()> {
        let script = format!("return !!({expression})");
        let holds = async || Ok((self.run(&script, Vec::new()).await? == true).then_some(()));
        self.until(what, holds).await
    }

    /// Waits; when it is in vain, the error says what is on the page instead.
    ///
    /// # Errors
    /// When there is nothing in time.
    pub async fn until<T>(
        &self,
        what: &str,
        ask: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        match wait::until(what, ask).await {
            Ok(found) => Ok(found),
            Err(error) => {
                self.picture_of_failure(what).await;
                let address = self
                    .driver
                    .current_url()
                    .await
                    .map(String::from)
                    .unwrap_or_default();
                let words = self.page_words().await.unwrap_or_default();
                let log = self.read_log().await.map(|()| self.log.borrow().clone());
                let log = log.unwrap_or_default();
                let log: Vec<&str> = log
                    .iter()
                    .rev()
                    .take(5)
                    .map(|it| it.message.as_str())
                    .collect();
                Err(error.context(format!(
                    "at {address}:\n{words}\n\nlog, newest first: {log:#?}"
                )))
            }
        }
    }

    /// The driver, for what has no name here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Where the browser's own tools listen.
    ///
    /// # Errors
    /// When the browser has not said so.
    pub fn inspector_address(&self) -> Result<String> {
        let said = std::fs::read_to_string(self.profile.join("DevToolsActivePort"))?;
        let (port, path) = said.trim().split_once('\n').context("no address")?;
        Ok(format!("ws://127.0.0.1:{port}{path}"))
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.driver
            .goto(address)
            .await
            .with_context(|| format!("opening {address}"))
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// The first displayed element with this test id, once there is one.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn element(&self, testid: &str) -> Result<WebElement> {
        self.until(&format!("the element {testid}"), async || {
            self.find(testid).await
        })
        .await
    }

    /// The first displayed element with this test id, if there is one now.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn find(&self, testid: &str) -> Result<Option<WebElement>> {
        'anew: loop {
            for element in self.driver.find_all(By::Testid(testid)).await? {
                match element.is_displayed().await {
                    Ok(true) => return Ok(Some(element)),
                    Ok(false) => {}
                    Err(error) if was_replaced(&error) => continue 'anew,
                    Err(error) => return Err(error.into()),
                }
            }
            return Ok(None);
        }
    }

    /// Whether there is such an element now.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn has(&self, testid: &str) -> Result<bool> {
        Ok(self.find(testid).await?.is_some())
    }

    /// Waits until there is no such element.
    ///
    /// # Errors
    /// When there still is one in the end.
    pub async fn gone(&self, testid: &str) -> Result<()> {
        self.until(&format!("{testid} to go"), async || {
            Ok((!self.has(testid).await?).then_some(()))
        })
        .await
    }

    /// Clicks, once the element is there and nothing lies over it.
    ///
    /// # Errors
    /// When it cannot be clicked in time.
    pub async fn click(&self, testid: &str) -> Result<()> {
        self.until(&format!("{testid} to be clicked"), async || {
            self.settle().await?;
            let Some(element) = self.find(testid).await? else {
                return Ok(None);
            };
            if element.attr("aria-disabled").await?.as_deref() == Some("true") {
                return Ok(None);
            }
            self.click_on(&element).await
        })
        .await
    }

    /// Clicks what a selector finds first, once it is there and nothing lies over it.
    ///
    /// # Errors
    /// When it cannot be clicked in time.
    pub async fn click_first(&self, selector: &str) -> Result<()> {
        self.until(&format!("{selector} to be clicked"), async || {
            self.settle().await?;
            let element = self.driver.find(By::Css(selector)).await?;
            self.click_on(&element).await
        })
        .await
    }

    /// Clicks; nothing, if the click came to something else.
    pub(crate) async fn click_on(&self, element: &WebElement) -> Result<Option<()>> {
        self.run(AWAIT_CLICK, vec![element.to_json()?]).await?;
        let clicked = element.click().await;
        // A page that went away, or goes just now, does so because of the click.
        let came = self.run("return window.wasClicked ?? true", Vec::new());
        let came = came.await.unwrap_or(Value::Bool(clicked.is_ok()));
        if came == true {
            return Ok(Some(()));
        }
        clicked?;
        Ok(None)
    }

    /// Gives a field the focus, once it is there and takes it.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn focus(&self, testid: &str) -> Result<WebElement> {
        self.until(&format!("{testid} to take the focus"), async || {
            // A page that was just drawn may give the focus away in the next moment.
            self.settle().await?;
            let Some(field) = self.find(testid).await? else {
                return Ok(None);
            };
            let took = self.run(TAKE_FOCUS, vec![field.to_json()?]).await? == true;
            Ok(took.then_some(field))
        })
        .await
    }

    /// Replaces what is in a field.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, testid: &str, text: &str) -> Result<()> {
        let field = self.focus(testid).await?;
        // As a person does: what only empties the field does not tell the page.
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Delete).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Puts text into a field at once, as pasting does.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn paste(&self, testid: &str, text: &str) -> Result<()> {
        self.focus(testid).await?;
        self.driver
            .cdp()
            .send_raw("Input.insertText", json!({"text": text}))
            .await?;
        Ok(())
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Presses a key while another one is held.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn press_with(&self, held: Key, key: impl Into<TypingData>) -> Result<()> {
        let chain = self.driver.action_chain();
        let keys = chain.key_down(held.clone()).send_keys(key).key_up(held);
        Ok(keys.perform().await?)
    }

    /// Presses Tab until the focus is on the element with this test id.
    ///
    /// # Errors
    /// When the keyboard does not lead there.
    pub async fn tab_to(&self, testid: &str) -> Result<()> {
        self.element(testid).await?;
        // A page that was just drawn may give the focus away in the next moment.
        self.settle().await?;
        for _ in 0..80 {
            let focused = "return document.activeElement?.dataset?.testid ?? ''";
            if self.run(focused, Vec::new()).await? == testid {
                return Ok(());
            }
            self.press(Key::Tab).await?;
            self.focus_must_be_free().await?;
        }
        bail!("the keyboard does not lead to {testid}")
    }

    /// The words or the value of an element, once there is one with any.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn words(&self, testid: &str) -> Result<String> {
        self.until(&format!("words in {testid}"), async || {
            let Some(element) = self.find(testid).await? else {
                return Ok(None);
            };
            let mut words = element.text().await?;
            if words.is_empty() {
                words = element.value().await?.unwrap_or_default();
            }
            Ok(Some(words).filter(|words| !words.is_empty()))
        })
        .await
    }

    /// Runs a script in the page; `arguments` are its arguments.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Everything that can be read on the page.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn page_words(&self) -> Result<String> {
        let words = self
            .run("return document.body.innerText", Vec::new())
            .await?;
        Ok(words.as_str().unwrap_or_default().to_owned())
    }

    /// Opens another tab and goes to it.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn new_tab(&self) -> Result<WindowHandle> {
        let tab = self.driver.new_tab().await?;
        self.driver.switch_to_window(tab.clone()).await?;
        Ok(tab)
    }

    /// Goes to a tab.
    ///
    /// # Errors
    /// When there is no such tab.
    pub async fn go_to_tab(&self, tab: &WindowHandle) -> Result<()> {
        Ok(self.driver.switch_to_window(tab.clone()).await?)
    }

    /// Takes a picture of the page as it is at each width and in each theme, when pictures are wanted,
    /// and fails where the page is wider than the window.
    ///
    /// # Errors
    /// When the driver does not answer, or the page overflows.
    pub async fn pictures(&self, screen: &str) -> Result<()> {
        self.pictures_in(screen, &["light", "dark"]).await
    }

    /// The same in some themes.
    ///
    /// # Errors
    /// When the driver does not answer, or the page overflows.
    pub async fn pictures_in(&self, screen: &str, themes: &[&str]) -> Result<()> {
        let direction = "return document.documentElement.dir";
        let is_mirrored = self.run(direction, Vec::new()).await? == "rtl";
        for theme in themes {
            self.take_theme(Some(theme)).await?;
            for (width, height) in SIZES {
                self.take_size(Some((width, height))).await?;
                if width == looked_at(theme, is_mirrored) {
                    self.look(&format!("{screen}, {width} px, {theme}")).await?;
                }
                self.picture(&format!("{screen}-{width}-{theme}")).await?;
                self.must_fit(screen, width).await?;
            }
        }
        self.take_size(None).await?;
        self.take_theme(None).await
    }

    /// Takes a picture of the page as it is, and of what is below the window, when pictures are wanted.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let Some(folder) = programs::screenshots() else {
            return Ok(());
        };
        let size = "const it = document.documentElement; return [innerWidth, innerHeight, it.scrollHeight]";
        let size = self.run(size, Vec::new()).await?;
        let (width, window, page): (u64, u64, u64) = serde_json::from_value(size)?;
        let (height, beyond) = (window.max(page), page > window);
        // Chromium shifts what it takes beyond the window where people write from right to left: not more often than needed.
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let wanted = json!({"captureBeyondViewport": beyond, "clip": clip});
        let picture = self.capture(wanted).await?;
        Ok(std::fs::write(folder.join(format!("{name}.png")), picture)?)
    }

    /// A picture of the window for a document, with so many dots for each of the page: WebP, a third as large as PNG.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn webp(&self, scale: u8) -> Result<Vec<u8>> {
        let size = self
            .run("return [innerWidth, innerHeight]", Vec::new())
            .await?;
        let (width, height): (u64, u64) = serde_json::from_value(size)?;
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": scale});
        self.capture(json!({"format": "webp", "quality": 70, "clip": clip}))
            .await
    }

    async fn capture(&self, wanted: Value) -> Result<Vec<u8>> {
        let tools = self.driver.cdp();
        let taken = tools.send_raw("Page.captureScreenshot", wanted).await?;
        let picture = taken.get("data").and_then(Value::as_str);
        let picture = picture.context("no picture")?;
        let picture = data_encoding::BASE64.decode(picture.as_bytes());
        picture.map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Fails where the page is wider than its window, where it scrolls besides its parts, or where something is cut off.
    ///
    /// # Errors
    /// With how large it is.
    pub async fn must_fit(&self, screen: &str, width: u32) -> Result<()> {
        self.must_stay_within(screen, width).await?;
        self.must_show_all(&format!("{screen}, {width} px")).await
    }

    /// Fails where the page is wider than its window, or where it scrolls besides its parts.
    ///
    /// # Errors
    /// With how large it is.
    pub async fn must_stay_within(&self, screen: &str, width: u32) -> Result<()> {
        let size = "const it = document.documentElement;
            const parts = document.querySelector('.shell');
            return [it.scrollWidth, parts ? it.scrollHeight - innerHeight : 0]";
        let size = self.run(size, Vec::new()).await?;
        let (wide, beside): (u64, i64) = serde_json::from_value(size)?;
        ensure!(
            wide <= u64::from(width),
            "{screen} is {wide} px wide at {width} px"
        );
        ensure!(
            beside == 0,
            "{screen} is {beside} px too high at {width} px"
        );
        Ok(())
    }

    /// Gives the window another size, in CSS pixels; `None`: its own.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn take_size(&self, size: Option<(u32, u32)>) -> Result<()> {
        let tools = self.driver.cdp();
        let command = "Emulation.setDeviceMetricsOverride";
        match size {
            Some((width, height)) => {
                let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
                tools.send_raw(command, metrics).await?;
            }
            None => {
                let clear = "Emulation.clearDeviceMetricsOverride";
                tools.send_raw(clear, json!({})).await?;
            }
        }
        self.settle().await
    }

    /// A picture for the person who looks into a failure.
    async fn picture_of_failure(&self, what: &str) {
        if let Some(folder) = programs::screenshots() {
            let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '-' };
            let name: String = what.chars().map(plain).take(60).collect();
            let file = folder.join(format!("failure-{name}.png"));
            // The picture is only of use beside the error, which is told anyway.
            let _ = self.driver.screenshot(&file).await;
        }
    }

    /// Looks at the screen as it is; what is wrong with it is told in the end, with the rest.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn look(&self, screen: &str) -> Result<()> {
        let wrong = self.barriers().await?;
        let told = wrong.into_iter().map(|it| format!("{screen}: {it}"));
        self.wrong.borrow_mut().extend(told);
        Ok(())
    }

    /// Fails if the page complained about anything but what is expected: no errors, no violations of
    /// the content security policy; or if something on the screens keeps people from using them.
    /// `expected` are parts of messages.
    ///
    /// # Errors
    /// With the complaints.
    pub async fn must_be_quiet(&self, expected: &[&str]) -> Result<()> {
        self.read_log().await?;
        self.must_hinder_nobody()?;
        complaints(&self.log.borrow(), expected)
    }

    /// Fails if something on the screens that were looked at keeps people from using them.
    fn must_hinder_nobody(&self) -> Result<()> {
        let wrong = self.wrong.take();
        ensure!(wrong.is_empty(), "barriers:\n{}", wrong.join("\n"));
        Ok(())
    }

    async fn read_log(&self) -> Result<()> {
        let new = self.driver.browser_log().await?;
        self.log.borrow_mut().extend(new);
        Ok(())
    }
}

/// Whether the page has drawn something else in the place of an element.
fn was_replaced(error: &WebDriverError) -> bool {
    matches!(**error, WebDriverErrorInner::StaleElementReference(_))
}

/// Fails if there is a complaint in a log that is not expected.
///
/// # Errors
/// With the complaints.
pub fn complaints(log: &[BrowserLogEntry], expected: &[&str]) -> Result<()> {
    let is_expected = |message: &str| expected.iter().any(|part| message.contains(part));
    let complaints: Vec<&str> = log
        .iter()
        .filter(|entry| entry.level == "SEVERE" && !is_expected(&entry.message))
        .map(|entry| entry.message.as_str())
        .collect();
    if complaints.is_empty() {
        return Ok(());
    }
    bail!("the browser complains:\n{}", complaints.join("\n"))
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Nothing is asked of a driver that is about to be gone: it would be waited for.
        let _ = self.driver.clone().leak();
        // The driver's end does not end the browser. Its processes all name the profile.
        let _ = self.process.start_kill();
        for process in processes_on(&self.profile) {
            let kill = std::process::Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status();
            drop(kill);
        }
        // Each screen is looked at once: what nobody asked for would never be said.
        let said = self.must_hinder_nobody();
        assert!(said.is_ok() || std::thread::panicking(), "{said:?}");
    }
}

/// A driver and its port. It takes the same free port for both address families, which fails now and
/// then: somebody else has it in one of them.
async fn start_driver(clock: Option<&Clock>) -> Result<(Child, u16)> {
    for _ in 0..5 {
        let output = Output::default();
        let mut command = Command::new(programs::chromedriver()?);
        // The browser is its child, and inherits it.
        if let Some(clock) = clock {
            clock.show(&mut command)?;
        }
        let mut process = command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        output.keep(process.stdout.take().context("no output")?);
        let port = wait::until("the browser's driver", async || {
            if process.try_wait()?.is_some() {
                return Ok(Some(None));
            }
            let port = output.find("started successfully on port ", '.');
            Ok(port.map(|port| port.parse()).transpose()?.map(Some))
        })
        .await?;
        match port {
            Some(port) => return Ok((process, port)),
            None => println!("the browser's driver did not start: {}", output.text()),
        }
    }
    bail!("the browser's driver does not start")
}

/// The processes that were started with this profile folder: ours, as nobody else knows its name.
fn processes_on(profile: &Path) -> Vec<u32> {
    let Some(profile) = profile.to_str() else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| {
            std::fs::read(format!("/proc/{process}/cmdline"))
                .is_ok_and(|line| memchr::memmem::find(&line, profile.as_bytes()).is_some())
        })
        .collect()
}
