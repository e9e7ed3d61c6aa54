//! What a person is about to do in a conversation: what the field is for, and which dialog is open.

use std::rc::Rc;

use client_core::view::{EntryView, Position};
use shared_crypto::id::MessageId;
use yew::Reducible;

/// Something done to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Try a failed message again.
    Retry(MessageId),
    /// Show what can be done with it.
    Options(Rc<EntryView>),
    /// Choose any sign for it.
    PickSign(Rc<EntryView>),
    /// Put a sign under it; empty takes the own one back.
    React(Position, String),
    /// Answer it.
    Reply(Rc<EntryView>),
    /// Change its text.
    Edit(Rc<EntryView>),
    /// Copy its text.
    Copy(String),
    /// Show what is known of it.
    Info(Rc<EntryView>),
    /// Ask whether to delete it.
    Delete(Rc<EntryView>),
    /// Go to another entry.
    Jump(Position),
    /// Compare the safety number.
    Compare,
}

/// What the field is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Writing {
    /// A message of its own.
    #[default]
    New,
    /// An answer.
    Reply(Rc<EntryView>),
    /// Another text for an own message.
    Edit(Rc<EntryView>),
}

/// Which dialog is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dialog {
    /// None.
    #[default]
    None,
    /// What can be done with an entry.
    Options(Rc<EntryView>),
    /// All signs.
    Signs(Rc<EntryView>),
    /// What is known of an entry.
    Info(Rc<EntryView>),
    /// Whether to delete an entry.
    Delete(Rc<EntryView>),
    /// The safety number.
    Safety,
}

/// What a person is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desk {
    /// What the field is for.
    pub writing: Writing,
    /// Which dialog is open.
    pub dialog: Dialog,
}

/// What changes a [`Desk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskAction {
    /// Something is done to an entry.
    Acted(Act),
    /// The dialog was closed.
    Closed,
    /// The field is for a message of its own again.
    Written,
    /// The entries are gone.
    Cleared,
}

impl Reducible for Desk {
    type Action = DeskAction;

    fn reduce(self: Rc<Self>, action: DeskAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            DeskAction::Closed => next.dialog = Dialog::None,
            DeskAction::Cleared => next = Self::default(),
            DeskAction::Written => next.writing = Writing::New,
            DeskAction::Acted(act) => {
                // Whatever was chosen in a dialog, it is done with.
                next.dialog = Dialog::None;
                match act {
                    Act::Options(entry) => next.dialog = Dialog::Options(entry),
                    Act::PickSign(entry) => next.dialog = Dialog::Signs(entry),
                    Act::Info(entry) => next.dialog = Dialog::Info(entry),
                    Act::Delete(entry) => next.dialog = Dialog::Delete(entry),
                    Act::Compare => next.dialog = Dialog::Safety,
                    Act::Reply(entry) => next.writing = Writing::Reply(entry),
                    Act::Edit(entry) => next.writing = Writing::Edit(entry),
                    Act::Retry(_) | Act::React(..) | Act::Copy(_) | Act::Jump(_) => {}
                }
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use client_core::view::{BodyView, EntryMarks};

    use super::*;

    fn entry() -> Rc<EntryView> {
        Rc::new(EntryView {
            position: 4,
            id: MessageId::from_bytes([0; 16]),
            mine: true,
            sent_at: 0,
            stored_at: 0,
            body: BodyView::Text("hi".into()),
            delivery: None,
            marks: EntryMarks::default(),
        })
    }

    #[test]
    fn an_answer_stays_begun_while_something_else_is_looked_at() {
        let actions = [
            DeskAction::Acted(Act::Options(entry())),
            DeskAction::Acted(Act::Reply(entry())),
            DeskAction::Acted(Act::Info(entry())),
            DeskAction::Closed,
        ];
        let desk = actions
            .into_iter()
            .fold(Rc::new(Desk::default()), Reducible::reduce);
        assert_eq!(desk.writing, Writing::Reply(entry()));
        assert_eq!(desk.dialog, Dialog::None);
        assert_eq!(desk.reduce(DeskAction::Written).writing, Writing::New);
    }

    #[test]
    fn what_is_chosen_closes_the_dialog_it_was_chosen_in() {
        let desk = Rc::new(Desk::default()).reduce(DeskAction::Acted(Act::Options(entry())));
        let desk = desk.reduce(DeskAction::Acted(Act::React(4, "👍".into())));
        assert_eq!(desk.dialog, Dialog::None);
    }
}
