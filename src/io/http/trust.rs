//! Which URLs the person who started the bot vouched for.

use http::Uri;

/// The addresses that may be fetched beyond `https` in the open internet.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// URLs and paths that the command line named. What lies below one of them may be `http://`, `file://`, a plain path, or
    /// private. A prefix ends at a `/`: `https://host/team` covers `https://host/team/x`, not `https://host/teammate`.
    pub prefixes: Vec<String>,
    /// Hosts that the configuration allows although their addresses are private. They still have to speak `https`.
    pub hosts: Vec<String>,
}

impl Trust {
    /// Returns whether `url` (or a plain path) lies below a prefix that the command line named.
    ///
    /// Never true for a URL with dot segments or user information, since those say one place and mean another.
    pub fn covers(&self, url: &str) -> bool {
        !has_dot_segments(url) && self.prefixes.iter().any(|prefix| lies_below(url, prefix))
    }

    /// Returns whether `host` may have a private address. Case does not matter.
    pub fn allows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

fn lies_below(url: &str, prefix: &str) -> bool {
    if prefix.is_empty() || prefix == "/" {
        return false;
    }
    if !prefix.contains("://") {
        return !url.contains("://") && starts_at_boundary(url, prefix);
    }
    match (parse(url), parse(prefix)) {
        (Some(url), Some(prefix)) => {
            url.origin == prefix.origin && (prefix.path == "/" || starts_at_boundary(&url.path, &prefix.path))
        }
        _ => false,
    }
}

fn starts_at_boundary(text: &str, prefix: &str) -> bool {
    let whole = prefix.trim_end_matches('/');
    text.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/') || (rest.is_empty() && !prefix.ends_with('/')))
}

struct Parsed {
    origin: String,
    path: String,
}

/// Scheme, host and port in one normal form, and the path.
fn parse(url: &str) -> Option<Parsed> {
    if let Some(path) = url.strip_prefix("file://") {
        return path.starts_with('/').then(|| Parsed { origin: "file".to_owned(), path: path.to_owned() });
    }
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let port = match (authority.port_u16(), scheme.as_str()) {
        (Some(port), _) => port,
        (None, "https") => 443,
        (None, "http") => 80,
        (None, "git") => 9418,
        (None, _) => return None,
    };
    let host = authority.host().to_ascii_lowercase();
    Some(Parsed { origin: format!("{scheme}://{host}:{port}"), path: uri.path().to_owned() })
}

fn has_dot_segments(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(prefix: &str, url: &str) -> bool {
        Trust { prefixes: vec![prefix.to_owned()], hosts: Vec::new() }.covers(url)
    }

    #[test]
    fn a_prefix_covers_itself_and_what_lies_below() {
        assert!(covers("http://127.0.0.1:80/", "http://127.0.0.1/a.git"));
        assert!(covers("http://127.0.0.1:8080", "http://127.0.0.1:8080/a/b"));
        assert!(covers("https://Host/team", "https://host:443/team/x"));
        assert!(covers("https://host/team", "https://host/team"));
        assert!(covers("file:///srv/git/", "file:///srv/git/a"));
        assert!(covers("/srv/git", "/srv/git/a"));
    }

    #[test]
    fn a_prefix_covers_nothing_beside_it() {
        assert!(!covers("http://127.0.0.1:80", "http://127.0.0.1:8080/"));
        assert!(!covers("http://host", "http://host.evil/"));
        assert!(!covers("http://host", "http://host@evil/"));
        assert!(!covers("http://host/", "https://host/"));
        assert!(!covers("https://host/team", "https://host/teammate"));
        assert!(!covers("https://host/team/", "https://host/team/../other"));
        assert!(!covers("https://host/team/", "https://host/team/%2e%2E/other"));
        assert!(!covers("file:///srv/git", "/srv/git/a"));
        assert!(!covers("/srv/git", "/srv/git/../../etc"));
        assert!(!covers("/", "/etc"));
        assert!(!covers("", "http://host/"));
    }
}
