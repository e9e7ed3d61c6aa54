//! Reading the inputs of a case; bytes may be those of another case, changed or cut.

use data_encoding::HEXLOWER;
use serde_json::Value;

pub struct Input<'a> {
    cases: &'a [Value],
    input: &'a Value,
}

impl<'a> Input<'a> {
    pub fn new(cases: &'a [Value], input: &'a Value) -> Self {
        Self { cases, input }
    }

    pub fn bytes(&self, field: &str) -> Vec<u8> {
        match &self.input[field] {
            Value::String(text) => HEXLOWER.decode(text.as_bytes()).unwrap(),
            Value::Object(patch) => {
                let mut bytes = self.other(&patch["of"]).bytes(field);
                if let Some(at) = patch.get("at") {
                    let xor = HEXLOWER
                        .decode(patch["xor"].as_str().unwrap().as_bytes())
                        .unwrap();
                    bytes[usize::try_from(at.as_u64().unwrap()).unwrap()] ^= xor[0];
                }
                if let Some(keep) = patch.get("keep") {
                    bytes.truncate(usize::try_from(keep.as_u64().unwrap()).unwrap());
                }
                bytes
            }
            other => panic!("{field}: {other}"),
        }
    }

    pub fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        self.bytes(field).try_into().unwrap()
    }

    pub fn list(&self, field: &str) -> Vec<Vec<u8>> {
        match &self.input[field] {
            Value::Array(items) => items
                .iter()
                .map(|item| HEXLOWER.decode(item.as_str().unwrap().as_bytes()).unwrap())
                .collect(),
            Value::Object(patch) => self.other(&patch["of"]).list(field),
            other => panic!("{field}: {other}"),
        }
    }

    /// Lines of text; those of another case with some of them replaced.
    pub fn lines(&self, field: &str) -> Vec<String> {
        let texts = |items: &Value| -> Vec<String> {
            let items = items.as_array().unwrap().iter();
            items
                .map(|item| item.as_str().unwrap().to_owned())
                .collect()
        };
        match &self.input[field] {
            Value::Object(patch) => {
                let number = |name| usize::try_from(patch[name].as_u64().unwrap()).unwrap();
                let mut lines = self.other(&patch["of"]).lines(field);
                let place = number("from")..number("from") + number("drop");
                lines.splice(place, texts(&patch["put"]));
                lines
            }
            items => texts(items),
        }
    }

    pub fn text(&self, field: &str) -> &'a str {
        self.input[field].as_str().unwrap()
    }

    pub fn number(&self, field: &str) -> u64 {
        self.input[field].as_u64().unwrap()
    }

    pub fn has(&self, field: &str) -> bool {
        !self.input[field].is_null()
    }

    fn other(&self, name: &Value) -> Input<'a> {
        let case = self
            .cases
            .iter()
            .find(|case| &case["name"] == name)
            .unwrap();
        Input {
            cases: self.cases,
            input: &case["input"],
        }
    }
}
