//! The description of the API for programs: OpenAPI for HTTP, JSON Schema for the socket's text frames.
//! Both are files of this crate; tests compare them with the routes, the codes and the frames.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};

const OPENAPI: &str = include_str!("../../api/openapi.json");

const LIVE_SCHEMA: &str = include_str!("../../api/live.schema.json");

pub(super) async fn openapi() -> HttpResponse {
    json("application/json", OPENAPI)
}

pub(super) async fn live_schema() -> HttpResponse {
    json("application/schema+json", LIVE_SCHEMA)
}

fn json(media_type: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .body(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};
    use shared_crypto::id::{MailboxId, NodeFingerprint, Nonce, SubmissionId};
    use shared_crypto::live::{
        Base64Bytes, ClientFrame, MailboxEntry, MailboxKind, NodeFrame, Outcome, Tombstone,
    };
    use shared_crypto::node_url::NodeUrl;
    use shared_crypto::problem::ProblemCode;

    use super::*;

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let mut routes = super::super::Routes::default();
        let _ = actix_web::App::new().configure(|config| {
            super::super::routes(config, &mut routes);
        });
        let described: BTreeSet<(String, String)> = parse(OPENAPI)["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, operations)| {
                let methods = operations.as_object().unwrap().keys();
                methods.map(|method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        let served: BTreeSet<(String, String)> = routes
            .0
            .iter()
            .flat_map(|(path, methods)| {
                methods
                    .split(", ")
                    .map(|method| (path.clone(), method.to_owned()))
            })
            .collect();
        assert_eq!(described, served);
    }

    #[test]
    fn every_code_is_described() {
        let codes: Vec<Value> = ProblemCode::ALL.iter().map(|code| json!(code)).collect();
        let of_http = &parse(OPENAPI)["components"]["schemas"]["ProblemCode"]["enum"];
        assert_eq!(of_http, &json!(codes));
        assert_eq!(
            parse(LIVE_SCHEMA)["$defs"]["ProblemCode"]["enum"],
            json!(codes)
        );
    }

    /// The members of the frame as it travels are those of the schema, and what a schema demands is there.
    fn compare(kind: &str, frames: Vec<Value>) {
        let schema = parse(LIVE_SCHEMA);
        let described = schema["$defs"][kind]["oneOf"].as_array().unwrap();
        let mut seen = BTreeSet::new();
        for frame in frames {
            let name = frame["type"].as_str().unwrap();
            seen.insert(name.to_owned());
            let schema = described
                .iter()
                .find(|schema| schema["title"] == name)
                .unwrap_or_else(|| panic!("{name} is not described"));
            let members = |value: &Value| -> BTreeSet<String> {
                value.as_object().unwrap().keys().cloned().collect()
            };
            assert_eq!(members(&frame), members(&schema["properties"]), "{name}");
            for required in schema["required"].as_array().unwrap() {
                assert!(frame.get(required.as_str().unwrap()).is_some(), "{name}");
            }
        }
        assert_eq!(seen.len(), described.len(), "{kind}");
    }

    #[test]
    fn every_frame_is_described() {
        let submission = SubmissionId::from_bytes([1; 16]);
        let mailbox = MailboxId::from_bytes([2; 32]);
        let code = ProblemCode::Internal;
        let client = [
            ClientFrame::Login {
                login: Base64Bytes(vec![1]),
            },
            ClientFrame::Mailboxes {
                request: 1,
                add: vec![MailboxEntry {
                    mailbox,
                    kind: MailboxKind::Intro,
                }],
                remove: vec![mailbox],
            },
            ClientFrame::Ack { cursor: 1 },
            ClientFrame::OutcomesSeen {
                submissions: vec![submission],
            },
            ClientFrame::TombstonesSeen { ids: vec![1] },
        ];
        compare(
            "ClientFrame",
            client.iter().map(|frame| parse(&frame.to_text())).collect(),
        );
        let node = [
            NodeFrame::Challenge {
                nonce: Nonce::from_bytes([3; 32]),
                url: NodeUrl::parse("https://chat.example").unwrap(),
                fingerprint: NodeFingerprint::from_bytes([4; 32]),
            },
            NodeFrame::Welcome {
                cursor: 1,
                time: 2,
                closing_at: Some(3),
            },
            NodeFrame::Done { request: 1 },
            NodeFrame::Failed {
                request: 1,
                code,
                detail: "why".into(),
                mailboxes: vec![MailboxId::from_bytes([5; 32])],
            },
            NodeFrame::Accepted {
                submissions: vec![submission],
            },
            NodeFrame::Refused { submission, code },
            NodeFrame::Outcomes {
                items: vec![Outcome {
                    submission,
                    code: None,
                }],
            },
            NodeFrame::Tombstones {
                items: vec![Tombstone {
                    id: 1,
                    count: 2,
                    from: 3,
                    to: 4,
                }],
            },
            NodeFrame::CaughtUp,
        ];
        compare(
            "NodeFrame",
            node.iter().map(|frame| parse(&frame.to_text())).collect(),
        );
    }
}
