//! Hands what the engine says about entries to whoever shows them.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::view::{ContactNumber, EntryView, Position};
use yew::Callback;

/// What happened to the entries of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadEvent {
    /// An engine took over: what is shown may have missed something.
    TakenOver,
    /// Entries are new or changed.
    Entries {
        /// In which conversation.
        contact: ContactNumber,
        /// The entries, oldest first.
        entries: Vec<EntryView>,
    },
    /// What was in a conversation is gone.
    Cleared(ContactNumber),
    /// Somebody wants to see an entry: whoever shows its conversation takes it from [`Hub::take_sought`].
    Sought,
}

/// The place where they meet; the same for the life of the page.
#[derive(Clone, Default)]
pub struct Hub(Rc<RefCell<Slots>>);

#[derive(Default)]
struct Slots {
    last: u32,
    sought: Option<(ContactNumber, Position)>,
    listeners: Vec<(u32, Callback<ThreadEvent>)>,
}

/// Ends when dropped.
pub struct Subscription {
    hub: Hub,
    number: u32,
}

impl PartialEq for Hub {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Hub {
    /// Hears everything from now on, until the subscription is dropped.
    #[must_use]
    pub fn subscribe(&self, listener: Callback<ThreadEvent>) -> Subscription {
        let mut slots = self.0.borrow_mut();
        slots.last = slots.last.wrapping_add(1);
        let number = slots.last;
        slots.listeners.push((number, listener));
        Subscription {
            hub: self.clone(),
            number,
        }
    }

    /// Has an entry shown, now or when its conversation is opened.
    pub fn seek(&self, contact: ContactNumber, position: Position) {
        self.0.borrow_mut().sought = Some((contact, position));
        self.tell(&ThreadEvent::Sought);
    }

    /// The entry of a conversation that is to be shown, once.
    pub fn take_sought(&self, contact: ContactNumber) -> Option<Position> {
        let mut slots = self.0.borrow_mut();
        let (_, position) = slots.sought.take_if(|(of, _)| *of == contact)?;
        Some(position)
    }

    /// Tells everybody.
    pub fn tell(&self, event: &ThreadEvent) {
        // A listener may subscribe or leave while it hears.
        let listeners = self.0.borrow().listeners.clone();
        for (_, listener) in listeners {
            listener.emit(event.clone());
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let number = self.number;
        self.hub
            .0
            .borrow_mut()
            .listeners
            .retain(|(known, _)| *known != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_left_hears_nothing() {
        let heard = Rc::new(RefCell::new(0));
        let counts = heard.clone();
        let hub = Hub::default();
        let subscription = hub.subscribe(Callback::from(move |_| *counts.borrow_mut() += 1));
        hub.tell(&ThreadEvent::TakenOver);
        drop(subscription);
        hub.tell(&ThreadEvent::TakenOver);
        assert_eq!(*heard.borrow(), 1);
    }
}
