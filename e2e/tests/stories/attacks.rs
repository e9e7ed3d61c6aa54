//! The page under attack: what others write, what their codes say, where their links lead and what their nodes
//! answer, is words and nothing else.

mod socket;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use e2e::liar::Liar;
use e2e::node::Node;
use e2e::person::Person;
use fast_qr::{ECL, QRBuilder};
use serde_json::{Value, json};
use thirtyfour::Key;

/// A name that would be an element, if somewhere names were markup.
const NAME: &str = "\"><svg/onload=document.title='hit'>";

/// What the page must never do with any of them: run it, load it, or make more of it than it is.
fn bodies() -> Vec<String> {
    let mut bodies: Vec<String> = [
        "<script>document.title='hit'</script>",
        "<img src=/hit onerror=document.title='hit'>",
        "<iframe srcdoc=\"<script>parent.document.title='hit'</script>\"></iframe>",
        "<a href=\"javascript:document.title='hit'\">click</a> <base href=https://evil.example/>",
        "[click](javascript:document.title='hit') ![](https://evil.example/pixel.png)",
        "javascript:document.title='hit' data:text/html,<script>alert(1)</script> blob:https://evil.example/1",
        "https://good.example@evil.example/ https://evil.example/\u{202e}gpj.exe http://evil.example\\@good.example",
        "<style>*{display:none}</style> {{7*7}} ${7*7} %00%0d%0a &lt;b&gt; \\u003cb\\u003e",
        "**<b>** _<i onclick=document.title='hit'>_ `</code><script>document.title='hit'</script>`",
        "```\n</pre><script>document.title='hit'</script>\n```",
        "\u{202e}\u{2066}\u{2067}\u{200f}desrever\u{2069} \u{feff}\u{200b}\u{2060}\u{ad}",
        "]]><!--<![CDATA[--></textarea></title></style></script><x>",
    ]
    .map(str::to_owned)
    .into();
    // Higher than a line, wider than a window, and more of one thing than anybody has to say.
    bodies.push(format!("Z{}", "\u{301}\u{489}".repeat(2_000)));
    bodies.push("W".repeat(8_000));
    bodies.push("\u{1f469}\u{200d}".repeat(1_000));
    bodies.push("> ".repeat(2_000) + "deep");
    bodies.push(format!("{}x", "\n".repeat(3_000)));
    bodies.push("https://a.example/ ".repeat(300));
    bodies
}

/// What is wrong with the page, by what stands in it.
const WRONG: &str = "
    const wrong = [];
    if (document.title.includes('hit')) wrong.push('something ran');
    for (const it of document.querySelectorAll('script:not([src]), iframe, object, embed, base, form[action], [onload], [onerror], [onclick]'))
        wrong.push(it.outerHTML.slice(0, 200));
    for (const it of document.querySelectorAll('img, source, video, audio'))
        if (!it.src.startsWith(location.origin) && !it.src.startsWith('blob:' + location.origin)) wrong.push(it.src.slice(0, 200));
    for (const it of document.querySelectorAll('a[href]')) {
        const there = new URL(it.href);
        if (there.origin === location.origin) continue;
        if (!['http:', 'https:'].includes(there.protocol)) wrong.push(it.href.slice(0, 200));
        if (!it.rel.includes('noopener') || !it.rel.includes('noreferrer')) wrong.push('says where it comes from: ' + it.href.slice(0, 200));
        if (there.username) wrong.push('hides its host: ' + it.href.slice(0, 200));
    }
    for (const it of document.querySelectorAll('.entries'))
        if (it.scrollWidth > it.clientWidth) wrong.push('wider than its place: ' + it.innerText.slice(0, 40));
    return wrong.map((it) => it.toWellFormed())";

async fn must_be_words(person: &Person, where_: &str) -> Result<()> {
    let browser = person.browser()?;
    browser.settle().await?;
    let wrong = browser.run(WRONG, Vec::new()).await?;
    ensure!(wrong == json!([]), "{where_}: {wrong}");
    Ok(())
}

#[tokio::test]
async fn hostile_names_and_words_are_shown_as_words() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let mallory = Person::with_identity(NAME, &node.url()).await?;
    let [first, others @ ..] = &bodies()[..] else {
        return Ok(());
    };
    mallory.ask(&alice.link().await?, first).await?;
    alice.wait_request(first).await?;
    must_be_words(&alice, "a request").await?;
    alice.accept().await?;
    let (at_alice, at_mallory) = (alice.browser()?, mallory.browser()?);
    alice.send("go on").await?;
    mallory.wait_text("go on").await?;
    for body in others {
        at_mallory.paste("composer", body).await?;
        at_mallory.press(Key::Enter).await?;
        at_mallory
            .until("the words to be sent", async || {
                let left = at_mallory.element("composer").await?.value().await?;
                Ok(left.unwrap_or_default().is_empty().then_some(()))
            })
            .await?;
        must_be_words(&alice, body).await?;
    }
    mallory.send("That was all").await?;
    alice.wait_text("That was all").await?;
    let shown = at_alice.page_words().await?;
    ensure!(shown.contains("onload="), "the name is not shown: {shown}");
    for (person, width) in [(&alice, 320), (&alice, 1280), (&mallory, 320)] {
        let browser = person.browser()?;
        browser.take_size(Some((width, 700))).await?;
        must_be_words(person, &format!("at {width} px")).await?;
        // What joins or piles up signs without end is cut off, so that it covers nothing else.
        browser.must_stay_within("what is hostile", width).await?;
        browser.take_size(None).await?;
    }
    // It goes on after all that, and the tab is not lost.
    alice.send("Is that all?").await?;
    mallory.wait_text("Is that all?").await?;
    let title = at_alice.run("return document.title", Vec::new()).await?;
    ensure!(
        matches!(&title, Value::String(it) if !it.contains("hit")),
        "{title}"
    );
    alice.must_have_been_quiet(&[]).await?;
    mallory.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn hostile_addresses_open_nothing() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    for hostile in [
        "/i#<script>document.title='hit'</script>".to_owned(),
        "/i#javascript:document.title='hit'".to_owned(),
        format!("/i#{}", "A".repeat(100_000)),
        "/i#1/../../v1/node".to_owned(),
        "/#/c/../../<img src=x onerror=document.title='hit'>".to_owned(),
        "/#/c/18446744073709551616".to_owned(),
        "/#//evil.example/".to_owned(),
        "/?next=https://evil.example/#/settings".to_owned(),
    ] {
        browser.open(&format!("{}{hostile}", node.url())).await?;
        alice.wait_online().await?;
        must_be_words(&alice, &hostile).await?;
        let here = browser.run("return location.origin", Vec::new()).await?;
        ensure!(here == json!(node.url()), "{hostile} leads to {here}");
    }
    alice.must_have_been_quiet(&[]).await
}

/// A page, as a network that wants a login first serves it for every address, or a node that would like to be the page.
const PAGE: &str = "<!doctype html><html><head><title>hit</title></head><body id=hit>
    <script>document.title='hit'</script><img src=x onerror=document.title='hit'></body></html>";

/// Heads of answers and their bodies, none of which is what was asked for.
fn answers(other: &str) -> Vec<(String, Vec<u8>)> {
    let problem = "content-type: application/problem+json";
    let markup = json!({"code": NAME, "title": NAME, "detail": PAGE, "status": 403}).to_string();
    let long = json!({"code": "x".repeat(5_000)}).to_string();
    [
        ("200 OK\r\ncontent-type: text/html".to_owned(), PAGE.into()),
        (
            "200 OK\r\ncontent-type: application/cbor".to_owned(),
            PAGE.into(),
        ),
        (
            "200 OK\r\ncontent-type: application/cbor".to_owned(),
            vec![0xbf; 5_000],
        ),
        (
            "200 OK\r\ncontent-type: application/cbor".to_owned(),
            vec![b'['; 200_000],
        ),
        (
            "200 OK\r\ncontent-encoding: gzip".to_owned(),
            b"no gzip".into(),
        ),
        ("200 OK".to_owned(), Vec::new()),
        (format!("403 Forbidden\r\n{problem}"), markup.into_bytes()),
        (format!("403 Forbidden\r\n{problem}"), long.into_bytes()),
        (format!("500 Oh\r\n{problem}"), b"{\"code\":".into()),
        ("500 Oh\r\ncontent-type: text/html".to_owned(), PAGE.into()),
        (
            format!("302 Found\r\nlocation: {other}/v1/node"),
            Vec::new(),
        ),
        (format!("307 There\r\nlocation: {other}/"), PAGE.into()),
        (
            "301 There\r\nlocation: data:text/html,hit".to_owned(),
            Vec::new(),
        ),
        ("204 None".to_owned(), Vec::new()),
        ("999 <b>".to_owned(), PAGE.into()),
        ("".to_owned(), PAGE.into()),
    ]
    .into()
}

#[tokio::test]
async fn hostile_answers_of_a_node_are_an_error_and_nothing_else() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let liar = Liar::start().await?;
    let browser = alice.browser()?;
    browser.open(&format!("{}/#/nodes", node.url())).await?;
    let mut answers = answers(&node.url());
    // A body that does not end comes last.
    let endless = "200 OK\r\ncontent-type: application/cbor".to_owned();
    answers.push((endless, Vec::new()));
    let last = answers.len() - 1;
    for (number, (head, body)) in answers.iter().enumerate() {
        println!("a node answers {head:?}, {} bytes", body.len());
        if number == last {
            liar.floods(head);
        } else {
            liar.says(head, body);
        }
        let before = liar.asked();
        browser.fill("node-address", &liar.url()).await?;
        must_have_no_error(&alice).await?;
        browser.click("node-look").await?;
        browser.element("error").await?;
        ensure!(liar.asked() > before, "it was not asked");
        ensure!(
            !browser.has("node-add").await?,
            "{head} is taken for a node"
        );
        must_be_words(&alice, head).await?;
        let here = browser.run("return location.href", Vec::new()).await?;
        ensure!(
            here == json!(format!("{}/#/nodes", node.url())),
            "{head} leads to {here}"
        );
    }
    browser.take_size(Some((320, 700))).await?;
    browser.must_fit("hostile answers", 320).await?;
    browser.take_size(None).await?;
    alice.wait_online().await?;
    alice.must_have_been_quiet(&[&liar.url()]).await
}

/// In a train, say: whatever is asked, a page is answered. A program that is kept goes on, and is not exchanged for it.
#[tokio::test]
async fn what_answers_in_the_place_of_the_home_node_is_not_the_program() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let browser = alice.browser()?;
    bob.meet(&alice, "Are you there?").await?;
    alice.kept_program().await?;
    let liar = Liar::start().await?;
    node.kill().await?;
    node.answered_by(liar.port());
    for (head, body) in answers("https://evil.example") {
        println!(
            "the home node's address answers {head:?}, {} bytes",
            body.len()
        );
        liar.says(&head, body);
        browser.reload().await?;
        alice.wait_connection("offline").await?;
        alice.wait_text("Are you there?").await?;
        let before = liar.asked();
        alice.must_have_looked().await?;
        ensure!(liar.asked() > before, "nobody asks for the program");
        must_be_words(&alice, &head).await?;
        ensure!(
            !browser.has("other-program").await?,
            "{head} is offered as a program"
        );
        let body = browser.run("return document.body.id", Vec::new()).await?;
        ensure!(body != "hit", "{head} is the page");
    }
    node.start_again().await?;
    bob.reconnect().await?;
    browser.reload().await?;
    alice.wait_online().await?;
    alice.send("Now I am").await?;
    bob.wait_text("Now I am").await?;
    // That nothing could be loaded is no fault of the page.
    alice
        .must_have_been_quiet(&["Failed to load resource", "/v1/live"])
        .await
}

/// Writes a code as a picture, in black and white (a bitmap, which needs no compression).
fn picture(text: &str, file: &Path) -> Result<PathBuf> {
    let code = QRBuilder::new(text).ecl(ECL::L).build();
    let code = code.ok().context("it does not fit into a code")?;
    let is_dark = |x: usize, y: usize| {
        let place = |at: usize| (at / 4).checked_sub(4).filter(|at| *at < code.size);
        let place = place(x).zip(place(y));
        let module = place.and_then(|(x, y)| code.data.get(y * code.size + x));
        module.is_some_and(|it| it.value())
    };
    bitmap((code.size + 8) * 4, is_dark, file)
}

fn bitmap(side: usize, is_dark: impl Fn(usize, usize) -> bool, file: &Path) -> Result<PathBuf> {
    let row = side.div_ceil(32) * 4;
    let size = |number: usize| u32::try_from(number).map(u32::to_le_bytes);
    let mut bytes = b"BM".to_vec();
    for number in [
        62 + row * side,
        0,
        62,
        40,
        side,
        side,
        1 | 1 << 16,
        0,
        row * side,
        0,
        0,
        2,
        2,
    ] {
        bytes.extend(size(number)?);
    }
    bytes.extend([0xff, 0xff, 0xff, 0, 0, 0, 0, 0]); // what 0 and 1 stand for
    for y in (0..side).rev() {
        let mut line = vec![0; row];
        for x in (0..side).filter(|x| is_dark(*x, y)) {
            if let Some(byte) = line.get_mut(x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
        bytes.extend(line);
    }
    std::fs::write(file, bytes)?;
    Ok(file.to_owned())
}

/// Waits until what was typed anew has taken away the error of before.
async fn must_have_no_error(person: &Person) -> Result<()> {
    person.browser()?.gone("error").await
}

#[tokio::test]
async fn hostile_codes_open_nothing() -> Result<()> {
    let node = Node::start("the node").await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let browser = alice.browser()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("code.bmp");
    browser.open(&format!("{}/#/new", node.url())).await?;
    let url = node.url();
    for hostile in [
        "WIFI:S:home;T:WPA;P:secret;;".to_owned(),
        format!("BEGIN:VCARD\nFN:{NAME}\nURL:{url}/i#AQ\nEND:VCARD"),
        "javascript:document.title='hit'".to_owned(),
        "https://evil.example/".to_owned(),
        format!(
            "https://{}@evil.example/i#AQID",
            url.trim_start_matches("http://")
        ),
        format!("{url}/i#<img src=x onerror=document.title='hit'>"),
        format!("{url}/i#javascript:document.title='hit'"),
        format!("{url}/#/settings"),
        format!("{url}/i#{}", "A".repeat(2_500)),
        format!("{NAME}{}", "W".repeat(2_500)),
        "\u{202e}#i/elpmaxe.live//:sptth".to_owned(),
        "\u{301}\u{489}".repeat(600),
        "\0\r\n\t\u{7f}".to_owned(),
    ] {
        println!("a code says {:.60}", hostile);
        browser.fill("paste-link", "x").await?;
        must_have_no_error(&alice).await?;
        alice.choose_picture(&picture(&hostile, &file)?).await?;
        browser.element("error").await?;
        must_be_words(&alice, &hostile).await?;
        let here = browser.run("return location.href", Vec::new()).await?;
        ensure!(
            here == json!(format!("{url}/#/new")),
            "{hostile} leads to {here}"
        );
    }
    browser.take_size(Some((320, 700))).await?;
    browser.must_fit("hostile codes", 320).await?;
    browser.take_size(None).await?;

    println!("and pictures that are none, or too much of one");
    let rubbish = folder.path().join("rubbish.png");
    std::fs::write(&rubbish, PAGE)?;
    let mut giant = std::fs::read(&file)?;
    for side in [18, 22] {
        giant[side..side + 4].copy_from_slice(&60_000_u32.to_le_bytes());
    }
    let claims = folder.path().join("giant.bmp");
    std::fs::write(&claims, giant)?;
    let noise = folder.path().join("noise.bmp");
    let noise = bitmap(
        3_000,
        |x, y| (x * x / 7 + y * y / 3 + x * y) % 5 < 2,
        &noise,
    )?;
    for file in [rubbish, claims, noise] {
        alice.choose_picture(&file).await?;
        browser
            .until("a reason why nothing was read", async || {
                Ok((!browser.words("scan-problem").await?.is_empty()).then_some(()))
            })
            .await?;
        must_be_words(&alice, "a picture").await?;
        // The reason is gone when the form is opened anew.
        browser.open(&format!("{url}/#/settings")).await?;
        browser.gone("scan-problem").await?;
        browser.open(&format!("{url}/#/new")).await?;
    }
    alice.wait_online().await?;
    alice.must_have_been_quiet(&[]).await
}

#[tokio::test]
async fn a_page_that_complains_is_noticed() -> Result<()> {
    let node = Node::start("the node").await?;
    let person = Person::new("Nobody", &node.url()).await?;
    let browser = person.browser()?;
    browser.element("welcome-name").await?;
    browser.must_be_quiet(&[]).await?;
    // Forbidden by the content security policy, and said so in the console.
    for script in [
        "new Image().src = 'http://127.0.0.1:9/spy.png'",
        "console.error('out of order')",
    ] {
        let other = Person::new("Nobody", &node.url()).await?;
        let browser = other.browser()?;
        browser.element("welcome-name").await?;
        // In the page's own world, where its policy holds.
        let tools = browser.driver().cdp();
        tools
            .send_raw("Runtime.evaluate", json!({"expression": script}))
            .await?;
        // The browser tells the driver of it in its own time.
        let what = format!("somebody to notice {script}");
        browser
            .until(&what, async || {
                Ok(browser.must_be_quiet(&[]).await.err().map(drop))
            })
            .await?;
    }
    Ok(())
}
