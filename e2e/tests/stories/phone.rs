//! The main story on a phone: 360 by 740 pixels, a finger, no mouse.

use anyhow::{Result, ensure};
use e2e::browser::NODE_AWAY;
use e2e::node::Node;
use e2e::person::Person;

const WIDTH: u32 = 360;
const HEIGHT: u32 = 740;

/// What the keyboard leaves of it.
const WITH_KEYBOARD: u32 = 400;

/// Fails where the screen is wider than the phone or too small for a finger, and looks at it as everywhere.
async fn look(person: &Person, screen: &str) -> Result<()> {
    let on = person.browser()?;
    for theme in ["light", "dark"] {
        on.take_theme(Some(theme)).await?;
        on.look(&format!("{screen} on a phone, {theme}")).await?;
        on.picture(&format!("phone-{screen}-{theme}")).await?;
    }
    on.take_theme(None).await?;
    on.must_suit_fingers(screen).await?;
    on.must_fit(screen, WIDTH).await
}

/// Writes two lines, and sends them with the button: Enter begins a new line.
async fn send(person: &Person, text: &str) -> Result<()> {
    let on = person.browser()?;
    on.tap("composer").await?;
    on.become_phone(WIDTH, WITH_KEYBOARD).await?;
    on.can_answer().await?;
    on.press(text).await?;
    on.press(thirtyfour::Key::Enter).await?;
    on.press("and so on").await?;
    let typed = on.words("composer").await?;
    ensure!(typed == format!("{text}\nand so on"), "it holds {typed:?}");
    on.tap("send").await?;
    person.wait_text(&typed).await?;
    on.can_answer().await?;
    on.picture("phone-keyboard").await?;
    on.become_phone(WIDTH, HEIGHT).await?;
    on.can_answer().await
}

#[tokio::test]
async fn everything_is_done_with_a_finger_on_a_narrow_screen() -> Result<()> {
    let mut node = Node::start("the node").await?;
    let bob = Person::with_identity("Bob", &node.url()).await?;
    let alice = Person::new("Alice", &node.url()).await?;
    let on = alice.browser()?;
    on.become_phone(WIDTH, HEIGHT).await?;

    println!("an identity, and a link to give away");
    on.element("welcome-name").await?;
    look(&alice, "welcome").await?;
    on.tap("welcome-name").await?;
    on.press("Alice").await?;
    on.tap("welcome-create").await?;
    on.element("new-contact").await?;
    alice.wait_online().await?;
    look(&alice, "nobody").await?;
    on.tap("new-contact").await?;
    let link = on.words("my-link").await?;
    look(&alice, "new-contact").await?;
    on.tap("back").await?;

    println!("Bob asks, and they talk");
    bob.ask(&link, "Hello Alice").await?;
    on.tap("requests").await?;
    alice.wait_request("Hello Alice").await?;
    look(&alice, "request").await?;
    on.tap("request-accept").await?;
    on.element("composer").await?;
    for number in 1..=6 {
        let long = "A message that takes more than one line on a narrow screen, as most do.";
        bob.send(&format!("{number}. {long}")).await?;
    }
    let address = "It is at https://weather.example/harbour?day=saturday&wind=knots";
    bob.send(address).await?;
    alice.wait_text(address).await?;
    on.can_answer().await?;
    look(&alice, "conversation").await?;
    send(&alice, "Thank you").await?;
    bob.wait_text("Thank you\nand so on").await?;
    bob.send("You are welcome").await?;
    alice.wait_text("You are welcome").await?;
    on.can_answer().await?;

    println!("the phone is turned, and back");
    on.become_phone(HEIGHT, WIDTH).await?;
    on.can_answer().await?;
    on.become_phone(WIDTH, HEIGHT).await?;
    on.can_answer().await?;

    println!("an answer to one message, a sign to another");
    on.tap("message-options").await?;
    on.element("message-reply").await?;
    look(&alice, "message-options").await?;
    on.tap("message-reply").await?;
    on.element("above-field").await?;
    send(&alice, "I know").await?;
    bob.wait_text("I know\nand so on").await?;
    on.tap("message-options").await?;
    on.tap("quick-sign").await?;
    bob.browser()?.element("signs").await?;

    println!("the list and the conversation take turns");
    on.gone("conversation-item").await?;
    on.tap("back").await?;
    on.element("conversation-item").await?;
    on.gone("composer").await?;
    bob.send("Are you coming?").await?;
    on.element("unread-badge").await?;
    look(&alice, "list").await?;
    on.tap("conversation-item").await?;
    alice.wait_text("Are you coming?").await?;
    on.driver().back().await?;
    on.element("conversation-item").await?;
    on.tap("conversation-item").await?;
    on.tap("menu").await?;
    on.element("pin").await?;
    look(&alice, "menu").await?;
    on.tap("pin").await?;
    on.tap("verify").await?;
    on.element("safety-number").await?;
    look(&alice, "safety-number").await?;
    on.press(thirtyfour::Key::Escape).await?;

    println!("a lost connection is read out in a conversation too, where the list is away");
    on.listen().await?;
    node.kill().await?;
    on.until("the loss to be read out", async || {
        let heard = on.heard().await?;
        Ok(heard.iter().any(|it| it == "status: Offline").then_some(()))
    })
    .await?;
    node.start_again().await?;
    on.until("that it is back to be read out", async || {
        let heard = on.heard().await?;
        Ok(heard
            .iter()
            .any(|it| it == "status: Connected")
            .then_some(()))
    })
    .await?;

    println!("the settings");
    on.tap("back").await?;
    on.tap("settings").await?;
    on.element("own-name").await?;
    look(&alice, "settings").await?;
    alice.must_have_been_quiet(&NODE_AWAY).await?;
    bob.must_have_been_quiet(&NODE_AWAY).await
}
