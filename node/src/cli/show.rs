//! Answers for people: lists as tables, everything else as lines.

use serde_json::{Map, Value};

/// The text of an answer.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Array(rows) if rows.is_empty() => "nothing\n".to_owned(),
        Value::Array(rows) => table(rows),
        Value::Object(members) => lines(members),
        other => format!("{}\n", cell("", other)),
    }
}

fn lines(members: &Map<String, Value>) -> String {
    let width = members.keys().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in members {
        match value {
            Value::Array(rows) if rows.iter().all(Value::is_object) => {
                text.push_str(&format!("{name}:\n{}", table(rows)));
            }
            Value::Object(inner) => text.push_str(&format!("{name}:\n{}", lines(inner))),
            other => text.push_str(&format!("{name:width$}  {}\n", cell(name, other))),
        }
    }
    text
}

fn table(rows: &[Value]) -> String {
    let names: Vec<&String> = match rows.first() {
        Some(Value::Object(first)) => first.keys().collect(),
        _ => return String::new(),
    };
    let mut cells: Vec<Vec<String>> = vec![names.iter().map(|name| (*name).clone()).collect()];
    for row in rows {
        let member = |name: &&String| row.get(name.as_str()).unwrap_or(&Value::Null);
        cells.push(names.iter().map(|name| cell(name, member(name))).collect());
    }
    let width = |column: usize| {
        let lengths = cells
            .iter()
            .filter_map(|row| row.get(column))
            .map(String::len);
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => match number.as_u64() {
            Some(0) if is_time(name) => "-".to_owned(),
            Some(millis) if is_time(name) => time(millis),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_time(name: &str) -> bool {
    name.ends_with("_at") || name.ends_with("_seen") || name == "before"
}

/// In UTC, like `2026-11-21 09:30`.
fn time(millis: u64) -> String {
    let minutes = millis.div_euclid(60_000);
    let (days, minute) = (minutes.div_euclid(1_440), minutes.rem_euclid(1_440));
    // Howard Hinnant's "civil from days", for days since 1970.
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = day_of_era
        .saturating_sub(day_of_era.div_euclid(1_460))
        .saturating_add(day_of_era.div_euclid(36_524))
        .saturating_sub(day_of_era.div_euclid(146_096))
        .div_euclid(365);
    let day_of_year = day_of_era
        .saturating_sub(year_of_era.saturating_mul(365))
        .saturating_sub(year_of_era.div_euclid(4))
        .saturating_add(year_of_era.div_euclid(100));
    let shifted = day_of_year
        .saturating_mul(5)
        .saturating_add(2)
        .div_euclid(153);
    let day = day_of_year
        .saturating_sub(shifted.saturating_mul(153).saturating_add(2).div_euclid(5))
        .saturating_add(1);
    let month = if shifted < 10 {
        shifted.saturating_add(3)
    } else {
        shifted.saturating_sub(9)
    };
    let year = era
        .saturating_mul(400)
        .saturating_add(year_of_era)
        .saturating_add(u64::from(month <= 2));
    let (hour, minute) = (minute.div_euclid(60), minute.rem_euclid(60));
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(time(0), "1970-01-01 00:00");
        assert_eq!(time(951_782_400_000), "2000-02-29 00:00");
        assert_eq!(time(1_795_253_399_000), "2026-11-21 09:29");
    }

    #[test]
    fn lists_are_tables() {
        let rows = json!([{ "id": 1, "note": "a friend" }, { "id": 20, "note": "" }]);
        assert_eq!(text(&rows), "id  note\n1   a friend\n20\n");
        assert_eq!(text(&json!([])), "nothing\n");
    }

    #[test]
    fn everything_else_is_lines() {
        let value = json!({ "accounts": 3, "running": true, "closing_at": null });
        assert_eq!(
            text(&value),
            "accounts    3\nclosing_at  -\nrunning     yes\n"
        );
    }
}
