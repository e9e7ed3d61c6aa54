//! Searching for what must not be there, in every form in which it could be written.

use std::path::Path;

use anyhow::Result;
use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use memchr::memmem::Finder;

/// Something to look for.
#[derive(Debug, Clone)]
pub struct Needle {
    /// What it is, for people.
    pub name: String,
    forms: Vec<(String, Vec<u8>)>,
}

impl Needle {
    /// Words: as they are, as browsers keep some, and encoded.
    pub fn text(name: &str, text: &str) -> Self {
        let mut needle = Self::bytes(name, text.as_bytes());
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        needle.forms.push(("UTF-16".to_owned(), wide));
        needle
    }

    /// Bytes: raw, in hex, in base64 and base64url at each of the three alignments.
    pub fn bytes(name: &str, bytes: &[u8]) -> Self {
        let mut forms = vec![
            ("raw".to_owned(), bytes.to_vec()),
            ("hex".to_owned(), HEXLOWER.encode(bytes).into_bytes()),
            (
                "upper-case hex".to_owned(),
                HEXUPPER.encode(bytes).into_bytes(),
            ),
        ];
        for (kind, encoding) in [("base64", BASE64), ("base64url", BASE64URL)] {
            for shift in 0..3 {
                forms.push((format!("{kind} +{shift}"), aligned(&encoding, bytes, shift)));
            }
        }
        Self {
            name: name.to_owned(),
            forms,
        }
    }

    /// In which forms it occurs in these bytes.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let occurs = |form: &[u8]| !form.is_empty() && Finder::new(form).find(bytes).is_some();
        self.forms
            .iter()
            .filter(|(_, form)| occurs(form))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// The characters that depend on nothing but these bytes when `shift` bytes stand before them.
fn aligned(encoding: &data_encoding::Encoding, bytes: &[u8], shift: usize) -> Vec<u8> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    let encoded = encoding.encode(&padded);
    let first = (shift * 8).div_ceil(6);
    let whole = padded.len() * 8 / 6;
    encoded
        .as_bytes()
        .get(first..whole)
        .unwrap_or_default()
        .to_vec()
}

/// Bytes to look through.
#[derive(Debug, Clone)]
pub struct Haystack {
    /// What it is, for people.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// All files of a folder.
///
/// # Errors
/// When one cannot be read.
pub fn files(folder: &Path) -> Result<Vec<Haystack>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = std::fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            found.extend(files(&path)?);
        } else if kind.is_file() {
            found.push(Haystack {
                name: path.display().to_string(),
                bytes: std::fs::read(&path)?,
            });
        }
    }
    Ok(found)
}

/// Looks for each of the needles in each of the haystacks; says what was found where.
pub fn findings(needles: &[Needle], haystacks: &[Haystack]) -> Vec<String> {
    let mut findings = Vec::new();
    for haystack in haystacks {
        for needle in needles {
            let forms = needle.found_in(&haystack.bytes);
            if !forms.is_empty() {
                findings.push(format!(
                    "{} in {} ({})",
                    needle.name,
                    haystack.name,
                    forms.join(", ")
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [
        0x9d, 3, 77, 0xfe, 200, 1, 2, 0xff, 31, 32, 33, 34, 99, 98, 97, 96, 5, 6, 7, 8, 250, 251,
        252, 253, 11, 12, 13, 14, 0xaa, 0xbb, 0xcc, 0xdd,
    ];

    #[test]
    fn every_form_is_found_between_anything() {
        let needle = Needle::bytes("secret", &SECRET);
        for before in 0..7 {
            let mut raw = vec![0x5a; before];
            raw.extend_from_slice(&SECRET);
            raw.extend_from_slice(&[0xa5; 5]);
            for text in [
                raw.clone(),
                HEXLOWER.encode(&raw).into_bytes(),
                HEXUPPER.encode(&raw).into_bytes(),
                BASE64.encode(&raw).into_bytes(),
                BASE64URL.encode(&raw).into_bytes(),
            ] {
                assert!(!needle.found_in(&text).is_empty(), "{before}");
            }
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let needle = Needle::bytes("secret", &SECRET);
        let mut other = SECRET;
        other[15] ^= 1;
        assert!(needle.found_in(&other).is_empty());
        assert!(needle.found_in(BASE64.encode(&other).as_bytes()).is_empty());
    }
}
