//! The headers of every answer: what a browser may do with it, and who may read it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

/// What the page may do. Its own files only; connections to every node, as an identity may live
/// anywhere.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self' https: wss:{loopback}; worker-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types zechat";

/// A page that this machine serves to itself may talk to the other nodes of this machine.
const LOOPBACK: &str = " http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*";

const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const EVERYWHERE: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(self), display-capture=(), geolocation=(), \
         gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    ),
];

const PAGE: &[(&str, &str)] = &[("cross-origin-resource-policy", "same-origin")];

/// Any client from any origin is a full client; there are no cookies that this could expose.
const API: &[(&str, &str)] = &[
    ("cross-origin-resource-policy", "cross-origin"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "retry-after, x-request-id"),
];

const PREFLIGHT: &[(&str, &str)] = &[
    ("access-control-allow-methods", "GET, PUT, POST"),
    (
        "access-control-allow-headers",
        "content-type, zechat-postage, zechat-vault",
    ),
    ("access-control-max-age", "86400"),
];

/// The headers, made once.
#[derive(Debug, Clone)]
pub(super) struct Headers {
    page: Vec<(HeaderName, HeaderValue)>,
    api: Vec<(HeaderName, HeaderValue)>,
}

impl Headers {
    pub(super) fn new(is_loopback: bool) -> Self {
        let policy = PAGE_POLICY.replace("{loopback}", if is_loopback { LOOPBACK } else { "" });
        let make = |policy: &str, tables: [&[(&'static str, &'static str)]; 2]| {
            let mut headers: Vec<_> = tables
                .iter()
                .flat_map(|table| table.iter())
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            if let Ok(policy) = HeaderValue::from_str(policy) {
                headers.push((HeaderName::from_static("content-security-policy"), policy));
            }
            headers
        };
        Self {
            page: make(&policy, [EVERYWHERE, PAGE]),
            api: make(API_POLICY, [EVERYWHERE, API]),
        }
    }

    fn add(&self, path: &str, headers: &mut HeaderMap) {
        let table = if is_path_of_api(path) {
            &self.api
        } else {
            &self.page
        };
        for (name, value) in table {
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Whether a request is for what clients of other origins may read. What counts is the path that routes are found by: as it
/// came it may spell letters in percent, and be taken for another.
pub(super) fn is_api(request: &ServiceRequest) -> bool {
    is_path_of_api(request.match_info().as_str())
}

fn is_path_of_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/") || path.starts_with("/.well-known/")
}

/// Adds the headers to every answer, and answers preflight requests.
pub(super) async fn apply(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.match_info().as_str().to_owned();
    let headers = request.app_data::<web::Data<Headers>>().cloned();
    let is_preflight = request.method() == Method::OPTIONS && is_path_of_api(&path);
    let mut response = if is_preflight {
        let mut response = HttpResponse::NoContent();
        for header in PREFLIGHT {
            response.insert_header(*header);
        }
        request
            .into_response(response.finish())
            .map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    if let Some(headers) = headers {
        headers.add(&path, response.headers_mut());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(headers: &[(HeaderName, HeaderValue)], name: &str) -> String {
        let found = headers.iter().find(|(header, _)| header == name);
        found.unwrap().1.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_page_may_connect_to_loopback_from_loopback_only() {
        let here = value(&Headers::new(true).page, "content-security-policy");
        assert_eq!(
            here,
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data: blob:; font-src 'self'; connect-src 'self' https: wss: \
             http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*; \
             worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types zechat"
        );
        let elsewhere = value(&Headers::new(false).page, "content-security-policy");
        assert!(
            elsewhere.contains("connect-src 'self' https: wss:; worker-src"),
            "{elsewhere}"
        );
    }

    #[test]
    fn the_areas_are_told_apart() {
        for path in ["/v1", "/v1/node", "/.well-known/zechat/client"] {
            assert!(is_path_of_api(path), "{path}");
        }
        for path in ["/", "/i", "/v10", "/v1.js", "/livez"] {
            assert!(!is_path_of_api(path), "{path}");
        }
    }

    #[test]
    fn the_api_is_known_however_its_path_is_spelled() {
        let request = |path| actix_web::test::TestRequest::with_uri(path).to_srv_request();
        for path in [
            "/v1/identities/x",
            "/%76%31/identities/x",
            "/%2ewell-known/zechat/client",
        ] {
            assert!(is_api(&request(path)), "{path}");
        }
        assert!(!is_api(&request("/%7610/identities/x")));
    }
}
