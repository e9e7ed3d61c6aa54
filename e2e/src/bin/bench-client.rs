//! `bench-client FOLDER FILE`: how fast the page is, in a real browser, beside a bare page in the same browser that reads the
//! same rows and draws the same nodes. FOLDER holds somebody's long history (`simulation/examples/history.rs`), which the page
//! restores as everybody restores a backup. Each figure becomes an object in a line of FILE. Run by `cargo xtask bench client`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::browser::Browser;
use e2e::node::Node;
use e2e::person::Person;
use e2e::wait::until_within;
use serde_json::{Value, json};

/// Restoring tens of thousands of messages takes its time.
const PATIENCE: Duration = Duration::from_secs(900);

/// How often each thing is done; the median counts.
const TIMES: u32 = 25;

/// How many newcomers write their first message, each in a browser of their own: keys take now longer and now shorter to make.
const NEWCOMERS: u32 = 5;

/// How many messages arrive while long tasks are looked for.
const ARRIVING: u32 = 1_000;

/// How many of them at a time.
const PART: u32 = 50;

const DAY_MS: u64 = 86_400_000;

/// Opens the first conversation of the list again and again: milliseconds from the click until its messages are laid out.
const OPEN: &str = "
    const entries = () => document.querySelectorAll('[data-testid=entry]').length;
    const wait = (holds) => new Promise((done) => {
        const look = () => { if (holds()) { watch.disconnect(); done(); } };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { childList: true, subtree: true });
        look();
    });
    const times = [];
    for (let n = 0; n < arguments[0]; n += 1) {
        const item = document.querySelector('[data-testid=conversation-item]');
        const begin = performance.now();
        item.click();
        await wait(() => entries() >= 50);
        document.querySelector('[data-testid=entry]').getBoundingClientRect();
        times.push(performance.now() - begin);
        if (n + 1 < arguments[0]) {
            await new Promise((done) => setTimeout(done, 300));
            history.back();
            await wait(() => entries() === 0);
            await new Promise((done) => setTimeout(done, 300));
        }
    }
    return times;";

/// What the bare page needs to draw and read the same.
const SHOWN: &str = "
    const place = document.querySelector('.conversation-place');
    const positions = [...place.querySelectorAll('[data-testid=entry]')].map((it) => Number(it.dataset.position));
    return {
        styles: [...document.querySelectorAll('link[rel=stylesheet]')].map((it) => it.getAttribute('href')),
        icons: document.querySelector('body > svg').outerHTML,
        html: place.outerHTML,
        contact: Number(location.hash.split('/').pop()),
        first: Math.min(...positions), last: Math.max(...positions), count: positions.length,
    };";

/// The frame of the bare page, with the same styles.
const BARE_FRAME: &str = "
    const { styles, icons } = arguments[0];
    // Under the name that the policy of the page allows.
    window.trusted = trustedTypes.createPolicy('zechat', { createHTML: (it) => it });
    document.head.innerHTML = trusted.createHTML(styles.map((it) => `<link rel='stylesheet' href='${it}'>`).join(''));
    document.body.innerHTML = trusted.createHTML(icons + `<div class='shell' data-pane='place'><header></header><main class='panes'>
        <div class='sidebar'></div><div class='detail'></div></main></div>`);
    await new Promise((done) => setTimeout(done, 1000));
    if (!getComputedStyle(document.querySelector('.shell')).display.includes('grid')) throw new Error('no styles');
    return true;";

/// Reads the rows and draws the nodes; milliseconds, and how many rows that were.
const BARE_OPEN: &str = "
    const { html, contact, first, last } = arguments[0];
    const key = (position) => {
        const bytes = new Uint8Array(16);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, BigInt(contact));
        view.setBigUint64(8, BigInt(position));
        return bytes;
    };
    const settled = (request) => new Promise((done, fail) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
    });
    const database = await settled(indexedDB.open('zechat'));
    const place = document.querySelector('.detail');
    const times = [];
    let rows;
    for (let n = 0; n < arguments[1]; n += 1) {
        const begin = performance.now();
        const range = IDBKeyRange.bound(key(first), key(last));
        rows = await settled(database.transaction('entries').objectStore('entries').getAll(range));
        if (rows.length === 0) {
            const keys = await settled(database.transaction('entries').objectStore('entries').getAllKeys(null, 3));
            throw new Error(`no rows of ${contact} from ${first} to ${last}, but ${JSON.stringify(keys.map((it) => [...new Uint8Array(it)]))}`);
        }
        place.innerHTML = trusted.createHTML(html);
        const list = place.querySelector('.entries');
        if (list) list.scrollTop = list.scrollHeight;
        place.querySelector('[data-testid=entry]').getBoundingClientRect();
        times.push(performance.now() - begin);
        place.replaceChildren();
        await new Promise((done) => setTimeout(done, 300));
    }
    database.close();
    return [times, rows.length];";

/// Looks for words; milliseconds from the key until the answer is shown.
const SEARCH: &str = "
    const field = document.querySelector('[data-testid=search]');
    const type = (text) => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    const is = () => document.querySelector('[data-testid=search-results], .search-none');
    const wait = (holds) => new Promise((done) => {
        const look = () => { if (holds()) { watch.disconnect(); done(); } };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { childList: true, subtree: true });
        look();
    });
    const times = [];
    for (const word of arguments[0]) {
        const begin = performance.now();
        type(word);
        await wait(is);
        times.push(performance.now() - begin);
        type('');
        await wait(() => !is());
        await new Promise((done) => setTimeout(done, 200));
    }
    return times;";

/// Reads all rows that a search reads.
const BARE_SEARCH: &str = "
    const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    const database = await settled(indexedDB.open('zechat'));
    const times = [];
    for (let n = 0; n < arguments[0]; n += 1) {
        const begin = performance.now();
        await settled(database.transaction('search').objectStore('search').getAll());
        times.push(performance.now() - begin);
        await new Promise((done) => setTimeout(done, 100));
    }
    database.close();
    return times;";

/// Writes texts as fast as the field takes them; milliseconds from Enter until each is on the screen.
const SEND: &str = "
    const field = document.querySelector('[data-testid=composer]');
    const times = [];
    for (let n = 1; n <= arguments[0]; n += 1) {
        const text = `${arguments[1]} ${n}`;
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, text);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await new Promise((done) => setTimeout(done, arguments[2]));
        const begin = performance.now();
        const shown = new Promise((done) => {
            const watch = new MutationObserver(() => {
                const last = [...document.querySelectorAll('[data-testid=entry]')].at(-1);
                if (last?.innerText.includes(text)) { watch.disconnect(); done(); }
            });
            watch.observe(document.body, { childList: true, subtree: true, characterData: true });
        });
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        await shown;
        times.push(performance.now() - begin);
    }
    return times;";

/// Commits a row as durably, and draws such a node.
const BARE_SEND: &str = "
    const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    const opening = indexedDB.open('bare');
    opening.onupgradeneeded = () => opening.result.createObjectStore('rows');
    const database = await settled(opening);
    document.querySelector('.detail').innerHTML = trusted.createHTML(arguments[0].html);
    const entry = [...document.querySelectorAll('[data-testid=entry]')].at(-1);
    const times = [];
    for (let n = 0; n < arguments[1]; n += 1) {
        const begin = performance.now();
        const transaction = database.transaction('rows', 'readwrite', { durability: 'strict' });
        transaction.objectStore('rows').put(new Uint8Array(2000), n);
        await new Promise((done) => { transaction.oncomplete = done; });
        const next = entry.cloneNode(true);
        entry.parentElement.append(next);
        next.getBoundingClientRect();
        times.push(performance.now() - begin);
        await new Promise((done) => setTimeout(done, 50));
    }
    return times;";

/// While messages arrive, notes how long it takes from the first to the last, how long the main thread was busy at once, and how
/// often for more than fifty milliseconds.
const ARRIVE: &str = "
    const tasks = [];
    const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)));
    watch.observe({ entryTypes: ['longtask'] });
    const entries = () => [...document.querySelectorAll('[data-testid=entry]')];
    const before = entries().at(-1)?.dataset.position;
    let first;
    const look = new MutationObserver(() => {
        const newest = entries().at(-1);
        if (newest?.dataset.position === before) return;
        first ??= performance.now();
        if (!newest?.innerText.includes(arguments[0])) return;
        look.disconnect();
        const took = performance.now() - first;
        // The browser tells of a task after it.
        setTimeout(() => { window.arrived = [took, Math.max(0, ...tasks), tasks.length]; }, 1000);
    });
    look.observe(document.body, { childList: true, subtree: true });
    return true;";

/// Gives a name and sends the greeting that is there, as fast as the page lets anybody: milliseconds from opening the link until
/// the message stands in the conversation.
const FIRST_MESSAGE: &str = "
    const wait = (selector) => new Promise((done) => {
        const look = () => {
            const found = document.querySelector(selector);
            if (found) { watch.disconnect(); done(found); }
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { childList: true, subtree: true });
        look();
    });
    const name = await wait('[data-testid=welcome-name]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(name, arguments[0]);
    name.dispatchEvent(new InputEvent('input', { bubbles: true }));
    document.querySelector('[data-testid=welcome-create]').click();
    (await wait('[data-testid=send-first]')).click();
    await wait('[data-testid=entry][data-mine=true]');
    return performance.now();";

/// Makes the two key pairs that an identity has.
const BARE_KEYS: &str = "
    const make = (name, uses) => crypto.subtle.generateKey(
        { name, modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, uses);
    const begin = performance.now();
    await Promise.all([make('RSA-PSS', ['sign', 'verify']), make('RSA-OAEP', ['encrypt', 'decrypt'])]);
    return performance.now() - begin;";

/// A figure, and the same of the bare page.
struct Figure {
    name: String,
    value: f64,
    bare: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("which folder has the history?")?);
    let file = arguments.next().context("where do the figures go?")?;
    let mut figures = with_history(&folder).await?;
    figures.extend(with_two_people().await?);
    figures.push(with_newcomers().await?);
    let mut lines = String::new();
    for Figure { name, value, bare } in figures {
        let ratio = bare.map(|bare| value / bare);
        let figure = json!({"figure": name, "value": value, "bare": bare, "ratio": ratio});
        lines.push_str(&format!("{figure}\n"));
    }
    std::fs::write(file, lines).context("the file for the figures")
}

/// Opening and searching a long history.
async fn with_history(folder: &Path) -> Result<Vec<Figure>> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).context("no history");
    let (phrase, messages) = (read("phrase")?, read("messages")?);
    let until: u64 = read("until")?.parse()?;
    let thousands = messages.parse::<u64>()? / 1_000;
    let node = Node::start("the node").await?;
    let mut person = Person::new("Alice", &node.url()).await?;
    // The history was made in a time of its own: it shall not lie ahead.
    let now = person
        .browser()?
        .run("return Date.now()", Vec::new())
        .await?;
    let ahead = until.saturating_sub(now.as_u64().context("no clock")?);
    let days = ahead.div_ceil(DAY_MS);
    if days > 0 {
        person.leave().await?;
        person.let_days_pass(days.try_into()?)?;
        person.come_back().await?;
    }
    let on = person.browser()?;
    restore(on, &phrase, &folder.join("backup")).await?;
    let opened = times(on.run(&script(OPEN), vec![json!(TIMES)]).await?)?;
    let shown = on.run(SHOWN, Vec::new()).await?;
    let words = [
        "zencha", "mobaler", "tisun", "questa", "wilda", "hijor", "truvo",
    ];
    let searched = times(on.run(&script(SEARCH), vec![json!(words)]).await?)?;
    // The other page has no program, and the one with the program is away.
    bare(on, &node.url(), &shown).await?;
    let answer = on
        .run(&script(BARE_OPEN), vec![shown.clone(), json!(TIMES)])
        .await?;
    let (bare_open, rows): (Vec<f64>, u64) = serde_json::from_value(answer)?;
    let count = shown.get("count").and_then(Value::as_u64);
    ensure!(
        count == Some(rows),
        "{rows} rows are not the {count:?} that are shown"
    );
    let bare_search = times(
        on.run(&script(BARE_SEARCH), vec![json!(words.len())])
            .await?,
    )?;
    Ok(vec![
        figure("open_10k_ms", opened, Some(bare_open)),
        figure(
            &format!("search_{thousands}k_ms"),
            searched,
            Some(bare_search),
        ),
    ])
}

/// Writing to somebody, and hearing of all at once what they wrote meanwhile.
async fn with_two_people() -> Result<Vec<Figure>> {
    let mut node = Node::start("the node").await?;
    let mut alice = Person::with_identity("Alice", &node.url()).await?;
    let mut bob = Person::with_identity("Bob", &node.url()).await?;
    alice.ask(&bob.link().await?, "Hello").await?;
    bob.wait_request("Hello").await?;
    bob.accept().await?;
    bob.send("Hello Alice").await?;
    alice.wait_text("Hello Alice").await?;
    let sent = vec![json!(TIMES), json!("One"), json!(100)];
    let sent = times(alice.browser()?.run(&script(SEND), sent).await?)?;
    // Whoever writes is away when it arrives: their browser would take its time from the same processors.
    alice.leave().await?;
    // In parts: nobody waits for a script for ever.
    for part in 1..=ARRIVING / PART {
        let many = vec![json!(PART), json!(format!("Part {part}, number")), json!(0)];
        bob.browser()?.run(&script(SEND), many).await?;
    }
    bob.wait_states(&["on-their-node"]).await?;
    bob.leave().await?;
    node.kill().await?;
    alice.come_back().await?;
    alice.open_conversation("Bob").await?;
    let on = alice.browser()?;
    let last = format!("Part {}, number {PART}", ARRIVING / PART);
    on.run(ARRIVE, vec![json!(last)]).await?;
    node.start_again().await?;
    let [took, longest, long] = until_within(PATIENCE, "the last message", async || {
        let all = on.run("return window.arrived ?? null", Vec::new()).await?;
        Ok(serde_json::from_value::<Option<[f64; 3]>>(all)?)
    })
    .await?;
    let shown = on.run(SHOWN, Vec::new()).await?;
    bare(on, &node.url(), &shown).await?;
    let bare_sent = on
        .run(&script(BARE_SEND), vec![shown, json!(TIMES)])
        .await?;
    let alone = |name: &str, value| Figure {
        name: name.to_owned(),
        value,
        bare: None,
    };
    Ok(vec![
        figure("send_to_screen_ms", sent, Some(times(bare_sent)?)),
        alone("receive_1k_ms", took),
        alone("long_task_max_ms", longest),
        alone("long_tasks", long),
    ])
}

/// From a contact link in a fresh browser to the first message.
async fn with_newcomers() -> Result<Figure> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let link = bob.link().await?;
    let (mut first, mut bare) = (Vec::new(), Vec::new());
    for number in 1..=NEWCOMERS {
        let newcomer = Person::new("a newcomer", &link).await?;
        let on = newcomer.browser()?;
        let name = vec![json!(format!("Newcomer {number}"))];
        first.push(milliseconds(on.run(&script(FIRST_MESSAGE), name).await?)?);
        on.open(&format!("{}/early.js", node.url())).await?;
        bare.push(milliseconds(on.run(&script(BARE_KEYS), Vec::new()).await?)?);
    }
    Ok(figure("first_message_ms", first, Some(bare)))
}

async fn restore(on: &Browser, phrase: &str, file: &Path) -> Result<()> {
    on.driver().set_script_timeout(PATIENCE).await?;
    on.click("have-one").await?;
    on.click("way-file").await?;
    let path = file.to_str().context("the folder's name is not text")?;
    on.element("restore-file").await?.send_keys(path).await?;
    let name = "document.querySelector('#file-hint').innerText.trim()";
    on.until_true("the file to be read", name).await?;
    on.paste("phrase", phrase).await?;
    on.click("restore").await?;
    let failed = until_within(PATIENCE, "the history to be restored", async || {
        if let Some(error) = on.find("error").await? {
            return Ok(Some(error.text().await?));
        }
        let is_there = on.find("conversation-item").await?.is_some();
        Ok(is_there.then(String::new))
    })
    .await?;
    ensure!(failed.is_empty(), "{failed}");
    Ok(())
}

/// A page of the same node without a program, that may do what a bare page does.
async fn bare(on: &Browser, node: &str, shown: &Value) -> Result<()> {
    on.open(&format!("{node}/early.js")).await?;
    on.run(&script(BARE_FRAME), vec![shown.clone()])
        .await
        .map(drop)
}

/// A script that waits.
fn script(body: &str) -> String {
    format!("return (async function () {{ {body} }}).apply(null, arguments);")
}

fn times(value: Value) -> Result<Vec<f64>> {
    serde_json::from_value(value).context("the page does not answer with times")
}

fn milliseconds(value: Value) -> Result<f64> {
    value
        .as_f64()
        .context("the page does not answer with a time")
}

fn figure(name: &str, times: Vec<f64>, bare: Option<Vec<f64>>) -> Figure {
    Figure {
        name: name.to_owned(),
        value: median(times),
        bare: bare.map(median),
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
