//! Addresses, made of parts that were looked at.

use super::Links;
use crate::cargo2::block::{BlockEntry, Origin};
use crate::encode::url_path;
use crate::report::markdown::Href;
use crate::review::{CrateChange, Pin};

/// Forges that compare commits at `/-/compare/`, as GitLab does.
const GITLAB: [&str; 5] =
    ["gitlab.com", "gitlab.gnome.org", "gitlab.freedesktop.org", "salsa.debian.org", "invent.kde.org"];

/// Forges that compare commits at `/compare/`, as Forgejo does.
const FORGEJO: [&str; 1] = ["codeberg.org"];

/// Links to the difference of two commits of an upstream. A link to github.com goes through its redirecting host: a
/// direct one would leave a back-reference in the upstream repository. Forges that are not known here are not linked.
pub(super) fn compare(url: &str, old: &str, new: &str) -> Option<Href> {
    if !commit(old) || !commit(new) || old == new {
        return None;
    }
    let (host, parts) = known_forge(url)?;
    let path = parts.join("/");
    let middle = match host.as_str() {
        "github.com" => return Href::new(format!("https://redirect.github.com/{path}/compare/{old}...{new}")),
        known if GITLAB.contains(&known) => "/-/compare",
        _ => "/compare",
    };
    Href::new(format!("https://{host}/{path}{middle}/{old}...{new}"))
}

/// The host in lower case and the parts of the path, for forges whose addresses are known.
fn known_forge(url: &str) -> Option<(String, Vec<&str>)> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let path = path.trim_end_matches('/');
    let parts: Vec<&str> = path.strip_suffix(".git").unwrap_or(path).split('/').collect();
    let host = host.to_ascii_lowercase();
    let known = match host.as_str() {
        "github.com" => parts.len() == 2,
        other if FORGEJO.contains(&other) => parts.len() == 2,
        other if GITLAB.contains(&other) => (2..=8).contains(&parts.len()),
        _ => false,
    };
    (known && parts.iter().all(|part| plain(part))).then_some((host, parts))
}

/// Links to the difference of two pins of the same repository.
pub(super) fn pins(old: &Pin, new: &Pin) -> Option<Href> {
    if bare(&old.url) != bare(&new.url) {
        return None;
    }
    compare(&new.url, old.commit.as_ref()?, new.commit.as_ref()?)
}

/// An address without what two spellings of the same repository differ in.
fn bare(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url)
}

/// The page of a crate that comes from the registry.
pub(super) fn page(links: &Links, entry: &BlockEntry) -> Option<Href> {
    let registry = matches!(entry.from, Origin::Registry { .. });
    if !registry || !krate(&entry.name) || !version(&entry.version) {
        return None;
    }
    fill(&links.crate_page, &[("{name}", &entry.name), ("{version}", &entry.version)])
}

/// Links to the difference of two states of a crate.
pub(super) fn change(links: &Links, change: &CrateChange) -> Option<Href> {
    let (old, new) = (change.before.as_ref()?, change.after.as_ref()?);
    match (&old.from, &new.from) {
        (Origin::Registry { .. }, Origin::Registry { .. }) if old.version != new.version && old.name == new.name => {
            if !krate(&new.name) || !version(&old.version) || !version(&new.version) {
                return None;
            }
            fill(&links.crate_diff, &[("{name}", &new.name), ("{old}", &old.version), ("{new}", &new.version)])
        }
        (Origin::Git { commit: a, repo: from, .. }, Origin::Git { commit: b, repo: to, .. })
            if bare(from) == bare(to) =>
        {
            compare(to, a, b)
        }
        _ => None,
    }
}

/// A line of a file of the reviewed commit.
pub(super) fn file(links: &Links, path: &str, line: usize) -> Option<Href> {
    let (server, repository, head) = (links.server.as_ref()?, links.repository.as_ref()?, links.head.as_ref()?);
    let (owner, name) = repository.split_once('/')?;
    if !commit(head) || !plain(owner) || !plain(name) || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let folder = if links.prefix.is_empty() { String::new() } else { url_path(&links.prefix) + "/" };
    let at = if line > 0 { format!("#L{line}") } else { String::new() };
    Href::new(format!("{}/{repository}/blob/{head}/{folder}{}{at}", server.trim_end_matches('/'), url_path(path)))
}

/// The page of a rule.
pub(super) fn rule(links: &Links, id: &str) -> Option<Href> {
    let base = links.docs.trim_end_matches('/');
    if base.is_empty() { None } else { Href::new(format!("{base}/rules/{}.html", url_path(id))) }
}

/// The page of an advisory.
pub(super) fn advisory(id: &str) -> Option<Href> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let page = match id.split('-').next() {
        _ if !plain => return None,
        Some("RUSTSEC") => format!("https://rustsec.org/advisories/{id}.html"),
        _ => format!("https://osv.dev/vulnerability/{id}"),
    };
    Href::new(page)
}

/// The page for reviewers.
pub(super) fn guide(links: &Links) -> Option<Href> {
    let base = links.docs.trim_end_matches('/');
    if base.is_empty() { None } else { Href::new(format!("{base}/reviewers.html")) }
}

/// The page of a repository that a crate comes from. A link to github.com goes through its redirecting host, as those to
/// differences do.
pub(super) fn repository(url: &str) -> Option<Href> {
    let (host, parts) = known_forge(url)?;
    let host = if host == "github.com" { "redirect.github.com" } else { &host };
    Href::new(format!("https://{host}/{}", parts.join("/")))
}

/// The page of a commit.
pub(super) fn commit_page(url: &str, id: &str) -> Option<Href> {
    if !commit(id) {
        return None;
    }
    let (host, parts) = known_forge(url)?;
    let middle = if GITLAB.contains(&host.as_str()) { "/-/commit" } else { "/commit" };
    let host = if host == "github.com" { "redirect.github.com" } else { &host };
    Href::new(format!("https://{host}/{}{middle}/{id}", parts.join("/")))
}

/// Fills a template whose host is its own.
fn fill(template: &str, values: &[(&str, &str)]) -> Option<Href> {
    let empty = Href::new(values.iter().fold(template.to_owned(), |url, (key, _)| url.replace(key, "x")))?;
    let full =
        Href::new(values.iter().fold(template.to_owned(), |url, (key, value)| url.replace(key, &url_path(value))))?;
    (empty.host() == full.host()).then_some(full)
}

/// A full commit id.
fn commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A crate's name, as the registry allows it.
fn krate(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Returns whether a text has only the characters of a semantic version.
fn version(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_digit());
    first && text.len() <= 80 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b))
}

/// A name of an owner, group or repository.
fn plain(part: &str) -> bool {
    let allowed = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    !part.is_empty() && part.len() <= 100 && allowed && !part.bytes().all(|b| b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "1111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222";

    fn shown(href: Option<Href>) -> String {
        href.map(|h| h.to_string()).unwrap_or_default()
    }

    #[test]
    fn comparisons_are_linked_where_the_forge_is_known() {
        let at = |url: &str| shown(compare(url, OLD, NEW));
        assert_eq!(at("https://github.com/a/b.git"), format!("https://redirect.github.com/a/b/compare/{OLD}...{NEW}"));
        assert_eq!(
            at("https://gitlab.gnome.org/Workspace/x/y"),
            format!("https://gitlab.gnome.org/Workspace/x/y/-/compare/{OLD}...{NEW}")
        );
        assert_eq!(at("https://codeberg.org/a/b/"), format!("https://codeberg.org/a/b/compare/{OLD}...{NEW}"));
        for bad in [
            "https://gitlab.evil.example/a/b",
            "https://github.com.evil.example/a/b",
            "https://github.com@evil.example/a/b",
            "http://github.com/a/b",
            "https://github.com/a/../b",
            "https://github.com/a/b)](x",
            "https://github.com/a",
            "file:///a/b",
        ] {
            assert_eq!(at(bad), "", "{bad}");
        }
        assert_eq!(shown(compare("https://github.com/a/b", "v1)", NEW)), "");
        assert_eq!(shown(compare("https://github.com/a/b", NEW, NEW)), "");
    }

    #[test]
    fn a_page_is_linked_for_names_and_versions_that_the_registry_allows() {
        let links = Links { crate_page: "https://crates.example/crates/{name}/{version}".into(), ..Links::default() };
        let at = |name: &str, version: &str| {
            let from = Origin::Registry { sha: String::new() };
            shown(page(&links, &BlockEntry { name: name.into(), version: version.into(), from }))
        };
        assert_eq!(at("serde_json", "1.0.0+a"), "https://crates.example/crates/serde_json/1.0.0%2Ba");
        assert_eq!(at("../x", "1.0.0"), "");
        assert_eq!(at("x", "1.0.0/.."), "");
        assert_eq!(at("x", "..1"), "");
    }

    #[test]
    fn a_template_keeps_its_host() {
        assert_eq!(fill("https://{name}.example/", &[("{name}", "evil")]), None);
        assert_eq!(fill("http://a.example/{name}", &[("{name}", "a")]), None);
        assert_eq!(fill("", &[("{name}", "a")]), None);
    }

    #[test]
    fn files_are_linked_at_the_commit() {
        let links = Links {
            server: Some("https://github.com".into()),
            repository: Some("a/b".into()),
            head: Some(NEW.into()),
            prefix: "sub dir".into(),
            ..Links::default()
        };
        assert_eq!(
            shown(file(&links, "elements/x y.bst", 3)),
            format!("https://github.com/a/b/blob/{NEW}/sub%20dir/elements/x%20y.bst#L3")
        );
        assert_eq!(shown(file(&links, "../x", 0)), "");
        assert_eq!(shown(file(&Links { head: Some("main".into()), ..links }, "x", 0)), "");
    }
}
