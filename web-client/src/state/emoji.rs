//! The signs that can be chosen without a keyboard that has them: a small set of our own.

/// Offered first, under a message.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/// All that can be chosen, in groups.
pub const GROUPS: [&[&str]; 5] = [
    &[
        "😀", "😄", "😁", "😅", "😂", "🤣", "🙂", "😉", "😊", "😇", "🥰", "😍", "😘", "😋", "😜",
        "🤪", "🤗", "🤭", "🤔", "🤨", "😐", "😏", "🙄", "😬", "😌", "😴", "🤒", "🤯", "🥳", "😎",
        "🤓", "😕", "🙁", "😮", "😳", "🥺", "😢", "😭", "😱", "😖", "😞", "😤", "😡", "🤬", "😈",
        "💀", "🤡", "👻",
    ],
    &[
        "👍", "👎", "👌", "✌️", "🤞", "🤘", "👈", "👉", "👆", "👇", "👋", "🤚", "✋", "👏", "🙌",
        "🤝", "🙏", "💪", "👀", "🧠", "❤️", "🧡", "💛", "💚", "💙", "💜", "🖤", "🤍", "💔", "💯",
    ],
    &[
        "🐶", "🐱", "🐭", "🦊", "🐻", "🐼", "🐸", "🐵", "🐔", "🐧", "🦉", "🐝", "🦋", "🐢", "🐙",
        "🐬", "🌵", "🌲", "🌸", "🌻", "🍀", "🌍", "🌙", "⭐", "🔥", "🌈", "☀️", "🌧️", "❄️", "🌊",
    ],
    &[
        "🍎", "🍌", "🍓", "🥑", "🌽", "🍞", "🧀", "🍕", "🍔", "🌮", "🍜", "🍣", "🍰", "🍪", "🍫",
        "☕", "🍵", "🍺", "🍷", "🥂", "🎉", "🎂", "🎁", "🎈", "🏆", "⚽", "🏀", "🎮", "🎵", "🎸",
    ],
    &[
        "🚗", "🚲", "🚆", "✈️", "🚀", "🏠", "🏖️", "⏰", "📅", "📌", "📎", "✏️", "📖", "💡", "🔑",
        "🔒", "💻", "📱", "📷", "💰", "✅", "❌", "❓", "❗", "➕", "➡️", "⬅️", "🔄", "🆗", "🏳️",
    ],
];

#[cfg(test)]
mod tests {
    use client_core::view::ReactionView;

    use super::*;

    #[test]
    fn every_sign_fits_under_a_message() {
        for sign in GROUPS.iter().flat_map(|group| group.iter()).chain(&QUICK) {
            let reaction = ReactionView {
                mine: true,
                sign: (*sign).to_owned(),
            };
            assert!(reaction.sign.len() <= shared_crypto::event::MAX_REACTION);
        }
    }

    #[test]
    fn no_group_names_a_sign_twice() {
        for group in GROUPS {
            let mut signs = group.to_vec();
            signs.sort_unstable();
            signs.dedup();
            assert_eq!(signs.len(), group.len());
        }
    }
}
