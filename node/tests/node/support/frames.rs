//! Text frames held against the JSON Schema that a node serves. It knows the words of JSON Schema that stand in there,
//! and stops at any other. The simulation of `client-core` holds what clients send against it as well.

use std::sync::LazyLock;

use serde_json::Value;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../api/live.schema.json")).expect("JSON")
});

/// Checks that a frame is just one of those which a `ClientFrame` or a `NodeFrame` may be; says its name.
pub fn check_frame(kind: &str, text: &str) -> String {
    let frame: Value = serde_json::from_str(text).expect(text);
    let is_one = of_schema(&SCHEMA["$defs"][kind], &frame);
    assert!(is_one, "no {kind} by the schema: {text}");
    frame["type"].as_str().expect("a name").to_owned()
}

/// The names of all that there are.
#[allow(dead_code, reason = "only one of the programs that share this asks")]
pub fn frame_names(kind: &str) -> Vec<&'static str> {
    let frames = SCHEMA["$defs"][kind]["oneOf"].as_array().expect(kind);
    let names = frames.iter().map(|frame| &frame["title"]);
    names.map(|name| name.as_str().expect("a name")).collect()
}

fn of_schema(schema: &Value, value: &Value) -> bool {
    let words = schema.as_object().expect("a schema");
    words.iter().all(|(word, of)| match word.as_str() {
        "title" | "description" => true,
        "$ref" => {
            let place = of.as_str().and_then(|place| place.strip_prefix('#'));
            of_schema(
                SCHEMA.pointer(place.expect("a place")).expect("there"),
                value,
            )
        }
        "const" => value == of,
        "enum" => list(of).contains(value),
        "oneOf" => {
            let those = list(of).iter().filter(|one| of_schema(one, value));
            those.count() == 1
        }
        "type" => match of.as_str().expect("one type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "null" => value.is_null(),
            other => panic!("the type {other} is not known here"),
        },
        "minimum" => value.as_i64() >= of.as_i64() || value.is_u64(),
        "maxItems" => list(value).len() <= usize::try_from(of.as_u64().unwrap()).unwrap(),
        "items" => list(value).iter().all(|item| of_schema(of, item)),
        "required" => list(of)
            .iter()
            .all(|name| value.get(name.as_str().unwrap()).is_some()),
        "properties" => of.as_object().unwrap().iter().all(|(name, of)| {
            // Others a reader ignores, and none of these may be what it is not.
            value.get(name).is_none_or(|member| of_schema(of, member))
        }),
        "pattern" => of_pattern(of.as_str().unwrap(), value.as_str().unwrap_or(" ")),
        other => panic!("the word {other} is not known here"),
    })
}

/// Base64url of any length, or of just so many characters.
fn of_pattern(pattern: &str, text: &str) -> bool {
    let times = pattern.strip_prefix("^[A-Za-z0-9_-]").expect(pattern);
    let length = times
        .strip_prefix('{')
        .and_then(|times| times.strip_suffix("}$"))
        .map(|length| length.parse::<usize>().unwrap());
    assert!(length.is_some() || times == "*$", "{pattern}");
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.bytes().all(is_base64) && length.is_none_or(|length| text.len() == length)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
