//! The form of a file of vectors.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};

pub struct Family {
    name: &'static str,
    about: &'static str,
    cases: Vec<Value>,
}

impl Family {
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            cases: Vec::new(),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a case that is accepted, with what it gives.
    pub fn valid(&mut self, name: &str, input: Value, expected: Value) {
        let case = json!({"name": name, "valid": true, "input": input, "expected": expected});
        self.cases.push(case);
    }

    /// Adds a case that is refused, with why, and what this project's reader calls it.
    pub fn invalid(&mut self, name: &str, reason: &str, error: &str, input: Value) {
        let case = json!({
            "name": name, "valid": false, "reason": reason, "error": error, "input": input,
        });
        self.cases.push(case);
    }

    pub fn to_text(&self) -> String {
        let file = json!({"family": self.name, "about": self.about, "cases": self.cases});
        let mut text = serde_json::to_string_pretty(&file).expect("a value");
        text.push('\n');
        text
    }
}

pub fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(HEXLOWER.encode(bytes.as_ref()))
}

/// The bytes of an earlier case's field, one byte changed.
pub fn changed(case: &str, at: usize, xor: u8) -> Value {
    json!({"of": case, "at": at, "xor": HEXLOWER.encode(&[xor])})
}

/// The start of the bytes of an earlier case's field.
pub fn cut(case: &str, keep: usize) -> Value {
    json!({"of": case, "keep": keep})
}

/// The same bytes as in an earlier case's field.
pub fn same(case: &str) -> Value {
    json!({"of": case})
}

/// The input with some fields replaced.
pub fn with(input: &Value, fields: Value) -> Value {
    let mut object: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    object.extend(fields.as_object().cloned().unwrap_or_default());
    Value::Object(object)
}
