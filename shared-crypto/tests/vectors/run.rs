//! Running a family: natively and in a browser alike.

use serde_json::Value;

use crate::input::Input;

/// Runs every case of a family: valid ones give what is expected, invalid ones the named error.
pub fn check_family(name: &str, text: &str, check: impl Fn(&Input<'_>) -> Result<Value, String>) {
    let family: Value = serde_json::from_str(text).unwrap();
    assert_eq!(family["family"], name);
    let cases = family["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let outcome = check(&Input::new(cases, &case["input"]));
        if case["valid"] == true {
            assert_eq!(
                outcome,
                Ok(case["expected"].clone()),
                "{name}: {}",
                case["name"]
            );
        } else {
            assert!(case["reason"].is_string());
            let error = case["error"].as_str().unwrap().to_owned();
            assert_eq!(outcome, Err(error), "{name}: {}", case["name"]);
        }
    }
}
