//! What a person does in a conversation, apart from writing a plain text.

use shared_crypto::event::Name;

use crate::compose::Refusal;
use crate::ready::Ready;
use crate::request::{Failure, Talk};
use crate::rows::ConversationRow;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::ContactNumber;

impl Ready {
    /// Carries out a request about a conversation.
    pub(crate) async fn talk<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        what: Talk,
    ) -> Result<(), Refusal> {
        match what {
            Talk::Reply { id, text, to } => self.send_reply(turn, number, id, &text, to).await,
            Talk::React { to, sign } => self.react(turn, number, to, sign).await,
            Talk::Edit { of, text } => self.edit(turn, number, of, text).await,
            Talk::Delete { of } => self.delete(turn, number, of).await,
            Talk::Forget { of } => self.forget(turn, number, of).await,
            Talk::SetTimer { seconds } => self.set_timer(turn, number, seconds),
            Talk::Typing => self.typed(turn, number),
            Talk::Verify { number: compared } => self.verify(turn, number, &compared),
            Talk::Unverify => self.unverify(turn, number),
            Talk::Pin(on) => self.mark(turn, number, |row| row.pinned = on.then_some(true)),
            Talk::Archive(on) => self.mark(turn, number, |row| row.archived = on.then_some(true)),
            Talk::Mute { until } => self.mark(turn, number, |row| row.muted_until = until),
            Talk::Tell(on) => self.mark(turn, number, |row| row.tells = Some(on)),
            Talk::Rename(name) => self.rename(turn, number, &name),
            Talk::Clear { to } => self.clear(turn, number, to).await,
        }
    }

    /// Gives a contact a name of the person's own, or takes it back.
    fn rename<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        name: &str,
    ) -> Result<(), Refusal> {
        let name = match name.trim() {
            "" => None,
            name => Some(Name::parse(name).map_err(|_| Failure::BadName)?),
        };
        let petname = name.map(|name| name.to_string());
        let now = turn.now;
        let contact = self.contact_mut(number)?;
        if contact.row.petname != petname {
            contact.row.petname = petname;
            // The clock may have been ahead when the name of before was given.
            let before = contact.row.petname_at.unwrap_or_default();
            contact.row.petname_at = Some(now.max(before.saturating_add(1)));
            contact.save(turn);
        }
        Ok(())
    }

    fn mark<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        change: impl FnOnce(&mut ConversationRow),
    ) -> Result<(), Refusal> {
        let contact = self.contact_mut(number)?;
        change(&mut contact.conversation);
        contact.save_conversation(turn);
        turn.app_changed();
        Ok(())
    }
}
