//! The export for programs, see [`shared_crypto::export`].

use shared_crypto::export::{EXPORT_FORMAT, ExportLine, ExportWriter};
use shared_crypto::live::Base64Bytes;
use shared_crypto::record::Chain;

use super::Exported;
use crate::entry;
use crate::ready::Ready;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::BodyView;

pub(super) fn write<S: Store>(
    ready: &Ready,
    turn: &mut Turn<'_, S>,
    conversations: &[Exported],
) -> Result<String, StoreError> {
    let mut writer = ExportWriter::default();
    writer.add(&ExportLine::Head {
        format: EXPORT_FORMAT,
        identity: ready.own.identity(),
        exported_at: turn.now,
    });
    writer.add(&chain(&ready.own.chain, &ready.own.row.name));
    for exported in conversations {
        let Some(contact) = ready.contacts.get(&exported.contact) else {
            continue;
        };
        writer.add(&chain(&contact.chain, &contact.row.name));
        for (row, event) in &exported.entries {
            let shown = entry::to_view(0, row).body;
            writer.add(&ExportLine::Message {
                contact: contact.identity(),
                mine: row.mine,
                sent_at: row.sent_at,
                text: row.text.clone().filter(|_| entry::is_text(row)),
                note: note(&shown).map(str::to_owned),
                edited: row.edited_at.is_some(),
                event: event.as_ref().map(|event| Base64Bytes(event.0.clone())),
            });
        }
    }
    writer
        .seal(&ready.own.signing, turn.rng)
        .map_err(|_| StoreError::Damaged("identity"))
}

fn chain(chain: &Chain, name: &str) -> ExportLine {
    ExportLine::Chain {
        identity: chain.identity(),
        name: name.to_owned(),
        records: chain
            .records()
            .iter()
            .map(|record| Base64Bytes(record.clone()))
            .collect(),
    }
}

/// A stable word for what is no text.
pub(super) fn note(body: &BodyView) -> Option<&'static str> {
    Some(match body {
        BodyView::Text(_) => return None,
        BodyView::Gap { .. } => "gap",
        BodyView::NeedsNewerVersion { .. } => "needs_newer_version",
        BodyView::Connected => "connected",
        BodyView::Broken => "broken",
        BodyView::CannotOpen => "cannot_open",
        _ => "notice",
    })
}
