//! With which nodes this one talks, in both directions.

use std::collections::BTreeSet;

use shared_crypto::id::NodeFingerprint;
use shared_crypto::node_url::NodeUrl;

use crate::settings::FederationSettings;

/// The lists, made ready. A node that is on both is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerRules {
    allow: Patterns,
    deny: Patterns,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Patterns {
    everybody: bool,
    exact: BTreeSet<String>,
    /// Domains whose hosts are meant, with the dot before.
    below: Vec<String>,
}

/// Reads how an operator names nodes: `*`, a host, `*.example.org` for all below it, the address of a node, whose host
/// counts, or a fingerprint. Anything else would match nobody, in silence.
///
/// # Errors
/// Words for the operator.
pub fn parse_pattern(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text == "*" || is_fingerprint(text) {
        return Ok(text.to_owned());
    }
    if let Ok(url) = NodeUrl::parse(text) {
        return Ok(url.host().to_owned());
    }
    let (below, host) = match text.strip_prefix("*.") {
        Some(host) => ("*.", host),
        None => ("", text),
    };
    let host = host.strip_suffix('.').unwrap_or(host).to_lowercase();
    // As it stands in the address of a node, and nothing beside it.
    match NodeUrl::parse(&format!("https://{host}")) {
        Ok(url) if url.host() == host => Ok(format!("{below}{host}")),
        _ => Err(format!(
            "{text:?} names no node: give a host, *.example.org for all below it, an address, a fingerprint, or *"
        )),
    }
}

impl PeerRules {
    /// From the settings, and what was blocked by command.
    pub fn new(settings: &FederationSettings, blocked: &[String]) -> Self {
        Self {
            allow: Patterns::new(settings.allow.iter()),
            deny: Patterns::new(settings.deny.iter().chain(blocked)),
        }
    }

    /// Whether a node at this address may be talked with, as far as the address tells.
    pub fn permit_url(&self, url: &NodeUrl) -> bool {
        let host = url.host();
        // Who is allowed by its key shows that with its key only.
        let is_allowed = self.allow.matches(host) || self.allow.names_keys();
        is_allowed && !self.deny.matches(host)
    }

    /// Whether this node may be talked with.
    pub fn permit(&self, url: &NodeUrl, fingerprint: &NodeFingerprint) -> bool {
        let (host, key) = (url.host(), fingerprint.to_string());
        (self.allow.matches(host) || self.allow.exact.contains(&key))
            && !self.deny.matches(host)
            && !self.deny.exact.contains(&key)
    }

    /// Whether everybody may, so that nobody needs to be asked who they are.
    pub fn permits_everybody(&self) -> bool {
        self.allow.everybody && self.deny == Patterns::default()
    }
}

impl Patterns {
    fn new<'a>(texts: impl Iterator<Item = &'a String>) -> Self {
        let mut patterns = Self::default();
        // What was stored before they were checked is read as well as it can be.
        let parsed = |text: &String| parse_pattern(text).unwrap_or_else(|_| text.trim().to_owned());
        for text in texts.map(parsed) {
            let text = text.as_str();
            if text == "*" {
                patterns.everybody = true;
            } else if let Some(domain) = text.strip_prefix('*') {
                patterns.below.push(domain.to_lowercase());
            } else if is_fingerprint(text) {
                patterns.exact.insert(text.to_owned());
            } else {
                patterns.exact.insert(text.to_lowercase());
            }
        }
        patterns
    }

    fn matches(&self, host: &str) -> bool {
        self.everybody
            || self.exact.contains(host)
            || self
                .below
                .iter()
                .any(|domain| host.ends_with(domain.as_str()))
    }

    fn names_keys(&self) -> bool {
        self.exact.iter().any(|text| is_fingerprint(text))
    }
}

fn is_fingerprint(text: &str) -> bool {
    NodeFingerprint::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str], deny: &[&str]) -> PeerRules {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let settings = FederationSettings {
            allow: own(allow),
            deny: own(deny),
            ..FederationSettings::default()
        };
        PeerRules::new(&settings, &["blocked.example".to_owned()])
    }

    fn permits(rules: &PeerRules, host: &str) -> bool {
        let url = NodeUrl::parse(&format!("https://{host}")).unwrap();
        let nobody = NodeFingerprint::from_bytes([7; 32]);
        let permitted = rules.permit(&url, &nobody);
        assert_eq!(permitted, rules.permit_url(&url));
        permitted
    }

    #[test]
    fn the_deny_list_wins() {
        let rules = rules(&["*"], &["bad.example", "*.worse.example"]);
        assert!(permits(&rules, "good.example"));
        assert!(permits(&rules, "worse.example") && permits(&rules, "notbad.example"));
        for host in [
            "bad.example",
            "a.worse.example",
            "b.a.worse.example",
            "blocked.example",
        ] {
            assert!(!permits(&rules, host), "{host}");
        }
    }

    #[test]
    fn an_empty_allow_list_allows_nobody() {
        assert!(!permits(&rules(&[], &[]), "good.example"));
        let some = rules(&["Good.example"], &[]);
        assert!(permits(&some, "good.example") && !permits(&some, "other.example"));
    }

    #[test]
    fn patterns_that_name_no_node_are_refused_and_addresses_are_understood() {
        for (text, meant) in [
            ("*", "*"),
            ("Bad.Example.", "bad.example"),
            ("*.bad.example", "*.bad.example"),
            ("https://bad.example", "bad.example"),
            ("https://bad.example:8443", "bad.example"),
        ] {
            assert_eq!(parse_pattern(text).as_deref(), Ok(meant), "{text}");
        }
        for text in [
            "",
            "*example.org",
            "bad.example:8443",
            "bad example",
            "a/b",
            "*.*",
            "*.",
        ] {
            assert!(parse_pattern(text).is_err(), "{text}");
        }
        let denied = rules(&["*"], &["https://bad.example"]);
        assert!(!permits(&denied, "bad.example"));
    }

    #[test]
    fn a_key_may_be_named() {
        let key = NodeFingerprint::from_bytes([9; 32]);
        let url = NodeUrl::parse("https://good.example").unwrap();
        let denied = rules(&["*"], &[&key.to_string()]);
        assert!(denied.permit_url(&url) && !denied.permit(&url, &key));
        let allowed = rules(&[&key.to_string()], &[]);
        assert!(allowed.permit_url(&url) && allowed.permit(&url, &key));
        assert!(!allowed.permit(&url, &NodeFingerprint::from_bytes([8; 32])));
    }
}
