//! What pages and workers hold in memory, asked of the browser's own tools: the driver hands on no snapshots, and asks no workers.

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::browser::Browser;
use crate::search::Haystack;

/// The memory of each program of WebAssembly that anything still refers to.
const PROGRAMS: &str =
    "function () { return this.map((it) => new Uint8Array(it.buffer).toBase64()); }";

/// A page or a worker, and what it holds.
#[derive(Debug)]
pub struct Held {
    /// The browser's name for it, which no other one gets.
    pub id: String,
    /// Whether it is a worker.
    pub is_worker: bool,
    /// Its heap, and the memory of its programs.
    pub memory: Vec<Haystack>,
}

impl Browser {
    /// What the pages and their workers hold.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn memory(&self) -> Result<Vec<Held>> {
        let mut inspector = Inspector::connect(&self.inspector_address()?).await?;
        let mut held = Vec::new();
        for target in inspector.targets().await? {
            held.push(inspector.held(target).await?);
        }
        Ok(held)
    }

    /// Runs a script in each worker of the pages.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run_in_workers(&self, script: &str) -> Result<Vec<Value>> {
        let mut inspector = Inspector::connect(&self.inspector_address()?).await?;
        let mut results = Vec::new();
        for worker in inspector.targets().await? {
            if worker.is_worker {
                let about = json!({"expression": script, "returnByValue": true});
                let done = inspector
                    .ask(Some(&worker.session), "Runtime.evaluate", about)
                    .await?;
                let thrown = at(&done, "/exceptionDetails");
                ensure!(thrown.is_null(), "{thrown}");
                results.push(at(&done, "/result/value").clone());
            }
        }
        Ok(results)
    }
}

/// A page or a worker that can be asked.
struct Target {
    id: String,
    session: String,
    is_worker: bool,
}

/// A connection to the browser's tools.
struct Inspector {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last: u64,
    /// What was said that was no answer.
    events: Vec<Value>,
}

impl Inspector {
    async fn connect(address: &str) -> Result<Self> {
        // The memory of a program comes in one piece.
        let limits = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let (socket, _) = connect_async_with_config(address, Some(limits), false).await?;
        Ok(Self {
            socket,
            last: 0,
            events: Vec::new(),
        })
    }

    /// Asks a target, or the browser itself, and waits for the answer.
    async fn ask(&mut self, session: Option<&str>, method: &str, about: Value) -> Result<Value> {
        self.last += 1;
        let mut question = json!({"id": self.last, "method": method, "params": about});
        if let (Some(session), Some(question)) = (session, question.as_object_mut()) {
            question.insert("sessionId".to_owned(), session.into());
        }
        self.socket
            .send(Message::text(question.to_string()))
            .await?;
        loop {
            let said = self.socket.next().await.context("the browser is gone")??;
            let Message::Text(said) = said else {
                continue;
            };
            let said: Value = serde_json::from_str(&said)?;
            if *at(&said, "/id") != self.last {
                self.events.push(said);
                continue;
            }
            let error = at(&said, "/error");
            ensure!(error.is_null(), "{method}: {error}");
            return Ok(at(&said, "/result").clone());
        }
    }

    /// All pages and their workers.
    async fn targets(&mut self) -> Result<Vec<Target>> {
        let all = self.ask(None, "Target.getTargets", json!({})).await?;
        let all = at(&all, "/targetInfos").as_array().context("no targets")?;
        let mut targets = Vec::new();
        for page in all.iter().filter(|it| at(it, "/type") == "page") {
            let id = text(at(page, "/targetId"))?;
            let attach = json!({"targetId": id, "flatten": true});
            let attached = self.ask(None, "Target.attachToTarget", attach).await?;
            let session = text(at(&attached, "/sessionId"))?;
            self.events.clear();
            let attach =
                json!({"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true});
            self.ask(Some(&session), "Target.setAutoAttach", attach)
                .await?;
            targets.push(Target {
                id,
                session,
                is_worker: false,
            });
            for event in &self.events {
                let is_attached = at(event, "/method") == "Target.attachedToTarget";
                let about = at(event, "/params");
                if is_attached && at(about, "/targetInfo/type") == "worker" {
                    targets.push(Target {
                        id: text(at(about, "/targetInfo/targetId"))?,
                        session: text(at(about, "/sessionId"))?,
                        is_worker: true,
                    });
                }
            }
        }
        Ok(targets)
    }

    /// What a target holds; what nothing refers to is collected before.
    async fn held(&mut self, target: Target) -> Result<Held> {
        let Target {
            id,
            session,
            is_worker,
        } = target;
        let (on, name) = (
            Some(session.as_str()),
            if is_worker { "a worker" } else { "a page" },
        );
        self.events.clear();
        self.ask(on, "HeapProfiler.takeHeapSnapshot", json!({}))
            .await?;
        let pieces = self.events.iter();
        let pieces = pieces.filter_map(|it| at(it, "/params/chunk").as_str());
        let mut memory = vec![Haystack {
            name: format!("the heap of {name}"),
            bytes: pieces.collect::<String>().into_bytes(),
        }];
        let kind = json!({"expression": "WebAssembly.Memory.prototype"});
        let kind = self.ask(on, "Runtime.evaluate", kind).await?;
        let kind = json!({"prototypeObjectId": at(&kind, "/result/objectId")});
        let programs = self.ask(on, "Runtime.queryObjects", kind).await?;
        let call = json!({
            "objectId": at(&programs, "/objects/objectId"),
            "functionDeclaration": PROGRAMS,
            "returnByValue": true,
        });
        let programs = self.ask(on, "Runtime.callFunctionOn", call).await?;
        let programs = at(&programs, "/result/value").as_array();
        for program in programs.context("no list of programs")? {
            let bytes = BASE64.decode(text(program)?.as_bytes());
            memory.push(Haystack {
                name: format!("the program of {name}"),
                bytes: bytes.map_err(|error| anyhow::anyhow!("{error}"))?,
            });
        }
        Ok(Held {
            id,
            is_worker,
            memory,
        })
    }
}

/// What stands at a place of an answer, or nothing.
fn at<'a>(value: &'a Value, place: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    value.pointer(place).unwrap_or(&NOTHING)
}

fn text(value: &Value) -> Result<String> {
    let text = value.as_str();
    Ok(text
        .with_context(|| format!("{value} is no text"))?
        .to_owned())
}
