//! Conversations in one readable file: for people as a page, for programs as lines with the signatures.

mod html;
mod lines;

use shared_crypto::cbor::Bytes;

use crate::ready::Ready;
use crate::request::ExportFormat;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, key};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, FileView, Position};

/// One conversation as it is stored.
struct Exported {
    contact: ContactNumber,
    entries: Vec<(EntryRow, Option<Bytes>)>,
}

impl Ready {
    /// All conversations in one file.
    pub(crate) async fn export<S: Store>(
        &self,
        turn: &mut Turn<'_, S>,
        format: &ExportFormat,
    ) -> Result<FileView, StoreError> {
        let mut conversations = Vec::new();
        for contact in self.contacts.keys() {
            let entries = self.exported(turn, *contact).await?;
            if !entries.is_empty() {
                conversations.push(Exported {
                    contact: *contact,
                    entries,
                });
            }
        }
        Ok(match format {
            ExportFormat::Html(words) => FileView {
                name: "zechat-conversations.html".to_owned(),
                media_type: "text/html".to_owned(),
                bytes: html::page(self, &conversations, words).into_bytes(),
            },
            ExportFormat::JsonLines => FileView {
                name: "zechat-conversations.jsonl".to_owned(),
                media_type: "application/jsonl".to_owned(),
                bytes: lines::write(self, turn, &conversations)?.into_bytes(),
            },
        })
    }

    async fn exported<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        contact: ContactNumber,
    ) -> Result<Vec<(EntryRow, Option<Bytes>)>, StoreError> {
        let all = key::entries(contact, 0, Position::MAX);
        let rows = turn
            .scan::<EntryRow>(&all, Order::Ascending, usize::MAX)
            .await?;
        let mut entries = Vec::new();
        for (_, row) in rows {
            let by = if row.mine { By::Us } else { By::Them };
            let event = turn
                .get::<EventRow>(&key::message(contact, by, &row.id))
                .await?;
            entries.push((row, event.map(|row| row.event)));
        }
        Ok(entries)
    }
}
