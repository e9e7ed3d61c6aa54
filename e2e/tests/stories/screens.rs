//! A picture of every screen at 320, 768 and 1280 px, light and dark, and that none is wider than its
//! window. The pictures go to the folder that `ZECHAT_SCREENSHOTS` names.

use anyhow::{Result, ensure};
use e2e::browser::{Browser, NODE_AWAY};
use e2e::node::Node;
use e2e::person::Person;

#[tokio::test]
async fn every_screen_fits_every_window() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let bob = Person::new("Robert Marblewright", &node.url()).await?;
    let on = bob.browser()?;

    on.element("welcome-name").await?;
    on.pictures("welcome").await?;
    on.click("welcome-create").await?;
    on.element("error").await?;
    on.pictures("welcome-no-name").await?;
    on.fill("welcome-name", &bob.name).await?;
    node.pause().await?;
    on.click("welcome-create").await?;
    on.element("creating-step").await?;
    on.pictures("creating").await?;
    node.resume().await?;
    on.until("the identity", async || {
        if on.has("my-link").await? {
            return Ok(Some(()));
        }
        // The page waits for a node only so long, and the pictures may have taken longer.
        if on.has("welcome-create").await? {
            on.click("welcome-create").await?;
        }
        Ok(None)
    })
    .await?;
    let link = bob.link().await?;
    bob.wait_online().await?;
    on.pictures("home-empty").await?;
    on.click("new-contact").await?;
    on.fill("paste-link", "not a link at all").await?;
    on.click("open-link").await?;
    on.element("error").await?;
    on.pictures("new-contact").await?;
    on.click("settings").await?;
    on.pictures("settings").await?;

    let alice = Person::new("Alice", &link).await?;
    alice.browser()?.element("welcome-name").await?;
    alice.browser()?.pictures("welcome-invited").await?;
    alice.browser()?.click("have-one").await?;
    alice.browser()?.click("restore").await?;
    alice.browser()?.element("error").await?;
    alice.browser()?.pictures("restore").await?;
    alice.browser()?.click("way-take-back").await?;
    alice.browser()?.pictures("restore-take-back").await?;
    alice.must_have_been_quiet(&[]).await?;
    drop(alice);
    let alice = Person::with_identity("Alice", &node.url()).await?;
    let at = alice.browser()?;
    alice.open_link(&link).await?;
    at.element("first-message").await?;
    at.pictures("preview").await?;
    at.fill(
        "first-message",
        "Hello Bob, it is me, Alice. Do you still have the boat?",
    )
    .await?;
    at.click("send-first").await?;
    at.element("composer").await?;
    alice
        .wait_states(&["waiting-for-acceptance", "sent", "on-their-node"])
        .await?;
    at.pictures("asked").await?;

    let carol = Person::with_identity("כרמל", &node.url()).await?;
    carol.ask(&link, "שלום! זאת כרמל מהשיעור").await?;
    // Before that, closing the browser would keep it in her outbox.
    carol.wait_states(&["sent", "on-their-node"]).await?;
    drop(carol);
    bob.wait_request("שלום").await?;
    bob.wait_request_from("Alice").await?;
    on.pictures("requests").await?;
    bob.accept_from("Alice").await?;

    println!("some conversation");
    for (who, text) in [
        (&bob, "Of course! It is in the harbour, and dry."),
        (&alice, "Good. Saturday?"),
        (
            &bob,
            "Saturday. The forecast is at https://weather.example/harbour?day=saturday&wind=knots",
        ),
        (&alice, "👍"),
        (
            &alice,
            "Averylongwordwithoutanyplacetobreakitwhichmusthoweverneverpushtheconversationoutofitswindow",
        ),
        (
            &bob,
            "I will bring bread, cheese and the old map, the one with the shallow marked where we ran aground in the summer of the year before last, remember?",
        ),
        (&alice, "נתראה בשבת"),
    ] {
        who.send(text).await?;
        let other = if who.name == bob.name { &alice } else { &bob };
        other.wait_text(text).await?;
    }
    alice.wait_states(&["delivered", "read"]).await?;
    on.pictures("conversation").await?;
    on.click("verify").await?;
    let number = on.words("safety-number").await?;
    let digits = number.chars().filter(char::is_ascii_digit).count();
    ensure!(
        digits == 60,
        "the safety number has {digits} digits: {number}"
    );
    on.pictures("safety-number").await?;
    on.press(thirtyfour::Key::Escape).await?;
    on.click("menu").await?;
    on.pictures("conversation-menu").await?;
    on.click("block").await?;
    on.element("sure").await?;
    on.pictures("block").await?;
    on.press(thirtyfour::Key::Escape).await?;

    identity_pages(&bob).await?;
    on.click("settings").await?;
    alice.send("One more thing").await?;
    alice.send("The key is under the third stone").await?;
    on.element("unread-badge").await?;
    on.open(&node.url()).await?;
    on.element("unread-badge").await?;
    on.pictures("home").await?;
    bob.open_conversation("Alice").await?;
    on.pictures("conversation-unread").await?;

    node.kill().await?;
    bob.wait_connection("offline").await?;
    bob.send("Can you hear me?").await?;
    on.pictures("conversation-offline").await?;
    node.start_again().await?;
    bob.reconnect().await?;
    alice.reconnect().await?;
    alice.wait_text("Can you hear me?").await?;
    bob.must_have_been_quiet(&NODE_AWAY).await?;
    alice.must_have_been_quiet(&NODE_AWAY).await
}

#[tokio::test]
async fn the_largest_text_fits_and_the_colours_of_the_system_are_enough() -> Result<()> {
    let node = Node::start("the node").await?;
    let bob = Person::with_identity("Robert Marblewright", &node.url()).await?;
    let alice = Person::with_identity("Alice", &node.url()).await?;
    alice.ask(&bob.link().await?, "Hello Bob").await?;
    let on = bob.browser()?;
    for (name, size) in [("largest", 3), ("smallest", 0)] {
        on.click("settings").await?;
        press_words_of(on, &format!("text-size-{size}")).await?;
        let chosen = format!("'{name}'.startsWith(document.documentElement.dataset.textSize)");
        on.until_true(&format!("the text to be the {name}"), &chosen)
            .await?;
        on.pictures_in(&format!("settings-{name}"), &["light"])
            .await?;
        if name == "largest" {
            bob.wait_request("Hello Bob").await?;
            on.pictures_in("requests-largest", &["light"]).await?;
            bob.accept().await?;
            bob.send(
                "It is in the harbour: https://weather.example/harbour?day=saturday&wind=knots",
            )
            .await?;
            alice.send("Thank you, Captain").await?;
            bob.wait_text("Thank you, Captain").await?;
        }
        bob.open_conversation("Alice").await?;
        on.pictures_in(&format!("conversation-{name}"), &["light"])
            .await?;
        on.click("menu").await?;
        on.pictures_in(&format!("conversation-menu-{name}"), &["light"])
            .await?;
        on.press(thirtyfour::Key::Escape).await?;
        on.click("new-contact").await?;
        on.element("my-link").await?;
        on.pictures_in(&format!("new-contact-{name}"), &["light"])
            .await?;
    }

    println!("more contrast, and a theme that is not the system's");
    on.click("settings").await?;
    on.click("contrast").await?;
    choose_theme(&bob, "dark").await?;
    on.reload().await?;
    bob.wait_online().await?;
    let look = "const { theme, contrast } = document.documentElement.dataset; return `${theme} ${contrast}`";
    let kept = on.run(look, Vec::new()).await?;
    ensure!(kept == "dark more", "the page looks {kept}");
    on.look("settings in a dark theme with more contrast")
        .await?;
    choose_theme(&bob, "light").await?;
    on.look("settings in a light theme with more contrast")
        .await?;
    choose_theme(&bob, "system").await?;
    on.pictures_in("settings-contrast", &["light", "dark"])
        .await?;
    bob.open_conversation("Alice").await?;
    on.pictures_in("conversation-contrast", &["light", "dark"])
        .await?;
    on.click("settings").await?;
    on.click("contrast").await?;

    println!("the colours of the system");
    on.pictures_in("new-contact", &["forced"]).await?;
    on.click("settings").await?;
    on.pictures_in("settings", &["forced"]).await?;
    bob.open_conversation("Alice").await?;
    on.pictures_in("conversation", &["forced"]).await?;
    on.click("menu").await?;
    on.pictures_in("conversation-menu", &["forced"]).await?;
    on.click("rename").await?;
    on.element("contact-name").await?;
    on.pictures_in("contact-name", &["light", "dark", "forced"])
        .await?;
    on.fill("contact-name", "The captain of the small boat")
        .await?;
    on.click("save-contact-name").await?;
    on.element("own-name-of").await?;
    on.pictures("conversation-renamed").await?;
    on.click("menu").await?;
    on.click("clear").await?;
    on.element("sure").await?;
    on.pictures_in("clear", &["light", "dark", "forced"])
        .await?;
    on.click("sure").await?;
    on.until("an empty conversation", async || {
        Ok((!on.has("entry").await?).then_some(()))
    })
    .await?;
    on.pictures("conversation-cleared").await?;
    bob.must_have_been_quiet(&[]).await
}

/// Chooses a theme in the settings.
async fn choose_theme(person: &Person, theme: &str) -> Result<()> {
    let on = person.browser()?;
    press_words_of(on, &format!("theme-{theme}")).await?;
    on.settle().await
}

/// Presses the words of a choice, which itself is not to be seen.
async fn press_words_of(on: &Browser, testid: &str) -> Result<()> {
    let press = "
        const choice = document.querySelector(`[data-testid=${arguments[0]}]`);
        choice?.closest('label').click();
        return choice?.checked ?? false";
    on.until(&format!("{testid} to be chosen"), async || {
        let is_chosen = on.run(press, vec![testid.into()]).await?;
        Ok((is_chosen == true).then_some(()))
    })
    .await
}

/// Nodes, moving, recovery and files.
async fn identity_pages(person: &Person) -> Result<()> {
    let browser = person.browser()?;
    person.go_to("nodes").await?;
    browser.element("node-facts").await?;
    browser.pictures("nodes").await?;
    let own = browser
        .element("node-card")
        .await?
        .attr("data-node")
        .await?;
    browser.click("move").await?;
    browser
        .fill("node-address", &own.unwrap_or_default())
        .await?;
    browser.click("node-look").await?;
    browser.element("node-remark").await?;
    browser.pictures("move").await?;
    person.recovery_phrase().await?;
    browser.pictures("recovery").await?;
    browser.click("take-back").await?;
    browser.element("take-back-sure").await?;
    browser.pictures("take-back").await?;
    person.go_to("backup").await?;
    browser.element("save-backup").await?;
    browser.pictures("backup").await
}
