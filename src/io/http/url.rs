//! Where a request goes: which URLs are let through, and what a redirect points at.

use std::net::IpAddr;

use http::Uri;

use super::address::is_public;
use super::error::printable;
use super::{HttpError, Trust};

/// A URL that passed the rules, and how far it is trusted.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) uri: Uri,
    /// Addresses inside the runner's network are fine.
    pub(super) may_be_private: bool,
}

/// Checks `url` against the rules that need no network: scheme, user information, literal addresses.
pub(super) fn admit(url: &str, trust: &Trust) -> Result<Target, HttpError> {
    let bad = |why| HttpError::BadUrl { url: printable(url), why };
    let refused = |why: &str| HttpError::Refused { url: printable(url), why: why.to_owned() };
    let uri: Uri = url.split('#').next().unwrap_or(url).parse().map_err(|_| bad("it is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| bad("it has no host"))?;
    if authority.as_str().contains('@') {
        return Err(refused("it carries user information, and credentials are never sent"));
    }
    let host = authority.host();
    if host.is_empty() {
        return Err(bad("it has no host"));
    }
    if host.starts_with('[') && bracketed(host).parse::<IpAddr>().is_err() {
        return Err(bad("its host is not an address"));
    }
    if authority.as_str() != host && authority.port_u16().is_none() {
        return Err(bad("its port is none"));
    }
    let covered = trust.covers(url);
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if covered => {}
        Some("http") => {
            return Err(refused("only https is fetched; name it on the command line to trust it"));
        }
        _ => return Err(bad("only https can be fetched")),
    }
    let may_be_private = covered || trust.allows_host(host);
    if !may_be_private && names_inside(host) {
        return Err(refused("it is an address inside the network; allow its host in the configuration to trust it"));
    }
    Ok(Target { uri, may_be_private })
}

/// The address between brackets, or the whole host.
fn bracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

/// Returns whether `host` is written as an address, or a name of this machine, inside the network.
///
/// Names are checked again when they are resolved. Behind a proxy they are not resolved here, so this is all there is.
fn names_inside(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    match bracketed(&name).parse::<IpAddr>() {
        Ok(address) => !is_public(address),
        // `127.1`, `0x7f.1`, `2130706433`: forms that resolvers accept and nobody needs.
        Err(_) => name.rsplit('.').next().is_some_and(|last| {
            last.starts_with("0x") || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
        }),
    }
}

/// The URL that the header `Location: location` of an answer from `base` means.
pub(super) fn follow(base: &Uri, location: &str) -> Result<String, HttpError> {
    let refused = |why: &str| HttpError::Redirect { url: printable(&base.to_string()), why: why.to_owned() };
    let location = location.split('#').next().unwrap_or(location).trim();
    let scheme = base.scheme_str().unwrap_or("https");
    let authority = base.authority().map_or("", |authority| authority.as_str());
    let next = if location.is_empty() {
        return Err(refused("it does not say where to"));
    } else if is_absolute(location) {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{}{location}", base.path())
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    if scheme == "https" && !next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")) {
        return Err(refused("it leads from https to something else"));
    }
    Ok(next)
}

/// Returns whether `location` begins with a scheme; a `://` further on belongs to a path or a query.
fn is_absolute(location: &str) -> bool {
    let scheme = location.split_once("://").map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(base: &str, location: &str) -> String {
        follow(&base.parse().unwrap(), location).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn locations_are_resolved_against_the_redirecting_url() {
        assert_eq!(target("https://h/a/b?q", "https://i/x"), "https://i/x");
        assert_eq!(target("https://h/a/b?q", "//i/x"), "https://i/x");
        assert_eq!(target("https://h:1/a/b?q", "/x?y"), "https://h:1/x?y");
        assert_eq!(target("https://h/a/b?q", "c?u=http://z"), "https://h/a/c?u=http://z");
        assert_eq!(target("https://h/a/b", "?z"), "https://h/a/b?z");
    }

    #[test]
    fn a_redirect_never_leaves_https() {
        assert!(target("https://h/a", "http://h/a").contains("from https"));
        assert!(target("https://h/a", "ftp://h/a").contains("from https"));
        assert_eq!(target("http://h/a", "https://h/a"), "https://h/a");
    }

    #[test]
    fn only_https_and_trusted_prefixes_are_admitted() {
        let trust =
            Trust { prefixes: vec!["http://10.0.0.1/git/".to_owned()], hosts: vec!["inside.example".to_owned()] };
        let verdict = |url: &str| admit(url, &trust).map(|target| target.may_be_private).ok();
        assert_eq!(verdict("https://example.com/x"), Some(false));
        assert_eq!(verdict("https://INSIDE.example/x"), Some(true));
        assert_eq!(verdict("http://10.0.0.1/git/x"), Some(true));
        for url in [
            "http://example.com/",
            "http://inside.example/",
            "http://10.0.0.1/other",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user@example.com/",
            "https://u:p@example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0x1/",
            "https://localhost/",
            "https://a.localhost./",
            "https://169.254.169.254/",
            "https://[::ffff:10.0.0.1]/",
            "not a url",
            "/path",
            "",
        ] {
            assert_eq!(verdict(url), None, "{url} was admitted");
        }
    }
}
