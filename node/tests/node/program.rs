//! The real program as a process; killed when it is dropped.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use shared_crypto::node_url::NodeUrl;
use zechat_node::clock::{Clock as _, SystemClock};

use super::support::*;

pub struct Program {
    child: Child,
    pub url: NodeUrl,
    people: Mutex<HashMap<usize, Arc<Person>>>,
}

impl Program {
    pub fn start(data: &Path, listen: &str) -> Self {
        Self::start_with(data, listen, &[])
    }

    pub fn start_with(data: &Path, listen: &str, more: &[&str]) -> Self {
        Self::start_in(data, listen, more, &[])
    }

    pub fn start_in(
        data: &Path,
        listen: &str,
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        Self::start_logging(data, listen, more, environment, Stdio::inherit())
    }

    pub fn start_logging(
        data: &Path,
        listen: &str,
        more: &[&str],
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
            .args(["serve", "--listen", listen, "--allow-private-networks"])
            .args(more)
            .arg("--data")
            .arg(data)
            .env("HOME", data)
            .env("ZECHAT__LOG__FILTER", "warn")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        Self::of(child)
    }

    /// A process that was started with a pipe for what it prints.
    pub fn of(mut child: Child) -> Self {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .strip_prefix("listening on ")
            .expect(&line)
            .trim()
            .to_owned();
        Self {
            child,
            url: NodeUrl::parse(&format!("http://{address}")).unwrap(),
            people: Mutex::default(),
        }
    }

    /// The address without the scheme.
    pub fn listen(&self) -> String {
        format!("{}:{}", self.url.host(), self.url.port())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap(); // SIGKILL
        self.child.wait().unwrap();
    }

    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// Somebody who wants an account here; the same each time.
    pub async fn person(&self, number: usize) -> Arc<Person> {
        if let Some(person) = self.people.lock().unwrap().get(&number) {
            return Arc::clone(person);
        }
        let now = SystemClock.now();
        let entry = delivery(&self.url, &document(&self.url, now).await);
        let person = Arc::new(Person::new(number, &[entry], now));
        let mut people = self.people.lock().unwrap();
        people.insert(number, Arc::clone(&person));
        person
    }

    pub async fn register(&self, number: usize) -> Arc<Person> {
        let person = self.person(number).await;
        let path = format!("{}/v1/identities/{}", self.url, person.identity());
        let put = http().put(path).body(person.bundle());
        assert_eq!(put.send().await.unwrap().status(), 201);
        person
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
