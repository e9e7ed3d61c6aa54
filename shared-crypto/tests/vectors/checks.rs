//! What each family means, in terms of the public API.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Debug;

use data_encoding::HEXLOWER;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{SeedableRng, TryCryptoRng, TryRng};
use serde_json::{Value, json};
use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::{self, walk};
use shared_crypto::envelope::{
    CannotOpen, PairSecret, open_acceptance, open_first_contact, open_lane,
};
use shared_crypto::event::{Body, Content, Event, Name};
use shared_crypto::forward::open_forward;
use shared_crypto::hash::{derive, hash, sha256};
use shared_crypto::id::{Hash, IdentityId, MailboxId, MessageId, NodeFingerprint, Nonce};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, NodeInvite};
use shared_crypto::live::{ClientBinary, ClientFrame, NodeBinary, NodeFrame};
use shared_crypto::login::Login;
use shared_crypto::lookup::{open_lookup, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResults, PeerRequest};
use shared_crypto::postage::Postage;
use shared_crypto::record::{Chain, ChainOrder};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningPublicKey};
use shared_crypto::safety_number::safety_number as digits;
use shared_crypto::signed::Signed;

pub use crate::exports::export;
use crate::input::Input;
pub use crate::locks::lock;
pub use crate::vaults::vault;

type Outcome = Result<Value, String>;

fn named(error: impl Debug) -> String {
    format!("{error:?}")
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(HEXLOWER.encode(bytes.as_ref()))
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// A generator that gives these bytes and then no more.
struct Given(Vec<u8>);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("nothing but bytes is drawn")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("nothing but bytes is drawn")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl TryCryptoRng for Given {}

fn signer(input: &Input<'_>) -> SigningPublicKey {
    SigningPublicKey::from_modulus(&input.bytes("signer")).unwrap()
}

pub fn encoding(input: &Input<'_>) -> Outcome {
    walk(&input.bytes("bytes"))
        .map(|()| json!({}))
        .map_err(named)
}

pub fn hashing(input: &Input<'_>) -> Outcome {
    let (namespace, bytes) = (input.text("namespace"), input.bytes("bytes"));
    let digest = hash(namespace, &bytes);
    let derived = derive::<76>(namespace, &bytes, &digest);
    Ok(json!({"hash": hex(digest.as_bytes()), "derived": hex(*derived)}))
}

pub fn link(input: &Input<'_>) -> Outcome {
    if input.has("invite") {
        let invite = NodeInvite::parse(input.text("invite")).map_err(named)?;
        return Ok(json!({
            "node": invite.node.to_string(),
            "node_mark": hex(invite.node_mark),
            "token": hex(invite.token),
        }));
    }
    let link = ContactLink::parse(input.text("link")).map_err(named)?;
    let mut read = json!({
        "node": link.node.to_string(),
        "identity": hex(link.identity.as_bytes()),
        "node_mark": hex(link.node_mark),
        "invite": link.invite.map(hex),
    });
    // Cases that are older than passes do not name them.
    if let Some(pass) = link.pass {
        read["pass"] = json!(hex(pass.as_bytes()));
    }
    Ok(read)
}

pub fn postage(input: &Input<'_>) -> Outcome {
    let postage = Postage::from_bytes(&input.array("postage")).map_err(named)?;
    let mailbox = MailboxId::from_bytes(input.array("mailbox"));
    let id = MessageId::from_bytes(input.array("message_id"));
    let bits = u32::try_from(input.number("bits")).unwrap();
    let is_enough = postage.verify(&mailbox, &id, &input.bytes("envelope"), bits);
    if is_enough {
        Ok(json!({}))
    } else {
        Err("NotEnough".into())
    }
}

pub fn recovery(input: &Input<'_>) -> Outcome {
    let phrase = RecoveryPhrase::parse(input.text("words")).map_err(named)?;
    assert_eq!(phrase.words().as_str(), input.text("words"));
    Ok(json!({
        "entropy": hex(phrase.entropy()),
        "recovery_seed": hex(*phrase.recovery_key().to_seed()),
        "recovery_public": hex(phrase.recovery_key().public().as_bytes()),
        "commitment": hex(phrase.commitment().as_bytes()),
        "vault_half": hex(*phrase.vault_half()),
    }))
}

pub fn safety_number(input: &Input<'_>) -> Outcome {
    let side = |identity: &str, key: &str| {
        let identity = IdentityId::try_from(input.bytes(identity).as_slice());
        let identity = identity.map_err(|_| "Length".to_owned())?;
        let key = SigningPublicKey::from_modulus(&input.bytes(key)).map_err(named)?;
        Ok::<_, String>((identity, key))
    };
    let (a, b) = (side("a_identity", "a_key")?, side("b_identity", "b_key")?);
    Ok(json!({"digits": digits((&a.0, &a.1), (&b.0, &b.1))}))
}

pub fn node_url(input: &Input<'_>) -> Outcome {
    let url = NodeUrl::parse(input.text("url")).map_err(named)?;
    Ok(json!({"url": url.to_string()}))
}

pub fn name(input: &Input<'_>) -> Outcome {
    let name: Name = cbor::decode(&input.bytes("bytes")).map_err(named)?;
    Ok(json!({"name": name.as_str()}))
}

pub fn live(input: &Input<'_>) -> Outcome {
    let is_client = input.text("from") == "client";
    let (given, again) = if input.has("text") {
        let text = input.text("text");
        let again = if is_client {
            ClientFrame::parse(text).map_err(named)?.to_text()
        } else {
            NodeFrame::parse(text).map_err(named)?.to_text()
        };
        (json!(text), json!(again))
    } else {
        let bytes = input.bytes("binary");
        let again = if is_client {
            ClientBinary::parse(&bytes).map_err(named)?.encode()
        } else {
            NodeBinary::parse(&bytes).map_err(named)?.encode()
        };
        (hex(&bytes), hex(again))
    };
    Ok(if again == given {
        json!({})
    } else {
        json!({"again": again})
    })
}

pub fn records(input: &Input<'_>) -> Outcome {
    let records = input.list("records");
    let chain = Chain::verify(&records).map_err(named)?;
    assert_eq!(chain.records(), records);
    Ok(json!({
        "identity": hex(chain.identity().as_bytes()),
        "number": chain.number(),
        "head": hex(chain.head().as_bytes()),
        "signing_key": hex(chain.signing_key().modulus()),
        "active": chain.active().map(|entry| entry.node.to_string()).collect::<Vec<_>>(),
    }))
}

pub fn chain_order(input: &Input<'_>) -> Outcome {
    let pinned = Chain::verify(&input.list("pinned")).map_err(named)?;
    let offered = Chain::verify(&input.list("offered")).map_err(named)?;
    let order = match pinned.compare(&offered) {
        ChainOrder::Same => "same",
        ChainOrder::Newer => "newer",
        ChainOrder::Older => "older",
        ChainOrder::Forked => "forked",
    };
    let overruled = pinned.is_overruled_by(&offered, input.number("first_seen"));
    Ok(json!({"order": order, "overruled": overruled}))
}

pub fn event_chain(input: &Input<'_>) -> Outcome {
    let sender = Chain::verify(&input.list("records")).map_err(named)?;
    let recipient = IdentityId::from_bytes(input.array("recipient"));
    let mut seen: BTreeMap<u64, (Hash, Hash)> = BTreeMap::new();
    let mut verdicts = Vec::new();
    for bytes in input.list("events") {
        let id = match Signed::<Event>::parse(&bytes) {
            Ok(signed) => signed.unverified().message_id,
            Err(error) => return Err(format!("Signed({error:?})")),
        };
        let event = Event::verify(&bytes, &sender, &recipient, &id).map_err(named)?;
        let (counter, previous, hash) = (event.counter, event.previous, event.hash());
        let before = counter.checked_sub(1).and_then(|n| seen.get(&n));
        let after = counter.checked_add(1).and_then(|n| seen.get(&n));
        let fits = before.is_none_or(|(hash, _)| *hash == previous)
            && after.is_none_or(|(_, previous)| *previous == hash);
        let last = seen.last_key_value().map_or(0, |(counter, _)| *counter);
        verdicts.push(match seen.get(&counter) {
            Some((known, _)) if *known == hash => "again",
            Some(_) => "repeated",
            None if !fits => "broken",
            None if counter < last => "late",
            None if counter > last + 1 => "gap",
            None => "follows",
        });
        seen.entry(counter).or_insert((hash, previous));
    }
    Ok(json!({"verdicts": verdicts}))
}

pub fn body(input: &Input<'_>) -> Outcome {
    let body = input.bytes("body");
    Body::decode(input.number("kind"), &body)
        .map(|_| json!({}))
        .map_err(|error| named(error.cause))
}

/// A message from end to end. What the library keeps to itself is computed beside it.
pub fn worked_example(input: &Input<'_>) -> Outcome {
    let keys = NodeKeys::from_bytes(&input.array("node_keys"));
    let boxed = input.bytes("box");
    let opened = open_forward(&keys, &boxed).map_err(named)?;
    let (sender, recipient) = (input.array("sender"), input.array("recipient"));
    let receive = ReceiveKeyPair::from_bytes(&input.array("receive_seed"));
    let pair = PairSecret::from_bytes(&input.array("pair"));
    let content = open_lane(
        &opened.envelope,
        &IdentityId::from_bytes(sender),
        &IdentityId::from_bytes(recipient),
        &opened.mailbox,
        &receive,
        &pair,
    )
    .map_err(named)?;
    let records = Chain::verify(&input.list("sender_records")).unwrap();
    let signed = Content::parse(&content).unwrap().event.0;
    let recipient_id = IdentityId::from_bytes(recipient);
    let event =
        Event::verify(&signed, &records, &recipient_id, &opened.message_id).map_err(named)?;
    let Body::Text(text) = event.body().unwrap() else {
        panic!("a text");
    };
    let header = &opened.envelope[..1_140];
    let secret = x_wing::DecapsulationKey::from(input.array::<32>("receive_seed"));
    let ciphertext = x_wing::Ciphertext::try_from(&header[18..1_138]).unwrap();
    let shared = x_wing::Decapsulate::decapsulate(&secret, &ciphertext);
    let namespace = "zechat/envelope/v1";
    let ends = [header, &sender, &recipient, opened.mailbox.as_bytes()].concat();
    let transcript = hash(namespace, &ends);
    let okm = derive::<76>(
        namespace,
        &[shared.as_slice(), &input.bytes("pair")].concat(),
        &transcript,
    );
    let length = u32::from_be_bytes(signed[1..5].try_into().unwrap());
    let payload = &signed[5..][..usize::try_from(length).unwrap()];
    let prefix = |namespace: &str| {
        [
            &[1, u8::try_from(namespace.len()).unwrap()],
            namespace.as_bytes(),
        ]
        .concat()
    };
    let fingerprint = keys.fingerprint();
    Ok(json!({
        "node_fingerprint": hex(fingerprint.as_bytes()),
        "hpke_info": hex([prefix("zechat/forward/v1").as_slice(), fingerprint.as_bytes()].concat()),
        "hpke_enc": hex(&boxed[..32]),
        "mailbox": hex(opened.mailbox.as_bytes()),
        "message_id": hex(opened.message_id.as_bytes()),
        "postage": hex(opened.postage.as_bytes()),
        "envelope_sha256": hex(sha256(&opened.envelope)),
        "key_package_hint": hex(&header[2..18]),
        "header_sha256": hex(sha256(header)),
        "x_wing_secret": hex(shared.as_slice()),
        "transcript": hex(transcript.as_bytes()),
        "key": hex(&okm[..32]),
        "nonce": hex(&okm[32..44]),
        "commitment": hex(&opened.envelope[1_140..1_172]),
        "content": hex(&*content),
        "event_payload": hex(payload),
        "signature_input_sha256": hex(sha256(&[prefix("zechat/event/v1").as_slice(), payload].concat())),
        "event_hash": hex(event.hash().as_bytes()),
        "body": hex(&event.body),
        "text": text,
    }))
}

pub fn bundle(input: &Input<'_>) -> Outcome {
    let bytes = input.bytes("bundle");
    let (chain, package) = Bundle::verify(&bytes).map_err(named)?;
    let invite = Bundle::parse(&bytes).unwrap().invite;
    Ok(json!({
        "identity": hex(chain.identity().as_bytes()),
        "number": chain.number(),
        "key_package": hex(package.hash().as_bytes()),
        "invite": invite.map(hex),
    }))
}

pub fn content(input: &Input<'_>) -> Outcome {
    let content = Content::parse(&input.bytes("content")).map_err(named)?;
    Ok(json!({
        "event": hex(&content.event),
        "key_package": content.key_package.map(hex),
        "records": content.records.iter().flatten().map(hex).collect::<Vec<_>>(),
    }))
}

pub fn batch(input: &Input<'_>) -> Outcome {
    let bytes = input.bytes("bytes");
    let items: Vec<Value> = if input.text("of") == "items" {
        let batch = DeliverBatch::parse(&bytes).map_err(named)?;
        let items = batch.items.into_iter();
        items
            .map(|item| json!([item.item, hex(item.forward_box)]))
            .collect()
    } else {
        let results = DeliverResults::parse(&bytes).map_err(named)?;
        let items = results.items.into_iter();
        items
            .map(|item| json!([item.item, item.code.map(|code| code.as_str())]))
            .collect()
    };
    Ok(json!({"items": items}))
}

pub fn key_package(input: &Input<'_>) -> Outcome {
    let package = Signed::<KeyPackage>::parse(&input.bytes("package"))
        .and_then(|package| package.verify(&signer(input)))
        .map_err(named)?;
    Ok(json!({
        "id": hex(package.id().as_bytes()),
        "identity": hex(package.identity.as_bytes()),
        "epoch": package.epoch,
        "public_key": hex(package.public_key),
        "created_at": package.created_at,
        "refresh_at": package.refresh_at,
    }))
}

pub fn login(input: &Input<'_>) -> Outcome {
    let login = Login::verify(
        &input.bytes("login"),
        &NodeUrl::parse(input.text("url")).unwrap(),
        &NodeFingerprint::from_bytes(input.array("fingerprint")),
        &Nonce::from_bytes(input.array("nonce")),
        &signer(input),
        input.number("now"),
    )
    .map_err(named)?;
    Ok(json!({
        "identity": hex(login.identity.as_bytes()),
        "device": hex(login.device.as_bytes()),
        "at": login.at,
    }))
}

pub fn event(input: &Input<'_>) -> Outcome {
    let sender = Chain::verify(&input.list("records")).unwrap();
    let recipient = IdentityId::from_bytes(input.array("recipient"));
    let id = MessageId::from_bytes(input.array("message_id"));
    let event = Event::verify(&input.bytes("event"), &sender, &recipient, &id).map_err(named)?;
    event
        .body()
        .map_err(|error| format!("Body({:?})", error.cause))?;
    Ok(json!({
        "hash": hex(event.hash().as_bytes()),
        "conversation": hex(event.conversation.as_bytes()),
        "device": hex(event.device.as_bytes()),
        "counter": event.counter,
        "previous": hex(event.previous.as_bytes()),
        "sent_at": event.sent_at,
        "kind": event.kind,
        "body": hex(&event.body),
        "lifetime": event.lifetime,
    }))
}

pub fn first_contact(input: &Input<'_>) -> Outcome {
    let opened = open_first_contact(
        &input.bytes("envelope"),
        &IdentityId::from_bytes(input.array("recipient")),
        &MailboxId::from_bytes(input.array("mailbox")),
        &ReceiveKeyPair::from_bytes(&input.array("receive_seed")),
        &SealingKeyPair::from_pkcs8(&input.bytes("sealing_key")).unwrap(),
        &mut rng(1),
    )
    .map_err(named)?;
    Ok(json!({
        "content": hex(&*opened.content),
        "r1": hex(*opened.r1),
        "pairing": hex(opened.pairing.as_bytes()),
    }))
}

pub fn pair_secret(input: &Input<'_>) -> Outcome {
    let pair = PairSecret::derive(
        &input.array("r1"),
        &input.array("r2"),
        &IdentityId::from_bytes(input.array("initiator")),
        &IdentityId::from_bytes(input.array("responder")),
        &Hash::from_bytes(input.array("pairing")),
    );
    Ok(json!({"pair": hex(*pair.to_bytes())}))
}

pub fn lane(input: &Input<'_>) -> Outcome {
    let envelope = input.bytes("envelope");
    let content = open_lane(
        &envelope,
        &IdentityId::from_bytes(input.array("sender")),
        &IdentityId::from_bytes(input.array("recipient")),
        &MailboxId::from_bytes(input.array("mailbox")),
        &ReceiveKeyPair::from_bytes(&input.array("receive_seed")),
        &PairSecret::from_bytes(&input.array("pair")),
    )
    .map_err(named)?;
    let mut read = json!({"content": hex(&*content)});
    if input.has("sealing_key") {
        let key = SealingKeyPair::from_pkcs8(&input.bytes("sealing_key")).unwrap();
        read["r2"] = hex(*open_acceptance(&envelope, &key, &mut rng(1)).unwrap());
    }
    Ok(read)
}

pub fn padding(input: &Input<'_>) -> Outcome {
    lane(input)
}

pub fn node_document(input: &Input<'_>) -> Outcome {
    let expected = input
        .has("fingerprint")
        .then(|| NodeFingerprint::from_bytes(input.array("fingerprint")));
    let document = NodeDocument::verify(
        &input.bytes("document"),
        &NodeUrl::parse(input.text("url")).unwrap(),
        expected.as_ref(),
        input.number("now"),
    )
    .map_err(named)?;
    Ok(json!({
        "fingerprint": hex(document.fingerprint().as_bytes()),
        "forward_key": hex(document.forward_key),
        "registration": document.registration.number(),
        "retention_seconds": document.retention_seconds,
        "postage_bits": document.postage_bits,
        "name": document.name,
        "closing_at": document.closing_at,
        "vault_quota_bytes": document.vault_quota_bytes,
    }))
}

pub fn peer(input: &Input<'_>) -> Outcome {
    let own = NodeFingerprint::from_bytes(input.array("receiver"));
    let (header, body) = (input.text("header"), input.bytes("body"));
    let request = PeerRequest::verify(header, &body, &own, input.number("now")).map_err(named)?;
    Ok(json!({
        "sender": request.sender.to_string(),
        "fingerprint": hex(request.fingerprint().as_bytes()),
    }))
}

pub fn forward(input: &Input<'_>) -> Outcome {
    let keys = NodeKeys::from_bytes(&input.array("node_keys"));
    let opened = open_forward(&keys, &input.bytes("box")).map_err(named)?;
    Ok(json!({
        "mailbox": hex(opened.mailbox.as_bytes()),
        "message_id": hex(opened.message_id.as_bytes()),
        "postage": hex(opened.postage.as_bytes()),
        "envelope_sha256": hex(sha256(&opened.envelope)),
    }))
}

pub fn lookup(input: &Input<'_>) -> Outcome {
    let keys = NodeKeys::from_bytes(&input.array("node_keys"));
    let sealed = input.bytes("sealed");
    let (request, _) = open_lookup(&keys, &sealed).map_err(named)?;
    let document = Signed::<NodeDocument>::parse(&input.bytes("document")).unwrap();
    let document = document.unverified();
    let mut asker = Given(input.bytes("asker_ikm"));
    let (again, pending) = seal_lookup(document, &request, &mut asker).unwrap();
    assert_eq!(again, sealed, "the same random bytes seal the same bytes");
    let answer = pending
        .open(&input.bytes("answer"))
        .map_err(|CannotOpen| named(CannotOpen))?;
    Ok(json!({
        "identity": hex(request.identity.as_bytes()),
        "from": request.from,
        "found": answer.found,
        "records": answer.records.unwrap_or_default().iter().map(hex).collect::<Vec<_>>(),
        "key_package": answer.key_package.map(hex),
    }))
}
