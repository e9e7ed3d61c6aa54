//! Connections on which nothing is said, by a clock that jumps to whatever comes next.

use std::sync::Arc;
use std::time::Duration;

use shared_crypto::live::{Base64Bytes, ClientFrame, NodeFrame};
use shared_crypto::login::Login;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tokio::time::Instant;
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::{Answered, PeerCall, Transport};
use zechat_node::in_process::{HttpRequest, InProcess, Method, Parts};
use zechat_node::live::wire::{Pipe, Said};
use zechat_node::random;
use zechat_node::settings::{RegistrationMode, Settings};
use zechat_node::store::Disk;

use super::support::*;

/// There are no other nodes.
struct Nowhere;

impl Transport for Nowhere {
    fn call(&self, _: PeerCall) -> Answered<'_> {
        Box::pin(async { Err(PeerError::Unreachable) })
    }
}

type Heard = mpsc::UnboundedReceiver<(Instant, Said)>;

/// A device that has logged in and heard all that is there.
async fn logged_in(node: &mut InProcess, url: &NodeUrl, person: &Person) -> (Pipe, Heard) {
    let (say, mut heard) = mpsc::unbounded_channel();
    let pipe = node.connect(move |said| say.send((Instant::now(), said)).unwrap());
    let pipe = pipe.unwrap();
    while let Some((_, Said::Text(text))) = heard.recv().await {
        match NodeFrame::parse(&text).unwrap() {
            NodeFrame::Challenge {
                nonce, fingerprint, ..
            } => {
                let login = Login {
                    node: url.clone(),
                    fingerprint,
                    nonce,
                    identity: person.identity(),
                    device: person.device,
                    at: START,
                };
                let login = login.sign(&person.signing, &mut random::system()).unwrap();
                let login = Base64Bytes(login.bytes().to_vec());
                pipe.send_text(ClientFrame::Login { login }.to_text());
            }
            NodeFrame::Welcome { .. } => {}
            NodeFrame::CaughtUp => return (pipe, heard),
            other => panic!("{other:?}"),
        }
    }
    panic!("the connection ended");
}

/// What is heard from now on, and after how many seconds, until the end.
async fn until_the_end(begun: Instant, mut heard: Heard) -> Vec<(u64, Said)> {
    let mut all = Vec::new();
    while let Some((at, said)) = heard.recv().await {
        all.push(((at - begun).as_secs(), said));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_pinged_every_30_seconds_and_given_up_after_75() {
    let settings = Settings::default();
    let (keys, url) = (
        NodeKeys::generate(&mut random::system()),
        NodeUrl::parse("https://a.example").unwrap(),
    );
    let parts = Parts {
        settings: Settings {
            registration: zechat_node::settings::RegistrationSettings {
                mode: RegistrationMode::Open,
            },
            ..settings
        },
        keys,
        url: url.clone(),
        clock: Arc::new(clock()),
        disk: Disk::new().unwrap(),
        transport: Arc::new(Nowhere),
        jitter: Arc::new(|_| 0),
    };
    let story = async {
        let mut node = InProcess::start(parts).await.unwrap();
        let ask = |method, path: &str, body: Vec<u8>| HttpRequest {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        };
        let (_, document) = node.http(ask(Method::GET, "/v1/node", Vec::new())).await;
        let document = NodeDocument::verify(&document, &url, None, START).unwrap();
        let person = Person::new(0, &[delivery(&url, &document)], START);
        let path = format!("/v1/identities/{}", person.identity());
        let put = node.http(ask(Method::PUT, &path, person.bundle())).await;
        assert_eq!(put.0, 201);

        let (_pipe, heard) = logged_in(&mut node, &url, &person).await;
        let all = until_the_end(Instant::now(), heard).await;
        let end = Said::Closed(None);
        assert_eq!(all, [(30, Said::Ping), (60, Said::Ping), (75, end.clone())]);

        // Whatever is said counts.
        let (pipe, heard) = logged_in(&mut node, &url, &person).await;
        let begun = Instant::now();
        let all = tokio::task::spawn_local(until_the_end(begun, heard));
        tokio::time::sleep(Duration::from_secs(70)).await;
        pipe.send_text(ClientFrame::Ack { cursor: 0 }.to_text());
        let pings = [30, 60, 90, 120].map(|at| (at, Said::Ping));
        assert_eq!(all.await.unwrap(), [&pings[..], &[(145, end)]].concat());
    };
    LocalSet::new().run_until(story).await;
}
