//! Where a repository is, and whether it may be read from there.

use std::path::PathBuf;

use super::GitError;
use crate::io::http::Trust;

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind git's smart HTTP.
    Http,
    /// On this machine.
    Local(PathBuf),
}

impl Place {
    /// The place that `url` means.
    ///
    /// # Errors
    /// [`GitError::Refused`] for everything that is neither `https` nor named on the command line.
    pub(super) fn of(url: &str, trust: &Trust) -> Result<Self, GitError> {
        let refused = |why: &str| Err(GitError::Refused { url: url.to_owned(), why: why.to_owned() });
        let trusted = trust.covers(url);
        let untrusted = "only https is fetched; name it on the command line (--alias) to trust it";
        match url.split_once("://") {
            Some(("https", _)) => Ok(Self::Http),
            Some(("http", _)) if trusted => Ok(Self::Http),
            Some(("file", path)) if trusted => Ok(Self::Local(PathBuf::from(path))),
            Some(("http" | "file", _)) => refused(untrusted),
            Some(("git", _)) => refused(
                "git:// is neither encrypted nor read; give its https address with --alias, or the lock with --lock",
            ),
            Some(("ssh" | "git+ssh" | "ssh+git", _)) => {
                refused("it needs ssh, and no keys are used; give its https address with --alias")
            }
            Some(_) => refused("only https is fetched"),
            None if url.contains("::") => refused("remote helpers are programs, and nothing is run"),
            None if trusted => Ok(Self::Local(PathBuf::from(url))),
            None if url.split('/').next().is_some_and(|host| host.contains(':')) => {
                refused("it is an ssh address or an unknown alias; give its https address with --alias")
            }
            None => refused(untrusted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_what_was_named_has_a_place() {
        let prefixes = ["http://10.0.0.1/", "git://h/", "file:///srv/", "/srv/", "ssh://h/", "git@h:"];
        let trust = Trust { prefixes: prefixes.map(str::to_owned).to_vec(), hosts: Vec::new() };
        let place = |url: &str| Place::of(url, &trust).ok();
        assert_eq!(place("https://example.com/a.git"), Some(Place::Http));
        assert_eq!(place("http://10.0.0.1/a.git"), Some(Place::Http));
        assert_eq!(place("file:///srv/a"), Some(Place::Local("/srv/a".into())));
        assert_eq!(place("/srv/a"), Some(Place::Local("/srv/a".into())));
        for url in [
            "http://example.com/a",
            "git://h/a",
            "git://other/a",
            "file:///etc",
            "/etc",
            "../a",
            "a",
            "",
            "ssh://h/a",
            "git+ssh://h/a",
            "git@h:a/b.git",
            "github:a/b",
            "ext::sh -c x",
            "ftp://h/a",
            "HTTP://example.com/a",
        ] {
            assert_eq!(place(url), None, "{url} has a place");
        }
    }
}
