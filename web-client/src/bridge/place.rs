//! Which of a browser's identities a tab is about. Each has a database, a channel and a worker's lock of its own,
//! named after its number: what happens to one does not reach another.

/// Most identities of one browser.
pub const MOST: u32 = 32;

/// How an address says which identity it is about.
const PARAMETER: &str = "identity=";

/// The number of an identity in this browser; the first one is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place(u32);

impl Place {
    /// The place with this number, if there may be one.
    pub fn new(number: u32) -> Option<Self> {
        (number < MOST).then_some(Self(number))
    }

    /// Reads the number of a place; anything else is the first one.
    pub fn parse(text: &str) -> Self {
        text.parse().ok().and_then(Self::new).unwrap_or_default()
    }

    /// An address of this page, as one that says which identity it is about.
    pub fn address(self, within: &str) -> String {
        format!("/?{PARAMETER}{}{}", self.0, within.trim_start_matches('/'))
    }

    /// The place that an address is about, if it says so.
    pub fn of_address(address: &str) -> Option<Self> {
        let (_, query) = address.split('#').next()?.split_once('?')?;
        let number = query.strip_prefix(PARAMETER)?;
        number.parse().ok().and_then(Self::new)
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Name of the database.
    pub fn database(self) -> String {
        self.name("zechat")
    }

    /// Name of the BroadcastChannel on which pages and engine meet.
    pub fn channel(self) -> String {
        self.name("zechat")
    }

    /// Name of the BroadcastChannel on which workers hand the data key on.
    pub fn key_channel(self) -> String {
        self.name("zechat-key")
    }

    /// Name of the Web Lock whose holder runs the engine.
    pub fn lock(self) -> String {
        self.name("zechat-engine")
    }

    /// What a preference of this identity is called.
    pub fn preference(self, name: &str) -> String {
        self.name(name)
    }

    /// The first place has the plain names: they are those of browsers that know of one identity only.
    fn name(self, of: &str) -> String {
        match self.0 {
            0 => of.to_owned(),
            number => format!("{of}-{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_places_share_a_name() {
        let mut names = std::collections::BTreeSet::new();
        for place in (0..MOST).filter_map(Place::new) {
            assert_eq!(Place::parse(&place.number().to_string()), place);
            assert!(names.insert(place.database()) && names.insert(place.key_channel()));
            assert!(names.insert(place.lock()));
        }
    }

    #[test]
    fn an_address_says_which_identity_it_is_about() {
        for place in (0..MOST).filter_map(Place::new) {
            let address = place.address("/#/c/3");
            assert_eq!(Place::of_address(&address), Some(place));
            assert!(address.ends_with("#/c/3"));
        }
        for silent in [
            "/",
            "/#/c/3",
            "/?identity=",
            "/?identity=32#/",
            "/?scene=x",
            "/#?identity=1",
        ] {
            assert_eq!(Place::of_address(silent), None, "{silent}");
        }
    }

    #[test]
    fn what_is_no_place_is_the_first() {
        for text in ["", "x", "-1", "32", "99999999999"] {
            assert_eq!(Place::parse(text), Place::default(), "{text}");
        }
        assert_eq!(Place::default().database(), "zechat");
    }
}
