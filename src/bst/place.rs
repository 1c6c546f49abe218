//! The place that a repository's URL names, whatever the spelling.

/// Ports that a scheme means when its URL names none.
const PORTS: [(&str, &str); 4] = [("https", "443"), ("http", "80"), ("ssh", "22"), ("git", "9418")];

/// A host that takes owners and repositories in capitals as the same, as cargo does for it.
const CAPITALS: &str = "github.com";

/// Returns the place that a URL of a repository names: host and path. Spellings of one place give the same: the host in capitals, a slash
/// or `.git` at the end, `http`, `https`, `git` or `ssh`, a user, the port that the scheme means, and the form `git@host:path`.
///
/// What is no such URL, as a folder or one that begins with an unknown alias, only loses the slash and `.git`.
#[must_use]
pub(crate) fn repository(url: &str) -> String {
    let url = url.trim();
    let Some((scheme, authority, path)) = parts(url) else { return plain(url).to_owned() };
    let host = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host).to_ascii_lowercase();
    let usual = PORTS.iter().find(|(known, _)| *known == scheme).map(|(_, port)| format!(":{port}"));
    let host = usual.and_then(|port| host.strip_suffix(&port)).unwrap_or(&host);
    let path = plain(&path).trim_start_matches('/');
    if host == CAPITALS { format!("{host}/{}", path.to_ascii_lowercase()) } else { format!("{host}/{path}") }
}

/// Returns the host and the owner of the repository that a URL of the network names: `github.com/owner`. The rest of the path does not
/// count: it may lead into the repository.
#[must_use]
pub(crate) fn owner(url: &str) -> Option<String> {
    parts(url.trim())?;
    let place = repository(url);
    let place = place.strip_prefix("www.").unwrap_or(&place);
    let (host, path) = place.split_once('/')?;
    let owner = path.split('/').next().filter(|owner| !owner.is_empty())?;
    Some(format!("{host}/{owner}").to_ascii_lowercase())
}

/// The parts of a URL of the network: scheme, authority, path.
fn parts(url: &str) -> Option<(String, String, String)> {
    if let Some((scheme, rest)) = url.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let known = PORTS.iter().any(|(known, _)| *known == scheme) && !authority.is_empty();
        return known.then(|| (scheme, authority.to_owned(), path.to_owned()));
    }
    // `git@host:path`; without the user it would be an alias.
    let (authority, path) = url.split_once(':')?;
    let (user, host) = authority.split_once('@')?;
    let is_ssh = !user.is_empty() && !host.is_empty() && !host.contains('/') && !user.contains('/');
    is_ssh.then(|| ("ssh".to_owned(), authority.to_owned(), path.to_owned()))
}

/// A path without the slash and the `.git` at its end, which name the same repository.
fn plain(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/')
}

/// Returns whether cargo takes two texts for the same git source, so that a vendored one replaces it: scheme and user count, but for
/// the scheme on one host; the host in capitals, a slash and `.git` at the end do not (cargo's `CanonicalUrl`).
#[must_use]
pub(crate) fn same_for_cargo(a: &str, b: &str) -> bool {
    a == b || canonical(a) == canonical(b)
}

fn canonical(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return plain(url).to_owned() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{user}@{}", host.to_ascii_lowercase()),
        None => authority.to_ascii_lowercase(),
    };
    // Cargo takes off one slash, then one `.git`.
    let path = path.strip_suffix('/').unwrap_or(path);
    let path = path.strip_suffix(".git").unwrap_or(path);
    if authority == CAPITALS {
        return format!("https://{authority}/{}", path.to_lowercase());
    }
    format!("{}://{authority}/{path}", scheme.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_what_comes_first_in_the_path() {
        let of = |url: &str| owner(url).unwrap_or_default();
        assert_eq!(of("https://www.GitHub.com/Owner/Name/tree/main/x"), "github.com/owner");
        assert_eq!(of("git@gitlab.com:group/sub/name.git"), "gitlab.com/group");
        assert_eq!([of("none"), of("https://host"), of("https://host//")], ["", "", ""]);
    }

    #[test]
    fn spellings_of_one_place_are_one() {
        let place = repository("https://github.com/Owner/Name");
        for spelling in [
            "https://github.com/owner/name.git",
            "https://GitHub.com/Owner/Name/",
            "http://github.com/Owner/Name",
            "https://user:secret@github.com/Owner/Name",
            "https://github.com:443/Owner/Name.git/",
            "ssh://git@github.com/Owner/Name.git",
            "ssh://git@github.com:22/Owner/Name.git",
            "git://github.com/Owner/Name",
            "git@github.com:Owner/Name.git",
        ] {
            assert_eq!(repository(spelling), place, "{spelling}");
        }
    }

    #[test]
    fn other_places_stay_others() {
        let place = repository("https://x.example/o/r");
        for other in [
            "https://x.example/O/r",
            "https://y.example/o/r",
            "https://x.example:8443/o/r",
            "http://x.example:443/o/r",
            "https://x.example@y.example/o/r",
            "https://x.example/o/r.git.git",
            "https://x.example/o/r2",
            "https://x.example/o/r?x",
            "git@x.example.org:o/r",
            "file://x.example/o/r",
            "x.example:o/r",
            "/x.example/o/r",
            "",
        ] {
            assert_ne!(repository(other), place, "{other}");
        }
        assert_eq!((repository("alias:o/r.git"), repository("alias:o/r/")), ("alias:o/r".into(), "alias:o/r".into()));
        assert_ne!(repository("alias:o/r"), repository("other:o/r"));
    }

    #[test]
    fn cargo_looks_at_the_scheme_and_the_user() {
        for (a, b, same) in [
            ("https://x.example/o/r.git", "https://X.example/o/r/", true),
            ("http://github.com/O/r", "https://github.com/o/R.git", true),
            ("http://x.example/o/r", "https://x.example/o/r", false),
            ("https://git@x.example/o/r", "https://x.example/o/r", false),
            ("git@github.com:o/r", "https://github.com/o/r", false),
            ("https://x.example/O/r", "https://x.example/o/r", false),
            ("github:o/r.git", "github:o/r", true),
        ] {
            assert_eq!(same_for_cargo(a, b), same, "{a} {b}");
        }
    }
}
