//! One style sheet of the many that the sources have, without what only their readers need: fewer requests, and a third less
//! to download.

use std::path::Path;

use anyhow::{Context, Result};

use super::{PAGE, integrity, read_text, remove, sha256, write};

const BEGIN: &str = "<link rel=\"stylesheet\"";

/// Puts the contents of all style sheets of the page into one file, named after its contents.
pub fn join(dist: &Path) -> Result<()> {
    let page = read_text(dist, PAGE)?;
    let (mut sheet, mut result, mut first) = (String::new(), String::new(), None);
    let mut rest = page.as_str();
    while let Some((before, from_tag)) = rest.split_once(BEGIN) {
        let (tag, after) = from_tag.split_once('>').context("a link without an end")?;
        let name = address(tag).context("a style sheet without an address of ours")?;
        sheet.push_str(&read_text(dist, name)?);
        remove(dist, name)?;
        result.push_str(before);
        first.get_or_insert(result.len());
        rest = after;
    }
    result.push_str(rest);
    let sheet = slim(&sheet);
    if let Some(first) = first {
        let name = format!(
            "styles-{}.css",
            sha256(&sheet).get(..16).unwrap_or_default()
        );
        let hash = integrity(&sheet);
        write(dist, &name, sheet)?;
        result.insert_str(
            first,
            &format!("{BEGIN} href=\"/{name}\" integrity=\"{hash}\">"),
        );
        write(dist, PAGE, result)?;
    }
    Ok(())
}

/// The same rules without comments, indentation and empty lines. No string of ours has what looks like a comment.
fn slim(sheet: &str) -> String {
    let (mut rules, mut rest) = (String::new(), sheet);
    while let Some((before, comment)) = rest.split_once("/*") {
        rules.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    rules.push_str(rest);
    let lines = rules.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn address(tag: &str) -> Option<&str> {
    let (_, from) = tag.split_once("href=\"/")?;
    from.split_once('"').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_become_one_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        write(dist, "b-1.css", "b{}").unwrap();
        write(dist, "a-2.css", "a{}").unwrap();
        let links = "<link rel=\"stylesheet\" href=\"/b-1.css\" integrity=\"x\"/>\n<i>\
                     <link rel=\"stylesheet\" href=\"/a-2.css\"/>\n<link rel=\"icon\" href=\"/i\">";
        write(dist, PAGE, links).unwrap();
        join(dist).unwrap();
        let page = read_text(dist, PAGE).unwrap();
        let name = address(&page).unwrap();
        assert_eq!(read_text(dist, name).unwrap(), "b{}a{}");
        let hash = integrity("b{}a{}");
        let expected = format!(
            "<link rel=\"stylesheet\" href=\"/{name}\" integrity=\"{hash}\">\n<i>\n<link rel=\"icon\" href=\"/i\">"
        );
        assert_eq!(page, expected);
        assert!(!dist.join("b-1.css").exists() && !dist.join("a-2.css").exists());
    }

    #[test]
    fn comments_are_for_readers() {
        let sheet = "/* Two\n   lines. */\n\n@layer a {\n  p > a { /* red */\n    color: red;\n  }\n}\n/* the end */";
        assert_eq!(slim(sheet), "@layer a {\np > a {\ncolor: red;\n}\n}");
    }

    #[test]
    fn a_page_without_sheets_stays() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), PAGE, "<p>").unwrap();
        join(folder.path()).unwrap();
        assert_eq!(read_text(folder.path(), PAGE).unwrap(), "<p>");
    }
}
