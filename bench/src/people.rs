//! People with accounts on the node, and what they sign.

use anyhow::{Result, bail};
use shared_crypto::bundle::Bundle;
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, Hash, MailboxId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::live::{Base64Bytes, ClientFrame, MailboxEntry, MailboxKind, NodeFrame};
use shared_crypto::login::Login;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::rsa_keys::SigningKeyPair;
use zechat_node::clock::{Clock as _, Millis, SystemClock};
use zechat_node::random;

use crate::client::{Frame, Http, Socket};

/// Somebody with an account.
pub struct Person {
    signing: SigningKeyPair,
    chain: Chain,
    address: String,
}

impl Person {
    /// Registers one; there are frozen keys for so many only.
    pub async fn register(address: &str, number: usize) -> Result<Self> {
        let mut http = Http::connect(address).await?;
        let (_, document) = http.get("/v1/node").await?;
        let url = NodeUrl::parse(&format!("http://{address}"))?;
        let now = SystemClock.now();
        let document = NodeDocument::verify(&document, &url, None, now)
            .map_err(|error| anyhow::anyhow!("{error}"))?
            .into_inner();
        let (signing, sealing) =
            fixtures::person(number.checked_rem(fixtures::PEOPLE).unwrap_or(0));
        let delivery = Delivery {
            node: url,
            fingerprint: document.fingerprint(),
            intro: MailboxId::from_bytes(random::bytes()),
            state: DeliveryState::Active,
            priority: 0,
        };
        let rng = &mut random::system();
        let recovery = Hash::from_bytes([1; 32]);
        let chain = Chain::create(
            &signing,
            sealing.public(),
            recovery,
            vec![delivery],
            now,
            rng,
        )
        .map_err(|error| anyhow::anyhow!("{error}"))?;
        let receive = ReceiveKeyPair::generate(rng);
        let package = KeyPackage::create(chain.identity(), 1, &receive, now, &signing, rng)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let bundle = Bundle::new(&chain, &package).to_bytes();
        let path = format!("/v1/identities/{}", chain.identity());
        let status = http.put(&path, &bundle).await?;
        if status != 201 {
            bail!("no account: {status}");
        }
        Ok(Self {
            signing,
            chain,
            address: address.to_owned(),
        })
    }

    /// A socket of a device, logged in.
    pub async fn connect(&self, device: DeviceId) -> Result<Socket> {
        self.connect_at(device, SystemClock.now()).await
    }

    /// The same by a clock of their own.
    pub async fn connect_at(&self, device: DeviceId, at: Millis) -> Result<Socket> {
        let mut socket = Socket::open(&self.address, "/v1/live").await?;
        let challenge = socket.text().await?;
        let NodeFrame::Challenge {
            nonce,
            url,
            fingerprint,
        } = NodeFrame::parse(&challenge)?
        else {
            bail!("no challenge: {challenge}");
        };
        let login = Login {
            node: url,
            fingerprint,
            nonce,
            identity: self.chain.identity(),
            device,
            at,
        };
        let signed = login
            .sign(&self.signing, &mut random::system())
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let login = Base64Bytes(signed.bytes().to_vec());
        socket
            .send_text(&ClientFrame::Login { login }.to_text())
            .await?;
        let welcome = socket.text().await?;
        match NodeFrame::parse(&welcome)? {
            NodeFrame::Welcome { .. } => Ok(socket),
            _ => bail!("no welcome: {welcome}"),
        }
    }

    /// A new mailbox, with the socket on which its mail comes.
    pub async fn mailbox(&self) -> Result<(MailboxId, Socket)> {
        self.mailbox_of(DeviceId::from_bytes(random::bytes())).await
    }

    /// The same for a device that is known.
    pub async fn mailbox_of(&self, device: DeviceId) -> Result<(MailboxId, Socket)> {
        let mut socket = self.connect(device).await?;
        let mailbox = MailboxId::from_bytes(random::bytes());
        let add = vec![MailboxEntry {
            mailbox,
            kind: MailboxKind::Contact,
        }];
        let change = ClientFrame::Mailboxes {
            request: 1,
            add,
            remove: Vec::new(),
        };
        socket.send_text(&change.to_text()).await?;
        loop {
            if let Frame::Text(text) = socket.frame().await?
                && matches!(NodeFrame::parse(&text), Ok(NodeFrame::Done { .. }))
            {
                return Ok((mailbox, socket));
            }
        }
    }
}
