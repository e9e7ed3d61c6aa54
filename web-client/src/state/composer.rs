//! The text field of a conversation: what was sent leaves it only when it is safe.
//!
//! A person who types on while a message is being stored has the next words behind the first in the
//! same field. So the field is read as: messages under way, in order, then what is still being
//! written. When the first is stored, its characters leave the front.

use std::collections::VecDeque;

use shared_crypto::id::MessageId;

/// Bytes that one message carries at most.
pub const TEXT_LIMIT: usize = 16_384;

/// The field and what is on its way out of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Composer {
    /// What stands in the field.
    pub value: String,
    under_way: VecDeque<Outgoing>,
    /// What was not answered for: the engine may have stored it all the same.
    unsure: Option<Outgoing>,
}

/// A message on its way out of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id; kept for a repetition, so that it is sent once.
    pub id: MessageId,
    /// As it stands in the field.
    typed: String,
}

impl Outgoing {
    /// What is sent: without empty lines and blanks around it.
    pub fn text(&self) -> &str {
        self.typed.trim()
    }
}

/// A text with a sign put into it; `at` counts as the browser does, in units of UTF-16. `None`: at the end.
pub fn insert_at(text: &str, at: Option<u32>, sign: &str) -> String {
    let mut units = 0_u32;
    let boundary = at.and_then(|at| {
        let mut places = text.char_indices();
        places.find_map(|(place, c)| {
            let here = (units >= at).then_some(place);
            units = units.saturating_add(u32::try_from(c.len_utf16()).unwrap_or(1));
            here
        })
    });
    let (before, after) = text.split_at(boundary.unwrap_or(text.len()));
    [before, sign, after].concat()
}

/// How the text stands to the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Far from it.
    Fine,
    /// Near: how many characters fit at most. Those that take more bytes than one fill it sooner.
    Near(usize),
    /// Over: how many characters are too many.
    Over(usize),
}

impl Composer {
    /// A field with a draft in it.
    pub fn with_draft(draft: &str) -> Self {
        Self {
            value: draft.to_owned(),
            ..Self::default()
        }
    }

    /// Takes over what the person has made of the field.
    pub fn edit(&mut self, value: String) {
        self.value = value;
    }

    /// What is still being written.
    pub fn writing(&self) -> &str {
        let sent: usize = self
            .under_way
            .iter()
            .map(|outgoing| outgoing.typed.len())
            .sum();
        let stands = self.value.get(..sent).is_some_and(|front| {
            let typed: String = self.under_way.iter().map(|it| it.typed.as_str()).collect();
            front == typed
        });
        if stands {
            self.value.get(sent..).unwrap_or_default()
        } else {
            &self.value
        }
    }

    /// Whether there is something to send that fits.
    pub fn can_send(&self) -> bool {
        !self.writing().trim().is_empty() && !matches!(self.length(), Length::Over(_))
    }

    /// How the text stands to the limit.
    pub fn length(&self) -> Length {
        let text = self.writing().trim();
        match TEXT_LIMIT.checked_sub(text.len()) {
            None => {
                let end = |(at, c): (usize, char)| at.saturating_add(c.len_utf8());
                let over = text.char_indices().filter(|it| end(*it) > TEXT_LIMIT);
                Length::Over(over.count())
            }
            Some(left) if left < 500 => Length::Near(left),
            Some(_) => Length::Fine,
        }
    }

    /// Puts what was written on its way. Gives the message if it is the only one: the others follow
    /// it one by one, so that their order holds.
    pub fn send(&mut self, id: MessageId) -> Option<Outgoing> {
        if !self.can_send() {
            return None;
        }
        let typed = self.writing().to_owned();
        // The same text again keeps its id, so that it is not sent twice.
        let again = self
            .unsure
            .take()
            .filter(|unsure| unsure.text() == typed.trim());
        let outgoing = Outgoing {
            id: again.map_or(id, |unsure| unsure.id),
            typed,
        };
        self.under_way.push_back(outgoing.clone());
        (self.under_way.len() == 1).then_some(outgoing)
    }

    /// The first message is stored: it leaves the field. Gives the next one.
    pub fn stored(&mut self, id: MessageId) -> Option<Outgoing> {
        if let Some(done) = self.under_way.pop_front_if(|first| first.id == id)
            && let Some(rest) = self.value.strip_prefix(done.typed.as_str())
        {
            self.value = rest.to_owned();
        }
        self.under_way.front().cloned()
    }

    /// It was not stored: everything stays in the field, for another try.
    pub fn failed(&mut self) {
        self.unsure = self.under_way.pop_front();
        self.under_way.clear();
    }

    /// Goes on without the field: has `store` store what is on its way, in order. When it does not, gives why, and what
    /// would stand in the field now.
    pub async fn see_through<E>(
        mut self,
        mut store: impl AsyncFnMut(&Outgoing) -> Result<(), E>,
    ) -> Result<(), (E, String)> {
        let mut next = self.under_way.front().cloned();
        while let Some(outgoing) = next {
            if let Err(why) = store(&outgoing).await {
                return Err((why, self.value));
            }
            next = self.stored(outgoing.id);
        }
        Ok(())
    }

    /// Whether something is on its way.
    pub fn is_sending(&self) -> bool {
        !self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn a_sign_is_put_where_the_person_writes() {
        assert_eq!(insert_at("ab", Some(1), "😀"), "a😀b");
        assert_eq!(insert_at("😀b", Some(2), "!"), "😀!b");
        assert_eq!(insert_at("😀b", Some(1), "!"), "😀!b", "not inside of one");
        assert_eq!(insert_at("ab", Some(9), "!"), "ab!");
        assert_eq!(insert_at("ab", None, "!"), "ab!");
    }

    fn id(byte: u8) -> MessageId {
        MessageId::from_bytes([byte; 16])
    }

    #[test]
    fn a_text_leaves_the_field_when_it_is_stored() {
        let mut field = Composer::with_draft(" hello\n");
        let sent = field.send(id(1)).unwrap();
        assert_eq!(sent.text(), "hello");
        assert_eq!(field.value, " hello\n", "not before");
        assert_eq!(field.stored(id(1)), None);
        assert_eq!(field.value, "");
        assert!(!field.is_sending());
    }

    #[test]
    fn typing_on_while_a_message_is_stored_loses_nothing_and_keeps_the_order() {
        let mut field = Composer::default();
        field.edit("one".into());
        assert_eq!(
            field.send(id(1)).map(|it| it.text().to_owned()),
            Some("one".into())
        );
        field.edit("onetwo".into());
        assert_eq!(field.writing(), "two");
        assert_eq!(field.send(id(2)), None, "waits for the first");
        field.edit("onetwothr".into());
        let second = field.stored(id(1)).unwrap();
        assert_eq!((second.id, second.text()), (id(2), "two"));
        assert_eq!(field.value, "twothr");
        assert_eq!(field.stored(id(2)), None);
        assert_eq!(field.value, "thr");
    }

    #[test]
    fn a_failure_leaves_everything_in_the_field() {
        let mut field = Composer::with_draft("one");
        field.send(id(1));
        field.edit("one two".into());
        field.send(id(2));
        field.failed();
        assert_eq!(field.value, "one two");
        assert_eq!(field.writing(), "one two");
        assert!(field.can_send());
    }

    #[test]
    fn without_the_field_messages_are_stored_in_order_and_what_is_not_comes_back() {
        let field = || {
            let mut field = Composer::with_draft("one");
            field.send(id(1));
            field.edit("one two".into());
            field.send(id(2));
            field.edit("one two thr".into());
            field
        };
        let mut asked = Vec::new();
        let seen = at_once(field().see_through(async |it| {
            asked.push((it.id, it.text().to_owned()));
            Ok::<_, ()>(())
        }));
        assert_eq!(seen, Ok(()));
        assert_eq!(
            asked,
            [(id(1), "one".to_owned()), (id(2), "two".to_owned())]
        );

        let seen = at_once(field().see_through(async |it| {
            let is_first = it.id == id(1);
            if is_first { Ok(()) } else { Err("no room") }
        }));
        assert_eq!(seen, Err(("no room", " two thr".to_owned())));
    }

    /// What comes of something that waits for nothing.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        let mut context = Context::from_waker(Waker::noop());
        match pin!(future).poll(&mut context) {
            Poll::Ready(it) => it,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn another_try_of_the_same_text_keeps_its_id() {
        let mut field = Composer::with_draft("one");
        field.send(id(1));
        field.failed();
        field.edit("one ".into());
        assert_eq!(field.send(id(2)).map(|it| it.id), Some(id(1)));
        field.failed();
        field.edit("other".into());
        assert_eq!(field.send(id(3)).map(|it| it.id), Some(id(3)));
    }

    #[test]
    fn editing_what_is_under_way_is_not_cut() {
        let mut field = Composer::with_draft("one");
        field.send(id(1));
        field.edit("none".into());
        assert_eq!(field.stored(id(1)), None);
        assert_eq!(field.value, "none");
    }

    #[test]
    fn the_limit_counts_bytes_and_ignores_blanks_around() {
        let mut field = Composer::default();
        field.edit("  \n ".into());
        assert!(!field.can_send());
        assert_eq!(field.send(id(1)), None);
        field.edit(format!("{}  ", "é".repeat(TEXT_LIMIT / 2)));
        assert_eq!(field.length(), Length::Near(0));
        assert!(field.can_send());
        field.edit("é".repeat(TEXT_LIMIT / 2 + 1));
        assert_eq!(field.length(), Length::Over(1));
        assert!(!field.can_send());
        field.edit("x".repeat(TEXT_LIMIT - 500));
        assert_eq!(field.length(), Length::Fine);
    }

    #[test]
    fn a_stored_message_that_is_not_the_first_changes_nothing() {
        let mut field = Composer::with_draft("one");
        field.send(id(1));
        assert_eq!(field.stored(id(9)).map(|it| it.id), Some(id(1)));
        assert_eq!(field.value, "one");
    }
}
