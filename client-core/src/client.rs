//! The client: what a driver talks to. See [`crate::driver`] for the contract.

use rand_core::CryptoRng;
#[cfg(feature = "inspection")]
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::link::ContactLink;

use crate::creation::{Creation, Progress};
use crate::driver::{Action, Call, Event, Output};
use crate::own::Own;
use crate::ready::Ready;
use crate::recovering::{self, Recovery, Wanted};
use crate::request::{Answer, Failure, Request, Secret, Update};
use crate::store::{Store, StoreError};
use crate::turn::{Finished, Turn};
use crate::vault::JITTER;
use crate::vault::journal::{self, Sequence};
use crate::vault::restore::{Purpose, Restore, RestoreProgress, import};
use crate::view::{AppView, Millis, StageView};

/// A client over a store.
///
/// One call at a time. After a failure of the store, [`Client::broken`] is true: drop the client and open it
/// again; what it had not made durable has not left it.
pub struct Client<S> {
    store: S,
    stage: Stage,
    broken: bool,
    wake_at: Option<Millis>,
    /// The number that the next commit is noted under for the vault.
    sequence: Sequence,
}

enum Stage {
    Empty,
    Creating(Creation),
    /// Then the identity is taken back, if that was asked for.
    Restoring(Box<Restore>, Option<Box<TakeBack>>),
    Recovering(Box<Recovery>),
    Ready(Box<Ready>),
}

impl<S: Store> Client<S> {
    /// Reads what is stored and begins to connect.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails or holds a damaged row.
    pub async fn open(
        store: S,
        now: Millis,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Self, Output), StoreError> {
        let mut turn = Turn::new(&store, now, rng);
        let sequence = journal::next(&turn).await?;
        turn.note_changes(sequence);
        let stage = match Own::load(&mut turn).await? {
            None => Stage::Empty,
            Some(own) => {
                let mut ready = Ready::load(&mut turn, own).await?;
                ready.expire(&mut turn).await?;
                ready.begin(&mut turn);
                Stage::Ready(Box::new(ready))
            }
        };
        turn.app_changed();
        let finished = turn.finish().await?;
        let mut client = Self {
            store,
            stage,
            broken: false,
            wake_at: None,
            sequence,
        };
        let output = client.complete(finished, now, rng);
        Ok((client, output))
    }

    /// Whether the store failed: drop this client and open it again.
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// The projection for the page.
    pub fn view(&self) -> AppView {
        match &self.stage {
            Stage::Ready(ready) => ready.app_view(),
            Stage::Empty => AppView {
                stage: StageView::NoIdentity,
                ..AppView::default()
            },
            Stage::Creating(creation) => AppView {
                stage: StageView::Creating(creation.step()),
                ..AppView::default()
            },
            Stage::Restoring(restore, _) => AppView {
                stage: StageView::Restoring(restore.step()),
                ..AppView::default()
            },
            Stage::Recovering(recovery) => AppView {
                stage: StageView::Recovering(recovery.step()),
                ..AppView::default()
            },
        }
    }

    /// Number and hash of the newest record that is believed of each identity: of our own, then of every contact.
    #[cfg(feature = "inspection")]
    pub fn heads(&self) -> Vec<(IdentityId, u64, Hash)> {
        let Stage::Ready(ready) = &self.stage else {
            return Vec::new();
        };
        let contacts = ready.contacts.values().map(|contact| &contact.chain);
        core::iter::once(&ready.own.chain)
            .chain(contacts)
            .map(|chain| (chain.identity(), chain.number(), chain.head()))
            .collect()
    }

    /// Takes a request of the page. Its answer comes in this output or a later one.
    pub async fn request(
        &mut self,
        call: Call,
        request: Request,
        now: Millis,
        rng: &mut dyn CryptoRng,
    ) -> Output {
        let mut turn = Turn::new(&self.store, now, rng);
        turn.note_changes(self.sequence);
        let result = match &mut self.stage {
            Stage::Ready(ready) => ready.request(&mut turn, call, request).await,
            stage if is_restore(&request) => restore(&mut turn, stage, call, request).await,
            stage => {
                request_without_identity(&mut turn, stage, call, request);
                Ok(())
            }
        };
        let finished = match result {
            Ok(()) => turn.finish().await,
            Err(error) => Err(error),
        };
        match finished {
            Ok(finished) => self.complete(finished, now, rng),
            Err(error) => {
                self.broken = true;
                let failure = match error {
                    StoreError::Full => Failure::NoRoom,
                    error => Failure::Storage {
                        detail: error.to_string(),
                    },
                };
                Output {
                    answers: vec![(call, Answer::Failed(failure))],
                    ..Output::default()
                }
            }
        }
    }

    /// Takes what happened.
    pub async fn event(&mut self, event: Event, now: Millis, rng: &mut dyn CryptoRng) -> Output {
        if matches!(event, Event::Wake) {
            self.wake_at = None;
        }
        let mut turn = Turn::new(&self.store, now, rng);
        turn.note_changes(self.sequence);
        let stage = core::mem::replace(&mut self.stage, Stage::Empty);
        let result = match stage {
            Stage::Ready(mut ready) => {
                let result = happened(&mut turn, &mut ready, event).await;
                self.stage = Stage::Ready(ready);
                result
            }
            Stage::Creating(creation) => {
                let call = creation.call;
                self.stage = match advance_creation(&mut turn, creation, event) {
                    Progress::Going(creation) => Stage::Creating(creation),
                    Progress::Failed(failure) => {
                        turn.fail(call, failure);
                        turn.app_changed();
                        Stage::Empty
                    }
                    Progress::Made(own, retention) => {
                        let mut ready = Ready::new(*own);
                        let node = ready.own.home().node.clone();
                        ready.settle_in(&mut turn, &node, retention);
                        turn.answer(call, Answer::Done);
                        Stage::Ready(Box::new(ready))
                    }
                };
                Ok(())
            }
            Stage::Restoring(restore, then) => match event {
                Event::Http { call: http, answer } => {
                    let call = restore.call;
                    let progress = restore.http(&mut turn, http, answer);
                    let settled = settle_restore(&mut turn, call, progress, then).await;
                    settled.map(|stage| self.stage = stage)
                }
                _ => {
                    self.stage = Stage::Restoring(restore, then);
                    Ok(())
                }
            },
            Stage::Recovering(recovery) => {
                let call = recovery.call;
                self.stage = match advance_recovery(&mut turn, *recovery, event) {
                    recovering::Progress::Going(recovery) => Stage::Recovering(recovery),
                    recovering::Progress::Failed(failure) => {
                        turn.fail(call, failure);
                        turn.app_changed();
                        Stage::Empty
                    }
                    recovering::Progress::Made(recovered) => {
                        let (node, retention) = (recovered.node.clone(), recovered.retention);
                        let passphrase = recovered.passphrase.clone();
                        match recovered.settle(&mut turn) {
                            Ok(own) => {
                                let mut ready = Ready::new(own);
                                if let Some(phrase) = ready.phrase() {
                                    let nobody = core::iter::empty();
                                    ready.vault.renew(&mut turn, &phrase, &passphrase, nobody);
                                }
                                ready.list_homes(&mut turn, &node, retention);
                                ready.recovery_call = Some(call);
                                ready.tell_homes(&mut turn);
                                turn.app_changed();
                                Stage::Ready(Box::new(ready))
                            }
                            Err(failure) => {
                                turn.fail(call, failure);
                                Stage::Empty
                            }
                        }
                    }
                };
                Ok(())
            }
            Stage::Empty => Ok(()),
        };
        let finished = match result {
            Ok(()) => turn.finish().await,
            Err(error) => Err(error),
        };
        match finished {
            Ok(finished) => self.complete(finished, now, rng),
            Err(_) => {
                self.broken = true;
                Output::default()
            }
        }
    }

    /// Adds what follows from the state as a whole: the projection and the next wake.
    fn complete(&mut self, finished: Finished, now: Millis, rng: &mut dyn CryptoRng) -> Output {
        let Finished {
            mut output,
            app_changed,
            noted,
        } = finished;
        if noted {
            self.sequence = self.sequence.saturating_add(1);
            if let Stage::Ready(ready) = &mut self.stage {
                let jitter = rng.next_u64().checked_rem(JITTER).unwrap_or_default();
                ready.vault.changed(now, jitter);
            }
        }
        if app_changed {
            output.updates.push(Update::App(self.view()));
        }
        if let Stage::Ready(ready) = &self.stage
            && let Some(at) = ready.wake_at(now)
            && self.wake_at != Some(at)
        {
            self.wake_at = Some(at);
            output.actions.push(Action::WakeAt(at));
        }
        output
    }
}

fn request_without_identity<S: Store>(
    turn: &mut Turn<'_, S>,
    stage: &mut Stage,
    call: Call,
    request: Request,
) {
    match (request, &*stage) {
        (Request::App, Stage::Creating(creation)) => {
            let stage = StageView::Creating(creation.step());
            turn.answer(
                call,
                Answer::App(AppView {
                    stage,
                    ..AppView::default()
                }),
            );
        }
        (Request::App, Stage::Recovering(recovery)) => {
            let stage = StageView::Recovering(recovery.step());
            turn.answer(
                call,
                Answer::App(AppView {
                    stage,
                    ..AppView::default()
                }),
            );
        }
        (Request::App, _) => {
            let stage = StageView::NoIdentity;
            turn.answer(
                call,
                Answer::App(AppView {
                    stage,
                    ..AppView::default()
                }),
            );
        }
        (Request::CreateIdentity { name, node }, Stage::Empty) => {
            match Creation::begin(turn, call, &name, node.as_deref()) {
                Ok(creation) => *stage = Stage::Creating(creation),
                Err(failure) => turn.fail(call, failure),
            }
        }
        (Request::CreateIdentity { .. }, _) => turn.fail(call, Failure::WrongState),
        (Request::Reconnect, _) => turn.answer(call, Answer::Done),
        _ => turn.fail(call, Failure::NoIdentity),
    }
}

fn is_restore(request: &Request) -> bool {
    matches!(
        request,
        Request::Restore { .. } | Request::ImportBackup { .. } | Request::Recover { .. }
    )
}

/// An identity that is taken back once its vault was restored.
struct TakeBack {
    phrase: Secret,
    passphrase: Secret,
    from: String,
}

/// Takes an identity back without its vault, because the person says so: the link says whose it is.
fn without_vault<S: Store>(
    turn: &mut Turn<'_, S>,
    call: Call,
    take_back: TakeBack,
    name: String,
) -> Result<Recovery, Failure> {
    let link = ContactLink::parse(&take_back.from).map_err(|_| Failure::BadLink)?;
    let wanted = Wanted {
        identity: link.identity,
        mark: Some((link.node.clone(), link.node_mark)),
        nodes: vec![link.node],
        known: None,
        superseded: None,
        epoch: 1,
        phrase: take_back.phrase,
        passphrase: take_back.passphrase,
        name,
    };
    Recovery::begin(turn, call, wanted)
}

async fn restore<S: Store>(
    turn: &mut Turn<'_, S>,
    stage: &mut Stage,
    call: Call,
    request: Request,
) -> Result<(), StoreError> {
    if !matches!(stage, Stage::Empty) {
        turn.fail(call, Failure::WrongState);
        return Ok(());
    }
    let mut then = None;
    let begun = match request {
        Request::Restore {
            phrase,
            passphrase,
            from,
        } => Restore::begin(turn, call, &phrase, &passphrase, &from, Purpose::Restore),
        Request::Recover {
            phrase,
            passphrase,
            from,
            name,
            without_vault: is_without,
        } => {
            let take_back = TakeBack {
                phrase,
                passphrase,
                from,
            };
            if is_without {
                match without_vault(turn, call, take_back, name) {
                    Ok(recovery) => *stage = Stage::Recovering(Box::new(recovery)),
                    Err(failure) => turn.fail(call, failure),
                }
                return Ok(());
            }
            let TakeBack {
                phrase,
                passphrase,
                from,
            } = &take_back;
            let begun = Restore::begin(turn, call, phrase, passphrase, from, Purpose::TakeBack);
            then = Some(Box::new(take_back));
            begun
        }
        Request::ImportBackup {
            file,
            phrase,
            passphrase,
        } => import(turn, &file, &phrase, &passphrase),
        _ => Err(Failure::NoIdentity),
    };
    let progress = begun.unwrap_or_else(RestoreProgress::Failed);
    *stage = settle_restore(turn, call, progress, then).await?;
    Ok(())
}

/// Makes the stage of how a restore goes on.
async fn settle_restore<S: Store>(
    turn: &mut Turn<'_, S>,
    call: Call,
    progress: RestoreProgress,
    then: Option<Box<TakeBack>>,
) -> Result<Stage, StoreError> {
    turn.app_changed();
    let failure = match progress {
        RestoreProgress::Going(restore) => return Ok(Stage::Restoring(restore, then)),
        RestoreProgress::Failed(failure) => failure,
        RestoreProgress::Done => match load(turn).await {
            Ok(Some(mut ready)) => {
                match then {
                    Some(then) => {
                        // Whoever wrote the vault chose them, and may have been a thief.
                        ready.homes.unchoose(turn, |_| true);
                        // If it does not come to an end, this is a copy like any other.
                        ready.outdated(turn);
                        ready.begin_recovery(
                            turn,
                            call,
                            &then.phrase,
                            &then.passphrase,
                            &then.from,
                        );
                    }
                    None => {
                        ready.outdated(turn);
                        ready.ask_again(turn);
                        turn.answer(call, Answer::Done);
                    }
                }
                return Ok(Stage::Ready(Box::new(ready)));
            }
            // What was downloaded is not what this version stores.
            Ok(None) | Err(StoreError::Damaged(_)) => Failure::VaultDamaged,
            Err(error) => return Err(error),
        },
    };
    // Never without the vault by itself, even if all nodes that are known say that there is none: what is in it could not
    // be brought in later, and who hides it may hide the records that name the others.
    turn.discard();
    turn.fail(call, failure);
    Ok(Stage::Empty)
}

async fn load<S: Store>(turn: &mut Turn<'_, S>) -> Result<Option<Ready>, StoreError> {
    let Some(own) = Own::load(turn).await? else {
        return Ok(None);
    };
    let mut ready = Ready::load(turn, own).await?;
    ready.expire(turn).await?;
    ready.carry_out_blocks(turn).await?;
    ready.begin(turn);
    Ok(Some(ready))
}

fn advance_creation<S: Store>(
    turn: &mut Turn<'_, S>,
    creation: Creation,
    event: Event,
) -> Progress {
    match event {
        Event::Http { answer, .. } => creation.http(turn, answer),
        Event::SigningKey(keys) => Progress::Going(creation.signing_key(turn, keys)),
        Event::SealingKey(keys) => creation.sealing_key(turn, keys),
        _ => Progress::Going(creation),
    }
}

fn advance_recovery<S: Store>(
    turn: &mut Turn<'_, S>,
    recovery: Recovery,
    event: Event,
) -> recovering::Progress {
    match event {
        Event::Http { call, answer } => recovery.http(turn, call, answer),
        Event::SigningKey(keys) => recovery.signing_key(turn, keys),
        Event::SealingKey(keys) => recovery.sealing_key(turn, *keys),
        _ => recovering::Progress::Going(Box::new(recovery)),
    }
}

async fn happened<S: Store>(
    turn: &mut Turn<'_, S>,
    ready: &mut Ready,
    event: Event,
) -> Result<(), StoreError> {
    match event {
        Event::Frames(node, frames) => ready.frames(turn, &node, frames).await,
        Event::Closed(node, reason) => {
            ready.closed(turn, &node, reason.as_ref());
            ready.advance(turn).await
        }
        Event::Http { call, answer } => {
            if let Some(answer) = ready.vault_answered(turn, call, answer).await? {
                ready.http(turn, call, answer);
            }
            ready.advance(turn).await
        }
        Event::Wake => ready.wake(turn).await,
        Event::SigningKey(keys) => {
            ready.signing_key(turn, keys);
            Ok(())
        }
        Event::SealingKey(keys) => ready.sealing_key(turn, *keys).await,
        _ => Ok(()),
    }
}
