//! The live connection: who logs in, what they submit and ask for, and what is pushed to them.

use client_core::driver::Frame;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use shared_crypto::id::{DeviceId, IdentityId, MailboxId, Nonce};
use shared_crypto::live::{ClientBinary, ClientFrame, LookupReply, NodeBinary, NodeFrame, Outcome};
use shared_crypto::login::Login;
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::Signed;

use super::{Connection, Effect, Manner, OutboxRow, SimNode};

pub(super) struct Session {
    nonce: Nonce,
    pub(super) who: Option<(IdentityId, DeviceId)>,
    pushed: u64,
}

impl SimNode {
    pub fn open(&mut self, connection: Connection, rng: &mut ChaCha20Rng) -> Vec<Effect> {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let nonce = Nonce::from_bytes(nonce);
        self.sessions.insert(
            connection,
            Session {
                nonce,
                who: None,
                pushed: 0,
            },
        );
        let fingerprint = self.keys.fingerprint();
        let challenge = NodeFrame::Challenge {
            nonce,
            url: self.url.clone(),
            fingerprint,
        };
        vec![Effect::Send(connection, text(&challenge))]
    }

    pub fn lost(&mut self, connection: Connection) {
        self.sessions.remove(&connection);
    }

    pub fn frame(&mut self, connection: Connection, frame: Frame, now: u64) -> Vec<Effect> {
        match frame {
            Frame::Text(text) => match ClientFrame::parse(&text).expect("a control frame") {
                ClientFrame::Login { login } => self.login(connection, &login.0, now),
                frame => self.control(connection, frame),
            },
            Frame::Binary(bytes) => self.binary(connection, &bytes, now),
        }
    }

    fn login(&mut self, connection: Connection, bytes: &[u8], now: u64) -> Vec<Effect> {
        let Some(session) = self.sessions.get_mut(&connection) else {
            return Vec::new();
        };
        let identity = Signed::<Login>::parse(bytes)
            .expect("a login")
            .unverified()
            .identity;
        self.logins += 1;
        let Some((chain, _)) = self.accounts.get(&identity) else {
            return vec![Effect::Refuse(connection, ProblemCode::UnknownIdentity)];
        };
        let fingerprint = self.keys.fingerprint();
        let key = chain.signing_key();
        let login = Login::verify(bytes, &self.url, &fingerprint, &session.nonce, key, now);
        let Some(login) = login.ok().filter(|_| !self.turns_away) else {
            return vec![Effect::Refuse(connection, ProblemCode::KeyReplaced)];
        };
        let who = (identity, login.device);
        let cursor = *self.acknowledged.entry(who).or_default();
        session.who = Some(who);
        session.pushed = cursor;
        let mut effects = vec![Effect::Send(
            connection,
            text(&NodeFrame::Welcome {
                cursor,
                time: now,
                closing_at: self.document.closing_at,
            }),
        )];
        match self.manner {
            Manner::True => {}
            Manner::Disowns => {
                effects.push(Effect::Refuse(connection, ProblemCode::UnknownIdentity));
                return effects;
            }
            Manner::HangsUp => {
                effects.push(Effect::Close(connection));
                return effects;
            }
        }
        effects.extend(self.push(connection));
        let done: Vec<Outcome> = self
            .outbox
            .values()
            .filter(|row| (row.owner, row.device) == who)
            .filter_map(|row| {
                let code = row.outcome?;
                Some(Outcome {
                    submission: row.submission,
                    code,
                })
            })
            .collect();
        if !done.is_empty() {
            effects.push(Effect::Send(
                connection,
                text(&NodeFrame::Outcomes { items: done }),
            ));
        }
        effects.push(Effect::Send(connection, text(&NodeFrame::CaughtUp)));
        effects
    }

    fn control(&mut self, connection: Connection, frame: ClientFrame) -> Vec<Effect> {
        let Some(who) = self.who(connection) else {
            return vec![Effect::Close(connection)];
        };
        match frame {
            ClientFrame::Mailboxes {
                request,
                add,
                remove,
            } => {
                let taken = add.iter().map(|change| change.mailbox);
                let taken = taken.filter(|mailbox| self.is_taken(mailbox, &who.0));
                let mailboxes: Vec<MailboxId> = taken.collect();
                if !mailboxes.is_empty() {
                    let failed = NodeFrame::Failed {
                        request,
                        code: ProblemCode::Unauthorized,
                        detail: "taken".into(),
                        mailboxes,
                    };
                    return vec![Effect::Send(connection, text(&failed))];
                }
                for change in add {
                    self.mailboxes.insert(change.mailbox, (who.0, change.kind));
                }
                for mailbox in remove {
                    self.mailboxes.remove(&mailbox);
                }
                vec![Effect::Send(connection, text(&NodeFrame::Done { request }))]
            }
            ClientFrame::Ack { cursor } => {
                let acknowledged = self.acknowledged.entry(who).or_default();
                *acknowledged = cursor.max(*acknowledged);
                // Of a person with several devices the slowest counts.
                let devices = self
                    .acknowledged
                    .iter()
                    .filter(|((owner, _), _)| *owner == who.0);
                let seen = devices.map(|(_, cursor)| *cursor).min().unwrap_or_default();
                self.stored
                    .retain(|at, stored| stored.owner != who.0 || *at > seen);
                Vec::new()
            }
            ClientFrame::OutcomesSeen { submissions } => {
                self.outbox
                    .retain(|_, row| row.owner != who.0 || !submissions.contains(&row.submission));
                Vec::new()
            }
            ClientFrame::TombstonesSeen { .. } | ClientFrame::Login { .. } => Vec::new(),
        }
    }

    fn binary(&mut self, connection: Connection, bytes: &[u8], now: u64) -> Vec<Effect> {
        let Some(who) = self.who(connection) else {
            return vec![Effect::Close(connection)];
        };
        match ClientBinary::parse(bytes).expect("a binary frame") {
            ClientBinary::Submit {
                submission,
                node: url,
                forward_box,
            } => {
                let mut effects = Vec::new();
                let mine = |row: &OutboxRow| row.owner == who.0 && row.submission == submission;
                if !self.outbox.values().any(mine) {
                    self.rows += 1;
                    let sealed = forward_box.to_vec();
                    let row = OutboxRow {
                        owner: who.0,
                        device: who.1,
                        submission,
                        to: url.clone(),
                        sealed: sealed.clone(),
                        outcome: None,
                    };
                    self.outbox.insert(self.rows, row);
                    if url == self.url {
                        let code = self.deliver(&sealed, now, &mut effects);
                        effects.extend(self.result(self.rows, code));
                    } else {
                        effects.push(Effect::Forward {
                            row: self.rows,
                            to: url,
                            sealed,
                        });
                    }
                }
                let accepted = NodeFrame::Accepted {
                    submissions: vec![submission],
                };
                effects.insert(0, Effect::Send(connection, text(&accepted)));
                effects
            }
            ClientBinary::Lookup {
                request,
                node: url,
                sealed,
            } => {
                vec![Effect::Lookup {
                    connection,
                    request,
                    to: url,
                    sealed: sealed.to_vec(),
                }]
            }
            ClientBinary::NodeDocument { request, node: url } => {
                vec![Effect::Document {
                    connection,
                    request,
                    to: url,
                }]
            }
        }
    }

    fn who(&self, connection: Connection) -> Option<(IdentityId, DeviceId)> {
        self.sessions.get(&connection)?.who
    }

    pub(super) fn push(&mut self, connection: Connection) -> Vec<Effect> {
        let Some(session) = self.sessions.get_mut(&connection) else {
            return Vec::new();
        };
        let Some((identity, _)) = session.who else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        for (cursor, stored) in self.stored.range(session.pushed + 1..) {
            session.pushed = *cursor;
            if stored.owner != identity {
                continue;
            }
            let frame = NodeBinary::Envelope {
                cursor: *cursor,
                arrived_at: stored.arrived_at,
                mailbox: stored.mailbox,
                message_id: stored.message,
                envelope: &stored.envelope,
            };
            effects.push(Effect::Send(connection, Frame::Binary(frame.encode())));
        }
        effects
    }

    /// What became of a forward box.
    pub fn result(&mut self, row: u64, code: Option<ProblemCode>) -> Vec<Effect> {
        let Some(row) = self.outbox.get_mut(&row) else {
            return Vec::new();
        };
        row.outcome = Some(code);
        let outcome = Outcome {
            submission: row.submission,
            code,
        };
        let who = (row.owner, row.device);
        self.sessions
            .iter()
            .filter(|(_, session)| session.who == Some(who))
            .map(|(connection, _)| {
                let items = vec![outcome.clone()];
                Effect::Send(*connection, text(&NodeFrame::Outcomes { items }))
            })
            .collect()
    }
}

/// Wraps an answer for the client.
pub fn lookup_answer(request: u32, answer: &[u8]) -> Frame {
    Frame::Binary(
        NodeBinary::LookupAnswer {
            request,
            reply: LookupReply::Bytes(answer),
        }
        .encode(),
    )
}

/// Says that a lookup failed.
pub fn lookup_problem(request: u32, code: ProblemCode) -> Frame {
    let reply = LookupReply::Problem(code);
    Frame::Binary(NodeBinary::LookupAnswer { request, reply }.encode())
}

/// Wraps a document for the client.
pub fn document_answer(request: u32, document: &[u8]) -> Frame {
    Frame::Binary(
        NodeBinary::NodeDocument {
            request,
            reply: LookupReply::Bytes(document),
        }
        .encode(),
    )
}

/// Says that a document cannot be had.
pub fn document_problem(request: u32, code: ProblemCode) -> Frame {
    let reply = LookupReply::Problem(code);
    Frame::Binary(NodeBinary::NodeDocument { request, reply }.encode())
}

fn text(frame: &NodeFrame) -> Frame {
    Frame::Text(frame.to_text())
}
