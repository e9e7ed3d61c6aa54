//! Icons from the sprite, which is part of the page (`static/icons.svg`).

use yew::prelude::*;

macro_rules! symbols {
    ($($(#[$doc:meta])* $symbol:ident = $id:literal),* $(,)?) => {
        /// A shape of the sprite.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Symbol { $($(#[$doc])* $symbol),* }

        impl Symbol {
            const fn address(self) -> &'static str {
                match self { $(Self::$symbol => concat!("#icon-", $id)),* }
            }

            #[cfg(test)]
            const IDS: &'static [&'static str] = &[$($id),*];
        }
    };
}

symbols! {
    /// Sent.
    Check = "check",
    /// Delivered, read.
    Checks = "check-check",
    /// On their node; a step that is done.
    CheckCircle = "circle-check",
    /// Waiting.
    Clock = "clock",
    /// Waiting for acceptance.
    Hourglass = "hourglass",
    /// Failed.
    Alert = "circle-alert",
    /// A warning.
    Warning = "triangle-alert",
    /// Copy.
    Copy = "copy",
    /// New contact.
    AddContact = "user-round-plus",
    /// Settings.
    Settings = "settings",
    /// Back.
    Back = "arrow-left",
    /// To the end.
    Down = "arrow-down",
    /// Send.
    Send = "send-horizontal",
    /// Safety number.
    Shield = "shield-check",
    /// Block.
    Ban = "ban",
    /// More.
    More = "ellipsis-vertical",
    /// Close.
    Close = "x",
    /// Share.
    Share = "share-2",
    /// Requests.
    Inbox = "inbox",
    /// Offline.
    Offline = "wifi-off",
    /// Again.
    Again = "rotate-ccw",
    /// Conversation.
    Message = "message-circle",
    /// Under way.
    Busy = "loader-circle",
    /// Node.
    Server = "server",
    /// Remark.
    Info = "info",
    /// Light theme.
    Sun = "sun",
    /// Dark theme.
    Moon = "moon",
    /// The system's theme.
    Monitor = "monitor",
    /// Encrypted.
    Lock = "lock",
    /// A gap.
    Unlink = "unlink",
    /// Keys.
    Key = "key-round",
    /// A kind that is not known.
    Puzzle = "puzzle",
    /// Save a file.
    Download = "download",
    /// Show a secret.
    Eye = "eye",
    /// Hide a secret.
    EyeOff = "eye-off",
    /// Recovery.
    LifeBuoy = "life-buoy",
    /// Move.
    Truck = "truck",
    /// Answer.
    Reply = "reply",
    /// Choose a sign.
    AddSign = "smile-plus",
    /// Change.
    Edit = "pencil",
    /// Delete.
    Delete = "trash-2",
    /// Search.
    Search = "search",
    /// Above the others.
    Pin = "pin",
    /// Nobody is notified.
    Muted = "bell-off",
    /// Notifications.
    Bell = "bell",
    /// Put away.
    Archive = "archive",
    /// Messages disappear.
    Timer = "timer",
    /// The safety number was compared.
    Verified = "badge-check",
    /// Scan with a camera.
    Camera = "camera",
    /// Scan from a picture.
    Picture = "image",
}

/// Properties of [`Icon`].
#[derive(Properties, PartialEq)]
pub struct IconProps {
    /// Which shape.
    pub symbol: Symbol,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
}

/// An icon as [`Icon`] draws it, without a component of its own: where there are hundreds, as in a conversation, these are
/// most of what drawing costs.
pub fn icon(symbol: Symbol) -> Html {
    html! {
        <svg class="icon" aria-hidden="true" viewBox="0 0 24 24">
            <use href={symbol.address()} />
        </svg>
    }
}

/// An icon without a meaning of its own: the words stand beside it or in the label of its button.
#[component]
pub fn Icon(props: &IconProps) -> Html {
    html! {
        <svg class={classes!("icon", props.class.clone())} aria-hidden="true" viewBox="0 0 24 24">
            <use href={props.symbol.address()} />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sprite_holds_each_shape_and_no_other() {
        let sprite = include_str!("../../static/icons.svg");
        for id in Symbol::IDS {
            assert!(
                sprite.contains(&format!("<symbol id=\"icon-{id}\"")),
                "{id}"
            );
        }
        assert_eq!(sprite.matches("<symbol ").count(), Symbol::IDS.len());
    }
}
