//! Addresses that a report may link.

use std::fmt;

/// An `https` address that ends no link, cell or tag: only unreserved characters, escapes, and the separators of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Href(String);

impl Href {
    /// Takes an address over. None where it is not `https://host/…`, or holds a character that must be escaped.
    #[must_use]
    pub fn new(address: String) -> Option<Self> {
        let rest = address.strip_prefix("https://")?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        let plain = name.split('.').all(|label| !label.is_empty())
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b))
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%?=&#:+@".contains(&b));
        (plain && address.len() <= 2000).then_some(Self(address))
    }

    /// The host, with the port where there is one.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.strip_prefix("https://").unwrap_or_default();
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_addresses_are_linked() {
        let href = |address: &str| Href::new(address.to_owned()).map(|h| h.host().to_owned());
        assert_eq!(href("https://github.com/a/b?c=d#L1"), Some("github.com".into()));
        assert_eq!(href("https://ghes.example:8443/a"), Some("ghes.example:8443".into()));
        for bad in [
            "http://a/b",
            "https://",
            "https:///x",
            "https://a b/",
            "https://a/)(x",
            "https://u@h/x",
            "javascript:x",
            "https://a/|",
            "https://a/<b>",
            "https://a/\nb",
            "https://ä.example/",
        ] {
            assert_eq!(href(bad), None, "{bad}");
        }
    }
}
