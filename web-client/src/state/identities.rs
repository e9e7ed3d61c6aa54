//! The identities of this browser, as far as one may know of them while they are locked: a name and a contact link.
//!
//! It is also how a browser that cleared its database is noticed: an identity that is known here and not there.

use crate::bridge::{MOST, Place};
use client_core::sorted::sort_by_key;

/// An identity of this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Where it is kept.
    pub place: Place,
    /// Its contact link.
    pub link: String,
    /// What it calls itself. Not trusted: isolate and clip it.
    pub name: String,
}

/// All of them, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identities(Vec<Known>);

impl Identities {
    /// Reads what [`Self::to_text`] wrote; what is no line of it is left out.
    pub fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let mut parts = line.splitn(3, '\t');
            let place = Place::new(parts.next()?.parse().ok()?)?;
            let link = parts.next()?.to_owned();
            let name = parts.next()?.to_owned();
            Some(Known { place, link, name })
        };
        text.lines()
            .filter_map(line)
            .fold(Self::default(), Self::with)
    }

    /// A text to keep.
    pub fn to_text(&self) -> String {
        let line = |known: &Known| {
            let plain = |text: &str| text.replace(['\t', '\n', '\r'], " ");
            let (link, name) = (plain(&known.link), plain(&known.name));
            format!("{}\t{link}\t{name}\n", known.place.number())
        };
        self.0.iter().map(line).collect()
    }

    /// With this one in its place.
    #[must_use]
    pub fn with(self, known: Known) -> Self {
        let mut next = self.without(known.place);
        next.0.push(known);
        sort_by_key(&mut next.0, |known| known.place);
        next
    }

    /// Without the one in this place.
    #[must_use]
    pub fn without(mut self, place: Place) -> Self {
        self.0.retain(|known| known.place != place);
        self
    }

    /// All.
    pub fn all(&self) -> &[Known] {
        &self.0
    }

    /// The one in a place.
    pub fn at(&self, place: Place) -> Option<&Known> {
        self.0.iter().find(|known| known.place == place)
    }

    /// The first place that is free.
    pub fn free(&self) -> Option<Place> {
        let mut places = (0..MOST).filter_map(Place::new);
        places.find(|place| self.at(*place).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(place: u32, name: &str) -> Known {
        Known {
            place: Place::new(place).unwrap(),
            link: format!("https://a.example/i#{place}"),
            name: name.into(),
        }
    }

    #[test]
    fn they_survive_being_kept_whatever_their_names_are() {
        let two = Identities::default()
            .with(known(1, "Ada\tLovelace"))
            .with(known(0, "לא\nשם"));
        let read = Identities::parse(&two.to_text());
        let names: Vec<&str> = read.all().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["לא שם", "Ada Lovelace"]);
        assert_eq!(Identities::parse(&read.to_text()), read);
    }

    #[test]
    fn what_is_no_line_is_left_out() {
        for text in ["", "x", "1", "1\tlink", "99\tlink\tname", "-1\ta\tb"] {
            assert_eq!(Identities::parse(text), Identities::default(), "{text}");
        }
    }

    #[test]
    fn a_free_place_is_one_that_nobody_has() {
        let some = Identities::default()
            .with(known(0, "a"))
            .with(known(2, "c"));
        assert_eq!(some.free(), Place::new(1));
        let full = (0..MOST).fold(Identities::default(), |all, place| {
            all.with(known(place, "x"))
        });
        assert_eq!(full.free(), None);
        assert_eq!(full.without(Place::new(5).unwrap()).free(), Place::new(5));
    }

    #[test]
    fn one_place_holds_one() {
        let twice = Identities::default()
            .with(known(0, "a"))
            .with(known(0, "b"));
        assert_eq!(twice.all(), [known(0, "b")]);
    }
}
