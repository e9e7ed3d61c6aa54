//! What was begun and not sent: a message, or the change of one.

use crate::compose::Refusal;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::{ConversationRow, EditRow};
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, Position};

/// Longest draft kept, in bytes.
const MAX_DRAFT: usize = 64 * 1024;

impl Ready {
    /// Keeps what was begun, or forgets it where it is empty.
    pub(crate) fn set_draft<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        text: String,
    ) -> Result<(), Refusal> {
        check(&text)?;
        self.keep(turn, number, text, |row| &mut row.draft)
    }

    /// Keeps the change of a message that was begun, or forgets it where it is empty.
    pub(crate) async fn set_edit<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        of: Position,
        text: String,
    ) -> Result<(), Refusal> {
        check(&text)?;
        // Nothing is kept of a message that was deleted, or forgotten, while somebody typed.
        if !text.is_empty() && !self.text_at(turn, number, of).await?.mine {
            return Err(Failure::WrongState.into());
        }
        let edit = (!text.is_empty()).then_some(EditRow { of, text });
        self.keep(turn, number, edit, |row| &mut row.edit)
    }

    fn keep<S: Store, T: PartialEq>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        begun: T,
        place: fn(&mut ConversationRow) -> &mut T,
    ) -> Result<(), Refusal> {
        let contact = self.contact_mut(number)?;
        let kept = place(&mut contact.conversation);
        if *kept != begun {
            *kept = begun;
            contact.save_conversation(turn);
            turn.app_changed();
        }
        Ok(())
    }
}

fn check(text: &str) -> Result<(), Failure> {
    if text.len() > MAX_DRAFT {
        let limit = u32::try_from(MAX_DRAFT).unwrap_or(u32::MAX);
        return Err(Failure::TextTooLong { limit });
    }
    Ok(())
}
