//! The client's files: built into the program, or from a folder while it is being developed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use shared_crypto::problem::ProblemCode;

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "$ZECHAT_CLIENT_EMBED"]
struct BuiltIn;

const INDEX: &str = "index.html";
const MANIFEST: &str = "client-manifest.json";

/// Variants that the build puts beside a file, best first.
const VARIANTS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

const NOT_FOUND: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"robots\" content=\"noindex\"><title>Not found</title>\
    <h1>Not found</h1><p>There is nothing at this address. <a href=\"/\">Go to the start page</a>.</p></html>\n";

/// Where the files come from.
#[derive(Debug)]
pub enum Assets {
    /// From the program, with what was unpacked so far.
    BuiltIn(Unpacked),
    /// From a folder, read anew each time.
    Folder(PathBuf),
}

impl Assets {
    /// The built-in files, unless a folder is named.
    pub fn new(folder: &Path) -> Self {
        if folder.as_os_str().is_empty() {
            Self::BuiltIn(Unpacked::default())
        } else {
            Self::Folder(folder.to_owned())
        }
    }

    /// A file with the hash of its content.
    async fn find(&self, name: &str) -> Option<(Cow<'static, [u8]>, [u8; 32])> {
        match self {
            Self::BuiltIn(_) => {
                let file = BuiltIn::get(name)?;
                Some((file.data, file.metadata.sha256_hash()))
            }
            Self::Folder(folder) => {
                let path = folder.join(name);
                let bytes = tokio::fs::read(path).await.ok()?;
                let hash = Sha256::digest(&bytes).into();
                Some((bytes.into(), hash))
            }
        }
    }

    /// A file that is there packed only.
    async fn find_packed(&self, name: &str) -> Option<(Cow<'static, [u8]>, [u8; 32])> {
        let Self::BuiltIn(unpacked) = self else {
            return None;
        };
        if let Some(known) = unpacked.get(name) {
            return Some(known);
        }
        let (packed, _) = self.find(&format!("{name}.gz")).await?;
        // Once for each name that the build made, so that nobody makes work by asking.
        web::block(move || unpack(&packed))
            .await
            .ok()?
            .map(|content| unpacked.put(name, content))
    }
}

/// Files that are built in packed only, once somebody wanted them unpacked.
#[derive(Debug, Default)]
pub struct Unpacked(Mutex<Files>);

/// Contents and hashes under their names.
type Files = BTreeMap<String, (&'static [u8], [u8; 32])>;

impl Unpacked {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, name: &str) -> Option<(Cow<'static, [u8]>, [u8; 32])> {
        let (bytes, hash) = *self.lock().get(name)?;
        Some((bytes.into(), hash))
    }

    fn put(&self, name: &str, content: Vec<u8>) -> (Cow<'static, [u8]>, [u8; 32]) {
        let hash = Sha256::digest(&content).into();
        let mut files = self.lock();
        let (bytes, hash) = files
            .entry(name.to_owned())
            // It is part of the program from now on.
            .or_insert_with(|| (Vec::leak(content), hash));
        (Cow::Borrowed(*bytes), *hash)
    }
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut content)
        .ok()?;
    Some(content)
}

/// `GET` of anything that is not the API.
pub(super) async fn file(
    request: HttpRequest,
    path: web::Path<String>,
    assets: web::Data<Arc<Assets>>,
) -> HttpResponse {
    let name = match path.as_str() {
        "" | "i" | "i/" | INDEX => INDEX,
        path => path,
    };
    let found = if is_servable(name) {
        serve(&request, &assets, name).await
    } else {
        None
    };
    found.unwrap_or_else(|| {
        HttpResponse::NotFound()
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .body(NOT_FOUND)
    })
}

/// The hashes of the client's files.
pub(super) async fn manifest(
    request: HttpRequest,
    assets: web::Data<Arc<Assets>>,
) -> Result<HttpResponse, Problem> {
    serve(&request, &assets, MANIFEST).await.ok_or_else(|| {
        Problem::new(
            ProblemCode::NotFound,
            "This node was built without a client.",
        )
    })
}

async fn serve(request: &HttpRequest, assets: &Assets, name: &str) -> Option<HttpResponse> {
    let accepted = request.headers();
    let mut variant = None;
    for (encoding, ending) in VARIANTS {
        if accepts(accepted, encoding)
            && let Some(found) = assets.find(&format!("{name}.{ending}")).await
        {
            variant = Some((found, Some(encoding)));
            break;
        }
    }
    let ((bytes, hash), encoding) = match variant {
        Some(variant) => variant,
        None => match assets.find(name).await {
            Some(found) => (found, None),
            None => (assets.find_packed(name).await?, None),
        },
    };
    let etag = format!(
        "\"{}\"",
        HEXLOWER.encode(hash.get(..16).unwrap_or_default())
    );
    let is_known = matches_etag(accepted, &etag);
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, etag))
        .insert_header((VARY, HeaderValue::from_static("accept-encoding")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static(cache_rule(name))));
    if is_known {
        return Some(response.finish());
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static(encoding)));
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type(name))));
    Some(match bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}

/// Names that the build makes: no hidden files, no way out of the folder, no variants by name.
fn is_servable(name: &str) -> bool {
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    name.split('/').all(is_segment) && !VARIANTS.iter().any(|(_, ending)| has_ending(name, ending))
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, last)| last == ending)
}

/// Whether the client takes this encoding (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let entries = headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut any = false;
    for entry in entries {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_wanted = parts
            .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .all(|weight| {
                weight
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|weight| weight > 0.0)
            });
        if name.eq_ignore_ascii_case(encoding) {
            return is_wanted;
        }
        any |= name == "*" && is_wanted;
    }
    any
}

fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// A name that holds the hash of its content never changes its content.
fn cache_rule(name: &str) -> &'static str {
    let is_hashed = name
        .split(['/', '-', '_', '.'])
        .any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn what_is_packed_is_unpacked_as_it_was() {
        use std::io::Write as _;
        let content = b"a program, a program, a program".repeat(1_000);
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&content).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpack(&packed), Some(content.clone()));
        assert_eq!(unpack(b"something else"), None);
        let unpacked = Unpacked::default();
        assert_eq!(unpacked.get("app.wasm"), None);
        let (bytes, hash) = unpacked.put("app.wasm", content.clone());
        assert_eq!(*bytes, *content);
        assert_eq!(unpacked.get("app.wasm"), Some((bytes, hash)));
    }

    #[test]
    fn encodings_are_negotiated() {
        let accepts = |value: &str, encoding| accepts(&headers(ACCEPT_ENCODING, value), encoding);
        assert!(accepts("gzip, deflate, br", "br") && accepts("br;q=0.5", "br"));
        assert!(accepts("*", "br") && accepts("GZIP", "gzip"));
        assert!(!accepts("gzip", "br") && !accepts("br;q=0, *", "br") && !accepts("", "br"));
        assert!(!accepts("*;q=0", "gzip") && !accepts("br; q=0.000", "br"));
    }

    #[test]
    fn only_names_that_the_build_makes_are_served() {
        for name in [
            "index.html",
            "snippets/a-1/inline0.js",
            "zechat-0123456789abcdef_bg.wasm",
        ] {
            assert!(is_servable(name), "{name}");
        }
        for name in [
            "",
            "..",
            "../x",
            "a/../b",
            "a//b",
            ".git/config",
            "a/.x",
            "x.br",
            "x.gz",
            "a b",
            "a\\b",
            "a%2e",
        ] {
            assert!(!is_servable(name), "{name}");
        }
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        for name in [
            "web-0123456789abcdef.js",
            "web-0123456789abcdef_bg.wasm",
            "snippets/x-0123456789abcdef/inline0.js",
        ] {
            assert!(cache_rule(name).contains("immutable"), "{name}");
        }
        for name in [
            "index.html",
            "sw.js",
            "manifest.webmanifest",
            "icon-512.png",
        ] {
            assert_eq!(cache_rule(name), "no-cache", "{name}");
        }
    }
}
