//! The page under attack: what others write, and where their links lead, is words and nothing else.

use anyhow::{Result, ensure};
use e2e::node::Node;
use e2e::person::Person;
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
    let wrong = person.browser()?.run(WRONG, Vec::new()).await?;
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
        browser.must_fit("what is hostile", width).await?;
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
