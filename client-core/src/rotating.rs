//! Replacing our own signing and sealing keys: by choice, signed by the old key, or by the recovery phrase.

use shared_crypto::cbor::Bytes;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::ContactLink;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, RecordChanges};
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;
use shared_crypto::time::DAY;

use crate::contact::Contact;
use crate::driver::{Action, Call};
use crate::offer;
use crate::own::Own;
use crate::ready::Ready;
use crate::recovering::{Recovered, Recovery, Wanted};
use crate::request::{Answer, Failure, Secret};
use crate::rows::OldKeyRow;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis, NodeStep};

/// A rotation that waits for its keys.
pub(crate) struct Rotation {
    call: Call,
    signing: Option<Box<SigningKeyPair>>,
}

impl Own {
    /// Signs a record that replaces both keys, and goes on with the new ones. It is dated after what was said with
    /// the old ones, even if the clock went back since: contacts take nothing of a replaced key that is newer.
    fn rotate<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
        spoke_at: Millis,
    ) -> Result<(), Failure> {
        let changes = RecordChanges {
            signing_key: Some(signing.public().clone()),
            sealing_key: Some(sealing.public().clone()),
            ..RecordChanges::default()
        };
        let now = spoke_at.clamp(turn.now, turn.now.saturating_add(DAY));
        let mut chain = self.chain.clone();
        chain
            .append_update(changes, &self.signing, now, turn.rng)
            .map_err(|error| internal(&error))?;
        self.take_keys(turn, chain, signing, sealing)?;
        self.refresh_anew(turn);
        Ok(())
    }

    /// Goes on with other keys, which the chain names. What was sealed to the old one can still be opened for a while.
    fn take_keys<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        chain: Chain,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
    ) -> Result<(), Failure> {
        let new_signing = signing.to_pkcs8().map_err(|error| internal(&error))?;
        let new_sealing = sealing.to_pkcs8().map_err(|error| internal(&error))?;
        let old = OldKeyRow {
            key: core::mem::replace(&mut self.row.sealing, Bytes(new_sealing.to_vec())),
            replaced_at: turn.now,
        };
        self.row.old_sealing.get_or_insert_default().push(old);
        self.row.signing = Bytes(new_signing.to_vec());
        self.signing = signing;
        self.sealing = sealing;
        self.chain = chain;
        self.row.records = self.records();
        self.row.locked_out = None;
        self.row.superseded = None;
        self.save(turn);
        turn.app_changed();
        Ok(())
    }

    /// Goes on with what a recovery made.
    fn take_back<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        recovered: Recovered,
    ) -> Result<(), Failure> {
        let Recovered {
            signing,
            sealing,
            chain,
            package,
            keys,
            phrase,
            ..
        } = recovered;
        self.take_keys(turn, chain, signing, sealing)?;
        self.row.entropy = Bytes(phrase.entropy().to_vec());
        self.row.recovering = Some(true);
        self.save(turn);
        self.replace_package(turn, package, keys);
        Ok(())
    }

    /// Takes a key package that was made elsewhere in the place of the newest one.
    fn replace_package<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        package: Verified<KeyPackage>,
        keys: ReceiveKeyPair,
    ) {
        if self.has_epoch(package.epoch) {
            // One of ours was replaced meanwhile.
            self.refresh_anew(turn);
        } else {
            self.retire_packages(turn);
            self.add_package(turn, package, keys);
        }
    }
}

impl Ready {
    /// When we said something last, to anybody.
    fn spoke_at(&self) -> Millis {
        let contacts = self.contacts.values();
        let times = contacts.filter_map(|contact| contact.conversation.spoke_at);
        times.max().unwrap_or_default()
    }

    /// Asks for new keys.
    pub(crate) fn rotate_keys<S: Store>(&mut self, turn: &mut Turn<'_, S>, call: Call) {
        if self.rotation.is_some() || self.recovery.is_some() {
            return turn.fail(call, Failure::WrongState);
        }
        self.rotation = Some(Rotation {
            call,
            signing: None,
        });
        turn.act(Action::MakeSigningKey);
    }

    /// A signing key pair is made.
    pub(crate) fn signing_key<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        keys: Box<SigningKeyPair>,
    ) {
        if let Some(recovery) = self.recovery.take() {
            let progress = recovery.signing_key(turn, keys);
            return self.recovery_went_on(turn, progress);
        }
        if let Some(rotation) = &mut self.rotation {
            rotation.signing = Some(keys);
            turn.act(Action::MakeSealingKey);
        }
    }

    /// A sealing key pair is made.
    pub(crate) async fn sealing_key<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        keys: SealingKeyPair,
    ) -> Result<(), StoreError> {
        if let Some(recovery) = self.recovery.take() {
            let progress = recovery.sealing_key(turn, keys);
            self.recovery_went_on(turn, progress);
            // What was on its way is kept for later in the same turn.
            return self.advance(turn).await;
        }
        let Some(Rotation {
            call,
            signing: Some(signing),
        }) = self.rotation.take()
        else {
            return Ok(());
        };
        match self.own.rotate(turn, *signing, keys, self.spoke_at()) {
            Ok(()) => {
                self.tell_everybody(turn);
                turn.answer(call, Answer::Done);
            }
            Err(failure) => turn.fail(call, failure),
        }
        self.advance(turn).await
    }

    /// Our nodes get the new record, and contacts a new half of the pair secret.
    fn tell_everybody<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.tell_homes(turn);
        let known: Vec<ContactNumber> = self
            .contacts
            .values()
            .filter(|contact| {
                matches!(
                    contact.state(),
                    ContactState::Accepted | ContactState::Asked
                )
            })
            .map(|contact| contact.number)
            .collect();
        for number in known {
            // A contact whose state does not allow it is told with the next message.
            if self.reintroduce(turn, number).is_err() {
                continue;
            }
        }
    }

    /// We used the recovery phrase. Contacts who learn of it answer to nothing from before it, so what is said to
    /// them waits until they have answered to what is said first: who we are now.
    fn wait_for_answers<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let talking = |contact: &&mut Contact| {
            matches!(
                contact.state(),
                ContactState::Accepted | ContactState::Asked
            )
        };
        let mut waiting = Vec::new();
        for contact in self.contacts.values_mut().filter(talking) {
            contact.set_state(ContactState::Asked);
            contact.save(turn);
            waiting.push(contact.number);
        }
        for number in waiting {
            self.keep_unsent(turn, number);
        }
    }

    /// Begins to take our own identity back: new keys, and what we know stays.
    pub(crate) fn begin_recovery<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        phrase: &Secret,
        passphrase: &Secret,
        from: &str,
    ) {
        if self.is_recovering() && self.recovery.is_none() {
            return self.offer_recovery_again(turn, call, phrase);
        }
        let begun = self
            .wanted(phrase, passphrase, from, turn.now)
            .and_then(|wanted| Recovery::begin(turn, call, wanted));
        match begun {
            Ok(recovery) => {
                self.recovery = Some(Box::new(recovery));
                self.recovery_call = Some(call);
            }
            Err(failure) => turn.fail(call, failure),
        }
    }

    /// Our own identity, and every node that may know something of it.
    fn wanted(
        &self,
        phrase: &Secret,
        passphrase: &Secret,
        from: &str,
        now: Millis,
    ) -> Result<Wanted, Failure> {
        if self.recovery.is_some() || self.rotation.is_some() {
            return Err(Failure::WrongState);
        }
        let identity = self.own.identity();
        let mut nodes: Vec<NodeUrl> = Vec::new();
        let mut mark = None;
        if let Ok(link) = ContactLink::parse(from) {
            if link.identity != identity {
                return Err(Failure::IdentityExists);
            }
            mark = Some((link.node.clone(), link.node_mark));
            nodes.push(link.node);
        } else if !from.trim().is_empty() {
            nodes.push(offer::parse_node(from).map_err(|_| Failure::BadOrigin)?);
        }
        // The copy that locked this one out may have gone elsewhere.
        let superseded = self.own.row.superseded.as_ref();
        let superseded = superseded.and_then(|records| {
            let records: Vec<&[u8]> = records.iter().map(|record| record.0.as_slice()).collect();
            Chain::verify(&records).ok()
        });
        let chains = core::iter::once(&self.own.chain).chain(&superseded);
        let listed = chains.flat_map(Chain::delivery);
        nodes.extend(self.homes.chosen_first());
        nodes.extend(listed.map(|entry| entry.node.clone()));
        if !self.vault.opens_with(passphrase) {
            return Err(Failure::WrongPassphrase);
        }
        Ok(Wanted {
            identity,
            nodes,
            mark,
            known: Some(self.own.chain.clone()),
            superseded,
            epoch: self.own.free_epoch(now),
            phrase: phrase.clone(),
            passphrase: passphrase.clone(),
            name: self.own.row.name.clone(),
        })
    }

    /// A recovery in a client that has its conversations.
    pub(crate) fn recovery_went_on<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        progress: crate::recovering::Progress,
    ) {
        use crate::recovering::Progress;
        turn.app_changed();
        match progress {
            Progress::Going(recovery) => self.recovery = Some(recovery),
            Progress::Failed(failure) => {
                if let Some(call) = self.recovery_call.take() {
                    turn.fail(call, failure);
                }
            }
            Progress::Made(recovered) => {
                if let Err(failure) = self.take_up(turn, *recovered)
                    && let Some(call) = self.recovery_call.take()
                {
                    turn.fail(call, failure);
                }
            }
        }
    }

    /// Goes on with what a recovery made, and tells everybody.
    fn take_up<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        recovered: Recovered,
    ) -> Result<(), Failure> {
        let passphrase = recovered.passphrase.clone();
        let (node, retention) = (recovered.node.clone(), recovered.retention);
        self.own.take_back(turn, recovered)?;
        if let Some(phrase) = self.phrase() {
            let nodes = self.own.chain.delivery().iter();
            let nodes = nodes.map(|entry| entry.node.to_string());
            self.vault.renew(turn, &phrase, &passphrase, nodes);
        }
        // Mail does not go back by itself to where it was not to be left any more.
        self.homes
            .unchoose(turn, |home| home.step() == NodeStep::Draining);
        self.list_homes(turn, &node, retention);
        for home in self.homes.iter_mut() {
            home.live.shut(turn);
            home.row.head = None;
            if home.step() != NodeStep::Leaving {
                home.row.problem = None;
            }
            home.ask_anew();
            home.save(turn);
        }
        self.wait_for_answers(turn);
        self.tell_everybody(turn);
        Ok(())
    }
}

fn internal(error: &dyn core::fmt::Display) -> Failure {
    Failure::Internal {
        detail: error.to_string(),
    }
}
